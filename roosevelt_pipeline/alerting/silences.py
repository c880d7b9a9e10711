"""Silences: what is not told until when, why, and by whose word. A slip in a name is an error."""

from datetime import datetime
from typing import Any

import psycopg

from roosevelt_pipeline.alerting.built_in import BUILT_IN
from roosevelt_pipeline.alerting.switching import AlertError
from roosevelt_pipeline.metric_weeks import is_measured
from roosevelt_pipeline.patterns import matches
from roosevelt_pipeline.sections import suggestion
from roosevelt_pipeline.settings import Settings
from roosevelt_pipeline.warehouse.connections import Role, Warehouse

_MEASURED = "select distinct scope_type || ':' || scope from marts.fct_metric_windows"
_ALERTED = "select distinct scope_type || ':' || scope from delivery.alerts"


def silence(
    warehouse: Warehouse, settings: Settings, rule: str, scope: str, until: datetime, reason: str, by: str,
    now: datetime,
) -> int:  # fmt: skip
    """Tell nothing of rules and scopes (``type:name``) that fit the patterns, until then. Returns its number.

    Raises:
        AlertError: no rule or no scope fits; the message names the nearest.
    """
    _fits("rule", rule, [one.name for one in (*settings.alerts.rules, *BUILT_IN)])
    with warehouse.connect(Role.ANALYTICS) as connection, connection.transaction():
        if scope != "*":
            _fits("scope", scope, _scopes(connection, settings))
        row = connection.execute(
            "insert into delivery.alert_silences (rule, scope, until_at, reason, silenced_by, made_at) "
            "values (%s, %s, %s, %s, %s, %s) returning silence_id",
            [rule, scope, until, reason, by, now],
        ).fetchone()
    return int((row or (0,))[0])


def end_silence(warehouse: Warehouse, number: int, now: datetime) -> None:
    """Tell again, from the next evaluation on, what a silence kept quiet.

    Raises:
        AlertError: there is none of that number, or it is over.
    """
    with warehouse.connect(Role.ANALYTICS) as connection, connection.transaction():
        done = connection.execute(
            "update delivery.alert_silences set until_at = %s where silence_id = %s and until_at > %s",
            [now, number, now],
        ).rowcount
    if not done:
        raise AlertError(f"there is no silence {number} that holds; `roosevelt alerts list` shows those that do")


def _scopes(connection: "psycopg.Connection[Any]", settings: Settings) -> list[str]:
    known = {row[0] for row in connection.execute(_ALERTED)} | {f"route:{one.name}" for one in settings.alerts.routes}
    if is_measured(connection):
        known |= {row[0] for row in connection.execute(_MEASURED)}
    return sorted(known)


def _fits(what: str, pattern: str, known: list[str]) -> None:
    if not any(matches(one, pattern) for one in known):
        raise AlertError(f"no {what} fits {pattern!r}{suggestion(pattern, known)}")
