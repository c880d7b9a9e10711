"""Which tier a value falls into, by published, versioned cut-offs."""

from collections.abc import Iterable

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


def ranks_of(values: np.ndarray, metric: str, editions: pd.DataFrame) -> np.ndarray:
    """The rank of the tier of each value (1 is the best), for whole arrays; infinite where it has none.

    Args:
        values: any shape, in the unit of the metric; missing values have no tier.
        editions: as for `tier_of`.
    """
    found = np.full(values.shape, np.inf)
    ranks = editions[editions["metric"] == metric].sort_values("tier_rank")["tier_rank"]
    for rank, (_, lower, lower_in, upper, upper_in) in zip(ranks, _bands(metric, editions), strict=True):
        above = np.full(values.shape, True) if lower is None else (values >= lower if lower_in else values > lower)
        below = np.full(values.shape, True) if upper is None else (values <= upper if upper_in else values < upper)
        found = np.where(np.isinf(found) & above & below & ~np.isnan(values), float(rank), found)
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
