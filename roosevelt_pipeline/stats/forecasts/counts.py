"""Counts: level x day of the week x holiday, a level that strays, and days around it that burst or keep a rhythm."""

from dataclasses import dataclass

import numpy as np

from roosevelt_pipeline.stats.calendars import Array
from roosevelt_pipeline.stats.forecasts.drift import factors
from roosevelt_pipeline.stats.forecasts.levels import fading, strayed, weekly_profile
from roosevelt_pipeline.stats.forecasts.parameters import Parameters

_BLOCK = 28  # rows within which a level is taken for steady, to see how days vary about it
_CALMEST = 0.3  # dispersion of days that keep the strictest rhythm that is believed
_SOFT = 0.3  # events added to level and exposure alike: no level is nought for certain


@dataclass(frozen=True)
class CountFit:
    """What is known of the counts of a batch of series; shape (series,), of the profile (series, 7).

    Attributes:
        level: events of an average day.
        quiet: what a holiday sees of an ordinary day.
        dispersion: variance of a day over its mean: above 1 days burst, below 1 they keep a rhythm.
        drift: standard deviation of the level's logarithm a month ahead.
    """

    level: Array
    profile: Array
    quiet: Array
    dispersion: Array
    drift: Array

    def expected(self, series: int, phase: Array, is_quiet: Array) -> Array:
        """Of each day ahead, while the level stays as it is."""
        return np.asarray(
            self.level[series] * self.profile[series, phase] * np.where(is_quiet, self.quiet[series], 1.0)
        )


def fit_counts(value: Array, phase: Array, is_quiet: Array, parameters: Parameters) -> CountFit:
    """Learn from the past.

    Args:
        value: counts; missing where nothing was measured; shape (series, rows).
        phase: day of the week of each row.
        is_quiet: holidays; the same shape as ``value``.
    """
    known = np.isfinite(value)
    seen, plain = np.where(known, value, 0.0), known & ~is_quiet
    weight = fading(value.shape[1], parameters.profile_half_life, parameters.memory_rows)
    profile = weekly_profile(seen * plain * weight, plain * weight, phase, parameters.profile_strength)
    quiet = _quiet_share(seen, known & is_quiet, known, profile[:, phase], weight, parameters)
    exposure = known * profile[:, phase] * np.where(is_quiet, quiet[:, None], 1.0)
    recent = fading(value.shape[1], parameters.level_half_life, parameters.memory_rows)
    days = exposure @ recent
    level = (seen @ recent + _SOFT * (seen @ weight + _SOFT) / (exposure @ weight + 1)) / (days + _SOFT)
    dispersion = _dispersion(seen, exposure, parameters)
    drift = strayed(seen, exposure, dispersion, parameters.level_half_life, parameters.memory_rows,
                    parameters.drifts["count"])  # fmt: skip
    return CountFit(level, profile, quiet, dispersion, drift)


def draw_counts(
    fit: CountFit, series: int, phase: Array, is_quiet: Array, paths: int, parameters: Parameters,
    rng: np.random.Generator,
) -> Array:  # fmt: skip
    """Futures of one series; shape (paths, rows ahead).

    Days that burst are negative binomial. Days that keep a rhythm are binomial, of as many occasions as give their mean
    and variance, rounded up or down by chance.
    """
    mean = fit.expected(series, phase, is_quiet) * factors(paths, len(phase), float(fit.drift[series]), parameters)
    excess = float(fit.dispersion[series]) - 1
    if excess > 1e-3:
        mean = rng.standard_gamma(np.maximum(mean, 1e-9) / excess) * excess
    elif excess < -1e-3:
        occasions = np.floor(np.minimum(mean / -excess, 1e9) + rng.random(mean.shape)).astype(np.int64)
        return rng.binomial(occasions, -excess).astype(float)
    return rng.poisson(np.minimum(mean, 1e15)).astype(float)


def _quiet_share(
    seen: Array, is_quiet: Array, known: Array, profile: Array, weight: Array, parameters: Parameters
) -> Array:
    """Of the days that were holidays so far, with a guess for a start."""
    level = (seen * weight * known).sum(axis=1) / np.maximum((profile * weight * known).sum(axis=1), 1e-9)
    guess = parameters.quiet_strength * level
    found = (seen * is_quiet).sum(axis=1) + parameters.quiet_share * guess
    expected = (profile * is_quiet).sum(axis=1) * level + guess
    return np.clip(np.where(expected > 0, found / np.maximum(expected, 1e-9), parameters.quiet_share), 0.0, 1.5)


def _dispersion(seen: Array, exposure: Array, parameters: Parameters) -> Array:
    """Variance over mean of days about the level of their own month, so that straying is not counted twice."""
    rows = seen.shape[1]
    squares = np.zeros(len(seen))
    total = np.zeros(len(seen))
    for start in range(rows - _BLOCK, max(0, rows - parameters.memory_rows) - 1, -_BLOCK):
        block = slice(start, start + _BLOCK)
        days = exposure[:, block].sum(axis=1)
        level = seen[:, block].sum(axis=1) / np.maximum(days, 1e-9)
        mean = level[:, None] * exposure[:, block]
        used = (exposure[:, block] > 0).sum(axis=1)
        freedom = np.where(used > 1, used / np.maximum(used - 1, 1), 0.0)
        squares += ((seen[:, block] - mean) ** 2 * (exposure[:, block] > 0)).sum(axis=1) * freedom
        total += mean.sum(axis=1)
    guess = parameters.dispersion_strength
    return np.clip((squares + parameters.dispersion * guess) / (total + guess), _CALMEST, 1e6)
