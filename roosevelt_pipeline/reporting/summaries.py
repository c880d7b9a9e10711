"""The monthly page for those who read one page a month: text, numbers and three charts, as Markdown and as HTML."""

import base64
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from html import escape

_WIDTH, _HEIGHT, _LEFT, _TOP, _BOTTOM = 460, 120, 8, 30, 18
_INK, _GREY, _BLUE = "#1f2937", "#6b7280", "#1d4ed8"
_STYLE = (
    "body{font:15px/1.5 system-ui,sans-serif;color:#1f2937;max-width:46rem;margin:2rem auto;padding:0 1rem}"
    "table{border-collapse:collapse;width:100%}"
    "td,th{border-bottom:1px solid #e5e7eb;padding:.3rem .5rem;text-align:left;vertical-align:top}"
    "svg{display:block;margin:1rem 0;width:100%;height:auto}.small{color:#6b7280;font-size:13px}"
    "span.small{display:block}"
    "@media(max-width:480px){body{margin:.5rem auto;padding:0 .25rem}h1{font-size:22px}"
    "td,th{font-size:13px;padding:.3rem .25rem}}"
)


@dataclass(frozen=True)
class Figure:
    """A number of the month beside that of the month before; missing is ``None``, and is said to be unknown.

    Attributes:
        n: events behind it, of both months.
        interval: 95 %, of the month, for rates.
        tier: where one was given.
    """

    label: str
    unit: str
    value: float | None
    before: float | None
    n: int
    n_before: int
    interval: tuple[float, float] | None = None
    tier: str | None = None


@dataclass(frozen=True)
class Chart:
    """Weeks as bars: the first day of each, its value (missing is a gap), and whether it lies in the month."""

    title: str
    weeks: Sequence[tuple[date, float | None, bool]]


@dataclass(frozen=True)
class Summary:
    """What the page says.

    Attributes:
        sentences: the text, a paragraph each.
        insights: what was told in the month, most useful first.
        notes: how far the numbers can be trusted.
        is_watched: whether anybody asked, while the month lasted, what stood out.
    """

    organization: str
    month: date
    sentences: Sequence[str]
    figures: Sequence[Figure]
    charts: Sequence[Chart]
    insights: Sequence[str]
    notes: Sequence[str]
    is_watched: bool = True

    @property
    def nothing(self) -> str:
        """What is said where nothing was told."""
        if self.is_watched:
            return "Nothing stood out beyond chance."
        return "Not known: the daily run, which asks what stands out beyond chance, began after the month."

    @property
    def title(self) -> str:
        return f"{self.organization}: delivery in {self.month:%B %Y}"


def as_markdown(summary: Summary) -> str:
    """The page in Markdown, the charts as images in it."""
    rows = ["| | this month | the month before | tier |", "| --- | --- | --- | --- |"]
    rows += [f"| {' | '.join(', '.join(cell) for cell in _cells(one))} |" for one in summary.figures]
    images = [f"![{one.title}](data:image/svg+xml;base64,{_encoded(one)})" for one in summary.charts]
    told = "\n".join(f"- {one}" for one in summary.insights) or summary.nothing
    notes = "\n".join(f"- {one}" for one in summary.notes)
    parts = [f"# {summary.title}", *summary.sentences, "\n".join(rows), *images, "## What stood out", told, notes]
    return "\n\n".join(part for part in parts if part) + "\n"


