"""Marts in, analytics out: where forecasts meet the warehouse's tables."""

import json
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass
from datetime import date, timedelta
from typing import Any

import numpy as np
import pandas as pd
import psycopg
from psycopg import sql

from roosevelt_pipeline.anomalies import LEFT_OUT
from roosevelt_pipeline.metric_series import LONGEST_DAYS, directed_metrics, newest_day, records, series_of_metrics
from roosevelt_pipeline.settings import Settings
from roosevelt_pipeline.stats.forecasts.frames import BACKTESTS, Forecasts, forecast, look_back
from roosevelt_pipeline.stats.forecasts.parameters import MODEL_VERSION, WINDOW_DAYS, Parameters
from roosevelt_pipeline.stats.forecasts.wording import Way, held, sentence
from roosevelt_pipeline.warehouse.connections import Role, Warehouse
from roosevelt_pipeline.warehouse.frames import append_rows, read_frame, replace_rows

_EPOCH = date(1970, 1, 1)
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
_FORECASTS = ["scope_type", "scope", "metric", "grain", "last_date", "periods_ahead", "p10", "p50", "p90", "unit",
              "method", "as_of_date", "model_version"]  # fmt: skip
_STATES = ["scope_type", "scope", "metric", "grain", "status", "method", "said", "periods_known", "first_date",
           "last_date", "values_left_out", "as_of_date", "model_version", "parameters"]  # fmt: skip
_TESTS = ["scope_type", "scope", "metric", "grain", "method", "origins", "first_origin_date", "last_origin_date", "n",
          "mase", "pinball_loss", "coverage_ratio", "coverage_with_edges_ratio", "as_of_date", "model_version",
          "parameters"]  # fmt: skip
_TIERS = ["scope_type", "scope", "metric", "target_tier", "edition", "window_days", "is_reached", "current_tier",
          "current_value", "unit", "probability_30_days", "probability_60_days", "probability_90_days",
          "even_chance_date", "said", "as_of_date", "model_version"]  # fmt: skip
_TABLES = {"metric_forecasts": _FORECASTS, "metric_forecast_series": _STATES, "metric_tier_forecasts": _TIERS}


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
    shown: Mapping[str, "Shown"]

    @property
    def counts(self) -> dict[str, int]:
        """Series (with their grains) by method, and those without a forecast by status."""
        told = self.states["method"].where(self.states["status"] == "ok", self.states["status"])
        return {f"series_{name}": count for name, count in Counter(told).items()}


