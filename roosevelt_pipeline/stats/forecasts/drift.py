"""How levels stray: one family of random paths for all series, scaled by how much each has strayed before."""

from functools import lru_cache

import numpy as np

from roosevelt_pipeline.stats.calendars import Array
from roosevelt_pipeline.stats.forecasts.parameters import WEEK, Drift, Parameters

MONTH = 4  # weeks: a path's scale is its standard deviation then


def covariance(weeks: int, memory: float, walk_share: float) -> Array:
    """Of the weeks ahead, with variance 1 a month ahead: a part that is forgotten again, and one that adds up.

    >>> np.diag(covariance(5, 2.0, 0.4)).round(2).tolist()  # it strays at once, and then slowly further
    [0.7, 0.8, 0.9, 1.0, 1.1]
    """
    ahead = np.arange(1, weeks + 1)
    apart = np.abs(ahead[:, None] - ahead[None, :])
    forgotten = (1 - walk_share) * 0.5 ** (apart / memory)
    walked = walk_share * np.minimum(ahead[:, None], ahead[None, :]) / MONTH
    return np.asarray(forgotten + walked)


@lru_cache(maxsize=16)
def _unit(paths: int, weeks: int, memory: float, walk_share: float, seed: int) -> Array:
    """Standard paths; the second half mirrors the first, so that their mean is exactly nought."""
    half = np.random.default_rng(seed).standard_normal((paths // 2, weeks))
    normal = np.concatenate([half, -half])
    return normal @ np.linalg.cholesky(covariance(weeks, memory, walk_share)).T


def factors(paths: int, rows: int, sd: float, parameters: Parameters, *, weekly: bool = False) -> Array:
    """What a level is multiplied by in each future, with mean 1; shape (paths, rows).

    Args:
        sd: of the logarithm of the level, a month ahead.
        weekly: rows are weeks; else days, and the level moves by the week.
    """
    return np.exp(straying(paths, rows, sd, parameters, weekly=weekly, is_mean_one=True))


def straying(
    paths: int, rows: int, sd: float, parameters: Parameters, *, weekly: bool = False, is_mean_one: bool = False
) -> Array:
    """The logarithm of `factors`; without ``is_mean_one`` its own mean (and median) is nought."""
    weeks = rows if weekly else -(-rows // WEEK)
    unit = _unit(paths, weeks, parameters.drift_memory, parameters.walk_share, parameters.seed)
    log = sd * unit
    if is_mean_one:
        log = log - sd**2 * np.diag(covariance(weeks, parameters.drift_memory, parameters.walk_share)) / 2
    return np.asarray(log if weekly else np.repeat(log, WEEK, axis=1)[:, :rows])


def learnt_sd(squares: Array, weights: Array, drift: Drift) -> Array:
    """A series' own drift, drawn towards what is usual; shape (series,).

    Args:
        squares: of how far its level had strayed from what was known a month before, less what chance alone does; shape
            (series, looks). They may be negative.
        weights: how much each look is worth, 0 to 1.
    """
    total = (squares * weights).sum(axis=1) + drift.strength * drift.prior**2
    variance = total / (weights.sum(axis=1) + drift.strength)
    return drift.scale * np.sqrt(np.clip(variance, drift.least**2, drift.most**2))
