"""Levels by fading memory, and how far a series' level has strayed from them before."""

import numpy as np

from roosevelt_pipeline.stats.calendars import Array
from roosevelt_pipeline.stats.forecasts.drift import learnt_sd
from roosevelt_pipeline.stats.forecasts.parameters import Drift

_MONTH, _LEAST_BEFORE, _MOST_SQUARE = 28, 42, 2.0


def fading(rows: int, half_life: float, memory: int) -> Array:
    """Weights of the last rows, oldest first.

    >>> fading(4, 1.0, 3).tolist()
    [0.0, 0.25, 0.5, 1.0]
    """
    age = np.arange(rows)[::-1]
    return np.where(age < memory, 0.5 ** (age / half_life), 0.0)


def weekly_profile(seen: Array, exposure: Array, phase: Array, strength: float) -> Array:
    """What each day of the week sees of an average day, drawn towards a week of five alike days and two; (series, 7).

    Args:
        seen, exposure: weighted; shape (series, rows).
        phase: day of the week of each row, Monday 0.
    """
    is_day = (phase[:, None] == np.arange(7)).astype(float)
    total, days = seen @ is_day, exposure @ is_day
    mean = total.sum(axis=1, keepdims=True) / np.maximum(days.sum(axis=1, keepdims=True), 1e-9)
    flat = np.repeat(mean, 7, axis=1)
    for part in (slice(0, 5), slice(5, 7)):
        own = total[:, part].sum(axis=1, keepdims=True) + mean
        flat[:, part] = own / (days[:, part].sum(axis=1, keepdims=True) + 1)
    found = (total + strength * flat) / (days + strength) / np.maximum(mean, 1e-9)
    return np.clip(np.where(mean > 0, found, 1.0), 1e-3, None)


def strayed(
    seen: Array, exposure: Array, noise: Array, half_life: float, memory: int, drift: Drift, month: int = _MONTH
) -> Array:
    """How far levels stray in a month, by looking back at each series; standard deviation relative to the level.

    Args:
        seen, exposure: what was counted, and over how much at level 1; shape (series, rows).
        noise: variance of one unit of ``seen`` by chance alone; shape (series,).
        month: rows of a month.
    """
    rows = seen.shape[1]
    origins = range(rows - month, max(_LEAST_BEFORE * month // _MONTH, rows - memory) - 1, -month)
    squares, weights = [], []
    for origin in origins:
        weight = fading(origin, half_life, memory)
        known = exposure[:, :origin] @ weight
        level = (seen[:, :origin] @ weight) / np.maximum(known, 1e-9)
        level_noise = (exposure[:, :origin] @ weight**2) / np.maximum(known, 1e-9) ** 2
        for later in range(1, 4):
            rows_then = slice(origin + (later - 1) * month, origin + later * month)
            days = exposure[:, rows_then].sum(axis=1)
            if rows_then.stop > rows:
                break
            expected = np.maximum(level * days, 1e-9)
            by_chance = noise * (1 / expected + level_noise / np.maximum(level, 1e-9))
            square = np.minimum((seen[:, rows_then].sum(axis=1) / expected - 1) ** 2, _MOST_SQUARE) - by_chance
            is_known = (level > 0) & (known > 0) & (days > 0)
            weight_of = np.where(is_known, (drift.prior**2 / (drift.prior**2 + by_chance)) ** 2, 0.0)
            squares.append(np.where(is_known, square, 0.0))
            weights.append(weight_of / later)
    if not squares:
        empty = np.zeros((len(seen), 0))
        return learnt_sd(empty, empty, drift)
    return learnt_sd(np.stack(squares, axis=1), np.stack(weights, axis=1), drift)
