"""Series in, forecasts out: the frames around futures, looks back and first passages."""

from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass

import numpy as np
import pandas as pd
from pandas.api.typing import NaTType

from roosevelt_pipeline.stats.calendars import Array
from roosevelt_pipeline.stats.forecasts.backtests import Backtest, backtest
from roosevelt_pipeline.stats.forecasts.futures import Known
from roosevelt_pipeline.stats.forecasts.materials import GRAINS, Grain, Material, batches, epoch_day
from roosevelt_pipeline.stats.forecasts.parameters import Parameters
from roosevelt_pipeline.stats.forecasts.passages import passage, window
from roosevelt_pipeline.stats.forecasts.scores import quantiles
from roosevelt_pipeline.stats.forecasts.states import State, Verdict, state, verdicts_of
from roosevelt_pipeline.stats.tiers import Band, ranked_bands, ranks_of

BACKTESTS = ["key", "grain", "method", "origins", "first_origin", "last_origin", "n", "mase", "pinball", "coverage",
             "plain_coverage"]  # fmt: skip
FORECASTS = ["series", "grain", "ahead", "last_date", "p10", "p50", "p90"]
STATES = ["series", "grain", "status", "method", "said", "known", "first_date", "last_date", "left_out"]
PASSAGES = ["series", "target_rank", "rank", "now", "chance", "by_30", "by_60", "half_date"]


@dataclass(frozen=True)
class Forecasts:
    """What is expected of a batch of series. ``series`` is the index of the row that came in.

    Attributes:
        forecasts: one row per series, grain and period ahead; columns `FORECASTS`. Counts are events of the period,
            ratios percent, durations median hours; of days on which nothing would be measured there is no row.
        states: one row per series and grain; columns `STATES`.
        passages: one row per series with tiers and tier at least as good as its own; columns `PASSAGES`. The tier's
            own rank has no chance: it is reached.
    """

    forecasts: pd.DataFrame
    states: pd.DataFrame
    passages: pd.DataFrame


def forecast(
    series: pd.DataFrame,
    newest: int,
    backtests: pd.DataFrame,
    editions: pd.DataFrame,
    parameters: Parameters | None = None,
    least_trials: int = 1,
) -> Forecasts:
    """Forecast daily series.

    Args:
        series: one row per series, unique index. Columns ``key`` (a name that no other has), ``metric``, ``law`` (of
            `LAWS`), ``bad``, ``country`` (ISO 3166, or missing), and lists: ``day`` (whole days since 1970-01-01, in
            any order), ``value`` and ``n`` as for `find_anomalies`; of durations also ``week_day`` (the last day of
            each ISO week), ``week_value`` and ``week_n``: medians do not add up from days to weeks.
        newest: last day that is known; later ones are forecast.
        backtests: as `look_back` gives them; a series without its rows gets the seasonal naive forecast.
        editions: the rows of one edition of the tiers, as for `tiers.tier_of`; empty for no first passages.
        least_trials: a ratio of fewer in 28 days has no tier.

    Returns:
        the same for the same input, whatever else is forecast with it. No input is too bad for a stated result.
    """
    parameters = parameters or Parameters()
    verdicts = verdicts_of(list(backtests[["key", "grain", "method", "mase", "origins"]].itertuples(index=False)))
    parts = [_of_batch(some, left_out, material, newest, verdicts, editions, parameters, least_trials)
             for some, left_out, material in batches(series, newest)]  # fmt: skip
    return Forecasts(
        _frame([row for part in parts for row in part[0]], FORECASTS),
        pd.DataFrame([row for part in parts for row in part[1]], columns=STATES),
        pd.DataFrame([row for part in parts for row in part[2]], columns=PASSAGES),
    )


def look_back(series: pd.DataFrame, newest: int, parameters: Parameters | None = None) -> pd.DataFrame:
    """Backtest series.

    Args:
        series, newest: as for `forecast`.

    Returns:
        columns `BACKTESTS`: two rows, one for each method, for each series and grain that has enough of a past; errors
        are scaled by the mean absolute difference to one season before.
    """
    parameters = parameters or Parameters()
    rows = [
        _backtest_row(material, some["key"].iloc[one.series], one)
        for some, _, material in batches(series, newest)
        if len(material.days)
        for one in backtest(material, _origin(material, newest), parameters)
    ]
    return pd.DataFrame(rows, columns=BACKTESTS)


def _origin(material: Material, newest: int) -> int:
    """First row that is not known."""
    return newest + 1 - epoch_day(material.days[0])


