"""Series of one law, side by side on one calendar."""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from roosevelt_pipeline.stats.anomalies.tails import Array


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

    @property
    def phase(self) -> Array:
        """Where in the season each row lies."""
        return np.asarray(self.days.day_of_week) if self.season == 7 else np.zeros(len(self.days), int)
