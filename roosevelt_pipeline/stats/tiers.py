"""Which tier a value falls into, by published, versioned cut-offs."""

from collections.abc import Iterable, Sequence

import numpy as np
import pandas as pd

TIERED_WHEN = "ok"
BOUNDS = ["lower_bound", "is_lower_inclusive", "upper_bound", "is_upper_inclusive"]
Band = tuple[str, float | None, bool, float | None, bool]


def tier_of(value: float | None, metric: str, editions: pd.DataFrame) -> str | None:
    """The tier of one value.

    Args:
        value: in the unit of the metric; missing values have no tier.
        metric: its name in the catalogue.
        editions: the rows of **one** edition of ``reference.tier_editions``: ``metric``, ``tier``,
            ``tier_rank`` (1 is the best), ``lower_bound``, ``is_lower_inclusive``,
            ``upper_bound``, ``is_upper_inclusive``. A missing bound is no bound.

    Returns:
        The best tier whose interval holds the value; missing if none does, as for a metric
        without cut-offs.

    >>> bands = pd.DataFrame(
    ...     [["rate", "High", 1, None, True, 1, True], ["rate", "Low", 2, 1, False, None, False]],
    ...     columns=["metric", "tier", "tier_rank", *BOUNDS],
    ... )
    >>> tier_of(1, "rate", bands), tier_of(1.01, "rate", bands), tier_of(None, "rate", bands)
    ('High', 'Low', None)
    """
    return _first_that_holds(value, _bands(metric, editions))


def ranked_bands(metric: str, editions: pd.DataFrame) -> list[tuple[int, Band]]:
    """The bands of a metric, each with its rank (1 is the best), best first; ``editions`` as for `tier_of`."""
    ranks = sorted(int(rank) for rank in editions.loc[editions["metric"] == metric, "tier_rank"])
    return list(zip(ranks, _bands(metric, editions), strict=True))


def ranks_of(values: np.ndarray, ranked: Sequence[tuple[int, Band]]) -> np.ndarray:
    """The rank of the tier of each value, for whole arrays; infinite where it has none, as a missing value.

    Args:
        values: any shape, in the unit of the metric.
        ranked: as `ranked_bands` gives them.
    """
    found = np.full(values.shape, np.inf)
    for rank, (_, lower, lower_in, upper, upper_in) in reversed(ranked):
        within = ~np.isnan(values)
        if lower is not None:
            within &= (values >= lower) if lower_in else (values > lower)
        if upper is not None:
            within &= (values <= upper) if upper_in else (values < upper)
        found[within] = rank
    return found


def with_tiers(metrics: pd.DataFrame, editions: pd.DataFrame) -> pd.DataFrame:
    """Add a column ``tier``.

    Args:
        metrics: columns ``metric``, ``value``, ``status``; any others are kept. Only a value
            whose status is ``ok`` is judged: a guess gets no tier.
        editions: as for `tier_of`.

    Returns:
        shape and index of ``metrics``, with ``tier`` missing where there is none.
    """
    bands = {metric: _bands(metric, editions) for metric in metrics["metric"].unique()}
    tiers = [
        _first_that_holds(value, bands[metric]) if status == TIERED_WHEN else None
        for metric, value, status in zip(metrics["metric"], metrics["value"], metrics["status"], strict=True)
    ]
    return metrics.assign(tier=pd.Series(tiers, index=metrics.index, dtype=object))


def _bands(metric: str, editions: pd.DataFrame) -> list[Band]:
    rows = editions[editions["metric"] == metric].sort_values("tier_rank")
    return [
        (str(tier), _bound(lower), bool(lower_in), _bound(upper), bool(upper_in))
        for tier, lower, lower_in, upper, upper_in in rows[["tier", *BOUNDS]].itertuples(index=False, name=None)
    ]


def _bound(value: object) -> float | None:
    return None if pd.isna(value) else float(value)  # type: ignore[call-overload, arg-type]


def _first_that_holds(value: float | None, bands: Iterable[Band]) -> str | None:
    if value is None or pd.isna(value):
        return None
    return next((band[0] for band in bands if _holds(band, float(value))), None)


def _holds(band: Band, value: float) -> bool:
    _, lower, lower_in, upper, upper_in = band
    above = lower is None or value > lower or (lower_in and value == lower)
    below = upper is None or value < upper or (upper_in and value == upper)
    return above and below
