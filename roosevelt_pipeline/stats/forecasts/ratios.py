"""Ratios: how many trials there will be, as counts are; then hits among them around a rate that strays."""

from dataclasses import dataclass

import numpy as np

from roosevelt_pipeline.stats.calendars import Array
from roosevelt_pipeline.stats.forecasts.counts import CountFit, draw_counts, fit_counts
from roosevelt_pipeline.stats.forecasts.drift import factors
from roosevelt_pipeline.stats.forecasts.levels import fading, strayed
from roosevelt_pipeline.stats.forecasts.parameters import Parameters

_LEAST, _MOST = 1e-4, 0.98  # of a rate: none is impossible, none is certain


@dataclass(frozen=True)
class RatioFit:
    """What is known of the ratios of a batch of series; shape (series,).

    Attributes:
        trials: of the days' trials.
        rate: hits in a trial.
        alike: correlation of the outcomes of a day.
        drift: standard deviation of the rate's logarithm a month ahead.
    """

    trials: CountFit
    rate: Array
    alike: Array
    drift: Array


def fit_ratios(value: Array, n: Array, phase: Array, is_quiet: Array, parameters: Parameters) -> RatioFit:
    """Learn from the past.

    Args:
        value, n: hits and trials; missing where nothing was measured; shape (series, rows).
        phase, is_quiet: as for `fit_counts`.
    """
    trials = fit_counts(n, phase, is_quiet, parameters)
    known = np.isfinite(value) & (np.nan_to_num(n) > 0)
    hits, tried = np.where(known, value, 0.0), np.where(known, n, 0.0)
    weight = fading(value.shape[1], parameters.profile_half_life, parameters.memory_rows)
    guess = parameters.rate_strength
    rate = (hits @ weight + guess * parameters.rate) / (tried @ weight + guess)
    rate = np.clip(rate, _LEAST, _MOST)
    alike = _alike(hits, tried, rate, parameters)
    a_day = (tried**2).sum(axis=1) / np.maximum(tried.sum(axis=1), 1.0)  # trials that a trial shares its day with
    noise = (1 - rate) * (1 + np.maximum(a_day - 1, 0) * alike)
    drift = strayed(hits, tried, noise, parameters.profile_half_life, parameters.memory_rows,
                    parameters.drifts["ratio"])  # fmt: skip
    return RatioFit(trials, rate, alike, drift)


def draw_ratios(
    fit: RatioFit, series: int, phase: Array, is_quiet: Array, paths: int, parameters: Parameters,
    rng: np.random.Generator,
) -> tuple[Array, Array]:  # fmt: skip
    """Futures of one series: hits and trials; each of shape (paths, rows ahead)."""
    trials = draw_counts(fit.trials, series, phase, is_quiet, paths, parameters, rng)
    order = rng.permutation(paths)  # that there is more to do says nothing of how often it fails
    strays = factors(paths, len(phase), float(fit.drift[series]), parameters)[order]
    rate = np.clip(fit.rate[series] * strays, _LEAST, _MOST)
    together = 1 / float(fit.alike[series]) - 1
    rate = rng.beta(rate * together, (1 - rate) * together)
    return rng.binomial(np.minimum(trials, 1e9).astype(np.int64), rate).astype(float), trials


def _alike(hits: Array, tried: Array, rate: Array, parameters: Parameters) -> Array:
    """By how much days with several trials vary more than if each were a toss of its own."""
    several = tried > 1
    pairs = (tried - 1) * several
    plain = (rate * (1 - rate))[:, None] * tried
    excess = np.where(several, (hits - rate[:, None] * tried) ** 2 - plain, 0.0).sum(axis=1)
    guess = parameters.alike_strength
    one = rate * (1 - rate)
    found = (excess + guess * one * parameters.alike) / ((plain * pairs).sum(axis=1) + guess * one)
    return np.clip(found, 1e-3, 0.5)
