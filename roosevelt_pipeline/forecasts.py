"""Marts in, analytics out: where forecasts meet the warehouse's tables."""

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

import pandas as pd
import psycopg
from psycopg import sql

from roosevelt_pipeline.anomalies import LEFT_OUT
from roosevelt_pipeline.forecasts_rows import (
    FORECASTS,
    STATES,
    TESTS,
    TIERS,
    Shown,
    backtest_rows,
    day_number,
    forecast_rows,
    shown_weeks,
    state_rows,
    tier_rows,
)
from roosevelt_pipeline.metric_series import LONGEST_DAYS, directed_metrics, newest_day, series_of_metrics
from roosevelt_pipeline.settings import Settings
from roosevelt_pipeline.stats.forecasts.frames import BACKTESTS, forecast, look_back
from roosevelt_pipeline.stats.forecasts.parameters import MODEL_VERSION, Parameters
from roosevelt_pipeline.threads import worked_on
from roosevelt_pipeline.warehouse.connections import Role, Warehouse
from roosevelt_pipeline.warehouse.frames import append_rows, read_frame, replace_rows

_EDITION = sql.SQL("select * from reference.tier_editions where edition = %s")
# Medians over each ISO week's items: they do not add up from days.
_WEEKS = """
    select
        scope_type,
        scope,
        array_agg(metric_date - date '1970-01-01' order by metric_date) as week_day,
        array_agg({value}::double precision order by metric_date) as week_value,
        array_agg({n}::double precision order by metric_date) as week_n
    from marts.fct_metric_windows
    where window_days = 7 and extract(isodow from metric_date) = 7 and metric_date > %s
    group by scope_type, scope
"""
_JUDGED = sql.SQL(
    """
    select metric || ' ' || scope_type || ' ' || scope as key, grain, method, mase, origins
    from analytics.metric_forecast_backtests
    where metric = %s and model_version = %s
    """
)
_TABLES = {"metric_forecasts": FORECASTS, "metric_forecast_series": STATES, "metric_tier_forecasts": TIERS}


@dataclass(frozen=True)
class Outlook:
    """What was forecast.

    Attributes:
        states: rows of ``analytics.metric_forecast_series``.
        tiers: rows of ``analytics.metric_tier_forecasts``.
        shown: of the organisation's series, each by its metric: what a chart shows.
    """

    as_of: date | None
    rows: int
    states: pd.DataFrame
    tiers: pd.DataFrame
    shown: Mapping[str, Shown]

    @property
    def counts(self) -> dict[str, int]:
        """Series (with their grains) by method, and those without a forecast by status."""
        told = self.states["method"].where(self.states["status"] == "ok", self.states["status"])
        return {f"series_{name}": count for name, count in Counter(told).items()}


def forecast_metrics(warehouse: Warehouse, settings: Settings, parameters: Parameters | None = None) -> Outlook:
    """Forecast every metric of every service, team and the organisation, and write it.

    The three tables are replaced, metric by metric. The last backtest decides which method is shown; a series that none
    has looked at yet is looked back at now, so that its first day has a verdict as well.
    """
    parameters = parameters or Parameters()
    with warehouse.connect(Role.ANALYTICS) as connection:
        newest = newest_day(connection)
        with connection.transaction():
            for table, columns in _TABLES.items():
                replace_rows(connection, "analytics", table, pd.DataFrame(columns=columns), where={})
            if newest is None:
                return Outlook(None, 0, pd.DataFrame(columns=STATES), pd.DataFrame(columns=TIERS), {})
            editions = read_frame(connection, _EDITION, [settings.metrics.tier_edition])
            work = _Work(newest, editions, settings.metrics.minimum_deployments, parameters)
            parts = [
                _written(connection, made) for made in worked_on(work, _judged_series(connection, settings, newest))
            ]
    return Outlook(
        newest,
        sum(one.rows for one in parts),
        pd.concat([one.states for one in parts], ignore_index=True),
        pd.concat([one.tiers for one in parts], ignore_index=True),
        {metric: shown for one in parts for metric, shown in one.shown.items()},
    )


def backtest_metrics(warehouse: Warehouse, settings: Settings, parameters: Parameters | None = None) -> pd.DataFrame:
    """Look back at every series, and write how both methods did. Gives the rows of the table, which is replaced."""
    parameters = parameters or Parameters()
    with warehouse.connect(Role.ANALYTICS) as connection:
        newest = newest_day(connection)
        parts = [pd.DataFrame(columns=TESTS)]
        if newest is not None:

            def tested(one: tuple[dict[str, Any], pd.DataFrame]) -> pd.DataFrame:
                metric, series = one
                tests = look_back(series, day_number(newest), parameters)
                return backtest_rows(metric, series, tests, newest, parameters)

            parts += worked_on(tested, _series(connection, settings, newest))
        rows = pd.concat([one for one in parts if len(one)] or parts, ignore_index=True)
        replace_rows(connection, "analytics", "metric_forecast_backtests", rows, where={})
    return rows


