"""How often each rule would have fired, before anybody is bothered: history, replayed by the steps of every day."""

import math
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from roosevelt_pipeline.alert_settings import AlertRule
from roosevelt_pipeline.alerting.observations import Observations
from roosevelt_pipeline.alerting.readings import Marts
from roosevelt_pipeline.alerting.rules import Observation, number
from roosevelt_pipeline.alerting.scopes import unknown_scopes
from roosevelt_pipeline.alerting.statuses import Episode, replay
from roosevelt_pipeline.alerting.switching import AlertError
from roosevelt_pipeline.metric_series import newest_day
from roosevelt_pipeline.metric_weeks import is_measured
from roosevelt_pipeline.sections import suggestion
from roosevelt_pipeline.settings import Settings
from roosevelt_pipeline.warehouse.connections import Role, Warehouse

_BARS = "·▁▂▃▄▅▆▇█"
_MOST_SHOWN = 40
_ALWAYS_RATIO = 0.5
_LIMITS = {"percent": (0.0, 100.0), "points": (-100.0, 100.0)}


@dataclass(frozen=True)
class Replayed:
    """A rule's history.

    Attributes:
        scopes: how many it could be held against.
        warnings: why it could never fire, or hardly ever be silent.
    """

    rule: AlertRule
    scopes: int
    episodes: tuple[Episode, ...]
    warnings: tuple[str, ...]


@dataclass(frozen=True)
class Preview:
    """History of rules from the first to the last day."""

    first: date
    last: date
    rules: tuple[Replayed, ...]


def preview(warehouse: Warehouse, settings: Settings, days: int, name: str | None = None) -> Preview:
    """Replay the last days.

    Raises:
        AlertError: there is no such rule, or nothing was measured.
    """
    rules = [rule for rule in settings.alerts.rules if name in (None, rule.name)]
    if not rules:
        known = [rule.name for rule in settings.alerts.rules]
        raise AlertError(f"there is no rule {name!r}{suggestion(name or '', known)}")
    with warehouse.connect(Role.ANALYTICS) as connection:
        newest = newest_day(connection) if is_measured(connection) else None
        if newest is None:
            raise AlertError("nothing was measured yet; run `roosevelt run daily` first")
        first = newest - timedelta(days=days - 1)
        seen = Observations(Marts(connection), settings, first, newest)
        unknown = unknown_scopes(connection, settings)
        return Preview(
            first, newest,
            tuple(_replayed(rule, list(seen.of(rule)), settings, unknown.get(rule.name, [])) for rule in rules),
        )  # fmt: skip


def _replayed(rule: AlertRule, seen: Sequence[Observation], settings: Settings, unknown: Sequence[str]) -> Replayed:
    episodes = tuple(sorted(replay(rule, seen, settings.alerts.expires_after_days), key=lambda one: one.opened))
    scopes = {(one.scope_type, one.scope) for one in seen}
    return Replayed(rule, len(scopes), episodes, (*unknown, *_warnings(rule, seen, episodes, settings)))


def _warnings(
    rule: AlertRule, seen: Sequence[Observation], episodes: Sequence[Episode], settings: Settings
) -> list[str]:
    if not rule.enabled:
        return ["it is turned off"]
    if not seen:
        return [f"it can never fire: no scope fits scopes = {list(rule.scopes)} and scope_types = "
                f"{list(rule.scope_types)}, or nothing is known of {rule.metric}"]  # fmt: skip
    told = []
    days = {one.day for one in seen}
    places = {(one.metric, one.scope_type, one.scope) for one in seen}
    open_days = sum(((one.ended or max(days)) - one.opened).days for one in episodes)
    if open_days > _ALWAYS_RATIO * len(places) * max(1, (max(days) - min(days)).days):
        told.append("it would be open more than half of the time: its threshold is what is ordinary here")
    if impossible := _impossible(rule, seen[0].unit):
        told.append(f"it can never fire: {impossible}")
    if rule.metric != "*" and max(one.now.n for one in seen) < rule.minimum:
        told.append(f"it can never fire: no window ever has its minimum of {rule.minimum}")
    if not settings.alerts.routes_of(rule):
        told.append(f"it would reach nobody: no route takes what is {rule.severity}")
    return told


def _impossible(rule: AlertRule, unit: str) -> str:
    """Why no value can be where the rule wants it; empty if one can."""
    least, most = _LIMITS.get(unit, (0.0, math.inf))
    if rule.above is not None and rule.below is not None and rule.above >= rule.below:
        return f"nothing is above {number(rule.above, unit)} and below {number(rule.below, unit)} at once"
    if rule.above is not None and rule.above >= most:
        return f"nothing is above {number(rule.above, unit)}"
    if rule.below is not None and rule.below <= least:
        return f"nothing is below {number(rule.below, unit)}"
    return ""


def as_markdown(found: Preview) -> str:
    """A table with a chart of weeks, then what it would have been about."""
    lines = [
        f"# Alerts that there would have been, {found.first} to {found.last}", "",
        "| Rule | Severity | Scopes | Alerts | Each scope and quarter | By week |",
        "| --- | --- | --- | --- | --- | --- |",
        *(_row(one, found) for one in found.rules),
    ]  # fmt: skip
    lines += ["", "Forecasts of the past are not kept, so rules with forecast_days are judged for the last day alone. "
                  "Before the last quarter metrics are known for each Sunday."]  # fmt: skip
    for one in found.rules:
        lines += [f"\n**{one.rule.name}**: {warning.rstrip('?.')}." for warning in one.warnings]
        shown = one.episodes[-_MOST_SHOWN:]
        if shown:
            lines += ["", f"## {one.rule.name}: {one.rule.says}", ""]
            lines += [f"- {each.opened} to {each.ended or 'now'}, {each.scope_type} {_plain(each.scope)}: "
                      f"{_plain(each.said)}" for each in reversed(shown)]  # fmt: skip
            if len(one.episodes) > len(shown):
                lines.append(f"- and {len(one.episodes) - len(shown)} earlier ones")
    return "\n".join(lines) + "\n"


def _row(one: Replayed, found: Preview) -> str:
    quarters = max(1, (found.last - found.first).days + 1) / 91
    each = f"{len(one.episodes) / one.scopes / quarters:.2f}" if one.scopes else "-"
    return (f"| {one.rule.name} | {one.rule.severity} | {one.scopes} | {len(one.episodes)} | {each} | "
            f"`{_chart(one.episodes, found)}` |")  # fmt: skip


def _chart(episodes: Sequence[Episode], found: Preview) -> str:
    """A bar for each week: how many opened in it."""
    weeks = Counter((one.opened - found.first).days // 7 for one in episodes)
    most = max(weeks.values(), default=1)
    count = (found.last - found.first).days // 7 + 1
    return "".join(_BARS[-(-weeks[week] * (len(_BARS) - 1) // most)] for week in range(count))


def _plain(text: str) -> str:
    return text.replace("|", "\\|").replace("\n", " ")
