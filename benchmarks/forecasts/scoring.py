"""Each series forecast once from its newest day, by the model and the baselines, against what came."""

from collections.abc import Iterable, Iterator

import numpy as np
import pandas as pd

from benchmarks.forecasts.baselines import recent_quantiles
from benchmarks.forecasts.windows import Part
from roosevelt_pipeline.stats.forecasts.frames import look_back
from roosevelt_pipeline.stats.forecasts.futures import Known
from roosevelt_pipeline.stats.forecasts.materials import SEASONS, Material, actual, batches, epoch_day
from roosevelt_pipeline.stats.forecasts.parameters import WINDOW_DAYS, Parameters
from roosevelt_pipeline.stats.forecasts.passages import window
from roosevelt_pipeline.stats.forecasts.scores import naive_scale, score
from roosevelt_pipeline.stats.forecasts.states import state, verdicts_of

PATHS = 300
UP, DOWN = (1.1, 1.25, 1.5, 2.0), (0.9, 0.8, 0.67, 0.5)
COLUMNS = ["part", "kind", "series", "key", "grain", "is_shown", "mase", "pinball", "coverage", "plain_coverage",
           "naive_mase", "naive_pinball", "naive_coverage", "recent_mase", "recent_coverage", "level_mase"]  # fmt: skip


def scores(parts: Iterable[Part], parameters: Parameters) -> pd.DataFrame:
    """One row for each series that is forecast (status ``ok``), grain and newest day. ``is_shown``: by the model."""
    return pd.DataFrame([row for part in parts for row in _of_part(part, parameters)], columns=COLUMNS)


def _of_part(part: Part, parameters: Parameters) -> Iterator[tuple[object, ...]]:
    tests = look_back(part.series, part.newest, parameters)
    verdicts = verdicts_of(list(tests[["key", "grain", "method", "mase", "origins"]].itertuples(index=False)))
    for some, known in _known(part, parameters):
        material = known.material
        names = zip(some["key"], some["kind"], some["whole"], strict=True)
        for place, (key, kind, whole) in enumerate(names):
            for grain, periods in known.draw(place, PATHS).items():
                said = state(material, place, grain, known.origin, verdicts.get((key, grain)), parameters)
                if said.status != "ok":
                    continue
                came = actual(material, place, grain, periods.last_rows)
                season, ahead = SEASONS[grain], periods.paths.shape[1]
                scale = naive_scale(periods.past, season)
                ours = score(periods.paths, None, came, scale)
                drawn, middle = known.naive(place, grain, periods, PATHS)
                naive = score(drawn, middle, came, scale)
                recent = recent_quantiles(periods.past, season, ahead)
                error, inside = _of_quantiles(recent, came, scale)
                if np.isfinite(ours.mase):
                    yield (part.name, kind, whole, key, grain, said.method == "paths", ours.mase, ours.pinball,
                           ours.coverage, ours.plain_coverage, naive.mase, naive.pinball, naive.coverage, error, inside,
                           _knowing_the_level(material.law, grain, periods.paths, came, scale))  # fmt: skip


def _knowing_the_level(law: str, grain: str, paths: np.ndarray, came: np.ndarray, scale: float) -> float:
    """Scaled error of the same middle, moved to the mean that came, which nobody knows. Of counts alone."""
    known = np.isfinite(came)
    expected = paths.mean(axis=0)[known].sum()
    if law != "count" or not scale > 0 or not expected > 0:
        return np.nan
    middle = np.median(paths, axis=0) * came[known].sum() / expected
    middle = np.round(middle) if grain == "day" else middle
    return float(np.abs(came - middle)[known].mean() / scale)


def _of_quantiles(said: np.ndarray, came: np.ndarray, scale: float) -> tuple[float, float]:
    """Scaled error of the middle, and share of what came between the outer two."""
    known = np.isfinite(came) & np.isfinite(said).all(axis=0)
    if not known.any():
        return np.nan, np.nan
    low, middle, high = said[:, known]
    error = float(np.abs(came[known] - middle).mean() / scale) if scale > 0 else np.nan
    return error, float(((came[known] >= low) & (came[known] <= high)).mean())


def _known(part: Part, parameters: Parameters) -> Iterator[tuple[pd.DataFrame, Known]]:
    """What the newest day knows. The material holds what came as well, at which a forecast does not look."""
    for some, _, material in batches(part.series, part.newest):
        if len(material.days):
            origin = part.newest + 1 - epoch_day(material.days[0])
            yield some, Known.at(material, origin, parameters)


def passages(parts: Iterable[Part], parameters: Parameters) -> pd.DataFrame:
    """Probabilities of reaching a level that is better by some tenths within 90 days, and whether it came so."""
    rows = []
    for part in parts:
        for some, known in _known(part, parameters):
            for place, kind in enumerate(some["kind"]):
                found = window(known, place, PATHS)
                came = _came(known.material, place, known.origin, found.last_rows)
                if not (np.isfinite(found.now) and found.now > 0 and np.isfinite(came).any()):
                    continue
                inside = found.last_rows < known.origin + 90
                for factor in UP if known.material.law == "count" else DOWN:
                    goal, sign = found.now * factor, 1 if factor > 1 else -1
                    chance = (sign * (found.paths[:, inside] - goal) > 0).any(axis=1).mean()
                    rows.append((part.name, kind, chance, bool((sign * (came[inside] - goal) > 0).any())))
    return pd.DataFrame(rows, columns=["part", "kind", "chance", "has_come"])


def _came(material: Material, series: int, origin: int, last_rows: np.ndarray) -> np.ndarray:
    """The rolling value that came, as `passages.window` has it of each future."""
    if material.law == "duration":
        weeks = [actual(material, series, "week", last_rows - 7 * back) for back in range(4)]
        with np.errstate(invalid="ignore"):
            return np.exp(np.nanmean(np.log(np.stack(weeks)), axis=0))
    value, n = material.value[series], material.n[series]
    begin = origin - WINDOW_DAYS + 1
    hits, trials = (np.convolve(np.nan_to_num(one[max(0, begin) : origin + 90]), np.ones(WINDOW_DAYS), "valid")
                    for one in (value, n))  # fmt: skip
    if material.law == "count":
        return hits / WINDOW_DAYS
    return np.where(trials > 0, 100 * hits / np.where(trials > 0, trials, 1.0), np.nan)