def _of_batch(
    some: pd.DataFrame,
    left_out: list[int],
    material: Material,
    newest: int,
    verdicts: Mapping[tuple[str, str], Verdict],
    editions: pd.DataFrame,
    parameters: Parameters,
    least_trials: int,
) -> tuple[list[tuple[object, ...]], list[dict[str, object]], list[dict[str, object]]]:
    forecasts: list[tuple[object, ...]] = []
    states: list[dict[str, object]] = []
    passages: list[dict[str, object]] = []
    origin = _origin(material, newest) if len(material.days) else 0
    known = Known.at(material, origin, parameters) if len(material.days) else None
    ranked = {metric: ranked_bands(metric, editions) for metric in some["metric"].unique()}
    for place, index in enumerate(some.index):
        judged = {grain: verdicts.get((some["key"].iloc[place], grain)) for grain in GRAINS}
        found = {grain: state(material, place, grain, origin, judged[grain], parameters) for grain in GRAINS}
        states += [_state_row(material, index, grain, one, left_out[place]) for grain, one in found.items()]
        if known is None or not any(one.method for one in found.values()):
            continue
        forecasts += _forecast_rows(known, place, index, found, parameters)
        metric = some["metric"].iloc[place]
        if found["week"].method == "paths" and ranked[metric]:
            passages += _passage_rows(known, place, index, ranked[metric], parameters, least_trials)
    return forecasts, states, passages


def _forecast_rows(
    known: Known, series: int, index: object, states: Mapping[Grain, State], parameters: Parameters
) -> Iterator[tuple[object, ...]]:
    for grain, periods in known.draw(series, parameters.paths).items():
        method = states[grain].method
        if method is None:
            continue
        found = quantiles(periods.paths)
        if method == "seasonal_naive":
            drawn, middle = known.naive(series, grain, periods, parameters.paths)
            low, _, high = quantiles(drawn)
            found = np.stack([np.minimum(low, middle), middle, np.maximum(high, middle)])
        yield index, grain, np.arange(1, found.shape[1] + 1), _dates(known.material, periods.last_rows), found


def _dates(material: Material, rows: Array) -> Array:
    return np.datetime64(material.days[0], "D") + rows


def _frame(rows: list[tuple[object, ...]], columns: list[str]) -> pd.DataFrame:
    """One line per period, without those on which nothing would be measured."""
    if not rows:
        return pd.DataFrame(columns=columns)
    lengths = [len(row[2]) for row in rows]  # type: ignore[arg-type]
    low, middle, high = np.concatenate([row[4] for row in rows], axis=1)
    frame = pd.DataFrame(
        {
            "series": np.repeat([row[0] for row in rows], lengths),
            "grain": np.repeat([row[1] for row in rows], lengths),
            "ahead": np.concatenate([row[2] for row in rows]),
            "last_date": np.concatenate([row[3] for row in rows]),
            "p10": low,
            "p50": middle,
            "p90": high,
        }
    )
    return frame[np.isfinite(frame["p50"])].reset_index(drop=True)


def _state_row(material: Material, index: object, grain: str, one: State, left_out: int) -> dict[str, object]:
    said = one.said + (f" {left_out} values that cannot be were left out." if left_out else "")
    return {
        "series": index, "grain": grain, "status": one.status, "method": one.method, "said": said.strip(),
        "known": one.known, "first_date": _day(material, one.first_row), "last_date": _day(material, one.last_row),
        "left_out": left_out,
    }  # fmt: skip


def _day(material: Material, row: int | None) -> pd.Timestamp | NaTType:
    return pd.NaT if row is None else material.days[0] + pd.Timedelta(days=row)


def _passage_rows(
    known: Known,
    series: int,
    index: object,
    ranked: list[tuple[int, Band]],
    parameters: Parameters,
    least_trials: int,
) -> Iterator[dict[str, object]]:
    """Of a series whose 28 days have a value now."""
    found = window(known, series, parameters.paths, least_trials)
    if not np.isfinite(found.now):
        return
    rank = float(ranks_of(np.array([found.now]), ranked)[0])
    ranks = ranks_of(found.paths, ranked)
    for target, _ in ranked:
        if target > rank:
            break
        way = passage(found, ranks <= target, known.origin)
        is_there = target == rank
        yield {
            "series": index, "target_rank": target, "rank": rank if np.isfinite(rank) else np.nan,
            "now": found.now, "chance": np.nan if is_there else way.chance,
            "by_30": np.nan if is_there else way.by_month[0], "by_60": np.nan if is_there else way.by_month[1],
            "half_date": pd.NaT if is_there else _day(known.material, way.half_row),
        }  # fmt: skip


def _backtest_row(material: Material, key: str, one: Backtest) -> dict[str, object]:
    first, last = _day(material, one.first_row), _day(material, one.last_row)
    return {"key": key, "grain": one.grain, "method": one.method, "origins": one.origins, "first_origin": first,
            "last_origin": last} | asdict(one.score)  # fmt: skip
