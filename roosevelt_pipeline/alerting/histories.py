"""The weeks before an alert, for the chart that goes with it."""

from datetime import timedelta
from typing import Any

import psycopg
from psycopg import sql

from roosevelt_pipeline.alert_settings import measures
from roosevelt_pipeline.alerting.built_in import BUILT_IN
from roosevelt_pipeline.alerting.observations import read_window
from roosevelt_pipeline.alerting.statuses import Judged

WEEKS = 13
History = tuple[tuple[str, float], ...]
_QUERY = """
    select
        scope_type, scope, time_zone, metric_date, window_days, first_date, {n}::float8, {hits}::float8,
        {median}::float8, {p90}::float8
    from marts.fct_metric_windows
    where
        scope_type = %s and scope = %s and window_days = %s and metric_date = any(%s)
        and first_date <= metric_date - %s
    order by metric_date
"""


def history(connection: "psycopg.Connection[Any]", one: Judged) -> History:
    """The value of an alert's metric on the same day of each of 13 weeks, as far as it is known; of figures none."""
    law, length = measures().get(one.metric), one.rule.window_days
    if one.rule in BUILT_IN or law in (None, "figure") or one.scope_type not in ("service", "team", "organization"):
        return ()
    columns = {"n": "n", "hits": "sum", "median": "p50", "p90": "p90"}
    parts = {part: sql.Identifier(f"{one.metric}_{ending}") for part, ending in columns.items()}
    if law != "duration":
        parts |= {"median": sql.NULL, "p90": sql.NULL}  # type: ignore[dict-item]
    days = [one.day - timedelta(days=7 * week) for week in range(WEEKS)]
    rows = connection.execute(
        sql.SQL(_QUERY).format(**parts), [one.scope_type, one.scope, length, days, length - 1]
    ).fetchall()
    read = [(str(row[3]), read_window(law or "", one.unit, row, length, None).value) for row in rows]
    return tuple((when, value) for when, value in read if value is not None)