def _series(
    connection: "psycopg.Connection[Any]", settings: Settings, newest: date
) -> Iterator[tuple[dict[str, Any], pd.DataFrame]]:
    """As `series_of_metrics`, with a key for each and the weeks of durations."""
    for metric, series in series_of_metrics(connection, settings, newest, LEFT_OUT):
        name = metric["metric"]
        series["metric"] = name
        series["key"] = [f"{name} {one.scope_type} {one.scope}" for one in series.itertuples()]
        if metric["law"] == "duration":
            columns = {"value": sql.Identifier(f"{name}_p50"), "n": sql.Identifier(f"{name}_n")}
            since = newest - timedelta(days=LONGEST_DAYS)
            weeks = read_frame(connection, sql.SQL(_WEEKS).format(**columns), [since])
            series = series.merge(weeks, on=["scope_type", "scope"], how="left")
            for column in ("week_day", "week_value", "week_n"):
                series[column] = [one if isinstance(one, list) else [] for one in series[column]]
        yield metric, series


def _judged_series(
    connection: "psycopg.Connection[Any]", settings: Settings, newest: date
) -> Iterator[tuple[dict[str, Any], pd.DataFrame, pd.DataFrame]]:
    """As `_series`, with the last backtest of each."""
    for metric, series in _series(connection, settings, newest):
        yield metric, series, read_frame(connection, _JUDGED, [metric["metric"], MODEL_VERSION])


@dataclass(frozen=True)
class _Made:
    """Rows of one metric: of the three tables in the order of `_TABLES`, and of the backtests that were missing."""

    metric: Mapping[str, Any]
    unjudged: pd.DataFrame
    tests: pd.DataFrame
    tables: tuple[pd.DataFrame, pd.DataFrame, pd.DataFrame]
    outlook: Outlook


@dataclass(frozen=True)
class _Work:
    """What is done about each metric without a database."""

    newest: date
    editions: pd.DataFrame
    least_trials: int
    parameters: Parameters

    def __call__(self, read: tuple[dict[str, Any], pd.DataFrame, pd.DataFrame]) -> _Made:
        metric, series, judged = read
        newest, parameters = self.newest, self.parameters
        unjudged = series[~series["key"].isin(set(judged["key"]))]
        tests = look_back(unjudged, day_number(newest), parameters)
        known = [one for one in (judged, tests[list(judged.columns)]) if len(one)]
        verdicts = pd.concat(known, ignore_index=True) if known else pd.DataFrame(columns=BACKTESTS)
        found = forecast(series, day_number(newest), verdicts, self.editions, parameters, self.least_trials)
        states = state_rows(metric, series, found, newest, parameters)
        rows = forecast_rows(metric, series, found, newest)
        tiers = tier_rows(metric, series, found, newest, self.editions)
        outlook = Outlook(newest, len(rows), states, tiers, shown_weeks(metric, series, rows, newest))
        tests = backtest_rows(metric, unjudged, tests, newest, parameters)
        return _Made(metric, unjudged, tests, (rows, states, tiers), outlook)


def _written(connection: "psycopg.Connection[Any]", made: _Made) -> Outlook:
    for row in made.unjudged.itertuples():  # what there is may be of another version of the model
        connection.execute(
            "delete from analytics.metric_forecast_backtests where (metric, scope_type, scope) = (%s, %s, %s)",
            [made.metric["metric"], row.scope_type, row.scope],
        )
    append_rows(connection, "analytics", "metric_forecast_backtests", made.tests)
    for table, frame in zip(_TABLES, made.tables, strict=True):
        append_rows(connection, "analytics", table, frame)
    return made.outlook


def unforecast(warehouse: Warehouse) -> list[str]:
    """Metrics that have a direction, and for which the organisation has neither a forecast nor a reason."""
    with warehouse.connect(Role.ANALYTICS) as connection:
        told = read_frame(
            connection, sql.SQL("select metric from analytics.metric_forecast_series where scope_type = 'organization'")
        )
        wanted = {one["metric"] for one in directed_metrics(connection, LEFT_OUT)}
    return sorted(wanted - set(told["metric"]))


@dataclass(frozen=True)
class Calibration:
    """How honest the intervals of the last backtest were, over the series for which the model is shown.

    Attributes:
        coverage: share of what came that lay between p10 and p90; missing where the model is shown for none.
        n: periods compared; neighbouring ones are alike, so far fewer are independent.
        better, judged: series and grains on which the model was better, of those looked at.
    """

    coverage: float | None
    n: int
    better: int
    judged: int


def calibration(warehouse: Warehouse) -> Calibration:
    """Of the newest backtest, days and weeks weighted alike by series."""
    with warehouse.connect(Role.ANALYTICS) as connection:
        row = connection.execute(
            """
            select
                avg(model.coverage_ratio) filter (where model.mase < naive.mase),
                coalesce(sum(model.n) filter (where model.mase < naive.mase), 0),
                count(*) filter (where model.mase < naive.mase),
                count(*)
            from analytics.metric_forecast_backtests as model
            inner join analytics.metric_forecast_backtests as naive
                using (scope_type, scope, metric, grain)
            where model.method = 'paths' and naive.method = 'seasonal_naive'
            """
        ).fetchone()
    coverage, n, better, judged = row or (None, 0, 0, 0)
    return Calibration(None if coverage is None else float(coverage), int(n), int(better), int(judged))
