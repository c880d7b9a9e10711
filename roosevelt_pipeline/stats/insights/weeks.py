"""Weeks of one metric and scope, and what the newest one changed."""

from dataclasses import dataclass, replace
from datetime import date, timedelta

import numpy as np
from scipy import stats

from roosevelt_pipeline.stats.insights.parameters import Parameters
from roosevelt_pipeline.stats.insights.questions import Finding, Question, Scope
from roosevelt_pipeline.stats.insights.rates import more_often, would_be_found
from roosevelt_pipeline.stats.insights.weekdays import hedged, often

Array = np.ndarray
MONDAY = date(1970, 1, 5)
_LARGEST = 1e12
_T = 0.975
_WANDERS = {"duration": 0.05, "ratio": 0.02}  # variance of a week's level, over that of one event


@dataclass(frozen=True)
class Weeks:
    """A metric of a scope in whole weeks, one entry each.

    Attributes:
        law: count, ratio or duration.
        week: number of weeks since 1970-01-05, rising, without repetition.
        value: counts, hits, or median hours; missing is NaN.
        n: trials of ratios, items of durations, of counts the count.
    """

    metric: str
    label: str
    law: str
    unit: str
    is_good_high: bool | None
    week: Array
    value: Array
    n: Array

    def cleaned(self) -> "Weeks":
        """In order, each week once (the last word counts), without values that cannot be."""
        with np.errstate(invalid="ignore"):
            known = np.isfinite(self.value) & np.isfinite(self.n) & (self.value >= 0) & (self.value <= _LARGEST)
            known &= (self.n > 0) | (self.law == "count")
            known &= (self.value > 0) if self.law == "duration" else True
            known &= (self.value <= self.n) if self.law == "ratio" else True
        order = [row for _, row in sorted({int(week): row for row, week in enumerate(self.week) if known[row]}.items())]
        return Weeks(self.metric, self.label, self.law, self.unit, self.is_good_high, self.week[order],
                     self.value[order], self.n[order])  # fmt: skip

    @property
    def level(self) -> Array:
        """What a reader sees: counts, percent, hours."""
        if self.law != "ratio":
            return self.value
        return np.divide(100 * self.value, self.n, out=np.full(len(self.n), np.nan), where=self.n > 0)

    @property
    def scaled(self) -> Array:
        """A scale on which a week's noise is about the same at any level."""
        if self.law == "duration":
            return np.asarray(np.log(self.value))
        return np.asarray(np.sqrt(self.value + 0.375)) if self.law == "count" else self.value / self.n


def last_week(of: Scope, weeks: Weeks, newest: int, parameters: Parameters) -> Question:
    """Has the newest week changed more than weeks do?

    Args:
        newest: the week that has just ended.
    """
    some = weeks.cleaned()
    is_recent = (some.week > newest - 2 - parameters.change_weeks) & (some.week <= newest)
    some = only(some, is_recent)
    if not len(some.week):
        return unasked("last_week", of, weeks, 0, "no_data", f"{weeks.label} of {of} has no values.")
    after = np.flatnonzero(np.diff(some.week) == 1)
    changes = (some.scaled[after + 1] - some.scaled[after]) / _width(some, after)
    is_newest = some.week[after + 1] == newest
    before = changes[~is_newest]
    if not is_newest.any() or len(before) < parameters.least_changes:
        said = f"Not enough data: {weeks.label} of {of} is known in {len(before)} weeks with the week before them."
        return unasked("last_week", of, weeks, len(some.week), "not_enough_data", said)
    if max(_events(some, -1), _events(some, -2)) < parameters.least_events:
        said = f"Not enough data: {weeks.label} of {of} had fewer than {parameters.least_events} events in both weeks."
        return unasked("last_week", of, weeks, len(some.week), "not_enough_data", said)
    spread = float(np.sqrt((before**2).mean()))
    change = float(changes[is_newest][0])
    chance = _chance_of_change(some, change, before, spread)
    error = spread * float(_width(some, after)[-1])
    finding = _of_last_week(of, some, change, error, len(before), chance)
    doubled = replace(some, value=np.array([some.value[-2], 2 * some.value[-2]]), n=some.n[[-2, -2]]).scaled
    is_conclusive = would_be_found(float(np.diff(doubled)[0]), error, len(before), parameters)
    said = f"{weeks.label} of {of} changed last week as it does from week to week."
    return Question("last_week", of, weeks.metric, "tested", len(some.week), chance, finding, is_conclusive,
                    hedged(said, is_conclusive))  # fmt: skip


def _width(some: Weeks, after: Array) -> Array:
    """How far a week and the next may lie apart by their sizes: of few events they are less certain."""
    if some.law == "count":
        return np.ones(len(after))
    return np.asarray(np.sqrt(_WANDERS[some.law] + 1 / some.n[after] + 1 / some.n[after + 1]))


