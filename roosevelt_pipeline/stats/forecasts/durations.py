"""Durations: medians of log-normal samples around a level that strays; the more items, the nearer to it."""

from dataclasses import dataclass

import numpy as np

from roosevelt_pipeline.stats.calendars import Array
from roosevelt_pipeline.stats.forecasts.drift import learnt_sd, straying
from roosevelt_pipeline.stats.forecasts.levels import fading
from roosevelt_pipeline.stats.forecasts.parameters import WEEK, Parameters

_EFFICIENCY_OF_MEDIANS = np.pi / 2  # variance of a median over that of a mean of normal values (asymptotic)
_SHORTEST = 1 / 3600  # a second, in hours: the logarithm of nothing does not exist
_MOST_SQUARE = 1.0
_TAILS = 8.0  # degrees of freedom of Student's t: durations have longer tails than normal ones


@dataclass(frozen=True)
class DurationFit:
    """What is known of the durations of a batch of series, on the scale of logarithms of hours.

    Attributes:
        level: of the medians; shape (series,).
        profile: what is added on each day of the week; shape (series, 7); zeros where rows are weeks.
        spread: standard deviation of one item; shape (series,).
        noise: variance of the median of a row of each kind over that of one item; shape (series, 7).
        drift: standard deviation of the level a month ahead.
    """

    level: Array
    profile: Array
    spread: Array
    noise: Array
    drift: Array


def fit_durations(
    value: Array, n: Array, phase: Array, half_life: float, parameters: Parameters, *, weekly: bool
) -> DurationFit:
    """Learn from the past.

    Args:
        value: medians in hours; missing where nothing was measured; shape (series, rows).
        n: how many items are behind each.
        phase: day of the week of each row; anything where ``weekly``.
        weekly: rows are weeks.
    """
    known = np.isfinite(value) & (np.nan_to_num(n) > 0)
    log = np.where(known, np.log(np.maximum(np.where(known, value, 1.0), _SHORTEST)), 0.0)
    share = parameters.day_share / (WEEK if weekly else 1)
    weight = np.where(known, 1 / _noise(np.where(known, n, 1.0), share), 0.0)
    memory = max(2, parameters.memory_rows // WEEK) if weekly else parameters.memory_rows
    recent, long = fading(value.shape[1], half_life, memory), fading(value.shape[1], 3 * half_life, memory)
    phase = np.zeros(value.shape[1], int) if weekly else phase
    profile = np.zeros((len(value), 7)) if weekly else _offsets(log, weight * long, phase, parameters.profile_strength)
    even = log - np.where(known, profile[:, phase], 0.0)
    level = (even * weight) @ recent / np.maximum(weight @ recent, 1e-9)
    spread = _spread(even, weight, known, 4 if weekly else 28)
    drift = _strayed(even, weight, spread, half_life, memory, parameters, 4 if weekly else 28)
    is_day = (phase[:, None] == np.arange(7)).astype(float)
    used = known * long
    row_noise = np.where(known, _noise(np.where(known, n, 1.0), share), 0.0) * long
    noise = row_noise @ is_day / np.maximum(used @ is_day, 1e-9)
    overall = row_noise.sum(axis=1) / np.maximum(used.sum(axis=1), 1e-9)
    noise = np.where(used @ is_day > 0, noise, overall[:, None])
    return DurationFit(level, profile, spread, noise, drift)


def draw_durations(
    fit: DurationFit, series: int, phase: Array, paths: int, parameters: Parameters, rng: np.random.Generator,
    *, weekly: bool,
) -> Array:  # fmt: skip
    """Futures of one series: medians in hours of the rows on which there is something; shape (paths, rows ahead)."""
    phase = np.zeros(len(phase), int) if weekly else phase
    centre = fit.level[series] + fit.profile[series, phase]
    centre = centre + straying(paths, len(phase), float(fit.drift[series]), parameters, weekly=weekly)
    own = fit.spread[series] * np.sqrt(fit.noise[series, phase])
    unit = rng.standard_t(_TAILS, (paths, len(phase))) * np.sqrt((_TAILS - 2) / _TAILS)
    return np.exp(np.clip(centre + own * unit, np.log(_SHORTEST), 25.0))


def _noise(n: Array, share: float) -> Array:
    """Variance of a row's median over that of one item."""
    return np.where(n > 2, _EFFICIENCY_OF_MEDIANS, 1.0) / np.maximum(n, 1.0) + share


def _offsets(log: Array, weight: Array, phase: Array, strength: float) -> Array:
    is_day = (phase[:, None] == np.arange(7)).astype(float)
    total, days = (log * weight) @ is_day, weight @ is_day
    all_days = days.sum(axis=1, keepdims=True)
    mean = total.sum(axis=1, keepdims=True) / np.maximum(all_days, 1e-9)
    typical = all_days / np.maximum((weight > 0).sum(axis=1, keepdims=True), 1)
    return (total - mean * days) / (days + strength * np.maximum(typical, 1e-9))


def _spread(even: Array, weight: Array, known: Array, block: int) -> Array:
    """Standard deviation of one item, from rows about the level of their own month."""
    squares, freedom = np.full(len(even), 3.0), np.full(len(even), 3.0)  # three rows' worth of a guess of 1
    for start in range(even.shape[1] - block, -1, -block):
        part = slice(start, start + block)
        total = weight[:, part].sum(axis=1)
        level = (even[:, part] * weight[:, part]).sum(axis=1) / np.maximum(total, 1e-9)
        squares += ((even[:, part] - level[:, None]) ** 2 * weight[:, part]).sum(axis=1)
        freedom += np.maximum(known[:, part].sum(axis=1) - 1, 0)
    return np.sqrt(np.maximum(squares / freedom, 1e-6))


def _strayed(
    even: Array, weight: Array, spread: Array, half_life: float, memory: int, parameters: Parameters, month: int
) -> Array:
    """As `levels.strayed`, on the scale of logarithms."""
    drift, rows = parameters.drifts["duration"], even.shape[1]
    squares, weights = [np.zeros(len(even))], [np.zeros(len(even))]
    for origin in range(rows - month, max(month + month // 2, rows - memory) - 1, -month):
        recent = fading(origin, half_life, memory)
        known = weight[:, :origin] @ recent
        level = (even[:, :origin] * weight[:, :origin]) @ recent / np.maximum(known, 1e-9)
        level_noise = (weight[:, :origin] @ recent**2) / np.maximum(known, 1e-9) ** 2
        for later in range(1, 4):
            then = slice(origin + (later - 1) * month, origin + later * month)
            if then.stop > rows:
                break
            total = weight[:, then].sum(axis=1)
            mean = (even[:, then] * weight[:, then]).sum(axis=1) / np.maximum(total, 1e-9)
            by_chance = spread**2 * (1 / np.maximum(total, 1e-9) + level_noise)
            is_known = (total > 0) & (known > 0)
            by_chance = np.where(is_known, by_chance, 1.0)
            squares.append(np.where(is_known, np.minimum((mean - level) ** 2, _MOST_SQUARE) - by_chance, 0.0))
            trusted = (drift.prior**2 / (drift.prior**2 + by_chance)) ** 2 / later
            weights.append(np.where(is_known, trusted, 0.0))
    return learnt_sd(np.stack(squares, axis=1), np.stack(weights, axis=1), drift)
