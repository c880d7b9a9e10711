"""Two series below each other on one calendar, as SVG: how they moved together, each on its own scale."""

import base64
from collections.abc import Sequence
from dataclasses import dataclass
from html import escape

import pandas as pd

_WIDTH, _HEIGHT, _LEFT, _TOP, _BOTTOM = 460, 130, 8, 34, 18
_INK, _GREY, _FIRST, _SECOND = "#1f2937", "#6b7280", "#1d4ed8", "#b45309"


@dataclass(frozen=True)
class Pair:
    """Two series by the first day of each period, each with its name; missing values are gaps."""

    title: str
    names: tuple[str, str]
    first: pd.Series
    second: pd.Series


def as_markdown(pairs: Sequence[Pair], alt: str) -> str:
    """An image in Markdown, the chart itself in it."""
    drawn = base64.b64encode(svg(pairs).encode()).decode()
    return f"![{alt}](data:image/svg+xml;base64,{drawn})"


def svg(pairs: Sequence[Pair]) -> str:
    """The pairs below each other."""
    parts = [f'<g transform="translate(0 {place * _HEIGHT})">{_drawn(pair)}</g>' for place, pair in enumerate(pairs)]
    height = max(1, len(pairs)) * _HEIGHT
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{_WIDTH}" height="{height}" viewBox="0 0 {_WIDTH} {height}" '
        f'font-family="system-ui, sans-serif" font-size="11"><rect width="100%" height="100%" fill="#ffffff"/>'
        f"{''.join(parts)}</svg>"
    )


def _drawn(pair: Pair) -> str:
    days = pd.DatetimeIndex(pair.first.index.union(pair.second.index))
    lines = "".join(
        _line(values.reindex(days), colour) for values, colour in ((pair.first, _FIRST), (pair.second, _SECOND))
    )
    first, last = (f"{days[place].date()}" if len(days) else "" for place in (0, -1))
    one, other = map(escape, pair.names)
    return (
        f'<text x="{_LEFT}" y="14" fill="{_INK}" font-weight="600">{escape(pair.title)}</text>'
        f'<text x="{_LEFT}" y="28"><tspan fill="{_FIRST}">{one}</tspan><tspan fill="{_GREY}">, </tspan>'
        f'<tspan fill="{_SECOND}">{other}</tspan><tspan fill="{_GREY}">; each on its own scale</tspan></text>{lines}'
        f'<text x="{_LEFT}" y="{_HEIGHT - 5}" fill="{_GREY}">{first}</text>'
        f'<text x="{_WIDTH - _LEFT}" y="{_HEIGHT - 5}" fill="{_GREY}" text-anchor="end">{last}</text>'
    )


def _line(values: pd.Series, colour: str) -> str:
    """From the least to the greatest value over the panel's height, broken where nothing is known."""
    known = values.dropna()
    if known.empty:
        return ""
    low, reach = float(known.min()), float(known.max() - known.min()) or 1.0
    step = (_WIDTH - 2 * _LEFT) / max(1, len(values) - 1)
    floor = _HEIGHT - _BOTTOM
    points = [
        None if pd.isna(value) else f"{_LEFT + place * step:.1f},{floor - (floor - _TOP) * (value - low) / reach:.1f}"
        for place, value in enumerate(values)
    ]
    runs = " ".join("|" if point is None else point for point in points).split("|")
    return "".join(
        f'<polyline points="{run.strip()}" fill="none" stroke="{colour}" stroke-width="1.5"/>'
        for run in runs
        if run.strip()
    )
