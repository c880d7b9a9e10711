"""What is known on a day, and the futures drawn from it: of days, and of ISO weeks."""

import zlib
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, TypeVar

import numpy as np
import pandas as pd

from roosevelt_pipeline.stats.calendars import Array
from roosevelt_pipeline.stats.forecasts.counts import CountFit, draw_counts, fit_counts
from roosevelt_pipeline.stats.forecasts.durations import DurationFit, draw_durations, fit_durations
from roosevelt_pipeline.stats.forecasts.materials import SEASONS, Grain, Material, weekly_sums
from roosevelt_pipeline.stats.forecasts.naive import draw_naive, last_season
from roosevelt_pipeline.stats.forecasts.parameters import (
    DAYS_AHEAD,
    WEEK,
    WEEKS_AHEAD,
    WEEKS_AHEAD_OF_DURATIONS,
    Parameters,
)
from roosevelt_pipeline.stats.forecasts.ratios import RatioFit, draw_ratios, fit_ratios

_Drawn = TypeVar("_Drawn")


@dataclass(frozen=True)
class Periods:
    """Days or weeks of one series, as percent, hours or counts.

    Attributes:
        past: what was measured before the origin; shape (periods before,).
        paths: futures; shape (paths, periods ahead); missing where nothing would be measured.
        last_rows: row of each period's last day; shape (periods ahead,).
    """

    past: Array
    paths: Array
    last_rows: Array


