"""Two rates held against each other: how improbable their difference is, how large, and whether it could be found."""

import numpy as np
from scipy import stats

from roosevelt_pipeline.stats.insights.parameters import Parameters

Array = np.ndarray
_INTERVAL_Z = 1.959964


def more_often(
    hits: Array, trials: Array, all_hits: Array | int, all_trials: Array | int, spread: float = 1.0
) -> Array:
    """Chance of at least so many hits among the trials if all trials are alike: Fisher's exact test, one-sided.

    Args:
        spread: variance over that of independent trials, at least 1; it takes as much from the evidence.

    >>> one = np.array([3.0])
    >>> more_often(one, one, one, 2 * one).round(3).tolist()  # three failures, all on the three of six: 1 in 20
    [0.05]
    """
    chance = stats.hypergeom.sf(hits - 1, all_trials, all_hits, trials)
    if spread <= 1:
        return np.asarray(chance)
    z = stats.norm.isf(np.clip(chance, 1e-300, 1 - 1e-16))
    return np.asarray(stats.norm.sf(z / np.sqrt(spread)))


def spread_of_days(hits: Array, trials: Array, expected: Array) -> float:
    """How much more days differ than independent trials would: Pearson's dispersion, at least 1.

    Args:
        hits, trials: of each day.
        expected: rate of its kind of day; days of a rate of 0 or 1 tell nothing.
    """
    variance = trials * expected * (1 - expected)
    known = variance > 0
    if known.sum() < 2:
        return 1.0
    squares = (hits[known] - trials[known] * expected[known]) ** 2 / variance[known]
    return max(1.0, float(squares.sum() / (known.sum() - 1)))


def ratio_of_rates(
    hits: float, trials: float, other_hits: float, other_trials: float, spread: float = 1.0
) -> tuple[float, float, float]:
    """Ratio of two rates and its 95 % interval (Katz), which a half is added to where one side had no hits.

    >>> [round(one, 1) for one in ratio_of_rates(9, 41, 11, 103)]
    [2.1, 0.9, 4.6]
    """
    if hits == 0 or other_hits == 0:
        hits, trials, other_hits, other_trials = hits + 0.5, trials + 1, other_hits + 0.5, other_trials + 1
    ratio = (hits / trials) / (other_hits / other_trials)
    variance = 1 / hits - 1 / trials + 1 / other_hits - 1 / other_trials
    reach = float(np.exp(_INTERVAL_Z * np.sqrt(max(variance, 0.0) * spread)))
    return ratio, ratio / reach, ratio * reach


def power(trials: float, other_trials: float, rate: float, factor: float, level: float, spread: float = 1.0) -> float:
    """How often a rate so many times as high as the others' is found at a one-sided level, by normal approximation."""
    higher = min(rate * factor, 1.0)
    pooled = (higher * trials + rate * other_trials) / (trials + other_trials)
    plain = np.sqrt(pooled * (1 - pooled) * (1 / trials + 1 / other_trials))
    true = np.sqrt(higher * (1 - higher) / trials + rate * (1 - rate) / other_trials)
    if plain <= 0 or true <= 0:
        return 0.0
    limit = stats.norm.isf(level) * plain * np.sqrt(spread)
    return float(stats.norm.sf((limit - abs(higher - rate)) / (true * np.sqrt(spread))))


def would_be_found(effect: float, error: float, freedom: float, parameters: Parameters) -> bool:
    """Whether an effect this large, on the scale of its standard error, is mostly beyond the limit of its kind."""
    needed = stats.t.isf(parameters.level / 2, freedom) + stats.norm.ppf(parameters.least_power)
    return bool(abs(effect) > needed * error)


def whole_days(
    hits: Array, trials: Array, inside: Array, block: Array, is_high: bool, permutations: int, seed: int
) -> float:
    """The same chance by letting whole days change places: what a day's deployments share stays together.

    Beyond what so many permutations can tell, their distribution's tail is that of Pearson's third type, which has
    their mean, spread and skewness.

    Args:
        inside: whether each day is of the kind in question.
        block: days change places within their block only, so that a rate which drifts is no difference of kinds.
    """
    rng = np.random.default_rng(seed)
    order = np.argsort(block, kind="stable")
    hits, trials, inside, block = hits[order], trials[order], inside[order], block[order]
    places = np.argsort(rng.random((permutations, len(block))) + block, axis=1)
    sign = 1 if is_high else -1
    seen = sign * _difference(hits, trials, inside)
    drawn = sign * _difference(hits, trials, inside[places])
    counted = float((1 + (drawn >= seen - 1e-12).sum()) / (permutations + 1))
    if counted > 10 / (permutations + 1) or not drawn.std() > 0:
        return counted
    z = (seen - drawn.mean()) / drawn.std()
    return float(min(counted, stats.pearson3.sf(z, stats.skew(drawn))))


def _difference(hits: Array, trials: Array, inside: Array) -> Array:
    """Hits inside beyond those that the overall rate lets expect."""
    rate = hits.sum() / trials.sum()
    found: Array = inside @ (hits - rate * trials)
    return found
