"""Many tests at once: how many of those called significant would be so by chance (Benjamini and Hochberg 1995)."""

import numpy as np

Array = np.ndarray


def false_discovery_rates(chances: Array) -> Array:
    """For each test the rate of false ones among it and all that are at least as improbable.

    Args:
        chances: one-dimensional; NaN where nothing was tested, which counts as no test.

    >>> false_discovery_rates(np.array([0.01, 0.04, np.nan, 0.03, 0.5])).round(3).tolist()
    [0.04, 0.053, nan, 0.053, 0.5]
    """
    rates = np.full(len(chances), np.nan)
    tested = np.flatnonzero(np.isfinite(chances))
    order = tested[np.argsort(chances[tested], kind="stable")]
    ranked = chances[order] * len(order) / np.arange(1, len(order) + 1)
    rates[order] = np.minimum(np.minimum.accumulate(ranked[::-1])[::-1], 1.0)
    return rates


def holm(chances: Array) -> Array:
    """Chances corrected for the best of several having been picked (Holm 1979); NaN counts as no test.

    >>> holm(np.array([0.01, 0.04, np.nan, 0.03])).round(3).tolist()
    [0.03, 0.06, nan, 0.06]
    """
    corrected = np.full(len(chances), np.nan)
    tested = np.flatnonzero(np.isfinite(chances))
    order = tested[np.argsort(chances[tested], kind="stable")]
    ranked = chances[order] * np.arange(len(order), 0, -1)
    corrected[order] = np.minimum(np.maximum.accumulate(ranked), 1.0)
    return corrected
