"""Whole weeks of delivery metrics from the marts, as lists: a row for each week would be a million objects."""

from datetime import date, timedelta
from typing import Any

import pandas as pd
import psycopg
from psycopg import sql

from roosevelt_pipeline.warehouse.frames import read_frame

MONDAY = date(1970, 1, 5)  # weeks are counted from here
SCOPES = ["organization", "service", "team"]
_COLUMNS = {"count": ("_n", "_n"), "ratio": ("_sum", "_n"), "duration": ("_p50", "_n")}
_WEEKS = """
    select
        scope_type,
        scope,
        array_agg((metric_date - 6 - date '1970-01-05') / 7 order by metric_date) as at,
        array_agg({value}::double precision order by metric_date) as value,
        array_agg({n}::double precision order by metric_date) as n
    from marts.fct_metric_windows
    where
        window_days = 7 and extract(isodow from metric_date) = 7
        and metric_date - 6 >= first_date
        and scope_type = any(%s) and metric_date > %s
    group by scope_type, scope
    order by scope_type, scope
"""


def is_measured(connection: "psycopg.Connection[Any]") -> bool:
    """Whether the daily run has built what weeks are read from; before the first one nothing is there."""
    row = connection.execute("select to_regclass('marts.fct_metric_windows')").fetchone()
    return bool(row and row[0])


def read_weeks(connection: "psycopg.Connection[Any]", metric: str, law: str, since: date) -> pd.DataFrame:
    """Weeks from Monday to Sunday that were observed from their first day on.

    Args:
        law: count, ratio or duration.

    Returns:
        one row per service, team and organisation: ``scope_type``, ``scope``, and equally long lists ``at`` (weeks
        since 1970-01-05), ``value`` (counts, hits, median hours) and ``n``.
    """
    value, n = (sql.Identifier(metric + ending) for ending in _COLUMNS[law])
    return read_frame(connection, sql.SQL(_WEEKS).format(value=value, n=n), [SCOPES, since])


def newest_week(newest: date) -> int:
    """The last week that has ended on a day."""
    return ((newest - MONDAY).days + 1) // 7 - 1


def monday_of(week: int) -> date:
    """First day of a week."""
    return MONDAY + timedelta(weeks=week)
