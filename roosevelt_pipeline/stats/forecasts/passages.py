"""When a better tier is reached: the share of futures whose rolling window has been in it by each day."""

from dataclasses import dataclass

import numpy as np

from roosevelt_pipeline.stats.calendars import Array
from roosevelt_pipeline.stats.forecasts.futures import Known
from roosevelt_pipeline.stats.forecasts.parameters import DAYS_AHEAD, WEEK, WINDOW_DAYS

_MONTH = WINDOW_DAYS // WEEK
_HALF = 0.5


@dataclass(frozen=True)
class Window:
    """The rolling value of one series: now, and in each future.

    Attributes:
        now: of the 28 days that end with the last known one; missing where nothing was measured. Events a day of
            counts, percent of ratios, hours of durations (the typical value of four weeks).
        paths: of those that end with each day ahead (of durations: with each week); shape (paths, ends).
        last_rows: row of the day with which each ends.
    """

    now: float
    paths: Array
    last_rows: Array


@dataclass(frozen=True)
class Passage:
    """The way into a tier and all better ones.

    Attributes:
        chance: share of the futures that get there within the horizon.
        half_row: first row by which at least half of them are there; missing if fewer are.
        by_month: that share after 30, 60 and 90 days.
    """

    chance: float
    half_row: int | None
    by_month: tuple[float, float, float]


def window(state: Known, series: int, paths: int, least_trials: int = 1) -> Window:
    """The futures of `Known.draw`, as 28 days that roll on.

    Args:
        least_trials: a ratio of fewer has no value, as it has no tier.
    """
    if state.material.law != "duration":
        measured, ahead = state.measured(series), state.draw_days(series, paths)
        sums = [_rolled(past[-WINDOW_DAYS:], future) for past, future in zip(measured, ahead, strict=True)]
        if state.material.law == "count":
            value = sums[0] / WINDOW_DAYS
        else:
            value = np.where(sums[1] >= least_trials, state.in_unit(sums[0], sums[1]), np.nan)
        return Window(float(value[0, 0]), value[:, 1:], state.origin + np.arange(DAYS_AHEAD))
    weeks = state.draw(series, paths)["week"]
    past = np.log(np.maximum(weeks.past[-_MONTH:], 1e-9))
    whole = np.concatenate([np.tile(past, (paths, 1)), np.log(weeks.paths)], axis=1)
    ends = [whole[:, max(0, end - _MONTH) : end] for end in range(len(past), whole.shape[1] + 1)]
    typical = np.stack([np.exp(_known_mean(one)) for one in ends], axis=1)
    return Window(float(typical[0, 0]), typical[:, 1:], weeks.last_rows)


def _rolled(past: Array, future: Array) -> Array:
    """Sums of 28 days: the last known ones, then one day on each time; shape (paths, 1 + days ahead)."""
    past = np.concatenate([np.zeros(WINDOW_DAYS - len(past)), np.nan_to_num(past)])
    whole = np.concatenate([np.tile(past, (len(future), 1)), future], axis=1)
    total = np.concatenate([np.zeros((len(future), 1)), whole.cumsum(axis=1)], axis=1)
    return np.asarray(total[:, WINDOW_DAYS:] - total[:, :-WINDOW_DAYS])


def _known_mean(log: Array) -> Array:
    known = np.isfinite(log)
    count = known.sum(axis=1)
    return np.where(count > 0, np.where(known, log, 0.0).sum(axis=1) / np.maximum(count, 1), np.nan)


def passage(found: Window, within: Array, origin: int) -> Passage:
    """How soon the window gets where it is wanted.

    Args:
        within: whether each future's window is in the tier or a better one; the shape of ``found.paths``.
        origin: first row ahead.
    """
    there = np.maximum.accumulate(within, axis=1).mean(axis=0)
    half = np.nonzero(there >= _HALF)[0]
    by = [there[found.last_rows < origin + days] for days in (30, 60, 90)]
    months = tuple(float(one[-1]) if len(one) else 0.0 for one in by)
    return Passage(months[2], int(found.last_rows[half[0]]) if len(half) else None, months)  # type: ignore[arg-type]
