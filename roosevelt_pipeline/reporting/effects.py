"""Effects with their intervals below each other, as SVG: how large each is, and how sure."""

from collections.abc import Sequence
from dataclasses import dataclass
from html import escape
from math import log2

from roosevelt_pipeline.reporting.charts import BOTTOM, GREY, INK, LEFT, RED, WIDTH, canvas, image

_ROW, _TOP = 34, 22
_GREEN = "#15803d"
_REACH = 3.0  # doublings to either side; what is beyond ends at the edge


@dataclass(frozen=True)
class Effect:
    """A ratio and its 95 % interval. ``is_good`` is missing where it is neither good nor bad."""

    title: str
    ratio: float
    low: float
    high: float
    is_good: bool | None


_MEANING = "ratio, with its 95 % interval"


def as_markdown(effects: Sequence[Effect], alt: str, meaning: str = _MEANING) -> str:
    """An image in Markdown, the chart itself in it."""
    return image(svg(effects, meaning), alt)


def svg(effects: Sequence[Effect], meaning: str = _MEANING) -> str:
    """On a logarithmic scale: the line in the middle is no effect, each step is a doubling.

    Args:
        meaning: of a dot and its line, in words.
    """
    height = _TOP + _ROW * max(1, len(effects)) + BOTTOM
    ticks = "".join(
        f'<line x1="{_x(2.0**step):.1f}" x2="{_x(2.0**step):.1f}" y1="{_TOP}" y2="{height - BOTTOM}" stroke="{GREY}" '
        f'stroke-width="{1 if step == 0 else 0.3}"/>'
        f'<text x="{_x(2.0**step):.1f}" y="{height - 5}" fill="{GREY}" text-anchor="middle">{_tick(step)}</text>'
        for step in (-2, -1, 0, 1, 2)
    )
    rows = "".join(_row(effect, _TOP + place * _ROW) for place, effect in enumerate(effects))
    unit = f'<text x="{LEFT}" y="14" fill="{GREY}">{escape(meaning)}</text>'
    return canvas(f"{unit}{ticks}{rows}", height)


def _row(effect: Effect, top: float) -> str:
    colour = INK if effect.is_good is None else _GREEN if effect.is_good else RED
    middle = top + 24
    return (
        f'<text x="{LEFT}" y="{top + 12}" fill="{INK}">{escape(effect.title)}</text>'
        f'<line x1="{_x(effect.low):.1f}" x2="{_x(effect.high):.1f}" y1="{middle}" y2="{middle}" stroke="{colour}" '
        f'stroke-width="2"/><circle cx="{_x(effect.ratio):.1f}" cy="{middle}" r="4" fill="{colour}"/>'
    )


def _x(ratio: float) -> float:
    place = max(-_REACH, min(_REACH, log2(max(ratio, 1e-9))))
    return LEFT + (WIDTH - 2 * LEFT) * (place + _REACH) / (2 * _REACH)


def _tick(step: int) -> str:
    return f"{2**step}" if step >= 0 else f"1/{2**-step}"
