"""Days on which little is expected: public holidays of a country, and the days around Christmas everywhere."""

from collections.abc import Iterable
from datetime import date
from functools import lru_cache

import holidays
import numpy as np
import pandas as pd

Array = np.ndarray
LULL_BEGINS, LULL_ENDS = (12, 23), (1, 2)


@lru_cache(maxsize=64)
def _holidays(country: str, first_year: int, last_year: int) -> frozenset[date]:
    return frozenset(holidays.country_holidays(country, years=range(first_year, last_year + 1)))


def quiet_days(days: pd.DatetimeIndex, country: str | None) -> Array:
    """Whether each day is a public holiday of the country, or lies between 23 December and 2 January.

    A country that is unknown (``None``, or one without a calendar) has no holidays of its own.

    >>> quiet_days(pd.date_range("2026-04-26", periods=3), "NL").tolist()  # the second is King's Day
    [False, True, False]
    """
    monthday = list(zip(days.month, days.day, strict=True))
    lull = np.array([one >= LULL_BEGINS or one <= LULL_ENDS for one in monthday], bool)
    if not len(days) or country is None or country not in known_countries():
        return lull
    off = _holidays(country, int(days[0].year), int(days[-1].year))
    return lull | np.array([day.date() in off for day in days], bool)


@lru_cache(maxsize=1)
def known_countries() -> frozenset[str]:
    """ISO 3166 codes of the countries whose holidays are known."""
    return frozenset(_supported())


def _supported() -> Iterable[str]:
    return holidays.list_supported_countries(include_aliases=False)
