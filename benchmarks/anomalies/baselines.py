"""What anybody would try first, with the settings that their names stand for, and with the best width found.

Flags of days become alerts as ours do: flags no more than a week apart are one incident, raised on its first day.
"""

from collections.abc import Callable, Iterable

import numpy as np
import pandas as pd

from benchmarks.anomalies.labels import Labelled

HISTORY = 28
APART = 7
Detector = Callable[[Labelled], list[int]]


def rolling_sigma(series: Labelled, width: float = 2.0) -> list[int]:
    """More than ``width`` standard deviations from the mean of the 28 rows before."""
    value = _measure(series)
    before = value.shift(1).rolling(_history(series), min_periods=_history(series) // 2)
    return _alerts(_beyond(series, value, before.mean(), width * before.std()))


def rolling_mad(series: Labelled, width: float = 3.0) -> list[int]:
    """More than ``width`` scaled median deviations from the median of the 28 rows before."""
    value = _measure(series)
    before = value.shift(1).rolling(_history(series), min_periods=_history(series) // 2)
    median = before.median()
    deviation = (value - median).abs().shift(1).rolling(_history(series), min_periods=_history(series) // 2).median()
    return _alerts(_beyond(series, value, median, width * 1.4826 * deviation))


def moving_range(series: Labelled, width: float = 2.66) -> list[int]:
    """XmR chart: beyond ``width`` mean moving ranges, or eight rows in succession on the bad side."""
    value = _measure(series).dropna()
    before = value.shift(1).rolling(_history(series), min_periods=_history(series) // 2)
    centre = before.mean()
    reach = width * value.diff().abs().shift(1).rolling(_history(series), min_periods=_history(series) // 2).mean()
    side = (value < centre) if series.bad == "low" else (value > centre)
    flags = _beyond(series, value, centre, reach) | (side.astype(int).rolling(8).sum() == 8)
    return _alerts(flags.reindex(range(len(series.value)), fill_value=False))


def literal_rules(series: Labelled) -> list[int]:
    """The rules as people state them: halved or doubled week over week, three times the baseline, over 25 %."""
    value = _measure(series)
    if series.law == "survey":
        flags = value < 3.0
    elif series.law == "ratio":
        rate = pd.Series(series.value).rolling(7).sum() / pd.Series(series.n).rolling(7).sum()
        flags = rate > 0.25
    elif series.law == "mean":
        flags = value.rolling(5, min_periods=3).mean() < 4.0  # half of eight hours
    elif series.law == "duration":
        flags = (value > 3 * value.shift(1).rolling(28, min_periods=7).median()) & (value > 48)
    else:
        week = value.rolling(7).sum()
        flags = (week < week.shift(7) / 2) if series.bad == "low" else (week > 2 * week.shift(7)) & (week >= 2)
    return _alerts(flags)


BASELINES: dict[str, Detector] = {
    "the users' literal rules": literal_rules,
    "2 sigma around a rolling mean": rolling_sigma,
    "rolling median and MAD": rolling_mad,
    "XmR control chart": moving_range,
}
WITH_WIDTH: dict[str, Callable[[Labelled, float], list[int]]] = {
    "2 sigma around a rolling mean": rolling_sigma,
    "rolling median and MAD": rolling_mad,
    "XmR control chart": moving_range,
}
WIDTHS = (2.0, 3.0, 4.0, 5.0, 7.0, 10.0)


def _measure(series: Labelled) -> pd.Series:
    value = pd.Series(series.value, dtype=float)
    return value / pd.Series(series.n).where(pd.Series(series.n) > 0) if series.law == "ratio" else value


def _history(series: Labelled) -> int:
    return 4 if series.law == "survey" else HISTORY


def _beyond(series: Labelled, value: pd.Series, centre: pd.Series, width: pd.Series) -> pd.Series:
    return (value < centre - width) if series.bad == "low" else (value > centre + width)


def _alerts(flags: Iterable[bool]) -> list[int]:
    alerts: list[int] = []
    last = -np.inf
    for row, flag in enumerate(flags):
        if flag:
            if row - last > APART:
                alerts.append(row)
            last = row
    return alerts
