"""How closely two series move together from period to period, and how improbable that is: whole panels at once.

Levels tell little: two series that drift are soon alike. What is compared are changes from one period to the next; how
far these resemble each other shrinks the number of independent ones (Bartlett 1935; Pyper and Peterman 1998).
"""

from dataclasses import dataclass

import numpy as np
from scipy import special, stats

Array = np.ndarray
_INTERVAL = 0.95


@dataclass(frozen=True)
class Coefficients:
    """One figure for each row of a panel; shape (rows,).

    Attributes:
        periods: changes of both that are known.
        effective: how many independent ones they are worth.
        pearson, spearman: missing where one side never changes, or where fewer than four changes are known.
        low, high: of the Pearson coefficient, 95 %.
        chance: the larger of both coefficients' probabilities of being this far from 0 by chance, on either side.
        is_constant: whether one side never changes.
        levels: Pearson coefficient of the levels: what a spreadsheet shows, and no evidence.
    """

    periods: Array
    effective: Array
    pearson: Array
    spearman: Array
    low: Array
    high: Array
    chance: Array
    is_constant: Array
    levels: Array


def compare(first: Array, second: Array, lag: int, memory: int) -> Coefficients:
    """Hold the rows of two panels against each other.

    Args:
        first, second: levels, on a scale on which a change means the same anywhere; shape (rows, periods), NaN if
            missing.
        lag: periods by which the second is looked at later.
        memory: up to how many periods apart changes resemble each other.
    """
    first, second = _lagged(first, second, lag)
    both = np.isfinite(first) & np.isfinite(second)
    levels = _correlation(np.where(both, first, np.nan), np.where(both, second, np.nan))
    one, other = np.diff(first, axis=1), np.diff(second, axis=1)
    known = np.isfinite(one) & np.isfinite(other)
    one, other = np.where(known, one, np.nan), np.where(known, other, np.nan)
    periods = known.sum(axis=1)
    constant = _is_flat(one, periods) | _is_flat(other, periods)
    pearson = _correlation(one, other)
    rank, other_rank = (stats.rankdata(changes, axis=1, nan_policy="omit") for changes in (one, other))
    spearman = _correlation(rank, other_rank)
    effective = np.minimum(_effective(one, other, memory), _effective(rank, other_rank, memory))
    chance = np.fmax(_chance(pearson, effective), _chance(spearman, effective))
    unknown = (periods < 4) | constant
    low, high = _interval(pearson, effective)
    pearson, spearman, low, high, chance = (
        np.where(unknown, np.nan, figure) for figure in (pearson, spearman, low, high, chance)
    )
    return Coefficients(periods, effective, pearson, spearman, low, high, chance, constant, levels)


def _lagged(first: Array, second: Array, lag: int) -> tuple[Array, Array]:
    length = first.shape[1] - abs(lag)
    if length < 2:
        return np.full((len(first), 2), np.nan), np.full((len(first), 2), np.nan)
    return first[:, max(0, -lag) :][:, :length], second[:, max(0, lag) :][:, :length]


def _standardised(values: Array) -> Array:
    """Mean 0 and variance 1 over what is known; what is not known is 0."""
    count = np.maximum(np.isfinite(values).sum(axis=1, keepdims=True), 1)
    filled = np.nan_to_num(values)
    centred = np.where(np.isfinite(values), filled - filled.sum(axis=1, keepdims=True) / count, 0.0)
    spread = np.sqrt((centred**2).sum(axis=1, keepdims=True) / count)
    scale = np.maximum(np.abs(filled).max(axis=1, keepdims=True, initial=0.0), 1e-300)
    return np.divide(centred, spread, out=np.zeros_like(centred), where=spread > 1e-12 * scale)


def _is_flat(changes: Array, periods: Array) -> Array:
    return (periods > 0) & ~_standardised(changes).any(axis=1)


def _correlation(one: Array, other: Array) -> Array:
    count = np.isfinite(one).sum(axis=1)
    total = (_standardised(one) * _standardised(other)).sum(axis=1)
    found = np.divide(total, count, out=np.full(len(one), np.nan), where=count > 1)
    flat = ~_standardised(one).any(axis=1) | ~_standardised(other).any(axis=1)
    return np.where(flat, np.nan, np.clip(found, -1, 1))


def _effective(one: Array, other: Array, memory: int) -> Array:
    """Independent pairs of changes: fewer than there are where both sides' changes hang together alike."""
    known = np.isfinite(one)
    count = known.sum(axis=1)
    first, second = _standardised(one), _standardised(other)
    shrunk = np.ones(len(one))
    for step in range(1, min(memory, one.shape[1] - 1) + 1):
        apart = np.maximum((known[:, step:] & known[:, :-step]).sum(axis=1), 1)
        alike = [_unbiased((side[:, step:] * side[:, :-step]).sum(axis=1) / apart, count) for side in (first, second)]
        shrunk = shrunk + 2 * (apart / np.maximum(count, 1)) * alike[0] * alike[1]
    return count / np.maximum(shrunk, 1.0)


def _unbiased(found: Array, count: Array) -> Array:
    """An autocorrelation that is known from few values comes out too low."""
    size = np.maximum(count, 4)
    return np.clip(found + (1 + 3 * found) / size, -1, 1)


def _chance(coefficient: Array, effective: Array) -> Array:
    """Two-sided, by Student's t."""
    freedom = np.maximum(effective - 2, 1.0)
    t = np.abs(coefficient) * np.sqrt(freedom / np.maximum(1 - coefficient**2, 1e-15))
    return 2 * special.stdtr(freedom, -t)


def _interval(coefficient: Array, effective: Array) -> tuple[Array, Array]:
    """Fisher's."""
    reach = stats.norm.ppf((1 + _INTERVAL) / 2) / np.sqrt(np.maximum(effective - 3, 0.5))
    middle = np.arctanh(np.clip(coefficient, -1 + 1e-12, 1 - 1e-12))
    return np.tanh(middle - reach), np.tanh(middle + reach)
