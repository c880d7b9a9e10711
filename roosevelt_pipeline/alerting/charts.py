"""The small chart that goes with an alert: a line for each of its first scopes, and what it is held against."""

import io
from collections.abc import Mapping, Sequence
from typing import Any

from PIL import Image, ImageDraw, ImageFont

from roosevelt_pipeline.alerting.rules import number

MOST_PANELS = 4
_WIDTH, _HEIGHT, _LEFT, _TOP, _BOTTOM = 1040, 320, 28, 74, 52  # twice as large as it is shown, so that it is sharp
_LINE, _TARGET, _GREY, _BLACK, _WHITE = "#2f6fb3", "#c0392b", "#6b7280", "#1d1c1d", "#ffffff"
_LEAST_POINTS, _APART = 3, 34
Point = tuple[float, float]


def chart(content: Mapping[str, Any]) -> bytes | None:
    """A picture (PNG) of the weeks before; missing where too little is known to draw a line."""
    items = [item for item in content["items"] if len(item.get("history") or ()) >= _LEAST_POINTS][:MOST_PANELS]
    if not items:
        return None
    image = Image.new("RGB", (_WIDTH, _HEIGHT * len(items)), _WHITE)
    draw = ImageDraw.Draw(image)
    for at, item in enumerate(items):
        _panel(draw, item, _HEIGHT * at)
    told = io.BytesIO()
    image.save(told, "PNG", optimize=True)
    return told.getvalue()


def _panel(draw: ImageDraw.ImageDraw, item: Mapping[str, Any], top: int) -> None:
    values = [float(value) for _, value in item["history"]]
    target = item.get("target")
    highest = max([*values, *([target] if target is not None else [])]) or 1.0
    right, floor, ceiling = _WIDTH - 170, top + _HEIGHT - _BOTTOM, top + _TOP

    def y(value: float) -> float:
        return floor - value / highest * (floor - ceiling)

    small, large = ImageFont.load_default(29), ImageFont.load_default(33)
    draw.text((_LEFT, top + 14), _short(f"{item['scope']}: {item['label']}"), _BLACK, large)
    draw.line([(_LEFT, floor), (right, floor)], "#d1d5db", 2)
    if target is not None:
        _dashes(draw, _LEFT, right, y(target))
        if abs(y(target) - y(values[-1])) >= _APART:
            draw.text((right + 12, y(target) - 14), number(target, _sign(item)), _TARGET, small)
    step = (right - _LEFT) / (len(values) - 1)
    points: Sequence[Point] = [(_LEFT + step * at, y(value)) for at, value in enumerate(values)]
    draw.line(points, _LINE, 5, joint="curve")
    x, height = points[-1]
    draw.ellipse((x - 8, height - 8, x + 8, height + 8), _LINE)
    draw.text((right + 12, height - 14), number(values[-1], _sign(item)), _LINE, small)
    first, last = item["history"][0][0], item["history"][-1][0]
    draw.text((_LEFT, floor + 8), str(first), _GREY, small)
    draw.text((right - draw.textlength(str(last), small), floor + 8), str(last), _GREY, small)


def _dashes(draw: ImageDraw.ImageDraw, left: int, right: int, height: float) -> None:
    for x in range(left, right, 24):
        draw.line([(x, height), (min(x + 12, right), height)], _TARGET, 3)


def _sign(item: Mapping[str, Any]) -> str:
    return "percent" if item.get("unit") == "percent" else ""


def _short(text: str, most: int = 60) -> str:
    return text if len(text) <= most else text[: most - 1] + "…"
