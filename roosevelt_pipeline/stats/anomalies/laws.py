"""What is expected of a window, by the kind of number: counts, ratios, durations, means.

Each law sees sums over the baseline and over the window, and says what was expected, how far that varies, and how
improbable and how large the difference is.
"""

from dataclasses import dataclass

import numpy as np

from roosevelt_pipeline.stats.anomalies.tails import Array, count_tail, mean_tail, ratio_tail

_ALIKE = 0.05  # variance of a day's own over that of one item, of durations and means
_EFFICIENCY_OF_MEDIANS = np.pi / 2  # variance of a median over that of a mean of normal values (asymptotic)


@dataclass(frozen=True)
class Sums:
    """Sums of a batch of series; shape (series, windows).

    Attributes:
        seen, exposure: of the window: what was counted (or weighted), and over how much.
        level: of the baseline, per unit of exposure.
        level_variance: how uncertain it is, as the variance of one unit of exposure.
        dispersion: of one unit of exposure, relative to the plain law; of durations and means the variance itself.
        freedom: how many independent rows the dispersion is known from.
    """

    seen: Array
    exposure: Array
    level: Array
    level_variance: Array
    dispersion: Array
    freedom: Array

    def take(self, which: tuple[Array, ...]) -> "Sums":
        return Sums(*(np.broadcast_to(one, self.seen.shape)[which] for one in vars(self).values()))


class CountLaw:
    """Negative binomial around level times weekday profile."""

    has_profile, is_scaled = True, True
    least_level = 1e-6
    prior_excess = 0.0  # of a row's variance over that of the plain law, before the series has said anything
    prior_rows, prior_variance = 0.0, 0.0

    def rows(self, value: Array, n: Array) -> tuple[Array, Array]:  # noqa: ARG002 - counts have no sample size
        """What is summed of each row, and its exposure before the weekday profile."""
        known = np.isfinite(value)
        return np.where(known, value, 0.0), known.astype(float)

    def level(self, seen: Array, exposure: Array) -> Array:
        return (seen + 0.3) / np.maximum(exposure, 1e-9)

    def plain_variance(self, level: Array) -> Array:
        return level

    def variance(self, s: Sums) -> Array:
        return s.dispersion * s.level * s.exposure + s.exposure**2 * s.dispersion * s.level_variance

    def tail(self, s: Sums, variance: Array, is_high: Array) -> Array:
        return count_tail(s.seen, s.level * s.exposure, variance, is_high)

    def effect(self, s: Sums) -> Array:
        """Seen over expected."""
        return s.seen / np.maximum(s.level * s.exposure, 1e-9)

    def difference(self, s: Sums) -> Array:
        return np.abs(s.seen - s.level * s.exposure)

    def evidence(self, seen: Array, exposure: Array, normal: Array, other: Array, dispersion: Array) -> Array:
        """Log-likelihood of the normal level over that of another, per unit of dispersion."""
        other = np.maximum(other, 1e-3 * normal)
        return (seen * np.log(normal / other) - (normal - other) * exposure) / np.maximum(dispersion, 1.0)


class RatioLaw(CountLaw):
    """Beta-binomial around a rate."""

    has_profile = False
    prior_rate, prior_trials = 0.12, 10.0
    prior_excess = 0.5  # what is tried again after a failure fails again

    def rows(self, value: Array, n: Array) -> tuple[Array, Array]:
        known = np.isfinite(value) & np.isfinite(n) & (n > 0)
        return np.where(known, value, 0.0), np.where(known, n, 0.0)

    def level(self, seen: Array, exposure: Array) -> Array:
        return (seen + self.prior_rate * self.prior_trials) / (exposure + self.prior_trials)

    def plain_variance(self, level: Array) -> Array:
        return level * (1 - level)

    def variance(self, s: Sums) -> Array:
        one = self.plain_variance(s.level)
        return s.dispersion * one * s.exposure + s.exposure**2 * s.dispersion * s.level_variance

    def tail(self, s: Sums, variance: Array, is_high: Array) -> Array:
        return ratio_tail(s.seen, s.exposure, s.level, variance, is_high)

    def evidence(self, seen: Array, exposure: Array, normal: Array, other: Array, dispersion: Array) -> Array:
        other = np.clip(other, 1e-3, 0.999)
        misses = exposure - seen
        hit, miss = np.log(normal / other), np.log((1 - normal) / (1 - other))
        return (seen * hit + misses * miss) / np.maximum(dispersion, 1.0)


class MeanLaw:
    """Means of samples with weights by sample size, tails of Student's t, and an additive weekday profile."""

    has_profile, is_scaled = True, False
    prior_excess = 0.0
    prior_rows, prior_variance = 0.0, 0.0  # what is supposed of a row's variance, and how many rows that is worth
    is_median, is_log = False, False

    def rows(self, value: Array, n: Array) -> tuple[Array, Array]:
        known = np.isfinite(value) & np.isfinite(n) & (n > 0)
        if self.is_log:
            known = known & (np.nan_to_num(value) > 0)
        efficiency = np.where(n > 2, _EFFICIENCY_OF_MEDIANS, 1.0) if self.is_median else 1.0
        weight = np.where(known, 1 / (efficiency / np.maximum(np.nan_to_num(n), 1) + _ALIKE), 0.0)
        safe = np.where(known, value, 1.0)
        return weight * (np.log(safe) if self.is_log else safe), weight

    def level(self, seen: Array, exposure: Array) -> Array:
        return seen / np.maximum(exposure, 1e-9)

    def plain_variance(self, level: Array) -> Array:
        return np.ones_like(level)

    def variance(self, s: Sums) -> Array:
        return s.dispersion * (s.exposure + s.exposure**2 * s.level_variance)

    def tail(self, s: Sums, variance: Array, is_high: Array) -> Array:
        z = (s.seen - s.level * s.exposure) / np.sqrt(variance)
        return mean_tail(z, s.freedom, is_high)

    def effect(self, s: Sums) -> Array:
        found = s.seen / np.maximum(s.exposure, 1e-9)
        if self.is_log:
            return np.exp(np.clip(found - s.level, -20, 20))
        return found / np.where(np.abs(s.level) > 1e-9, s.level, 1e-9)

    def difference(self, s: Sums) -> Array:
        found = s.seen / np.maximum(s.exposure, 1e-9)
        if self.is_log:
            return np.abs(np.exp(np.clip(found, -20, 20)) - np.exp(np.clip(s.level, -20, 20)))
        return np.abs(found - s.level)

    def evidence(self, seen: Array, exposure: Array, normal: Array, other: Array, dispersion: Array) -> Array:
        found = seen / np.maximum(exposure, 1e-9)
        return exposure * ((found - other) ** 2 - (found - normal) ** 2) / (2 * np.maximum(dispersion, 1e-12))


class DurationLaw(MeanLaw):
    """Medians of log-normal samples."""

    is_median, is_log = True, True
    prior_rows, prior_variance = 10.0, 1.0  # most items lie within a factor of 7 of what is usual


Law = CountLaw | MeanLaw
LAW_OF: dict[str, Law] = {"count": CountLaw(), "ratio": RatioLaw(), "duration": DurationLaw(), "mean": MeanLaw()}
