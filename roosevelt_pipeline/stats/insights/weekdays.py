"""When deployments fail: weekdays on which they do so more often, and windows in which they do so least."""

from dataclasses import dataclass
from datetime import date, timedelta

import numpy as np

from roosevelt_pipeline.stats.correlations.discoveries import holm
from roosevelt_pipeline.stats.insights.parameters import BLOCKS, WEEKDAYS, Parameters
from roosevelt_pipeline.stats.insights.questions import Finding, Question, Scope
from roosevelt_pipeline.stats.insights.rates import more_often, power, ratio_of_rates, spread_of_days, whole_days

Array = np.ndarray
METRIC = "change_failure_rate_pct"
_EPOCH = date(1970, 1, 1)  # a Thursday
_SEED = 7
_DOUBLED = 2.0


@dataclass(frozen=True)
class Deployments:
    """A scope's deployments, one entry per day and block of hours, both where they were made.

    Attributes:
        day: whole days since 1970-01-01.
        block: of `BLOCKS`.
        trials, failed: how many there were.
    """

    day: Array
    block: Array
    trials: Array
    failed: Array

    def cleaned(self) -> "Deployments":
        """Without what cannot be: no or endless deployments, more failures than deployments, failures below zero."""
        with np.errstate(invalid="ignore"):
            known = np.isfinite(self.trials) & np.isfinite(self.failed) & (self.trials > 0)
            known &= (self.failed >= 0) & (self.failed <= self.trials)
        return Deployments(self.day[known], self.block[known], self.trials[known], self.failed[known])

    @property
    def weekday(self) -> Array:
        return (self.day + 3) % 7


@dataclass(frozen=True)
class _Kind:
    """One way to divide deployments: which part each entry is of, what the parts are called, which way is news."""

    name: str
    part: Array
    names: dict[int, str]
    is_high: bool


def failing_weekday(of: Scope, deployments: Deployments, parameters: Parameters) -> Question:
    """Is there a weekday on which deployments fail more often than on the others?"""
    some = deployments.cleaned()
    kind = _Kind("weekday_failures", some.weekday, dict(enumerate(f"on {one}s" for one in WEEKDAYS)), is_high=True)
    return _asked(of, some, kind, parameters)


def safest_window(of: Scope, deployments: Deployments, parameters: Parameters) -> Question:
    """Is there a part of the week's days in which deployments fail less often than in all others?"""
    some = deployments.cleaned()
    names = {7 * block + day: f"on {name}s {hours}" for block, hours in BLOCKS.items()
             for day, name in enumerate(WEEKDAYS)}  # fmt: skip
    return _asked(of, some, _Kind("deployment_window", 7 * some.block + some.weekday, names, is_high=False), parameters)


def _asked(of: Scope, some: Deployments, kind: _Kind, parameters: Parameters) -> Question:
    total, failed = int(some.trials.sum()), int(some.failed.sum())
    if not total:
        return _unasked(of, kind, 0, "no_data", f"There were no deployments of {of}.")
    trials = np.bincount(kind.part, some.trials, len(kind.names))
    hits = np.bincount(kind.part, some.failed, len(kind.names))
    least = parameters.least_deployments
    fit = (trials >= least) & (total - trials >= least)
    if failed < parameters.least_failures or total - failed < parameters.least_failures or not fit.any():
        said = f"Not enough data: {total} deployments of {of}, {failed} of which failed."
        return _unasked(of, kind, total, "not_enough_data", said)
    spread = _spread(some, kind, hits / np.maximum(trials, 1))
    wanted = hits if kind.is_high else trials - hits
    chances = np.full(len(trials), np.nan)
    chances[fit] = more_often(wanted[fit], trials[fit], failed if kind.is_high else total - failed, total, spread)
    best = int(np.nanargmin(chances))
    chances[best] = _permuted(some, kind, best, float(chances[best]), parameters)
    corrected = float(np.nanmin(holm(chances)))
    finding = _finding(of, some, kind, best, spread, corrected)
    rate = failed / total
    typical = float(np.median(trials[fit]))
    level = parameters.level / int(fit.sum())
    factor = _DOUBLED if kind.is_high else 1 / _DOUBLED
    is_conclusive = power(typical, total - typical, rate, factor, level, spread) >= parameters.least_power
    return Question(
        kind.name, of, METRIC, "tested", total, corrected, finding, is_conclusive,
        _nothing(of, kind, total, failed, is_conclusive),
    )  # fmt: skip


