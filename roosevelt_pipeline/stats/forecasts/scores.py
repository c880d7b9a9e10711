"""How good a forecast was, once it is known what came: scaled error, pinball loss, coverage."""

from dataclasses import dataclass

import numpy as np

from roosevelt_pipeline.stats.calendars import Array

LOW, HIGH = 0.1, 0.9
QUANTILES = (LOW, 0.5, HIGH)


@dataclass(frozen=True)
class Score:
    """Of one forecast against what came.

    Attributes:
        n: periods in which something was known.
        mase: mean absolute error of the median, over that of the naive forecast one season ahead, in the past; missing
            where the past never changed.
        pinball: mean pinball loss of the three quantiles, over the same; missing likewise.
        coverage: share of the periods between p10 and p90; of those on an edge that part which an interval of exactly
            80 % would hold (randomised), so that counts of few can be judged too.
        plain_coverage: the same, edges included.
    """

    n: int
    mase: float
    pinball: float
    coverage: float
    plain_coverage: float


def quantiles(paths: Array) -> Array:
    """p10, p50 and p90 of each period, over the paths in which it is known; shape (3, periods).

    Each is a value that some path has, so counts stay whole.
    """
    ordered = np.sort(paths, axis=0)  # missing ones last
    known = np.isfinite(ordered).sum(axis=0)
    columns = np.arange(paths.shape[1])
    found = []
    for share in QUANTILES:
        place = np.clip(np.ceil(share * known).astype(int) - 1, 0, max(0, len(paths) - 1))
        found.append(ordered[place, columns])
    return np.stack(found)


def naive_scale(value: Array, season: int) -> float:
    """Mean absolute difference to the value one season before.

    >>> naive_scale(np.array([1.0, 2.0, np.nan, 5.0, 5.0]), 1)
    0.5
    """
    apart = np.abs(value[season:] - value[:-season]) if len(value) > season else np.empty(0)
    apart = apart[np.isfinite(apart)]
    return float(apart.mean()) if len(apart) else float("nan")


def score(paths: Array, median: Array | None, actual: Array, scale: float) -> Score:
    """Judge a forecast.

    Args:
        paths: futures; shape (paths, periods).
        median: what was said to be the middle, where that is not the paths' own; shape (periods,).
        actual: what came; missing where nothing was measured; shape (periods,).
        scale: as `naive_scale` has it.
    """
    forecast = quantiles(paths)
    forecast[1] = forecast[1] if median is None else median
    known = np.isfinite(actual) & np.isfinite(forecast).all(axis=0)
    if not known.any():
        return Score(0, *[float("nan")] * 4)
    actual, forecast = actual[known], forecast[:, known]
    error = actual - forecast
    shares = np.array(QUANTILES)[:, None]
    pinball = float(np.maximum(shares * error, (shares - 1) * error).mean())
    by = scale if scale > 0 else float("nan")
    plain = (actual >= forecast[0]) & (actual <= forecast[2])
    return Score(int(known.sum()), float(np.abs(error[1]).mean()) / by, pinball / by,
                 float(covered(paths[:, known], actual).mean()), float(plain.mean()))  # fmt: skip


def covered(paths: Array, actual: Array) -> Array:
    """How much of each value lies between the 10th and the 90th percentile of its paths; 0 to 1.

    A value that many paths share is spread over their ranks.

    >>> covered(np.array([[0.0], [0.0], [0.0], [0.0], [1.0]]), np.array([0.0])).round(3).tolist()  # ranks 0 to 0.8
    [0.875]
    """
    known = np.maximum(np.isfinite(paths).sum(axis=0), 1)
    below, same = (paths < actual).sum(axis=0) / known, (paths == actual).sum(axis=0) / known
    width = np.maximum(same, 1 / known)
    inside = np.minimum(below + width, HIGH) - np.maximum(below, LOW)
    return np.clip(inside / width, 0.0, 1.0)  # three roundings may leave a share a hair above all of it
