"""Two series below each other on one calendar, as SVG: how they moved together, each on its own scale."""

from collections.abc import Sequence
from dataclasses import dataclass
from html import escape

import pandas as pd

from roosevelt_pipeline.reporting.charts import BOTTOM, GREY, HEIGHT, INK, LEFT, TOP, WIDTH, image, stacked

_FIRST, _SECOND = "#1d4ed8", "#b45309"


@dataclass(frozen=True)
class Pair:
    """Two series by the first day of each period, each with its name; missing values are gaps."""

    title: str
    names: tuple[str, str]
    first: pd.Series
    second: pd.Series


def as_markdown(pairs: Sequence[Pair], alt: str) -> str:
    """An image in Markdown, the chart itself in it."""
    return image(svg(pairs), alt)


def svg(pairs: Sequence[Pair]) -> str:
    """The pairs below each other."""
    return stacked([_drawn(pair) for pair in pairs])


def _drawn(pair: Pair) -> str:
    days = pd.DatetimeIndex(pair.first.index.union(pair.second.index))
    lines = "".join(
        _line(values.reindex(days), colour) for values, colour in ((pair.first, _FIRST), (pair.second, _SECOND))
    )
    first, last = (f"{days[place].date()}" if len(days) else "" for place in (0, -1))
    one, other = map(escape, pair.names)
    return (
        f'<text x="{LEFT}" y="14" fill="{INK}" font-weight="600">{escape(pair.title)}</text>'
        f'<text x="{LEFT}" y="28"><tspan fill="{_FIRST}">{one}</tspan><tspan fill="{GREY}">, </tspan>'
        f'<tspan fill="{_SECOND}">{other}</tspan><tspan fill="{GREY}">; each on its own scale</tspan></text>{lines}'
        f'<text x="{LEFT}" y="{HEIGHT - 5}" fill="{GREY}">{first}</text>'
        f'<text x="{WIDTH - LEFT}" y="{HEIGHT - 5}" fill="{GREY}" text-anchor="end">{last}</text>'
    )


def _line(values: pd.Series, colour: str) -> str:
    """From the least to the greatest value over the panel's height, broken where nothing is known."""
    known = values.dropna()
    if known.empty:
        return ""
    low, reach = float(known.min()), float(known.max() - known.min()) or 1.0
    step = (WIDTH - 2 * LEFT) / max(1, len(values) - 1)
    floor = HEIGHT - BOTTOM
    points = [
        None if pd.isna(value) else f"{LEFT + place * step:.1f},{floor - (floor - TOP) * (value - low) / reach:.1f}"
        for place, value in enumerate(values)
    ]
    runs = " ".join("|" if point is None else point for point in points).split("|")
    return "".join(
        f'<polyline points="{run.strip()}" fill="none" stroke="{colour}" stroke-width="1.5"/>'
        for run in runs
        if run.strip()
    )
