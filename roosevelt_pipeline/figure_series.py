"""Weekly figures about groups as series: what the gate let through of SPACE, and what is known about code."""

from collections.abc import Iterator
from datetime import date, timedelta
from typing import Any

import pandas as pd
import psycopg
from psycopg import sql

from roosevelt_pipeline.metric_series import LONGEST_DAYS, country_of_scope, records
from roosevelt_pipeline.settings import Settings
from roosevelt_pipeline.warehouse.frames import read_frame

# Those of which more is better or worse without doubt. How much anybody does is nobody's good or bad news; surveys
# come by quarters, too few to search; comments and reviews can be too many as well as too few.
BAD = {
    "async_communication_score": "low",
    "code_coverage_pct": "low",
    "context_switches": "high",
    "deep_work_pct": "low",
    "defect_density": "high",
    "focus_hours": "low",
    "meeting_hours": "high",
}
_LABELS = sql.SQL("select figure as metric, label, unit from reference.space_catalog where figure = any(%s) order by 1")
_WEEKS = sql.SQL(
    """
    select
        scope_type,
        scope,
        array_agg(period_end - 1 - date '1970-01-01' order by period_end) as day,
        array_agg(value::double precision order by period_end) as value,
        array_agg(n::double precision order by period_end) as n
    from bi.space_summary
    where figure = %s and status = 'ok' and period = 'week' and scope_type = any(%s) and period_end > %s
    group by scope_type, scope
    order by scope_type, scope
    """
)
_SCOPES = ["organization", "team"]


def series_of_figures(
    connection: "psycopg.Connection[Any]", settings: Settings, newest: date
) -> Iterator[tuple[dict[str, Any], pd.DataFrame]]:
    """As `metric_series.series_of_metrics`, of the law ``mean``: a value on the last day of each week, no other days.

    Nothing where the weekly run has not published anything yet.
    """
    found = connection.execute(
        "select to_regclass('bi.space_summary') is not null and to_regclass('reference.space_catalog') is not null"
    ).fetchone()
    if not (found and found[0]):
        return
    for figure in records(read_frame(connection, _LABELS, [list(BAD)])):
        wanted = [figure["metric"], _SCOPES, newest - timedelta(days=LONGEST_DAYS)]
        series = read_frame(connection, _WEEKS, wanted)
        if series.empty:
            continue
        series["time_zone"] = settings.metrics.timezone
        series["law"], series["bad"] = "mean", BAD[figure["metric"]]
        series["country"] = [
            country_of_scope(settings, *row)
            for row in series[["scope_type", "scope", "time_zone"]].itertuples(index=False)
        ]
        yield figure, series
