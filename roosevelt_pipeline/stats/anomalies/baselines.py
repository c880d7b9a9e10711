"""The sums of a step: baseline and window of every series and window length, as products of matrices."""

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from roosevelt_pipeline.stats.anomalies.laws import Law, Sums
from roosevelt_pipeline.stats.anomalies.parameters import Parameters
from roosevelt_pipeline.stats.anomalies.tails import Array

_DISPERSION_GAP = 7  # the last rows may already be part of what is to be found


@dataclass(frozen=True)
class Weights:
    """Weights of the last rows, oldest first; shape (rows, windows).

    Attributes:
        baseline: of a row in the baseline of each window; it ends where the window begins.
        window: 1 within the window.
    """

    parameters: Parameters

    @property
    def length(self) -> int:
        return self.parameters.baseline_rows + max(self.parameters.windows)

    @cached_property
    def _age(self) -> Array:
        return np.arange(self.length)[::-1]

    def decaying(self, gap: int) -> Array:
        age = self._age - gap
        return np.where((age >= 0) & (age < self.parameters.baseline_rows), 0.5 ** (age / self.parameters.half_life), 0)

    @cached_property
    def baseline(self) -> Array:
        return np.stack([self.decaying(window) for window in self.parameters.windows], axis=1)

    @cached_property
    def inside(self) -> Array:
        return (self.baseline > 0).astype(float)

    @cached_property
    def squared(self) -> Array:
        return self.baseline**2

    @cached_property
    def window(self) -> Array:
        return (self._age[:, None] < np.array(self.parameters.windows)[None, :]).astype(float)

    @cached_property
    def dispersion(self) -> Array:
        return self.decaying(_DISPERSION_GAP)


@dataclass(frozen=True)
class Step:
    """What is known at the end of one row.

    Attributes:
        sums: for each series and window.
        rows_known: rows of the baseline that hold data; shape (series,).
        rows_before: likewise of the baseline of each window; shape (series, windows).
        level: of the baseline before the shortest gap, for use beyond this step; shape (series,).
        dispersion: likewise.
        profile: of the days of the week; shape (series, season).
    """

    sums: Sums
    rows_known: Array
    rows_before: Array
    level: Array
    dispersion: Array
    profile: Array


def take_step(law: Law, weights: Weights, seen: Array, exposure: Array, phase: Array, season: int) -> Step:
    """Sums at the last row of a stretch.

    Args:
        seen, exposure: shape (series, rows of `Weights.length`); nought in rows that do not count.
        phase: where in the season each row lies.
    """
    parameters = weights.parameters
    profile = _profile(law, weights, seen, exposure, phase, season)
    seen, exposure = with_profile(law, profile, phase, seen, exposure)
    base_exposure = exposure @ weights.baseline
    level = law.level(seen @ weights.baseline, base_exposure)
    is_known = (exposure > 0).astype(float)
    spread, freedom = _dispersion(law, weights, seen, exposure, is_known)
    known, before = is_known @ (weights.dispersion > 0), is_known @ weights.inside
    plain = law.plain_variance(level)
    level_variance = plain * (exposure @ weights.squared) / np.maximum(base_exposure, 1e-9) ** 2
    sums = Sums(seen @ weights.window, exposure @ weights.window, level, level_variance, spread[:, None],
                freedom[:, None])  # fmt: skip
    middle = parameters.windows.index(_DISPERSION_GAP)
    return Step(sums, known, before, level[:, middle], spread, profile)


def with_profile(law: Law, profile: Array, phase: Array, seen: Array, exposure: Array) -> tuple[Array, Array]:
    """Take the weekday profile into the exposure (counts) or out of what was seen (means)."""
    if not law.has_profile:
        return seen, exposure
    if law.is_scaled:
        return seen, exposure * profile.take(phase, axis=1)
    return seen - exposure * profile.take(phase, axis=1), exposure


def _profile(law: Law, weights: Weights, seen: Array, exposure: Array, phase: Array, season: int) -> Array:
    """Factors (counts) or offsets (means) of the days of the week, drawn towards a flat one; shape (series, season)."""
    strength = weights.parameters.profile_strength
    is_phase = (phase[:, None] == np.arange(season)).astype(float)
    total, days = seen @ is_phase, exposure @ is_phase
    mean = total.sum(axis=1, keepdims=True) / np.maximum(days.sum(axis=1, keepdims=True), 1e-9)
    if not law.is_scaled:
        typical = days.sum(axis=1, keepdims=True) / np.maximum((exposure > 0).sum(axis=1, keepdims=True), 1)
        offset: Array = (total - mean * days) / (days + strength * np.maximum(typical, 1e-9))
        return offset
    flat = np.repeat(mean, season, axis=1)
    if season == 7:  # weekends are their own kind of day
        for part in (slice(0, 5), slice(5, 7)):
            of_part = (total[:, part].sum(axis=1, keepdims=True) + mean) / (
                days[:, part].sum(axis=1, keepdims=True) + 1
            )
            flat[:, part] = of_part
    factor: Array = (total + strength * flat) / (days + strength) / np.maximum(mean, 1e-9)
    return np.clip(np.where(mean > 0, factor, 1.0), 1e-3, None)


def _dispersion(law: Law, weights: Weights, seen: Array, exposure: Array, is_known: Array) -> tuple[Array, Array]:
    """Variance of a row over that of the plain law (of means: the variance itself), and rows that it is known from."""
    parameters, weight = weights.parameters, weights.dispersion
    exposed, rows = exposure @ weight, is_known @ weight
    level = law.level(seen @ weight, exposed)
    apart = seen - level[:, None] * exposure  # nought where nothing is known
    if law.is_scaled:
        plain = law.plain_variance(level) * exposed
        one = plain / np.maximum(rows, 1e-9) * parameters.dispersion_strength
        guess = 1 + law.prior_excess + plain / np.maximum(rows, 1e-9) / parameters.dispersion
        return (apart**2 @ weight + guess * one) / np.maximum(plain + one, 1e-9), rows
    squares = (apart**2 / np.maximum(exposure, 1e-9)) @ weight
    freedom = np.maximum(rows - 1, 1.0) + law.prior_rows
    return np.maximum((squares + law.prior_rows * law.prior_variance) / freedom, 1e-12), freedom
