"""Middle halves below each other, as SVG: between which values half of the teams lie, and where their middle is."""

from collections.abc import Sequence
from dataclasses import dataclass
from html import escape

from roosevelt_pipeline.reporting.charts import GREY, INK, LEFT, WIDTH, canvas, image

_ROW, _TOP, _BAR, _FILL = 40, 20, 10, "#bfdbfe"
_LABEL = 110  # room to the right of an axis for the three values
_ROOM = 1.25  # what the axis reaches beyond the upper quartile


@dataclass(frozen=True)
class Spread:
    """Quartiles of one metric, each a number of two digits; the axis of each begins at nought."""

    title: str
    low: float
    median: float
    high: float


def as_markdown(spreads: Sequence[Spread], alt: str) -> str:
    """An image in Markdown, the chart itself in it."""
    return image(svg(spreads), alt)


def svg(spreads: Sequence[Spread]) -> str:
    """Each on a scale of its own: metrics are not compared with each other."""
    rows = "".join(_row(one, _TOP + place * _ROW) for place, one in enumerate(spreads))
    head = f'<text x="{LEFT}" y="14" fill="{GREY}">bar: the middle half of the teams; line: their median</text>'
    return canvas(f"{head}{rows}", _TOP + _ROW * max(1, len(spreads)) + 4)


def _row(spread: Spread, top: float) -> str:
    scale = (WIDTH - 2 * LEFT - _LABEL) / max(spread.high * _ROOM, 1e-9)
    low, median, high = (LEFT + scale * max(0.0, value) for value in (spread.low, spread.median, spread.high))
    bar = top + 20
    return (
        f'<text x="{LEFT}" y="{top + 14}" fill="{INK}">{escape(spread.title)}</text>'
        f'<line x1="{LEFT}" x2="{WIDTH - LEFT - _LABEL}" y1="{bar + _BAR / 2}" y2="{bar + _BAR / 2}" stroke="{GREY}" '
        f'stroke-width="0.5"/>'
        f'<rect x="{low:.1f}" y="{bar}" width="{max(2.0, high - low):.1f}" height="{_BAR}" fill="{_FILL}"/>'
        f'<line x1="{median:.1f}" x2="{median:.1f}" y1="{bar - 2}" y2="{bar + _BAR + 2}" stroke="{INK}" '
        f'stroke-width="2"/>'
        f'<text x="{WIDTH - LEFT}" y="{bar + _BAR - 1}" fill="{GREY}" text-anchor="end">'
        f"{spread.low:g} | {spread.median:g} | {spread.high:g}</text>"
    )
