"""The measured days of each metric as series: what every search and forecast reads."""

from collections.abc import Iterator, Sequence
from datetime import date, timedelta
from typing import Any

import pandas as pd
import psycopg
from psycopg import sql

from roosevelt_pipeline.countries import country_of_zone
from roosevelt_pipeline.settings import Settings
from roosevelt_pipeline.warehouse.frames import read_frame

LAW_OF_AGGREGATION = {"per_day": "count", "count": "count", "ratio": "ratio", "median": "duration"}
LONGEST_DAYS = 1_100  # three years; older days tell nothing of what is ordinary now

_METRICS = sql.SQL(
    """
    select metric, label, unit, direction, aggregation
    from reference.metric_catalog
    where direction <> 'neutral' and metric <> all(%s)
    order by metric
    """
)
_NEWEST = sql.SQL("select max(metric_date) as day from marts.fct_metric_days")
# A list for each series: a row for each day would be a million rows of Python objects.
_SERIES = """
    select
        scope_type,
        scope,
        (array_agg(time_zone order by metric_date desc))[1] as time_zone,
        array_agg(metric_date - date '1970-01-01' order by metric_date) as day,
        array_agg({value}::double precision order by metric_date) as value,
        array_agg({n}::double precision order by metric_date) as n
    from marts.fct_metric_days
    where scope_type = any(%s) and metric_date > %s
    group by scope_type, scope
    order by scope_type, scope
"""
_SCOPES = ["organization", "service", "team"]
_COLUMNS = {  # of what is searched, by law: the value and how many are behind it
    "count": ("{metric}_n", "{metric}_n"),
    "ratio": ("{metric}_sum", "{metric}_n"),
    "duration": ("{metric}_p50", "{metric}_n"),
}


def newest_day(connection: "psycopg.Connection[Any]") -> date | None:
    """The newest measured day; missing while nothing has been measured."""
    day = read_frame(connection, _NEWEST)["day"].iloc[0]
    return None if day is None or pd.isna(day) else day


def directed_metrics(connection: "psycopg.Connection[Any]", left_out: Sequence[str]) -> list[dict[str, Any]]:
    """Metrics of which more is better or worse, without those that are left out, by name.

    Each with ``metric``, ``label``, ``unit``, ``direction``, ``aggregation`` and ``law``: count, ratio or duration.
    """
    found = records(read_frame(connection, _METRICS, [list(left_out)]))
    return [one | {"law": LAW_OF_AGGREGATION[one["aggregation"]]} for one in found]


def series_of_metrics(
    connection: "psycopg.Connection[Any]", settings: Settings, newest: date, left_out: Sequence[str]
) -> Iterator[tuple[dict[str, Any], pd.DataFrame]]:
    """The series of every scope, one metric at a time, so that memory holds no more than one.

    Yields:
        the metric, as `directed_metrics` has it, and one row per scope that was measured: ``scope_type``, ``scope``,
        ``time_zone``, lists ``day`` (since 1970-01-01), ``value`` (counts, hits, median hours) and ``n``, then
        ``law``, ``bad`` (``low`` or ``high``) and ``country``: what `stats` functions take.
    """
    for metric in directed_metrics(connection, left_out):
        value, n = (column.format(metric=metric["metric"]) for column in _COLUMNS[metric["law"]])
        query = sql.SQL(_SERIES).format(value=sql.Identifier(value), n=sql.Identifier(n))
        series = read_frame(connection, query, [_SCOPES, newest - timedelta(days=LONGEST_DAYS)])
        if series.empty:
            continue
        series["law"] = metric["law"]
        series["bad"] = "low" if metric["direction"] == "higher_is_better" else "high"
        series["country"] = [
            country_of_scope(settings, *row)
            for row in series[["scope_type", "scope", "time_zone"]].itertuples(index=False)
        ]
        yield metric, series


def country_of_scope(settings: Settings, scope_type: str, scope: str, time_zone: str) -> str | None:
    """The team's own, else the organisation's, else that of the time zone."""
    owner = (
        next((one.team for one in settings.services if one.name == scope), None) if scope_type == "service" else scope
    )
    of_team = next((one.country for one in settings.teams if one.name == owner), None)
    return of_team or settings.analytics.country or country_of_zone(time_zone)


def records(frame: pd.DataFrame) -> list[dict[str, Any]]:
    """The rows of a frame by column name."""
    return [{str(name): value for name, value in row.items()} for row in frame.to_dict("records")]
