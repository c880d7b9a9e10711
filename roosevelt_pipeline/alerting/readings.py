"""What rules need of the warehouse, and how it is read: metric by metric, as plain rows."""

from collections.abc import Sequence
from datetime import date
from typing import Any, Protocol

import psycopg
from psycopg import sql

from roosevelt_pipeline.alert_settings import AlertRule

Row = Sequence[Any]
_LABELS = sql.SQL("select metric, label, unit, direction from reference.metric_catalog")
_FIGURE_LABELS = sql.SQL("select figure as metric, label, unit from reference.space_catalog")
_WINDOWS = """
    select
        scope_type, scope, time_zone, metric_date, window_days, first_date, {n}::float8, {hits}::float8,
        {median}::float8, {p90}::float8
    from marts.fct_metric_windows
    where scope_type = any(%s) and window_days = any(%s) and metric_date between %s and %s
"""
_FIGURES = """
    select scope_type, scope, period_end, value, n
    from bi.space_summary
    where figure = %s and scope_type = any(%s) and week_start between %s and %s
"""
_ANOMALIES = """
    select scope_type, scope, metric, found_date, is_high, said, ended_date
    from analytics.metric_anomalies
    where is_alert and (ended_date is null or ended_date >= %s) and found_date <= %s
    order by score
"""
_SERIES = "select scope_type, scope, metric, status in ('ok', 'too_quiet') from analytics.metric_anomaly_series"
_FORECASTS = """
    select scope_type, scope, last_date, p50
    from analytics.metric_forecasts
    where metric = %s and grain = 'week'
    order by last_date
"""


class Readings(Protocol):
    """Where observations are made from. `Marts` reads the warehouse; who replays another world brings its own."""

    def labels(self) -> dict[str, tuple[str, str, bool]]:
        """Of each metric its label, its unit, and whether more is better."""

    def windows(self, rule: AlertRule, lengths: Sequence[int], first: date, last: date) -> list[Row]:
        """Scope type, scope, time zone, day, length, first day ever; then n, hits, median and p90 of the window."""

    def figures(self, rule: AlertRule, first: date, last: date) -> list[Row]:
        """Scope type, scope, last day, value and persons of each week's figure of SPACE."""

    def anomalies(self, first: date, last: date) -> list[Row]:
        """Scope type, scope, metric, day found, direction, sentence and end of what is worse; the worst last."""

    def searched(self) -> list[Row]:
        """Scope type, scope, metric, and whether its series could be judged."""

    def forecasts(self, metric: str) -> list[Row]:
        """Scope type, scope, last day and middle of each week ahead."""


class Marts:
    """The warehouse's tables, by a connection that may read marts and analytics."""

    def __init__(self, connection: "psycopg.Connection[Any]") -> None:
        self._connection = connection

    def labels(self) -> dict[str, tuple[str, str, bool]]:
        found = {row[0]: (row[1], row[2], row[3] == "higher_is_better") for row in self._rows(_LABELS)}
        if self._exists("reference.space_catalog"):
            found |= {row[0]: (row[1], row[2], True) for row in self._rows(_FIGURE_LABELS)}
        return found

    def windows(self, rule: AlertRule, lengths: Sequence[int], first: date, last: date) -> list[Row]:
        columns = {"n": "n", "hits": "sum"} | ({"median": "p50", "p90": "p90"} if rule.law == "duration" else {})
        parts = {part: sql.Identifier(f"{rule.metric}_{columns[part]}") if part in columns else sql.NULL
                 for part in ("n", "hits", "median", "p90")}  # fmt: skip
        return self._rows(sql.SQL(_WINDOWS).format(**parts), [list(rule.scope_types), list(lengths), first, last])

    def figures(self, rule: AlertRule, first: date, last: date) -> list[Row]:
        if not self._exists("bi.space_summary"):
            return []
        return self._rows(_FIGURES, [rule.metric, list(rule.scope_types), first, last])

    def anomalies(self, first: date, last: date) -> list[Row]:
        return self._rows(_ANOMALIES, [first, last])

    def searched(self) -> list[Row]:
        return self._rows(_SERIES)

    def forecasts(self, metric: str) -> list[Row]:
        return self._rows(_FORECASTS, [metric])

    def _rows(self, query: Any, wanted: Sequence[Any] = ()) -> list[Row]:
        return self._connection.execute(query, list(wanted) or None).fetchall()

    def _exists(self, relation: str) -> bool:
        row = self._connection.execute("select to_regclass(%s)", [relation]).fetchone()
        return bool(row and row[0])
