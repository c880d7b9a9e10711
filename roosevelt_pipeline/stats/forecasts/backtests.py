"""Is the model worth showing? Forecasts from the past, by what was known then, against what came."""

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from roosevelt_pipeline.stats.forecasts.futures import Known
from roosevelt_pipeline.stats.forecasts.materials import SEASONS, Grain, Material, actual
from roosevelt_pipeline.stats.forecasts.parameters import DAYS_AHEAD, Parameters
from roosevelt_pipeline.stats.forecasts.scores import Score, naive_scale, score

METHODS = ("paths", "seasonal_naive")
LEAST_AHEAD = 28  # rows after a look back, of series too short for the whole horizon


@dataclass(frozen=True)
class Backtest:
    """One method on one series and grain.

    Attributes:
        origins: how many looks back; ``first_row`` and ``last_row`` are the days of the first and the last.
        score: over all of them, weighted by what was known of each.
    """

    series: int
    grain: Grain
    method: str
    origins: int
    first_row: int
    last_row: int
    score: Score


def origins(known: int, begun: int, parameters: Parameters) -> list[int]:
    """Rows at which to look back: each with enough before it, and the whole horizon after it.

    A series too short for that is looked back at once, from two months or one before the end.

    Args:
        known: rows that are known.
        begun: first row that holds data.

    >>> origins(200, 0, Parameters()), origins(100, 0, Parameters()), origins(60, 0, Parameters())
    ([54, 82, 110], [44], [])
    """
    whole = [known - DAYS_AHEAD - place * parameters.origin_step for place in range(parameters.origins)]
    short = [known - 2 * LEAST_AHEAD, known - LEAST_AHEAD]
    least = begun + parameters.history_rows
    return sorted(row for row in whole if row >= least) or [row for row in short if row >= least][:1]


def backtest(material: Material, known: int, parameters: Parameters) -> list[Backtest]:
    """Look back from several days.

    Args:
        known: rows that are known; later ones are not looked at.

    Returns:
        both methods for each series and grain of which at least one look back found something to compare, and whose
        past ever changed.
    """
    begun = np.array([_first(row[:known]) for row in material.value])
    scores: dict[tuple[int, Grain, str], list[tuple[int, Score]]] = defaultdict(list)
    wanted = {series: set(origins(known, int(first), parameters)) for series, first in enumerate(begun)}
    for origin in sorted(set().union(*wanted.values())):
        state = Known.at(material, origin, parameters)
        for series in (one for one, rows in wanted.items() if origin in rows):
            for grain, method, found in _looked_back(state, series, known):
                if found.n and np.isfinite(found.mase):
                    scores[series, grain, method].append((origin, found))
    return [_together(*key, looks) for key, looks in sorted(scores.items())]


def _looked_back(state: Known, series: int, known: int) -> Iterator[tuple[Grain, str, Score]]:
    paths = state.parameters.backtest_paths
    for grain, periods in state.draw(series, paths).items():
        came = np.where(periods.last_rows < known, actual(state.material, series, grain, periods.last_rows), np.nan)
        scale = naive_scale(periods.past, SEASONS[grain])
        yield grain, "paths", score(periods.paths, None, came, scale)
        drawn, middle = state.naive(series, grain, periods, paths)
        yield grain, "seasonal_naive", score(drawn, middle, came, scale)


def _first(value: np.ndarray) -> int:
    """First row that holds data; none of a series that has never changed, since its error has no scale."""
    known = np.isfinite(value)
    return int(known.argmax()) if known.any() and np.ptp(value[known]) > 0 else len(value)


def _together(series: int, grain: Grain, method: str, looks: list[tuple[int, Score]]) -> Backtest:
    weight = np.array([one.n for _, one in looks], dtype=float)

    def mean(name: str) -> float:
        return float(np.average([getattr(one, name) for _, one in looks], weights=weight))

    rows = [row for row, _ in looks]
    total = Score(int(weight.sum()), mean("mase"), mean("pinball"), mean("coverage"), mean("plain_coverage"))
    return Backtest(series, grain, method, len(looks), min(rows), max(rows), total)
