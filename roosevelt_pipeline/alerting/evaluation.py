"""Findings to alerts and messages, in one transaction: what changed and what is told of it stand or fall together."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

import psycopg

from roosevelt_pipeline.alert_settings import AlertRule
from roosevelt_pipeline.alerting.lifecycle import Standing, Step, next_step
from roosevelt_pipeline.alerting.messages import Item, News, write_messages
from roosevelt_pipeline.alerting.observations import Observations
from roosevelt_pipeline.alerting.statuses import Judged, judged_on
from roosevelt_pipeline.metric_series import newest_day
from roosevelt_pipeline.patterns import matches
from roosevelt_pipeline.settings import Settings
from roosevelt_pipeline.warehouse.connections import Role, Warehouse

LOCK = 5_180_001  # one evaluation at a time; the open alert's unique index holds even without it
STALE = AlertRule(
    name="data_stopped", metric="collection_reliability_pct", below=100, severity="critical", recovers_after_days=1,
    says="Nothing new is measured, so no other alert can open or recover. Look at the last runs.",
)  # fmt: skip
UNDELIVERED = AlertRule(
    name="undelivered", metric="collection_reliability_pct", below=100, severity="critical", recovers_after_days=1,
    says="Messages to this route were given up. Check its secret and address, then `roosevelt alerts retry`.",
)  # fmt: skip
BUILT_IN = (STALE, UNDELIVERED)
_ENDS: dict[Step, str] = {"recover": "recovered", "expire": "expired"}


@dataclass
class Evaluation:
    """What an evaluation changed.

    Attributes:
        day: newest day of the data; missing while nothing was measured.
        counts: steps that were taken, by name, and messages written.
    """

    day: date | None
    is_dry_run: bool
    counts: dict[str, int] = field(default_factory=dict)
    news: list[News] = field(default_factory=list)

    def count(self, name: str, more: int = 1) -> None:
        self.counts[name] = self.counts.get(name, 0) + more


def evaluate(warehouse: Warehouse, settings: Settings, now: datetime, *, dry_run: bool = False) -> Evaluation:
    """Hold all rules against the newest day, bring alerts up to date, and write what is to be told.

    The same day evaluated twice changes nothing the second time.

    Args:
        now: aware; what is stale is judged by it.
        dry_run: nothing stays, and the outcome says what would have happened.
    """
    with warehouse.connect(Role.ANALYTICS) as connection:
        with connection.transaction(force_rollback=dry_run):
            connection.execute("select pg_advisory_xact_lock(%s)", [LOCK])
            enabled, evaluated = _switch(connection)
            newest = newest_day(connection) if _is_measured(connection) else None
            result = Evaluation(newest, not enabled)
            if newest is None or (evaluated and newest < evaluated):
                return result
            today = now.date()
            is_stale = (today - newest).days > settings.alerts.stale_after_days
            day = today if is_stale else newest
            judged = [_staleness(settings, newest, today, is_stale=is_stale), *_undelivered(connection)]
            if not is_stale:
                judged += judge_all(connection, settings, newest)
            _apply(connection, settings, judged, day, now, result, is_complete=not is_stale)
            connection.execute("update delivery.alert_switch set evaluated_date = %s", [newest])
        return result


def judge_all(connection: "psycopg.Connection[Any]", settings: Settings, day: date) -> list[Judged]:
    """Every active rule on every scope that it is about."""
    judged = []
    for rule in settings.alerts.active():
        first = day - timedelta(days=max(rule.for_days, rule.recovers_after_days) - 1)
        judged += judged_on(rule, Observations(connection, settings, first, day).of(rule), day)
    return judged


def _switch(connection: "psycopg.Connection[Any]") -> tuple[datetime | None, date | None]:
    row = connection.execute("select enabled_at, evaluated_date from delivery.alert_switch").fetchone()
    return (row[0], row[1]) if row else (None, None)


def _is_measured(connection: "psycopg.Connection[Any]") -> bool:
    row = connection.execute("select to_regclass('marts.fct_metric_windows')").fetchone()
    return bool(row and row[0])


def _staleness(settings: Settings, newest: date, today: date, *, is_stale: bool) -> Judged:
    said = f"The newest day that was measured is {newest}, {(today - newest).days} days ago"
    return Judged(
        STALE, STALE.metric, "Data", "", "organization", settings.github.organization or "all",
        "firing" if is_stale else "ok", said if is_stale else f"data up to {newest} are there",
    )  # fmt: skip


def _undelivered(connection: "psycopg.Connection[Any]") -> Iterator[Judged]:
    """Of each route that was ever used, what did not arrive since a message to it last reached everybody."""
    rows = connection.execute(
        """
        select
            route, count(*) filter (where state = 'dead' and settled_at > reached_at),
            coalesce(max(cardinality(refused)) filter (where state = 'sent' and settled_at > reached_at), 0)
        from (
            select
                route, state, settled_at, refused,
                coalesce(max(settled_at) filter (where state = 'sent' and refused = '{}') over (partition by route),
                         '-infinity') as reached_at
            from delivery.alert_messages
        ) as messages
        group by route
        """
    )
    for route, dead, refused in rows:
        said = f"{dead} message{'s' * (dead != 1)} could not be delivered"
        if refused and not dead:
            said = f"{'1 recipient' if refused == 1 else f'{refused} recipients'} of e-mail refused for good"
        yield Judged(
            UNDELIVERED, UNDELIVERED.metric, "Messages given up", "", "route", route,
            "firing" if dead or refused else "ok", said, float(dead),
        )  # fmt: skip


@dataclass
class _Open:
    """An alert as its row has it; the newest of its key."""

    alert_id: UUID
    rule: str
    scope_type: str
    scope: str
    standing: Standing
    is_told: bool


def _apply(
    connection: "psycopg.Connection[Any]", settings: Settings, judged: Sequence[Judged], day: date, now: datetime,
    result: Evaluation, *, is_complete: bool,
) -> None:  # fmt: skip
    known = _known(connection)
    told: list[tuple[str, UUID, Judged]] = []
    for one in judged:
        old = known.get(one.key)
        step = next_step(one.rule, old.standing if old else None, one.status, day, settings.alerts.expires_after_days)
        if step == "nothing" or (old and day < old.standing.known):
            continue
        result.count(step)
        if step == "open":
            told.append(("opened", _insert(connection, one, day, now), one))
        elif old:
            _update(connection, old, one, step, day, now)
            if step in _ENDS and old.is_told:
                told.append((_ENDS[step], old.alert_id, one))
            elif one.status == "firing" and step != "repeat" and not old.is_told:
                told.append(("opened", old.alert_id, one))
            elif step == "repeat":
                told.append(("repeated", old.alert_id, one))
    if is_complete:
        _retire(connection, settings, known, day, now, result)
    _hide_and_silence(connection, settings, now)
    _tell(connection, settings, told, day, now, result)


def _known(connection: "psycopg.Connection[Any]") -> dict[str, _Open]:
    rows = connection.execute(
        """
        select distinct on (alert_key)
            alert_key, alert_id, rule, scope_type, scope, opened_date, known_date, told_date, ended_date, state
        from delivery.alerts
        order by alert_key, ended_date desc nulls first
        """
    )
    return {
        row[0]: _Open(
            row[1],
            row[2],
            row[3],
            row[4],
            Standing(row[5], row[6], row[7], row[8], row[9] == "acknowledged"),
            row[7] is not None,
        )
        for row in rows
    }


def _insert(connection: "psycopg.Connection[Any]", one: Judged, day: date, now: datetime) -> UUID:
    rule = one.rule
    row = connection.execute(
        """
        insert into delivery.alerts (
            alert_key, rule, metric, label, scope_type, scope, severity, state, said, what_to_do, value, target, unit,
            n, chance, owner, runbook, opened_by, opened_date, known_date, opened_at
        ) values (%s, %s, %s, %s, %s, %s, %s, 'opened', %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s)
        returning alert_id
        """,
        [one.key, rule.name, one.metric, one.label, one.scope_type, one.scope, rule.severity, one.said, rule.says,
         one.value, one.target, one.unit, one.n, one.chance, rule.owner, rule.runbook, opening(one, day), day, day,
         now],
    ).fetchone()  # fmt: skip
    assert row is not None
    found: UUID = row[0]
    return found


def opening(one: Judged, day: date) -> str:
    """The command that shows what is behind an alert."""
    if one.rule is STALE:
        return "roosevelt status"
    if one.rule is UNDELIVERED:
        return "roosevelt alerts list"
    if one.rule.law == "figure":
        return f"select * from space_summary where figure = '{one.metric}'"
    days = one.rule.window_days
    return f"roosevelt explain {one.metric} --scope {one.scope_type}:{one.scope} --date {day} --window {days}"


def _update(
    connection: "psycopg.Connection[Any]", old: _Open, one: Judged, step: Step, day: date, now: datetime
) -> None:
    if step in _ENDS:
        connection.execute(
            "update delivery.alerts set state = %s, ended_date = %s, ended_at = %s where alert_id = %s",
            [_ENDS[step], day, now, old.alert_id],
        )
    if one.status in ("firing", "between"):
        connection.execute(
            "update delivery.alerts set known_date = %s, said = case when %s then %s else said end, "
            "value = coalesce(%s, value), n = coalesce(%s, n) where alert_id = %s",
            [day, one.status == "firing", one.said, one.value, one.n, old.alert_id],
        )


def _retire(
    connection: "psycopg.Connection[Any]", settings: Settings, known: Mapping[str, _Open], day: date, now: datetime,
    result: Evaluation,
) -> None:  # fmt: skip
    """End what no rule speaks of any more, and what nothing was known of for long."""
    names = {rule.name for rule in (*settings.alerts.active(), *BUILT_IN)}
    for old in known.values():
        is_old = (day - old.standing.known).days >= settings.alerts.expires_after_days
        if old.standing.ended is None and (old.rule not in names or is_old):
            done = connection.execute(
                "update delivery.alerts set state = 'expired', ended_date = %s, ended_at = %s "
                "where alert_id = %s and ended_date is null",
                [day, now, old.alert_id],
            )
            result.count("expire", done.rowcount)


def _hide_and_silence(connection: "psycopg.Connection[Any]", settings: Settings, now: datetime) -> None:
    connection.execute("update delivery.alerts set hidden_by = null where ended_date is null")
    for rule in settings.alerts.active():
        connection.execute(
            """
            update delivery.alerts as hidden set hidden_by = critical.alert_id
            from delivery.alerts as critical
            where
                hidden.ended_date is null and critical.ended_date is null and critical.rule = %s
                and hidden.rule = any(%s) and hidden.severity <> 'critical'
                and (hidden.scope_type, hidden.scope) = (critical.scope_type, critical.scope)
            """,
            [rule.name, list(rule.hides)],
        )
    silences = connection.execute("select rule, scope from delivery.alert_silences where until_at > %s", [now])
    patterns = silences.fetchall()
    rows = connection.execute(
        "select alert_id, rule, scope_type || ':' || scope, state, told_date is not null, acknowledged_at is not null "
        "from delivery.alerts where ended_date is null"
    )
    for alert_id, rule_name, scope, state, is_told, is_acknowledged in rows.fetchall():
        is_silent = any(matches(rule_name, one) and matches(scope, other) for one, other in patterns)
        loud = "acknowledged" if is_acknowledged else "notified" if is_told else "opened"
        wanted = "silenced" if is_silent else loud
        if wanted != state:
            connection.execute("update delivery.alerts set state = %s where alert_id = %s", [wanted, alert_id])


def _tell(
    connection: "psycopg.Connection[Any]", settings: Settings, told: Sequence[tuple[str, UUID, Judged]], day: date,
    now: datetime, result: Evaluation,
) -> None:  # fmt: skip
    """Write messages about what is neither silenced nor explained by another; of what ended, to whom it was told."""
    quiet = {
        row[0]
        for row in connection.execute(
            "select alert_id from delivery.alerts "
            "where ended_date is null and (state = 'silenced' or hidden_by is not null)"
        )
    }
    opened = {row[0]: row[1] for row in connection.execute("select alert_id, opened_date from delivery.alerts "
                                                           "where alert_id = any(%s)",
                                                           [[alert_id for _, alert_id, _ in told]])}  # fmt: skip
    groups: dict[tuple[str, str], list[tuple[UUID, Judged]]] = {}
    for kind, alert_id, one in told:
        if alert_id not in quiet:
            groups.setdefault((kind, one.rule.name), []).append((alert_id, one))
    for (kind, _), members in groups.items():
        items = [_item(alert_id, one, opened[alert_id], day) for alert_id, one in members]
        news = News(kind, members[0][1].rule, day, tuple(items))
        result.news.append(news)
        result.count("messages", write_messages(connection, settings, news, now, is_dry_run=result.is_dry_run))
        connection.execute(
            "update delivery.alerts set told_date = %s, "
            "state = case when state = 'opened' then 'notified' else state end where alert_id = any(%s)",
            [day, [item.alert_id for item in items]],
        )


def _item(alert_id: UUID, one: Judged, opened: date, day: date) -> Item:
    return Item(alert_id, one.scope_type, one.scope, one.label, one.said, one.value, one.target, one.unit, opened,
                opening(one, day))  # fmt: skip
