"""Findings to alerts and messages, in one transaction: what changed and what is told of it stand or fall together."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any

import psycopg

from roosevelt_pipeline.alerting.built_in import STALE, UNDELIVERED
from roosevelt_pipeline.alerting.messages import News
from roosevelt_pipeline.alerting.observations import Observations
from roosevelt_pipeline.alerting.quieting import hide, silence
from roosevelt_pipeline.alerting.readings import Marts
from roosevelt_pipeline.alerting.statuses import WESTERN_LAG, Judged, judged_on
from roosevelt_pipeline.alerting.telling import tell
from roosevelt_pipeline.alerting.transitions import take_steps
from roosevelt_pipeline.metric_series import newest_day
from roosevelt_pipeline.metric_weeks import is_measured
from roosevelt_pipeline.settings import Settings
from roosevelt_pipeline.warehouse.connections import Role, Warehouse

LOCK = 5_180_001  # one evaluation at a time; the open alert's unique index holds even without it


@dataclass
class Evaluation:
    """What an evaluation changed.

    Attributes:
        day: newest day of the data; missing while nothing was measured.
        counts: steps that were taken, by name, and messages written.
    """

    day: date | None
    is_dry_run: bool
    counts: Counter[str] = field(default_factory=Counter)
    news: list[News] = field(default_factory=list)


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
            newest = newest_day(connection) if is_measured(connection) else None
            result = Evaluation(newest, not enabled)
            if newest is None or (evaluated and newest < evaluated):
                return result
            today = now.date()
            is_stale = (today - newest).days > settings.alerts.stale_after_days
            day = today if is_stale else newest
            judged = [_staleness(settings, newest, today, is_stale=is_stale), *_undelivered(connection, today)]
            if not is_stale:
                judged += judge_all(connection, settings, newest)
            told = take_steps(connection, settings, judged, day, now, result.counts, is_complete=not is_stale)
            hide(connection, settings)
            silence(connection, now)
            result.news, written = tell(connection, settings, told, day, now, is_dry_run=result.is_dry_run)
            result.counts["messages"] += written
            connection.execute("update delivery.alert_switch set evaluated_date = %s", [newest])
        return result


def judge_all(connection: "psycopg.Connection[Any]", settings: Settings, day: date) -> list[Judged]:
    """Every active rule on every scope that it is about."""
    judged = []
    for rule in settings.alerts.active():
        first = day - timedelta(days=max(rule.for_days, rule.recovers_after_days) - 1) - WESTERN_LAG
        judged += judged_on(rule, Observations(Marts(connection), settings, first, day).of(rule), day)
    return judged


def _switch(connection: "psycopg.Connection[Any]") -> tuple[datetime | None, date | None]:
    row = connection.execute("select enabled_at, evaluated_date from delivery.alert_switch").fetchone()
    return (row[0], row[1]) if row else (None, None)


def _staleness(settings: Settings, newest: date, today: date, *, is_stale: bool) -> Judged:
    said = f"The newest day that was measured is {newest}, {(today - newest).days} days ago"
    return Judged(
        STALE, STALE.metric, "Data", "", "organization", settings.github.organization or "all",
        today, "firing" if is_stale else "ok",
        said if is_stale else f"Data up to {newest} are there",
    )  # fmt: skip


def _undelivered(connection: "psycopg.Connection[Any]", today: date) -> Iterator[Judged]:
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
        said = (
            f"{dead} message{'s' * (dead != 1)} could not be delivered" if dead else "Every message is delivered again"
        )
        if refused and not dead:
            said = f"{'1 recipient' if refused == 1 else f'{refused} recipients'} of e-mail refused for good"
        yield Judged(
            UNDELIVERED, UNDELIVERED.metric, "Messages given up", "", "route", route, today,
            "firing" if dead or refused else "ok", said, float(dead),
        )  # fmt: skip