@dataclass(frozen=True)
class Shown:
    """One series for a chart: weeks that were, by their last day, and weeks ahead (``p10``, ``p50``, ``p90``)."""

    label: str
    unit: str
    method: str
    past: pd.Series
    ahead: pd.DataFrame


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
                return Outlook(None, 0, pd.DataFrame(columns=_STATES), pd.DataFrame(columns=_TIERS), {})
            editions = read_frame(connection, _EDITION, [settings.metrics.tier_edition])
            parts = [
                _of_metric(connection, metric, series, newest, editions, settings, parameters)
                for metric, series in _series(connection, settings, newest)
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
        parts = [pd.DataFrame(columns=_TESTS)]
        if newest is not None:
            parts += [
                _test_rows(metric, series, look_back(series, _day_number(newest), parameters), newest, parameters)
                for metric, series in _series(connection, settings, newest)
            ]
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


def _of_metric(
    connection: "psycopg.Connection[Any]",
    metric: Mapping[str, Any],
    series: pd.DataFrame,
    newest: date,
    editions: pd.DataFrame,
    settings: Settings,
    parameters: Parameters,
) -> Outlook:
    tests = _tests(connection, metric, series, newest, parameters)
    least_trials = settings.metrics.minimum_deployments
    found = forecast(series, _day_number(newest), tests, editions, parameters, least_trials)
    states = _state_rows(metric, series, found, newest, parameters)
    rows = _forecast_rows(metric, series, found, newest)
    tiers = _tier_rows(metric, series, found, newest, editions)
    for table, frame in zip(_TABLES, (rows, states, tiers), strict=True):
        append_rows(connection, "analytics", table, frame)
    return Outlook(newest, len(rows), states, tiers, _shown(metric, series, rows, newest))


def _tests(
    connection: "psycopg.Connection[Any]",
    metric: Mapping[str, Any],
    series: pd.DataFrame,
    newest: date,
    parameters: Parameters,
) -> pd.DataFrame:
    """The last backtest of each series; of those that have none it is made, and kept."""
    judged = read_frame(connection, _JUDGED, [metric["metric"], MODEL_VERSION])
    unjudged = series[~series["key"].isin(set(judged["key"]))]
    if unjudged.empty:
        return judged
    tests = look_back(unjudged, _day_number(newest), parameters)
    for row in unjudged.itertuples():  # of another version of the model
        connection.execute(
            "delete from analytics.metric_forecast_backtests where (metric, scope_type, scope) = (%s, %s, %s)",
            [metric["metric"], row.scope_type, row.scope],
        )
    append_rows(connection, "analytics", "metric_forecast_backtests",
                _test_rows(metric, unjudged, tests, newest, parameters))  # fmt: skip
    both = [one for one in (judged, tests[list(judged.columns)]) if len(one)]
    return pd.concat(both, ignore_index=True) if both else pd.DataFrame(columns=BACKTESTS)


def _day_number(day: date) -> int:
    return (day - _EPOCH).days


def _unit(metric: Mapping[str, Any]) -> str:
    """Of a day or a week: of what is per day in the catalogue, how many there are."""
    unit = str(metric["unit"])
    return unit.removesuffix(" per day") if metric["law"] == "count" else unit


def _named(series: pd.DataFrame, found: pd.DataFrame) -> pd.DataFrame:
    named = series.loc[found["series"], ["scope_type", "scope", "metric"]].reset_index(drop=True)
    return pd.concat([named, found.drop(columns="series").reset_index(drop=True)], axis=1)


def _forecast_rows(metric: Mapping[str, Any], series: pd.DataFrame, found: Forecasts, newest: date) -> pd.DataFrame:
    rows = found.forecasts.merge(found.states[["series", "grain", "method"]], on=["series", "grain"])
    rows = _named(series, rows).rename(columns={"ahead": "periods_ahead"})
    rows["last_date"] = pd.to_datetime(rows["last_date"]).dt.date
    rows = rows.assign(unit=_unit(metric), as_of_date=newest, model_version=MODEL_VERSION)
    return rows[_FORECASTS]


def _state_rows(
    metric: Mapping[str, Any], series: pd.DataFrame, found: Forecasts, newest: date, parameters: Parameters
) -> pd.DataFrame:
    rows = _named(series, found.states).rename(columns={"known": "periods_known", "left_out": "values_left_out"})
    for column in ("first_date", "last_date"):
        rows[column] = pd.to_datetime(rows[column]).dt.date
    rows["parameters"] = json.dumps(asdict(parameters), sort_keys=True)
    return rows.assign(as_of_date=newest, model_version=MODEL_VERSION, metric=metric["metric"])[_STATES]


def _test_rows(
    metric: Mapping[str, Any], series: pd.DataFrame, tests: pd.DataFrame, newest: date, parameters: Parameters
) -> pd.DataFrame:
    rows = tests.merge(series[["key", "scope_type", "scope"]], on="key")
    rows = rows.rename(
        columns={
            "first_origin": "first_origin_date", "last_origin": "last_origin_date", "pinball": "pinball_loss",
            "coverage": "coverage_ratio", "plain_coverage": "coverage_with_edges_ratio",
        }
    )  # fmt: skip
    for column in ("first_origin_date", "last_origin_date"):
        rows[column] = pd.to_datetime(rows[column]).dt.date
    rows["parameters"] = json.dumps(asdict(parameters), sort_keys=True)
    return rows.assign(metric=metric["metric"], as_of_date=newest, model_version=MODEL_VERSION)[_TESTS]


def _tier_rows(
    metric: Mapping[str, Any], series: pd.DataFrame, found: Forecasts, newest: date, editions: pd.DataFrame
) -> pd.DataFrame:
    tiers = editions[editions["metric"] == metric["metric"]].set_index("tier_rank")
    rows = [_tier_row(metric, series.loc[one["series"]], one, newest, tiers) for one in records(found.passages)]
    return pd.DataFrame(rows, columns=_TIERS, dtype=object)


def _tier_row(
    metric: Mapping[str, Any], series: pd.Series, one: Mapping[str, Any], newest: date, tiers: pd.DataFrame
) -> dict[str, Any]:
    target = tiers.loc[one["target_rank"]]
    is_reached = one["target_rank"] == one["rank"]
    by = None if pd.isna(one["half_date"]) else one["half_date"].date()
    way = Way(metric["label"], series["scope_type"], series["scope"], target["tier"], target["target"],
              target["edition"], one["now"], metric["unit"], 1.0 if is_reached else one["chance"], by)  # fmt: skip
    return {
        "scope_type": series["scope_type"], "scope": series["scope"], "metric": metric["metric"],
        "target_tier": target["tier"], "edition": target["edition"], "window_days": WINDOW_DAYS,
        "is_reached": is_reached, "current_tier": None if pd.isna(one["rank"]) else tiers.loc[one["rank"], "tier"],
        "current_value": one["now"], "unit": metric["unit"], "probability_30_days": one["by_30"],
        "probability_60_days": one["by_60"], "probability_90_days": one["chance"], "even_chance_date": by,
        "said": held(way) if is_reached else sentence(way), "as_of_date": newest, "model_version": MODEL_VERSION,
    }  # fmt: skip


def _shown(metric: Mapping[str, Any], series: pd.DataFrame, rows: pd.DataFrame, newest: date) -> dict[str, Shown]:
    """The organisation's weeks, by metric; nothing where none are forecast."""
    ahead = rows[(rows["scope_type"] == "organization") & (rows["grain"] == "week")]
    if ahead.empty:
        return {}
    whole = series[series["scope_type"] == "organization"].iloc[0]
    fan = ahead.set_index("last_date")[["p10", "p50", "p90"]]
    shown = Shown(metric["label"], _unit(metric), ahead["method"].iloc[0], _past_weeks(whole, newest), fan)
    return {metric["metric"]: shown}


def _past_weeks(series: pd.Series, newest: date) -> pd.Series:
    """Whole ISO weeks up to the newest day, by their Sunday."""
    if series["law"] == "duration":
        days = pd.to_datetime(np.asarray(series["week_day"], dtype=np.int64), unit="D")
        return pd.Series(np.array(series["week_value"], dtype=float), days)
    days = pd.to_datetime(np.asarray(series["day"], dtype=np.int64), unit="D")
    daily = pd.DataFrame({"value": np.array(series["value"], float), "n": np.array(series["n"], float)}, index=days)
    weeks = daily.resample("W-SUN").sum()
    weeks = weeks[weeks.index <= pd.Timestamp(newest)]
    return weeks["value"] if series["law"] == "count" else 100 * weeks["value"] / weeks["n"].where(weeks["n"] > 0)


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
