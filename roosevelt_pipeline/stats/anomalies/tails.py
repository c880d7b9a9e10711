"""How improbable a window is: tail probabilities under over-dispersed laws, for whole arrays at once."""

import numpy as np
from scipy import special

Array = np.ndarray
_LEAST_EXCESS = 1.0001  # a negative binomial has more variance than mean; at this it is a Poisson
_MOST_TRIALS = 400


def count_tail(count: Array, mean: Array, variance: Array, is_high: Array) -> Array:
    """Chance of a count this far out or further: negative binomial, by its mean and variance.

    Args:
        count: events, not negative; ``mean`` positive; ``variance`` at least the mean, or it is taken as that.
        is_high: whether the upper tail is meant.

    >>> round(float(count_tail(np.array(0.0), np.array(3.0), np.array(3.0), np.array(False))), 3)  # e to the minus 3
    0.05
    """
    variance = np.maximum(variance, mean * _LEAST_EXCESS)
    size, p = mean**2 / (variance - mean), mean / variance
    upper = np.where(count > 0, special.betainc(np.maximum(count, 0.5), size, 1 - p), 1.0)
    lower = special.betainc(size, count + 1, p)
    return np.where(is_high, upper, lower)


def ratio_tail(hits: Array, trials: Array, rate: Array, variance: Array, is_high: Array) -> Array:
    """Chance of so many hits in so many trials or further out: beta-binomial, by its rate and variance.

    Args:
        hits, trials: one-dimensional, whole numbers.
        variance: of the hits; what the binomial law itself has is the least.

    >>> one, three = np.array([1.0]), np.array([3.0])
    >>> round(float(ratio_tail(three, three, one / 2, 3 * one / 4, np.array([True]))[0]), 9)  # three heads of three
    0.125
    """
    plain = trials * rate * (1 - rate)
    with np.errstate(divide="ignore", invalid="ignore"):
        alike = np.where(trials > 1, (variance / plain - 1) / (trials - 1), 0.0)
    alike = np.clip(np.nan_to_num(alike), 1e-9, 0.95)
    found = np.ones(len(hits))
    for row in range(len(hits)):
        n, scale = trials[row], 1.0
        if n > _MOST_TRIALS:  # as many as can be told apart: the shape of the law stays
            n, scale = float(_MOST_TRIALS), _MOST_TRIALS / n
        k = np.round(hits[row] * scale)
        wanted = np.arange(k, n + 1) if is_high[row] else np.arange(0, k + 1)
        found[row] = _beta_binomial(wanted, n, rate[row], alike[row]).sum()
    return np.minimum(found, 1.0)


def _beta_binomial(k: Array, n: float, rate: float, alike: float) -> Array:
    if alike < 1e-6:
        return np.exp(_log_choose(n, k) + special.xlogy(k, rate) + special.xlog1py(n - k, -rate))
    total = 1 / alike - 1
    a, b = rate * total, (1 - rate) * total
    return np.exp(_log_choose(n, k) + special.betaln(k + a, n - k + b) - special.betaln(a, b))


def _log_choose(n: float, k: Array) -> Array:
    return special.gammaln(n + 1) - special.gammaln(k + 1) - special.gammaln(n - k + 1)


def mean_tail(z: Array, freedom: Array, is_high: Array) -> Array:
    """Chance of a mean this many standard errors out or further: Student's t.

    >>> round(float(mean_tail(np.array(6.314), np.array(1.0), np.array(True))), 3)  # a published table's 95 %
    0.05
    """
    return special.stdtr(np.maximum(freedom, 1.0), np.where(is_high, -z, z))
