"""Small charts as SVG, for Markdown that Dagster and mail programs show: no library, no file, no script."""

import base64
from collections.abc import Sequence
from dataclasses import dataclass
from html import escape

import pandas as pd

WIDTH, HEIGHT, LEFT, TOP, BOTTOM = 460, 130, 8, 34, 18
INK, GREY, RED, _BAND = "#1f2937", "#6b7280", "#b91c1c", "#fde8e8"


@dataclass(frozen=True)
class Panel:
    """One series over its last weeks, with the incident marked.

    Attributes:
        values: of each week, by its last day; missing weeks are gaps.
        expected: what a week was expected to hold.
        since: first day of the incident.
    """

    title: str
    unit: str
    values: pd.Series
    expected: float
    since: pd.Timestamp


def as_markdown(panels: Sequence[Panel], alt: str) -> str:
    """An image in Markdown, the chart itself in it."""
    return image(svg(panels), alt)


def svg(panels: Sequence[Panel]) -> str:
    """The panels below each other."""
    return stacked([_panel(panel) for panel in panels])


def image(drawn: str, alt: str) -> str:
    """An SVG as an image in Markdown, without a file of its own."""
    encoded = base64.b64encode(drawn.encode()).decode()
    return f"![{alt}](data:image/svg+xml;base64,{encoded})"


def stacked(drawn: Sequence[str], height: int = HEIGHT) -> str:
    """Parts of one width and height below each other, as one SVG."""
    parts = [f'<g transform="translate(0 {place * height})">{one}</g>' for place, one in enumerate(drawn)]
    return canvas("".join(parts), max(1, len(drawn)) * height)


def canvas(drawn: str, height: int) -> str:
    """What is drawn, on a white ground of the common width, as an SVG."""
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{WIDTH}" height="{height}" viewBox="0 0 {WIDTH} {height}" '
        f'font-family="system-ui, sans-serif" font-size="11"><rect width="100%" height="100%" fill="#ffffff"/>'
        f"{drawn}</svg>"
    )


def _panel(panel: Panel) -> str:
    values, days = panel.values, pd.DatetimeIndex(panel.values.index)
    known = values.dropna()
    top = max([float(known.max()) if len(known) else 0.0, panel.expected, 1e-9]) * 1.05
    step = (WIDTH - 2 * LEFT) / max(1, len(values))
    floor = HEIGHT - BOTTOM

    def height(value: float) -> float:
        return (floor - TOP) * value / top

    bars = "".join(
        f'<rect x="{LEFT + place * step + 1:.1f}" y="{floor - height(value):.1f}" width="{max(1.0, step - 2):.1f}" '
        f'height="{height(value):.1f}" fill="{RED if day >= panel.since else GREY}"/>'
        for place, (day, value) in enumerate(zip(days, values, strict=True))
        if pd.notna(value)
    )
    inside = [place for place, day in enumerate(days) if day >= panel.since]
    begin = LEFT + (inside[0] if inside else len(values)) * step
    line = floor - height(panel.expected)
    first, last = (f"{days[place].date()}" if len(values) else "" for place in (0, -1))
    return (
        f'<rect x="{begin:.1f}" y="{TOP}" width="{WIDTH - LEFT - begin:.1f}" height="{floor - TOP}" '
        f'fill="{_BAND}"/>'
        f"{bars}"
        f'<line x1="{LEFT}" x2="{WIDTH - LEFT}" y1="{line:.1f}" y2="{line:.1f}" stroke="{INK}" '
        f'stroke-dasharray="4 3"/>'
        f'<text x="{LEFT}" y="14" fill="{INK}" font-weight="600">{escape(panel.title)}</text>'
        f'<text x="{LEFT}" y="28" fill="{GREY}">{escape(panel.unit)}; dashed: expected {panel.expected:,.1f}</text>'
        f'<text x="{LEFT}" y="{HEIGHT - 5}" fill="{GREY}">week to {first}</text>'
        f'<text x="{WIDTH - LEFT}" y="{HEIGHT - 5}" fill="{GREY}" text-anchor="end">week to {last}</text>'
    )
