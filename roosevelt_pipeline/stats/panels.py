"""Series of one law, side by side on one calendar: how lists of days become matrices."""

from dataclasses import dataclass
from functools import cached_property

import numpy as np
import pandas as pd

from roosevelt_pipeline.stats.calendars import Array, quiet_days

LARGEST = 1e12  # what is larger is no count and no number of hours


@dataclass(frozen=True)
class Panel:
    """Series of one law.

    Attributes:
        law: count, ratio, duration or mean.
        days: the calendar of all series, without gaps; shape (rows,).
        value: counts, hits, medians in hours or means; shape (series, rows). Missing where a series has not begun,
            has ended, or measured nothing.
        n: trials, items or persons behind each value; the same shape.
        is_bad_high: of each series, whether more is bad; shape (series,).
        is_quiet: days on which little is expected, as holidays; the same shape as ``value``.
        season: rows after which the profile repeats; 1 for none.
    """

    law: str
    days: pd.DatetimeIndex
    value: Array
    n: Array
    is_bad_high: Array
    is_quiet: Array
    season: int = 7

    @cached_property
    def phase(self) -> Array:
        """Where in the season each row lies."""
        return np.asarray(self.days.day_of_week) if self.season == 7 else np.zeros(len(self.days), int)


def panel_of(law: str, series: pd.DataFrame, until: int | None = None) -> tuple[Panel, list[int]]:
    """Series on one calendar, and how many of each one's values were left out because they cannot be.

    Args:
        series: of one law, one row per series; columns ``bad`` (``high`` or ``low``), ``country``, and three of equally
            long lists: ``day`` (whole days since 1970-01-01), ``value`` and ``n``. Of several rows of one day the last
            counts.
        until: a day up to which the calendar reaches even where nothing is known yet.
    """
    days = [np.asarray(one, dtype=np.int64) for one in series["day"]]
    filled = [one for one in days if len(one)]
    first, last = (min(map(min, filled)), max(map(max, filled))) if filled else (0, -1)
    last = last if until is None or not filled else max(last, until)
    calendar = pd.to_datetime(np.arange(first, last + 1), unit="D")
    value, n = np.full((len(series), len(calendar)), np.nan), np.full((len(series), len(calendar)), np.nan)
    left_out = []
    for row, (day, values, counts) in enumerate(zip(days, series["value"], series["n"], strict=True)):
        value[row, day - first] = np.array(values, dtype=float)
        n[row, day - first] = np.array(counts, dtype=float)
        impossible = _impossible(law, value[row], n[row])
        value[row, impossible] = np.nan
        left_out.append(int(impossible.sum()))
    quiet = {country: quiet_days(calendar, country) for country in {_country(one) for one in series["country"]}}
    is_quiet = np.stack([quiet[_country(one)] for one in series["country"]]) if len(series) else np.empty((0, 0), bool)
    return Panel(law, calendar, value, n, (series["bad"] == "high").to_numpy(), is_quiet), left_out


def _country(one: object) -> str | None:
    return one if isinstance(one, str) and one else None


def _impossible(law: str, value: Array, n: Array) -> Array:
    with np.errstate(invalid="ignore"):
        wrong = (value < 0) | (value > LARGEST)
        if law != "count":
            wrong |= np.isfinite(value) & ((n > LARGEST) | (n < 0))
        if law == "ratio":
            wrong |= value > n
    return np.asarray(wrong)