@dataclass(frozen=True)
class Known:
    """What the rows before ``origin`` tell of a batch of series. Nothing later is looked at."""

    material: Material
    origin: int
    parameters: Parameters
    begin: int
    fit: CountFit | RatioFit | DurationFit
    weeks_fit: DurationFit | None
    _latest: dict[tuple[int, int], Any] = field(default_factory=dict, repr=False, compare=False)

    @classmethod
    def at(cls, material: Material, origin: int, parameters: Parameters) -> "Known":
        begin = max(0, origin - parameters.memory_rows)
        rows = slice(begin, origin)
        phase, quiet = material.phase[rows], material.is_quiet[:, rows]
        value, n = material.value[:, rows], material.n[:, rows]
        if material.law == "count":
            return cls(material, origin, parameters, begin, fit_counts(value, phase, quiet, parameters), None)
        if material.law == "ratio":
            return cls(material, origin, parameters, begin, fit_ratios(value, n, phase, quiet, parameters), None)
        fit = fit_durations(value, n, phase, parameters.level_half_life, parameters, weekly=False)
        weeks = slice(*cls._weeks_before(material, origin, parameters))
        of_weeks = fit_durations(
            material.weeks_value[:, weeks], material.weeks_n[:, weeks], np.zeros(0), parameters.weeks_half_life,
            parameters, weekly=True,
        )  # fmt: skip
        return cls(material, origin, parameters, begin, fit, of_weeks)

    @staticmethod
    def _weeks_before(material: Material, origin: int, parameters: Parameters) -> tuple[int, int]:
        end = material.week_of(origin)  # the week of the origin is not over, or has not begun
        return max(0, end - parameters.memory_rows // WEEK), end

    def draw(self, series: int, paths: int) -> dict[Grain, Periods]:
        """Futures of one series by days and by weeks; the same whatever else is in the batch."""
        if self.material.law == "duration":
            return self._once(series, paths, lambda: self._durations(series, paths, self.chance(series)))
        hits, trials = self.draw_days(series, paths)
        return {"day": self._days(series, hits, trials), "week": self._weeks(series, hits, trials)}

    def chance(self, series: int) -> np.random.Generator:
        """The series' own, on that day."""
        day = self.material.days[0] + pd.Timedelta(days=self.origin)
        key = zlib.crc32(self.material.keys[series].encode())
        return np.random.default_rng([self.parameters.seed, key, day.toordinal()])

    def draw_days(self, series: int, paths: int) -> tuple[Array, Array]:
        """Counts and ones, or hits and trials, of each day ahead; not of durations."""
        return self._once(series, paths, lambda: self._draw_days(series, paths, self.chance(series)))

    def _once(self, series: int, paths: int, draw: Callable[[], _Drawn]) -> _Drawn:
        """Drawing is what takes time, and a series' forecast and its passages are of the same futures."""
        if (series, paths) not in self._latest:
            self._latest.clear()
            self._latest[series, paths] = draw()
        found: _Drawn = self._latest[series, paths]
        return found

    def _draw_days(self, series: int, paths: int, rng: np.random.Generator) -> tuple[Array, Array]:
        ahead = slice(self.origin, self.origin + DAYS_AHEAD)
        phase, quiet = self._phase_ahead, self.material.is_quiet[series, ahead]
        if isinstance(self.fit, RatioFit):
            return draw_ratios(self.fit, series, phase, quiet, paths, self.parameters, rng)
        assert isinstance(self.fit, CountFit)
        counts = draw_counts(self.fit, series, phase, quiet, paths, self.parameters, rng)
        return counts, np.ones_like(counts)

    @property
    def _phase_ahead(self) -> Array:
        return (self.material.first_phase + self.origin + np.arange(DAYS_AHEAD)) % WEEK

    def measured(self, series: int) -> tuple[Array, Array]:
        """Counts and ones, or hits and trials, of the days that are remembered; missing where nothing was measured."""
        value, n = (one[series, self.begin : self.origin] for one in (self.material.value, self.material.n))
        return (value, np.where(np.isfinite(value), 1.0, np.nan)) if self.material.law == "count" else (value, n)

    def in_unit(self, hits: Array, trials: Array) -> Array:
        """Counts as they are; ratios as percent, missing where nothing was tried."""
        if self.material.law == "count":
            return hits
        return np.where(trials > 0, 100 * hits / np.where(trials > 0, trials, 1.0), np.nan)

    def _days(self, series: int, hits: Array, trials: Array) -> Periods:
        return Periods(self.in_unit(*self.measured(series)), self.in_unit(hits, trials),
                       self.origin + np.arange(DAYS_AHEAD))  # fmt: skip

    def _weeks(self, series: int, hits: Array, trials: Array) -> Periods:
        """Whole ISO weeks; of the one that the origin lies in the days before it are known."""
        week = self.material.week_of(self.origin)
        begun = self.origin - self.material.monday(week)
        last = self.material.monday(week) + WEEK * np.arange(1, WEEKS_AHEAD + 1) - 1
        measured = self.measured(series)
        sums = []
        for known, ahead in zip(measured, (hits, trials), strict=True):
            so_far = np.nan_to_num(known[len(known) - begun :]) if begun else np.empty(0)
            whole = np.concatenate([np.tile(so_far, (len(ahead), 1)), ahead], axis=1)
            sums.append(whole[:, : WEEKS_AHEAD * WEEK].reshape(len(ahead), WEEKS_AHEAD, WEEK).sum(axis=2))
        past = self.in_unit(*(weekly_sums(one, begun) for one in measured))
        return Periods(past, self.in_unit(sums[0], sums[1]), last)

    def _durations(self, series: int, paths: int, rng: np.random.Generator) -> dict[Grain, Periods]:
        assert isinstance(self.fit, DurationFit)
        assert self.weeks_fit is not None
        days = draw_durations(self.fit, series, self._phase_ahead, paths, self.parameters, rng, weekly=False)
        past = np.where(self.material.n[series] > 0, self.material.value[series], np.nan)[self.begin : self.origin]
        ahead = np.zeros(WEEKS_AHEAD_OF_DURATIONS, int)
        weeks = draw_durations(self.weeks_fit, series, ahead, paths, self.parameters, rng, weekly=True)
        before = slice(*self._weeks_before(self.material, self.origin, self.parameters))
        week = self.material.week_of(self.origin)
        last = self.material.monday(week) + WEEK * np.arange(1, WEEKS_AHEAD_OF_DURATIONS + 1) - 1
        return {
            "day": Periods(past, days, self.origin + np.arange(DAYS_AHEAD)),
            "week": Periods(self.material.weeks_value[series, before], weeks, last),
        }

    def naive(self, series: int, grain: Grain, periods: Periods, paths: int) -> tuple[Array, Array]:
        """The seasonal naive forecast of the same periods: its paths and its middle."""
        key = zlib.crc32(f"{grain} {self.material.keys[series]}".encode())
        rng = np.random.default_rng([self.parameters.seed, key])
        season, ahead = SEASONS[grain], periods.paths.shape[1]
        most = 100.0 if self.material.law == "ratio" else np.inf
        return draw_naive(periods.past, season, ahead, paths, rng, most), last_season(periods.past, season, ahead)
