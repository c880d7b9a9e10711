"""Series side by side on one calendar that reaches into the future, by days and by ISO weeks."""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import Literal

import numpy as np
import pandas as pd

from roosevelt_pipeline.stats.calendars import Array
from roosevelt_pipeline.stats.forecasts.parameters import DAYS_AHEAD, WEEK
from roosevelt_pipeline.stats.panels import LARGEST, panel_of

LAWS = ("count", "ratio", "duration")
BATCH = 400  # series that are fitted at once: it bounds memory, not what is forecast
LONGEST_DAYS = 1_100  # older days are not looked at
Grain = Literal["day", "week"]
GRAINS: tuple[Grain, ...] = ("day", "week")
SEASONS: dict[Grain, int] = {"day": WEEK, "week": 1}


@dataclass(frozen=True)
class Material:
    """Series of one law, on a calendar that reaches beyond what is known.

    Attributes:
        law: count, ratio or duration.
        keys: a name for each series, so that its chance does not depend on its company.
        days: the calendar; shape (rows,).
        value, n: as in `panels.Panel`; shape (series, rows).
        is_quiet: holidays; likewise.
        weeks_value, weeks_n: of durations, the median over each ISO week's items and their number; shape
            (series, weeks), where week 0 is that of the first day.
    """

    law: str
    keys: list[str]
    days: pd.DatetimeIndex
    value: Array
    n: Array
    is_quiet: Array
    weeks_value: Array
    weeks_n: Array

    @cached_property
    def phase(self) -> Array:
        return np.asarray(self.days.day_of_week)

    @cached_property
    def first_phase(self) -> int:
        return int(self.phase[0])

    def week_of(self, row: int) -> int:
        """Number of the week in which a row lies."""
        return (row + self.first_phase) // WEEK

    def monday(self, week: int) -> int:
        """Row on which a week begins; before the first week's Monday it is negative."""
        return week * WEEK - self.first_phase


def batches(series: pd.DataFrame, newest: int) -> Iterator[tuple[pd.DataFrame, list[int], Material]]:
    """Series of one law side by side, as many at once as memory likes; with what was left out of each.

    Args:
        series, newest: as for `frames.forecast`.
    """
    for law in LAWS:
        of_law = series[series["law"] == law]
        for start in range(0, len(of_law), BATCH):
            some = of_law.iloc[start : start + BATCH]
            material, left_out = _material(law, some, newest)
            yield some, left_out, material


def _material(law: str, series: pd.DataFrame, newest: int) -> tuple[Material, list[int]]:
    kept = series.copy()
    recent = [np.asarray(day, dtype=np.int64) > newest - LONGEST_DAYS for day in series["day"]]
    for column in ("day", "value", "n"):
        some = [np.asarray(one)[wanted] for one, wanted in zip(series[column], recent, strict=True)]
        kept[column] = pd.Series(some, series.index, dtype=object)
    panel, left_out = panel_of(law, kept, newest + DAYS_AHEAD + WEEK)
    with np.errstate(invalid="ignore"):
        n = np.where((panel.n >= 0) & (panel.n <= LARGEST), panel.n, np.nan)
    material = Material(law, list(series["key"]), panel.days, panel.value, n, panel.is_quiet,
                        *(np.empty((len(series), 0)),) * 2)  # fmt: skip
    if law != "duration" or not len(panel.days):
        return material, left_out
    weeks = _weeks(material, series)
    return Material(law, material.keys, panel.days, panel.value, n, panel.is_quiet, *weeks), left_out


def _weeks(material: Material, series: pd.DataFrame) -> tuple[Array, Array]:
    shape = (len(series), material.week_of(len(material.days) - 1) + 1)
    value, n = np.full(shape, np.nan), np.zeros(shape)
    first = epoch_day(material.days[0])
    lists = zip(series["week_day"], series["week_value"], series["week_n"], strict=True)
    for row, (day, values, counts) in enumerate(lists):
        week = (np.asarray(day, dtype=np.int64) - first + material.first_phase) // WEEK
        inside = (week >= 0) & (week < shape[1])
        found = np.array(values, dtype=float)
        found = np.where((found >= 0) & (found <= LARGEST), found, np.nan)
        value[row, week[inside]], n[row, week[inside]] = found[inside], np.array(counts, dtype=float)[inside]
    return value, np.where(np.isfinite(n), n, 0.0)


def epoch_day(day: pd.Timestamp) -> int:
    return (day - pd.Timestamp(0)).days


def weekly_sums(days: Array, begun: int) -> Array:
    """Sums of the whole weeks before a week of which ``begun`` days are known; missing where a day was not measured.

    >>> weekly_sums(np.arange(1.0, 17.0), 1).tolist()  # 2 to 8 and 9 to 15
    [35.0, 84.0]
    """
    whole = days[: len(days) - begun]
    whole = whole[len(whole) % WEEK :]
    return whole.reshape(-1, WEEK).sum(axis=1)


def actual(material: Material, series: int, grain: Grain, last_rows: Array) -> Array:
    """What came of each period; missing where nothing was measured, or nothing is known yet."""
    value, n = material.value[series], material.n[series]
    if material.law == "duration" and grain == "week":
        weeks = np.array([material.week_of(int(row)) for row in last_rows])
        inside = weeks < material.weeks_value.shape[1]
        return np.where(inside, material.weeks_value[series, np.where(inside, weeks, 0)], np.nan)
    length = WEEK if grain == "week" else 1
    rows = last_rows[:, None] + np.arange(1 - length, 1)[None, :]
    inside = (rows >= 0) & (rows < len(value))
    hits, trials = (np.where(inside, one[np.where(inside, rows, 0)], np.nan).sum(axis=1) for one in (value, n))
    if material.law == "ratio":
        return np.where(trials > 0, 100 * hits / np.where(trials > 0, trials, 1.0), np.nan)
    return np.where(n[last_rows.clip(0, len(n) - 1)] > 0, hits, np.nan) if material.law == "duration" else hits