def as_html(summary: Summary) -> str:
    """The page in HTML: no script, no link, nothing to be fetched."""
    text = "".join(f"<p>{escape(one)}</p>" for one in summary.sentences)
    rows = "".join(
        "<tr>" + "".join(f"<td>{_with_aside(cell)}</td>" for cell in _cells(one)) + "</tr>" for one in summary.figures
    )
    told = "".join(f"<li>{escape(one)}</li>" for one in summary.insights)
    told = f"<ul>{told}</ul>" if told else f"<p>{escape(summary.nothing)}</p>"
    notes = "".join(f'<p class="small">{escape(one)}</p>' for one in summary.notes)
    return (
        f'<!doctype html><html lang="en"><head><meta charset="utf-8">'
        f'<meta name="viewport" content="width=device-width, initial-scale=1"><title>{escape(summary.title)}</title>'
        f"<style>{_STYLE}</style></head><body><h1>{escape(summary.title)}</h1>{text}<table><thead><tr><th></th>"
        f"<th>this month</th><th>the month before</th><th>tier</th></tr></thead><tbody>{rows}</tbody></table>"
        f"{''.join(map(svg, summary.charts))}<h2>What stood out</h2>{told}{notes}</body></html>"
    )


def _cells(figure: Figure) -> list[list[str]]:
    """Of each cell the number, and what it rests on."""
    low, high = figure.interval or (None, None)
    reach = [] if figure.value is None or low is None else [f"95 % interval {low:.0f} to {high:.0f}"]
    return [
        [figure.label],
        [shown(figure.value, figure.unit), *reach, *_rests_on(figure.value, figure.n)],
        [shown(figure.before, figure.unit), *_rests_on(figure.before, figure.n_before)],
        [figure.tier or "–"],
    ]


def _rests_on(value: float | None, n: int) -> list[str]:
    """How many events; nothing of what is a number of events itself."""
    return [] if value == n else [f"n = {n:,}"]


def _with_aside(cell: Sequence[str]) -> str:
    aside = f'<span class="small">{escape(", ".join(cell[1:]))}</span>' if len(cell) > 1 else ""
    return f"{escape(cell[0])}{aside}"


def shown(value: float | None, unit: str) -> str:
    """A value with its unit; unknown is said to be unknown."""
    if value is None:
        return "unknown"
    digits = 0 if abs(value) >= 100 or value == int(value) else 1 if abs(value) >= 10 else 2
    return f"{value:,.{digits}f} {'%' if unit == 'percent' else unit}"


def _encoded(chart: Chart) -> str:
    return base64.b64encode(svg(chart).encode()).decode()


def svg(chart: Chart) -> str:
    """The chart as a picture: the month's weeks in colour, the others grey."""
    known = [value for _, value, _ in chart.weeks if value is not None]
    top, floor = max([*known, 1e-9]) * 1.05, _HEIGHT - _BOTTOM
    step = (_WIDTH - 2 * _LEFT) / max(1, len(chart.weeks))
    bars = "".join(
        f'<rect x="{_LEFT + place * step + 1:.1f}" y="{floor - (floor - _TOP) * value / top:.1f}" '
        f'width="{max(1.0, step - 2):.1f}" height="{(floor - _TOP) * value / top:.1f}" '
        f'fill="{_BLUE if is_inside else _GREY}"/>'
        for place, (_, value, is_inside) in enumerate(chart.weeks)
        if value is not None
    )
    first, last = (f"week from {chart.weeks[place][0]}" if chart.weeks else "" for place in (0, -1))
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{_WIDTH}" height="{_HEIGHT}" viewBox="0 0 {_WIDTH} {_HEIGHT}" '
        f'font-family="system-ui, sans-serif" font-size="11" role="img"><title>{escape(chart.title)}</title>'
        f'<rect width="100%" height="100%" fill="#ffffff"/>'
        f'<text x="{_LEFT}" y="14" fill="{_INK}" font-weight="600">{escape(chart.title)}</text>'
        f'<text x="{_WIDTH - _LEFT}" y="14" fill="{_GREY}" text-anchor="end">'
        f"{f'at most {max(known):,.1f}' if known else 'nothing known'}</text>{bars}"
        f'<text x="{_LEFT}" y="{_HEIGHT - 5}" fill="{_GREY}">{first}</text>'
        f'<text x="{_WIDTH - _LEFT}" y="{_HEIGHT - 5}" fill="{_GREY}" text-anchor="end">{last}</text></svg>'
    )
