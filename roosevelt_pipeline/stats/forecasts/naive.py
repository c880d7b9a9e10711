"""The forecast that needs no model: the last season again, as far off as it has been before."""

import numpy as np

from roosevelt_pipeline.stats.calendars import Array

_SEASONS_BACK = 26
_MOST_SEASONS_FILLED = 8


def last_season(value: Array, season: int, ahead: int) -> Array:
    """The last known value of the same phase, for each row ahead; missing where there is none within eight seasons.

    >>> last_season(np.array([1.0, 2.0, 3.0, np.nan]), 2, 3).tolist()
    [3.0, 2.0, 3.0]
    """
    found = np.full(season, np.nan)
    for back in range(1, _MOST_SEASONS_FILLED + 1):
        start = len(value) - back * season
        rows = np.arange(start, start + season)
        inside = rows >= 0
        older = np.where(inside, value[np.maximum(rows, 0)] if len(value) else np.nan, np.nan)
        found = np.where(np.isfinite(found), found, older)
    if not np.isfinite(found).all() and np.isfinite(value).any():
        found = np.where(np.isfinite(found), found, value[np.isfinite(value)][-1])
    return np.tile(found, -(-ahead // season))[:ahead]


def draw_naive(value: Array, season: int, ahead: int, paths: int, rng: np.random.Generator, most: float) -> Array:
    """The last season again, with errors of its own past at the same distance, either way; shape (paths, rows ahead).

    Args:
        value: the past; missing where nothing was measured.
        season: rows until the phase comes again.
        most: what no value can exceed, as 100 percent.
    """
    centre = last_season(value, season, ahead)
    drawn = np.empty((paths, ahead))
    recent = value[-(_SEASONS_BACK * season) :]
    for begin in range(0, ahead, season):
        columns = slice(begin, min(begin + season, ahead))
        apart = begin + season
        errors = recent[apart:] - recent[:-apart] if len(recent) > apart else np.empty(0)
        errors = errors[np.isfinite(errors)]
        if not len(errors):
            errors = np.zeros(1)
        sign = rng.choice((-1.0, 1.0), (paths, columns.stop - begin))
        drawn[:, columns] = centre[columns] + sign * rng.choice(errors, (paths, columns.stop - begin))
    return np.clip(drawn, 0.0, most)
