"""Effects with their intervals below each other, as SVG: how large each is, and how sure."""

import base64
from collections.abc import Sequence
from dataclasses import dataclass
from html import escape
from math import log2

_WIDTH, _ROW, _TOP, _BOTTOM, _LEFT, _RIGHT = 460, 34, 22, 18, 8, 8
_INK, _GREY, _RED, _GREEN = "#1f2937", "#6b7280", "#b91c1c", "#15803d"
_REACH = 3.0  # doublings to either side; what is beyond ends at the edge


@dataclass(frozen=True)
class Effect:
    """A ratio and its 95 % interval. ``is_good`` is missing where it is neither good nor bad."""

    title: str
    ratio: float
    low: float
    high: float
    is_good: bool | None


def as_markdown(effects: Sequence[Effect], alt: str) -> str:
    """An image in Markdown, the chart itself in it."""
    drawn = base64.b64encode(svg(effects).encode()).decode()
    return f"![{alt}](data:image/svg+xml;base64,{drawn})"


def svg(effects: Sequence[Effect]) -> str:
    """On a logarithmic scale: the line in the middle is no effect, each step is a doubling."""
    height = _TOP + _ROW * max(1, len(effects)) + _BOTTOM
    ticks = "".join(
        f'<line x1="{_x(2.0**step):.1f}" x2="{_x(2.0**step):.1f}" y1="{_TOP}" y2="{height - _BOTTOM}" stroke="{_GREY}" '
        f'stroke-width="{1 if step == 0 else 0.3}"/>'
        f'<text x="{_x(2.0**step):.1f}" y="{height - 5}" fill="{_GREY}" text-anchor="middle">{_tick(step)}</text>'
        for step in (-2, -1, 0, 1, 2)
    )
    rows = "".join(_row(effect, _TOP + place * _ROW) for place, effect in enumerate(effects))
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{_WIDTH}" height="{height}" viewBox="0 0 {_WIDTH} {height}" '
        f'font-family="system-ui, sans-serif" font-size="11"><rect width="100%" height="100%" fill="#ffffff"/>'
        f'<text x="{_LEFT}" y="14" fill="{_GREY}">ratio, with its 95 % interval</text>{ticks}{rows}</svg>'
    )


def _row(effect: Effect, top: float) -> str:
    colour = _INK if effect.is_good is None else _GREEN if effect.is_good else _RED
    middle = top + 24
    return (
        f'<text x="{_LEFT}" y="{top + 12}" fill="{_INK}">{escape(effect.title)}</text>'
        f'<line x1="{_x(effect.low):.1f}" x2="{_x(effect.high):.1f}" y1="{middle}" y2="{middle}" stroke="{colour}" '
        f'stroke-width="2"/><circle cx="{_x(effect.ratio):.1f}" cy="{middle}" r="4" fill="{colour}"/>'
    )


def _x(ratio: float) -> float:
    place = max(-_REACH, min(_REACH, log2(max(ratio, 1e-9))))
    return _LEFT + (_WIDTH - _LEFT - _RIGHT) * (place + _REACH) / (2 * _REACH)


def _tick(step: int) -> str:
    return f"{2**step}" if step >= 0 else f"1/{2**-step}"