def _spread(some: Deployments, kind: _Kind, rates: Array) -> float:
    """Between whole days for weekdays, between parts of days for windows."""
    if kind.is_high:
        days, place = np.unique(some.day, return_inverse=True)
        return spread_of_days(np.bincount(place, some.failed), np.bincount(place, some.trials), rates[(days + 3) % 7])
    return spread_of_days(some.failed, some.trials, rates[kind.part])


def _unasked(of: Scope, kind: _Kind, n: int, status: str, said: str) -> Question:
    return Question(kind.name, of, METRIC, status, n, None, None, False, said)  # type: ignore[arg-type]


def _permuted(some: Deployments, kind: _Kind, part: int, chance: float, parameters: Parameters) -> float:
    """The larger of both chances. Permutations are dear, and only asked where it matters."""
    if chance > parameters.level:
        return chance
    days, place = np.unique(some.day, return_inverse=True)
    inside = kind.part == part
    if kind.is_high:
        trials, failed = np.bincount(place, some.trials), np.bincount(place, some.failed)
        within = np.bincount(place, inside) > 0
        block = (days - days[0]) // parameters.block_days
    else:  # a window is a part of a day: parts of days change places
        trials, failed, within = some.trials, some.failed, inside
        block = (some.day - days[0]) // parameters.block_days
    return max(chance, whole_days(failed, trials, within, block, kind.is_high, parameters.permutations, _SEED))


def _finding(of: Scope, some: Deployments, kind: _Kind, part: int, spread: float, chance: float) -> Finding:
    inside = kind.part == part
    hits, trials = int(some.failed[inside].sum()), int(some.trials[inside].sum())
    others, among = int(some.failed[~inside].sum()), int(some.trials[~inside].sum())
    ratio, low, high = ratio_of_rates(hits, trials, others, among, spread)
    name = kind.names[part]
    first, last = (_EPOCH + timedelta(days=int(day)) for day in (some.day.min(), some.day.max()))
    how = f"{ratio:.1f} times as often as" if kind.is_high else "least often, against"
    told = (
        f"Deployments of {of} {name} failed {how} {'all others' if kind.is_high else 'the rest of the week'}: "
        f"{hits} of {trials} ({_percent(hits / trials)}) against {others} of {among} ({_percent(others / among)}) "
        f"since {first}, ratio {ratio:.2f} (95 % interval {low:.2f} to {high:.2f}). "
        f"{_often(chance)}, the choice among {'days' if kind.is_high else 'windows'} included."
    )
    return Finding(
        name, not kind.is_high, 100 * hits / trials, 100 * others / among, "percent", ratio, low, high, trials, among,
        trials / (trials + among), first, last, told, part,
    )  # fmt: skip


def _nothing(of: Scope, kind: _Kind, total: int, failed: int, is_conclusive: bool) -> str:
    what = "weekday on which they fail more often" if kind.is_high else "window in which they fail less often"
    among = f"Among {total} deployments of {of}, {failed} of which failed, no {what} could be told from chance."
    if is_conclusive:
        return among
    factor = "twice" if kind.is_high else "half"
    return f"{among} Not enough data to rule one out: a rate {factor} as high would mostly have been missed."


def _percent(ratio: float) -> str:
    return f"{100 * ratio:.0f} %"


def _often(chance: float) -> str:
    return f"By chance alone this comes once in {often(chance)}"


def hedged(said: str, is_conclusive: bool) -> str:
    """What was not found, with a word on what that means."""
    return said if is_conclusive else f"{said} Not enough data to rule out a factor of two: it would mostly be missed."


def often(chance: float) -> str:
    """A chance as the number of times among which it comes once, to two digits.

    >>> often(0.00117), often(1e-9)
    ('about 850', 'a million or more')
    """
    times = 1 / max(chance, 1e-12)
    if times >= 1_000_000:
        return "a million or more"
    return f"about {max(1, int(float(f'{times:.2g}'))):,}"
