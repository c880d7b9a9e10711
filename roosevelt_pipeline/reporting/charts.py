"""Small charts as SVG, for Markdown that Dagster and mail programs show: no library, no file, no script."""

import base64
from collections.abc import Sequence
from dataclasses import dataclass
from html import escape

import pandas as pd

_WIDTH, _HEIGHT, _LEFT, _TOP, _BOTTOM = 460, 130, 8, 34, 18
_INK, _GREY, _RED, _BAND = "#1f2937", "#6b7280", "#b91c1c", "#fde8e8"


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
    drawn = base64.b64encode(svg(panels).encode()).decode()
    return f"![{alt}](data:image/svg+xml;base64,{drawn})"


def svg(panels: Sequence[Panel]) -> str:
    """The panels below each other."""
    parts = [f'<g transform="translate(0 {place * _HEIGHT})">{_panel(panel)}</g>' for place, panel in enumerate(panels)]
    height = max(1, len(panels)) * _HEIGHT
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{_WIDTH}" height="{height}" viewBox="0 0 {_WIDTH} {height}" '
        f'font-family="system-ui, sans-serif" font-size="11"><rect width="100%" height="100%" fill="#ffffff"/>'
        f"{''.join(parts)}</svg>"
    )


def _panel(panel: Panel) -> str:
    values, days = panel.values, pd.DatetimeIndex(panel.values.index)
    known = values.dropna()
    top = max([float(known.max()) if len(known) else 0.0, panel.expected, 1e-9]) * 1.05
    step = (_WIDTH - 2 * _LEFT) / max(1, len(values))
    floor = _HEIGHT - _BOTTOM

    def height(value: float) -> float:
        return (floor - _TOP) * value / top

    bars = "".join(
        f'<rect x="{_LEFT + place * step + 1:.1f}" y="{floor - height(value):.1f}" width="{max(1.0, step - 2):.1f}" '
        f'height="{height(value):.1f}" fill="{_RED if day >= panel.since else _GREY}"/>'
        for place, (day, value) in enumerate(zip(days, values, strict=True))
        if pd.notna(value)
    )
    inside = [place for place, day in enumerate(days) if day >= panel.since]
    begin = _LEFT + (inside[0] if inside else len(values)) * step
    line = floor - height(panel.expected)
    first, last = (f"{days[place].date()}" if len(values) else "" for place in (0, -1))
    return (
        f'<rect x="{begin:.1f}" y="{_TOP}" width="{_WIDTH - _LEFT - begin:.1f}" height="{floor - _TOP}" '
        f'fill="{_BAND}"/>'
        f"{bars}"
        f'<line x1="{_LEFT}" x2="{_WIDTH - _LEFT}" y1="{line:.1f}" y2="{line:.1f}" stroke="{_INK}" '
        f'stroke-dasharray="4 3"/>'
        f'<text x="{_LEFT}" y="14" fill="{_INK}" font-weight="600">{escape(panel.title)}</text>'
        f'<text x="{_LEFT}" y="28" fill="{_GREY}">{escape(panel.unit)}; dashed: expected {panel.expected:,.1f}</text>'
        f'<text x="{_LEFT}" y="{_HEIGHT - 5}" fill="{_GREY}">week to {first}</text>'
        f'<text x="{_WIDTH - _LEFT}" y="{_HEIGHT - 5}" fill="{_GREY}" text-anchor="end">week to {last}</text>'
    )