def _events(some: Weeks, place: int) -> float:
    return float(some.value[place] if some.law == "count" else some.n[place])


def _chance_of_change(some: Weeks, change: float, before: Array, spread: float) -> float:
    """The least sure of: Student's t among the changes before, their heaviest tail, and the law of both weeks alone."""
    if spread <= 0:
        own = 0.0 if change else 1.0
    else:
        excess = float((before**4).mean() / (before**2).mean() ** 2) - 3 - np.sqrt(24 / len(before))
        freedom = min(len(before), 4 + 6 / max(excess, 1e-9))  # of Student's t with so heavy tails, beyond doubt
        # A change shares one of its weeks with that before it; by itself it is a draw like the others.
        own = float(2 * stats.t.sf(abs(change) / spread / np.sqrt(1 + 1 / len(before)), freedom))
    if not abs(change) > np.abs(before).max(initial=0.0):
        own = max(own, 1 / (len(before) + 1))
    return max(own, _chance_by_law(some))


def _chance_by_law(some: Weeks) -> float:
    """Of counts and ratios, whether the events of both weeks alone could tell them apart; two-sided."""
    one, other = float(some.value[-1]), float(some.value[-2])
    if some.law == "count":
        return float(stats.binomtest(round(one), round(one + other), 0.5).pvalue) if one + other else 1.0
    if some.law == "ratio":
        n, all_n = float(some.n[-1]), float(some.n[-1] + some.n[-2])
        sides = [more_often(np.array([hits]), np.array([n]), np.array([total]), np.array([all_n]))[0]
                 for hits, total in ((one, one + other), (n - one, all_n - one - other))]  # fmt: skip
        return min(1.0, 2 * float(min(sides)))
    return 0.0


def _of_last_week(of: Scope, some: Weeks, change: float, spread: float, known: int, chance: float) -> Finding:
    now, before = float(some.level[-1]), float(some.level[-2])
    reach = float(stats.t.ppf(_T, max(known - 1, 1))) * spread
    low, high = (_unscaled(some, float(some.scaled[-2]) + sign * reach) for sign in (-1, 1))
    first = MONDAY + timedelta(weeks=int(some.week[-1]))
    unit = shown_unit(some.unit)
    ratio = (now + _tiny(some)) / (before + _tiny(some))
    told = (
        f"{some.label} of {of} {'rose' if change > 0 else 'fell'} from {figure(before)} to {figure(now)} {unit} in "
        f"the week from {first}{_sizes(some)}. From one week to the next it mostly stays between {figure(low)} and "
        f"{figure(high)} {unit} from there (95 % of {known} changes before). By chance alone a change this large "
        f"comes once in {often(chance)} weeks."
    )
    return Finding(
        f"week from {first}", is_good(some, change), now, before, some.unit, ratio,
        ratio * (before + _tiny(some)) / (high + _tiny(some)), ratio * (before + _tiny(some)) / (low + _tiny(some)),
        int(_events(some, -1)), int(_events(some, -2)), 1.0, first - timedelta(weeks=1),
        first + timedelta(days=6), told,
    )  # fmt: skip


def _tiny(some: Weeks) -> float:
    """Half an event, so that a week without any has a ratio to the next."""
    return {"count": 0.5, "ratio": 50 / max(1.0, float(some.n[-2:].mean())), "duration": 0.0}[some.law]


def _unscaled(some: Weeks, value: float) -> float:
    if some.law == "duration":
        return float(np.exp(value))
    return max(0.0, value) ** 2 if some.law == "count" else 100 * min(1.0, max(0.0, value))


def only(some: Weeks, kept: Array) -> Weeks:
    """Some of the weeks."""
    return Weeks(some.metric, some.label, some.law, some.unit, some.is_good_high, some.week[kept], some.value[kept],
                 some.n[kept])  # fmt: skip


def unasked(kind: str, of: Scope, weeks: Weeks, n: int, status: str, said: str) -> Question:
    """A question that could not be asked, and why."""
    return Question(kind, of, weeks.metric, status, n, None, None, False, said)  # type: ignore[arg-type]


def is_good(some: Weeks, change: float) -> bool | None:
    """Whether a change is for the better; missing where a metric has no direction."""
    return None if some.is_good_high is None else (change > 0) == some.is_good_high


def _sizes(some: Weeks) -> str:
    if some.law == "count":
        return ""
    if some.law == "ratio":
        return f" ({some.value[-1]:.0f} of {some.n[-1]:.0f}, after {some.value[-2]:.0f} of {some.n[-2]:.0f})"
    return f" (median of {some.n[-1]:.0f}, after {some.n[-2]:.0f})"


def shown_unit(unit: str) -> str:
    """A unit as it stands in a sentence."""
    return "%" if unit == "percent" else unit


def figure(value: float) -> str:
    """A number as it stands in a sentence."""
    return f"{value:,.0f}" if abs(value) >= 10 or value == int(value) else f"{value:.1f}"
