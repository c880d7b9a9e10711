"""What a labelled series is: what a detector may see, and what only the scorer may."""

from dataclasses import dataclass, field
from datetime import date
from typing import Literal

import numpy as np
import pandas as pd

Shape = Literal["spike", "outage", "episode", "shift", "drift"]


@dataclass(frozen=True)
class Event:
    """Something that was done to a series on purpose.

    Attributes:
        onset: index of its first row; ``end`` of its last, which for a shift or a drift is the series' last.
        deadline: last row at which a finding still counts as having found it.
        is_bad: whether it should alert.
        size: factor on the level (counts, durations), or what was added to it (ratios, hours, scores).
        factor_before, added_before: what earlier events have made of the level for good.
        is_visible: whether an observer who knows the true parameters sees it; see `observer`.
    """

    shape: Shape
    onset: int
    end: int
    deadline: int
    is_bad: bool
    size: float
    factor_before: float = 1.0
    added_before: float = 0.0
    is_visible: bool = True


@dataclass(frozen=True)
class Labelled:
    """One series with its labels.

    Attributes:
        kind: deployments, activity, incidents, lead_time, failure_rate, focus_hours or survey.
        law: count, ratio, duration, mean or survey: which test is made for it.
        bad: the direction that is bad, ``low`` or ``high``.
        first: date of the first row; rows are days, of surveys quarters.
        value: counts, hits, medians in hours or means; missing where nothing was measured.
        n: trials, items or persons behind the value; 1 for counts.
        spread: standard deviation of the answers, of surveys.
        expected, variance: of the value without events, by the parameters alone; what the observer knows. Of
            durations they are on the scale of logarithms.
        drifting: standard deviation of the level's own wandering, which no observer can foresee: relative to the level
            for counts and ratios, else in the value's unit.
    """

    name: str
    kind: str
    law: str
    bad: str
    first: date
    country: str
    value: np.ndarray
    n: np.ndarray
    expected: np.ndarray
    variance: np.ndarray
    drifting: float
    events: tuple[Event, ...] = ()
    spread: np.ndarray = field(default_factory=lambda: np.empty(0))

    @property
    def days(self) -> pd.DatetimeIndex:
        frequency = "QS" if self.law == "survey" else "D"
        return pd.date_range(self.first, periods=len(self.value), freq=frequency)
