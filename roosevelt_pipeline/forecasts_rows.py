"""What was forecast, in the words of the warehouse's tables."""

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import date
from typing import Any

import numpy as np
import pandas as pd

from roosevelt_pipeline.metric_series import records
from roosevelt_pipeline.stats.forecasts.frames import Forecasts
from roosevelt_pipeline.stats.forecasts.parameters import MODEL_VERSION, WINDOW_DAYS, Parameters
from roosevelt_pipeline.stats.forecasts.wording import Way, held, sentence

_EPOCH = date(1970, 1, 1)
FORECASTS = ["scope_type", "scope", "metric", "grain", "last_date", "periods_ahead", "p10", "p50", "p90", "unit",
              "method", "as_of_date", "model_version"]  # fmt: skip
STATES = ["scope_type", "scope", "metric", "grain", "status", "method", "said", "periods_known", "first_date",
           "last_date", "values_left_out", "as_of_date", "model_version", "parameters"]  # fmt: skip
TESTS = ["scope_type", "scope", "metric", "grain", "method", "origins", "first_origin_date", "last_origin_date", "n",
          "mase", "pinball_loss", "coverage_ratio", "coverage_with_edges_ratio", "as_of_date", "model_version",
          "parameters"]  # fmt: skip
TIERS = ["scope_type", "scope", "metric", "target_tier", "edition", "window_days", "is_reached", "current_tier",
          "current_value", "unit", "probability_30_days", "probability_60_days", "probability_90_days",
          "even_chance_date", "said", "as_of_date", "model_version"]  # fmt: skip


@dataclass(frozen=True)
class Shown:
    """One series for a chart: weeks that were, by their last day, and weeks ahead (``p10``, ``p50``, ``p90``)."""

    label: str
    unit: str
    method: str
    past: pd.Series
    ahead: pd.DataFrame


def day_number(day: date) -> int:
    return (day - _EPOCH).days


def _unit(metric: Mapping[str, Any]) -> str:
    """Of a day or a week: of what is per day in the catalogue, how many there are."""
    unit = str(metric["unit"])
    return unit.removesuffix(" per day") if metric["law"] == "count" else unit


def _named(series: pd.DataFrame, found: pd.DataFrame) -> pd.DataFrame:
    named = series.loc[found["series"], ["scope_type", "scope", "metric"]].reset_index(drop=True)
    return pd.concat([named, found.drop(columns="series").reset_index(drop=True)], axis=1)


def forecast_rows(metric: Mapping[str, Any], series: pd.DataFrame, found: Forecasts, newest: date) -> pd.DataFrame:
    rows = found.forecasts.merge(found.states[["series", "grain", "method"]], on=["series", "grain"])
    rows = _named(series, rows).rename(columns={"ahead": "periods_ahead"})
    rows["last_date"] = pd.to_datetime(rows["last_date"]).dt.date
    rows = rows.assign(unit=_unit(metric), as_of_date=newest, model_version=MODEL_VERSION)
    return rows[FORECASTS]


def state_rows(
    metric: Mapping[str, Any], series: pd.DataFrame, found: Forecasts, newest: date, parameters: Parameters
) -> pd.DataFrame:
    rows = _named(series, found.states).rename(columns={"known": "periods_known", "left_out": "values_left_out"})
    for column in ("first_date", "last_date"):
        rows[column] = pd.to_datetime(rows[column]).dt.date
    rows["parameters"] = json.dumps(asdict(parameters), sort_keys=True)
    return rows.assign(as_of_date=newest, model_version=MODEL_VERSION, metric=metric["metric"])[STATES]


def backtest_rows(
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
    return rows.assign(metric=metric["metric"], as_of_date=newest, model_version=MODEL_VERSION)[TESTS]


def tier_rows(
    metric: Mapping[str, Any], series: pd.DataFrame, found: Forecasts, newest: date, editions: pd.DataFrame
) -> pd.DataFrame:
    tiers = editions[editions["metric"] == metric["metric"]].set_index("tier_rank")
    rows = [_tier_row(metric, series.loc[one["series"]], one, newest, tiers) for one in records(found.passages)]
    return pd.DataFrame(rows, columns=TIERS, dtype=object)


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


def shown_weeks(metric: Mapping[str, Any], series: pd.DataFrame, rows: pd.DataFrame, newest: date) -> dict[str, Shown]:
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
