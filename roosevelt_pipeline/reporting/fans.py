"""What was and what is expected, as SVG: bars of the past weeks, then a band in which eight of ten futures lie."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from html import escape

import numpy as np
import pandas as pd

from roosevelt_pipeline.reporting.charts import BOTTOM, GREY, HEIGHT, INK, LEFT, TOP, WIDTH, stacked

_BAND, _PAST = "#bfdbfe", "#9ca3af"
_RIGHT = 40  # room for the axis' labels


@dataclass(frozen=True)
class Fan:
    """One series.

    Attributes:
        past: of each week, by its last day; missing weeks are gaps.
        ahead: columns ``p10``, ``p50``, ``p90`` of each week ahead, by its last day.
    """

    title: str
    unit: str
    past: pd.Series
    ahead: pd.DataFrame


def svg(fans: Sequence[Fan]) -> str:
    """The fans below each other."""
    return stacked([_fan(fan) for fan in fans])


def _fan(fan: Fan) -> str:
    past, ahead = fan.past.to_numpy(float), fan.ahead[["p10", "p50", "p90"]].to_numpy(float)
    known = np.concatenate([past[np.isfinite(past)], ahead.ravel()])
    top = max(float(known.max()) if len(known) else 0.0, 1e-9) * 1.05
    step = (WIDTH - LEFT - _RIGHT) / max(1, len(past) + len(ahead))
    floor = HEIGHT - BOTTOM

    def x(place: float) -> float:
        return LEFT + place * step

    def y(value: float) -> float:
        return floor - (floor - TOP) * value / top

    bars = "".join(
        f'<rect x="{x(place) + 1:.1f}" y="{y(value):.1f}" width="{max(1.0, step - 2):.1f}" '
        f'height="{floor - y(value):.1f}" fill="{_PAST}"/>'
        for place, value in enumerate(past)
        if np.isfinite(value)
    )
    centres = [x(len(past) + place + 0.5) for place in range(len(ahead))]
    upper = [f"{at:.1f},{y(row[2]):.1f}" for at, row in zip(centres, ahead, strict=True)]
    lower = [f"{at:.1f},{y(row[0]):.1f}" for at, row in zip(centres, ahead, strict=True)]
    middle = [f"{at:.1f},{y(row[1]):.1f}" for at, row in zip(centres, ahead, strict=True)]
    return (
        f"{_frame(fan, top, floor, x(len(past)), y)}{bars}"
        f'<polygon points="{" ".join(upper + lower[::-1])}" fill="{_BAND}"/>'
        f'<polyline points="{" ".join(middle)}" fill="none" stroke="{INK}" stroke-width="1.5"/>'
    )


def _frame(fan: Fan, top: float, floor: int, now: float, y: Callable[[float], float]) -> str:
    """Title, unit, the first, the newest and the last week, and one line to read values by."""
    mark = nice(top / 1.05)
    first = f"{fan.past.index[0]:%Y-%m-%d}" if len(fan.past) else ""
    newest = f"{fan.past.index[-1]:%Y-%m-%d}" if len(fan.past) else ""
    last = f"{pd.Timestamp(fan.ahead.index[-1]):%Y-%m-%d}"
    unit = f"{fan.unit}; line: middle of the futures, band: eight of ten"
    return (
        f'<line x1="{LEFT}" x2="{WIDTH - _RIGHT}" y1="{floor}" y2="{floor}" stroke="{GREY}" stroke-width="0.5"/>'
        f'<line x1="{LEFT}" x2="{WIDTH - _RIGHT}" y1="{y(mark):.1f}" y2="{y(mark):.1f}" stroke="{GREY}" '
        f'stroke-width="0.5" stroke-dasharray="2 3"/>'
        f'<text x="{WIDTH - _RIGHT + 4}" y="{y(mark) + 4:.1f}" fill="{GREY}">{mark:,g}</text>'
        f'<text x="{WIDTH - _RIGHT + 4}" y="{floor + 4}" fill="{GREY}">0</text>'
        f'<text x="{LEFT}" y="14" fill="{INK}" font-weight="600">{escape(fan.title)}</text>'
        f'<text x="{LEFT}" y="28" fill="{GREY}">{escape(unit)}</text>'
        f'<text x="{LEFT}" y="{HEIGHT - 5}" fill="{GREY}">week to {first}</text>'
        f'<text x="{now:.1f}" y="{HEIGHT - 5}" fill="{GREY}" text-anchor="end">{newest}</text>'
        f'<text x="{WIDTH - _RIGHT}" y="{HEIGHT - 5}" fill="{GREY}" text-anchor="end">{last}</text>'
    )


def nice(value: float) -> float:
    """The largest of 1, 2, 5 times a power of ten that is not above.

    >>> nice(137), nice(0.7), nice(55)
    (100.0, 0.5, 50.0)
    """
    power = 10.0 ** np.floor(np.log10(value))
    return float(max(step * power for step in (1, 2, 5) if step * power <= value * (1 + 1e-9)))
