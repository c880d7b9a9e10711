"""Where half a year of weeks has led a metric: a line through them, as sure as weeks that hang together allow."""

from dataclasses import dataclass
from datetime import timedelta

import numpy as np
from scipy import stats

from roosevelt_pipeline.stats.insights.parameters import Parameters
from roosevelt_pipeline.stats.insights.questions import Finding, Question, Scope
from roosevelt_pipeline.stats.insights.rates import would_be_found
from roosevelt_pipeline.stats.insights.weekdays import hedged, often
from roosevelt_pipeline.stats.insights.weeks import MONDAY, Array, Weeks, figure, is_good, only, shown_unit, unasked

_T = 0.975


def trend(of: Scope, weeks: Weeks, newest: int, parameters: Parameters) -> Question:
    """Has the metric risen or fallen over half a year, beyond what weeks that resemble each other do by chance?"""
    some = weeks.cleaned()
    some = only(some, (some.week > newest - parameters.trend_weeks) & (some.week <= newest))
    known = len(some.week)
    if not known:
        return unasked("trend", of, weeks, 0, "no_data", f"{weeks.label} of {of} has no values.")
    events = float(some.value.sum() if some.law == "count" else some.n.sum())
    hits = float(some.value.sum()) if some.law == "ratio" else events
    if known < parameters.least_trend_weeks or events < 30 or hits < 10 or not np.ptp(some.level) > 0:
        said = f"Not enough data: {weeks.label} of {of} has {events:.0f} events in {known} weeks."
        return unasked("trend", of, weeks, known, "not_enough_data", said)
    line = _line(some)
    if line is None:
        said = f"Not enough data: the weeks of {weeks.label} of {of} hang together too much to tell a trend."
        return unasked("trend", of, weeks, known, "not_enough_data", said)
    finding = _of_trend(of, some, line)
    error = np.log(line.high / line.ratio) / float(stats.t.ppf(_T, line.freedom))
    is_conclusive = would_be_found(float(np.log(2)), float(error), line.freedom, parameters)
    said = f"{weeks.label} of {of} shows no trend over {known} weeks that could be told from chance."
    return Question("trend", of, weeks.metric, "tested", known, line.chance, finding, is_conclusive,
                    hedged(said, is_conclusive))  # fmt: skip


@dataclass(frozen=True)
class _Line:
    """A straight line through the weeks: its ends as a reader sees them, their ratio with interval, and its chance."""

    start: float
    end: float
    ratio: float
    low: float
    high: float
    chance: float
    freedom: float


def _line(some: Weeks) -> _Line | None:
    """Weighted least squares; neighbours that resemble each other widen it and take from its degrees of freedom."""
    y = np.log(some.value) if some.law == "duration" else some.level
    weight = np.ones(len(y)) if some.law == "count" else np.minimum(some.n, np.quantile(some.n, 0.9))
    weight = weight / weight.mean()
    x = some.week - np.average(some.week, weights=weight)
    middle = float(np.average(y, weights=weight))
    inertia = float((weight * x**2).sum())
    slope = float((weight * x * (y - middle)).sum() / inertia)
    residual = y - middle - slope * x
    alike = _resemblance(some.week, residual * np.sqrt(weight))
    shrunk = (1 + alike) / (1 - alike)
    freedom = len(y) / shrunk - 2
    if freedom < 3:
        return None
    variance = float((weight * residual**2).sum() / (len(y) - 2)) * shrunk
    if variance <= 0:
        return None
    chance = float(2 * stats.t.sf(abs(slope) / np.sqrt(variance / inertia), freedom))
    half = [float(x[0]), float(x[-1])]
    reach = float(stats.t.ppf(_T, freedom))
    if some.law == "duration":
        start, end = (float(np.exp(middle + slope * place)) for place in half)
        width = reach * (half[1] - half[0]) * np.sqrt(variance / inertia)
    else:
        least = 0.05 * middle  # a line that would cross zero ends there
        start, end = (max(least, middle + slope * place) for place in half)
        by_slope = half[1] / end - half[0] / start
        width = reach * np.sqrt(by_slope**2 * variance / inertia + (1 / end - 1 / start) ** 2 * variance / len(y))
    ratio = end / start
    return _Line(start, end, ratio, ratio * float(np.exp(-width)), ratio * float(np.exp(width)), chance, freedom)


def _resemblance(week: Array, residual: Array) -> float:
    """Autocorrelation of neighbouring weeks, from 0 to 0.8, with what a short series hides added back."""
    neighbours = np.flatnonzero(np.diff(week) == 1)
    if len(neighbours) < 4:
        return 0.8
    square = float((residual**2).mean())
    found = float((residual[neighbours] * residual[neighbours + 1]).mean()) / square if square > 0 else 0.0
    return min(0.8, max(0.0, found + (1 + 4 * found) / len(week)))


def _of_trend(of: Scope, some: Weeks, line: _Line) -> Finding:
    rises = line.end > line.start
    first, last = (MONDAY + timedelta(weeks=int(some.week[place])) for place in (0, -1))
    told = (
        f"{some.label} of {of} has {'risen' if rises else 'fallen'} over {len(some.week)} weeks from about "
        f"{figure(line.start)} to about {figure(line.end)} {shown_unit(some.unit)}, ratio {line.ratio:.2f} (95 % "
        f"interval {line.low:.2f} to {line.high:.2f}). By chance alone a line this steep comes once in "
        f"{often(line.chance)}."
    )
    events = int(some.value.sum() if some.law == "count" else some.n.sum())
    return Finding(
        "rising" if rises else "falling", is_good(some, line.end - line.start), line.end, line.start, some.unit,
        line.ratio, line.low, line.high, events, 0, 1.0, first, last + timedelta(days=6), told,
    )  # fmt: skip
