"""Whether a rule holds: observations in, verdicts out. No clock, no table.

A verdict has three values. What cannot be judged, because too little happened or nothing is known, is neither a finding
nor a recovery.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Literal

from roosevelt_pipeline.alert_settings import ANY, AlertRule
from roosevelt_pipeline.alerting.chances import chance_of

Status = Literal["firing", "ok", "between", "unknown"]


@dataclass(frozen=True)
class Window:
    """What is known of some days.

    Attributes:
        value: in the metric's unit; missing where nothing happened that has one.
        n: events (of a figure of SPACE: persons).
        hits: those that count, of a ratio.
        days: on which work was to be expected, as exposure of counts.
        p90: of durations.
    """

    value: float | None
    n: float
    hits: float = 0.0
    days: float = 7.0
    p90: float | None = None


@dataclass(frozen=True)
class Observation:
    """A metric of a scope on a day.

    Attributes:
        day: last day of the window.
        before: the window before it.
        baseline: the 90 days before it.
        anomaly: the sentence of the worst open anomaly that should be told.
        crossings: by last day, the middle of what is forecast.
    """

    metric: str
    label: str
    unit: str
    law: str
    more_is_better: bool
    scope_type: str
    scope: str
    day: date
    now: Window
    before: Window | None = None
    baseline: Window | None = None
    anomaly: str | None = None
    is_searched: bool = True
    forecast: tuple[tuple[date, float], ...] = ()


@dataclass(frozen=True)
class Verdict:
    """What a rule says of an observation.

    Attributes:
        holds: missing where it cannot be judged.
        said: the finding in words, or why it cannot be judged.
        target: what the value is held against.
        chance: at which as much happens by itself.
    """

    holds: bool | None
    said: str
    target: float | None = None
    chance: float | None = None


def judge(rule: AlertRule, seen: Observation) -> Verdict:
    """Hold a rule against an observation: all of its conditions have to hold, and chance must be an unlikely cause."""
    if rule.anomaly and rule.metric == ANY:
        return _anomaly(seen)
    reason = _unjudged(rule, seen)
    if reason:
        return Verdict(None, reason)
    told = [found for one in _CONDITIONS if (found := one(rule, seen)) is not None]
    missing = next((one for one in told if one.holds is None), None)
    if missing:
        return missing
    if not all(one.holds for one in told):
        return Verdict(False, _reading(seen), told[0].target)
    chance = chance_of(rule, seen) if rule.chance is not None else None
    if rule.chance is not None and (chance is None or chance > rule.chance):
        return Verdict(False, f"{_reading(seen)}, which chance explains", told[0].target, chance)
    return Verdict(True, f"{_reading(seen)}: {' and '.join(one.said for one in told)}", told[0].target, chance)


def status_of(rule: AlertRule, verdicts: Mapping[date, Verdict], day: date) -> Status:
    """Where a rule and scope stand on a day, by the verdicts up to it.

    ``firing`` after enough days in a row on which it held, ``ok`` after enough on which it did not, else ``between``.
    """
    newest = verdicts.get(day)
    if newest is None or newest.holds is None:
        return "unknown"
    days = rule.for_days if newest.holds else rule.recovers_after_days
    first = day - timedelta(days=days - 1)
    recent = [verdicts.get(first + timedelta(days=at)) for at in range(days)]
    reaches_back = first in verdicts or min(verdicts) <= first
    if not reaches_back or any(one is not None and one.holds is not newest.holds for one in recent):
        return "between"
    return "firing" if newest.holds else "ok"


def number(value: float | None, unit: str = "") -> str:
    """A number as people write it: 3 digits that mean something, no more than two behind the point."""
    if value is None:
        return "unknown"
    text = f"{value:,.0f}" if abs(value) >= 100 or value == int(value) else f"{value:.1f}" if abs(value) >= 10 else (
        f"{value:.2f}".rstrip("0").rstrip("."))  # fmt: skip
    return f"{text} %" if unit == "percent" else f"{text} {unit}".strip()


def _reading(seen: Observation) -> str:
    now = seen.now
    behind = {"ratio": f" ({now.hits:.0f} of {now.n:.0f})", "days": f" ({now.hits:.0f} of {now.n:.0f} days)",
              "count": f" ({now.n:.0f} in the window)",
              "duration": f" (median of {now.n:.0f})"}  # fmt: skip
    return f"{seen.label} {number(now.value, seen.unit)}{behind.get(seen.law, '')}"


def _unjudged(rule: AlertRule, seen: Observation) -> str:
    if seen.now.value is None:
        return f"{seen.label} is not known"
    if seen.law == "count":
        enough = max(seen.now.n, seen.before.n if seen.before else 0, _per_window(seen)) >= rule.minimum
    else:
        enough = seen.now.n >= rule.minimum
    return "" if enough else f"fewer than {rule.minimum} for {seen.label}"


def _per_window(seen: Observation) -> float:
    base = seen.baseline
    return base.n * seen.now.days / base.days if base and base.days else 0.0


def _anomaly(seen: Observation) -> Verdict:
    if not seen.is_searched:
        return Verdict(None, f"{seen.label} could not be searched for anomalies")
    return Verdict(True, seen.anomaly) if seen.anomaly else Verdict(False, f"{seen.label} is ordinary")


def _found(rule: AlertRule, seen: Observation) -> Verdict | None:
    return _anomaly(seen) if rule.anomaly else None


def _threshold(rule: AlertRule, seen: Observation) -> Verdict | None:
    value, limit = seen.now.value, rule.above if rule.above is not None else rule.below
    if limit is None or value is None:
        return None
    if rule.forecast_days is not None:
        return _crossing(rule, seen, limit)
    if rule.above is not None and rule.below is not None:
        return Verdict(rule.above < value < rule.below, f"between {number(rule.above)} and {number(rule.below)}", limit)
    if rule.above is not None:
        return Verdict(value > limit, f"above {number(limit, seen.unit)}", limit)
    return Verdict(value < limit, f"below {number(limit, seen.unit)}", limit)


def _crossing(rule: AlertRule, seen: Observation, limit: float) -> Verdict:
    until = seen.day + timedelta(days=rule.forecast_days or 0)
    ahead = [(day, value) for day, value in seen.forecast if seen.day < day <= until]
    if not ahead:
        return Verdict(None, f"{seen.label} is not forecast so far")
    crossed = [day for day, value in ahead if (value > limit if rule.above is not None else value < limit)]
    is_there = (seen.now.value or 0) > limit if rule.above is not None else (seen.now.value or 0) < limit
    if is_there or not crossed:
        return Verdict(False, "will not cross", limit)
    way = "above" if rule.above is not None else "below"
    return Verdict(True, f"more likely than not {way} {number(limit, seen.unit)} by {min(crossed)}", limit)


def _times(rule: AlertRule, seen: Observation) -> Verdict | None:
    if rule.times_baseline is None:
        return None
    base, value = seen.baseline, seen.now.value
    if base is None or not base.value or value is None:
        return Verdict(None, f"{seen.label} has no baseline yet")
    limit = rule.times_baseline * base.value
    return Verdict(
        value > limit,
        f"{number(value / base.value)} times the {number(base.value, seen.unit)} of the 90 days before",
        limit,
    )


def _worse(rule: AlertRule, seen: Observation) -> Verdict | None:
    if not rule.worse_than_baseline:
        return None
    base, value = seen.baseline, seen.now.value
    if base is None or base.value is None or value is None:
        return Verdict(None, f"{seen.label} has no baseline yet")
    is_worse = value < base.value if seen.more_is_better else value > base.value
    return Verdict(is_worse, f"worse than the {number(base.value, seen.unit)} of the 90 days before", base.value)


def _change(rule: AlertRule, seen: Observation) -> Verdict | None:
    share = rule.falls_by_ratio if rule.falls_by_ratio is not None else rule.rises_by_ratio
    if share is None:
        return None
    now, before = _rate(seen, seen.now), _rate(seen, seen.before)
    if now is None or not before or (seen.before and seen.before.n < rule.minimum and rule.falls_by_ratio):
        return Verdict(None, f"too little is known of the window before for {seen.label}")
    falls = rule.falls_by_ratio is not None
    holds = now < (1 - share) * before if falls else now > (1 + share) * before
    was = seen.before.value if seen.before else None
    return Verdict(
        holds,
        f"{'down' if falls else 'up'} {number(100 * abs(now / before - 1), 'percent')} from {number(was, seen.unit)}",
        was,
    )


def _rate(seen: Observation, window: Window | None) -> float | None:
    """Counts by the days on which work was to be expected, so that a holiday is no fall."""
    if window is None or window.value is None:
        return None
    if seen.law != "count":
        return window.value
    return window.n / window.days if window.days else None


_CONDITIONS: Sequence[Callable[[AlertRule, Observation], Verdict | None]] = (
    _change, _threshold, _times, _worse, _found,
)  # fmt: skip
