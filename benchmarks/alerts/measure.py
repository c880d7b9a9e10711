"""Alerts by the rules as shipped: how many are worth it, what they miss and how late they are.

Each seed is a company of four teams that lives through the same year twice: once with nothing the matter but what
always is, once with two causes for each team. No warehouse: the frames that it would hold go through the product's own
search, observations, rules and lifecycle.
"""

import statistics
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial

import pandas as pd

from benchmarks.alerts.baselines import two_sigma
from benchmarks.alerts.causes import Cause, draw_causes, with_causes
from benchmarks.alerts.happenings import DAYS, DELIVERING, year_of
from benchmarks.alerts.observer import seen_on
from benchmarks.alerts.replays import Known, alerts_of, items_of, search_all, shipped_settings
from benchmarks.alerts.scoring import Tally, Told, share
from benchmarks.figures import Figure, at_most, show
from roosevelt_pipeline.alert_settings import AlertRule
from roosevelt_pipeline.settings import Settings
from roosevelt_pipeline.stats.anomalies.parameters import Parameters

CHOSEN_ON, SCORED_ON = range(1001, 1027), range(1, 51)  # seeds; defaults were chosen on the first
PRECISION, RECALL, FALSE_PER_QUARTER, DELAY = 0.90, 0.80, 1.0, 1.0
QUARTERS = DAYS / 91
_AT_ONCE = 10  # seeds that are searched together


@dataclass(frozen=True)
class Lived:
    """A seed's two years, what the search found in each, and the causes with the day on which each is seen."""

    calm: tuple[Known, pd.DataFrame]
    hurt: tuple[Known, pd.DataFrame]
    causes: list[tuple[Cause, int | None]]


Teller = Callable[[Known, pd.DataFrame], list[Told]]


@dataclass(frozen=True)
class Result:
    """What came of some rules: the years with causes against these, and how many alerts quiet years had, by rule."""

    tally: Tally
    quiet: dict[str, int]
    years: int

    @property
    def false_per_quarter(self) -> float:
        """For a team; those of the organisation are shared out."""
        return sum(self.quiet.values()) / (self.years * QUARTERS * len(DELIVERING))


def measure(quick: bool) -> None:
    seeds = SCORED_ON[:5] if quick else SCORED_ON
    rules = list(shipped_settings().alerts.active())
    literal = [rule.model_copy(update={"chance": None, "minimum": 1}) for rule in rules if not rule.anomaly]
    ours, as_stated, simple = run(seeds, rules, literal)
    show(
        f"Alerts by the rules as shipped: {len(seeds)} companies on which nothing was chosen, a year each, "
        f"{sum(ours.tally.found.values()) + sum(ours.tally.missed.values())} causes to be seen",
        goals(ours),
        "An alert is right when something was done on purpose to what it is about; causes that even the observer does "
        f"not see count neither way ({ours.tally.unseen} alerts).",
    )
    show("By rule", by_rule(ours))
    show("By kind of cause", _by_kind(ours))
    show("What anybody would try first, in the same years", [
        _beside("the rules that need no search, without asking chance", as_stated),
        _beside("two standard deviations about 28 days", simple),
    ])  # fmt: skip


def run(seeds: Sequence[int], *rule_sets: Sequence[AlertRule], parameters: Parameters | None = None) -> list[Result]:
    """Each set of rules on the years of all seeds, and two standard deviations last."""
    settings = shipped_settings()
    tellers: list[Teller] = [partial(_told, rules, settings) for rules in rule_sets]
    tellers.append(lambda known, _: two_sigma(known))
    results = [Result(Tally(), {}, len(seeds)) for _ in tellers]
    for start in range(0, len(seeds), _AT_ONCE):
        for one in _live(seeds[start : start + _AT_ONCE], parameters):
            for result, teller in zip(results, tellers, strict=True):
                result.tally.add(teller(*one.hurt), one.causes)
                for alert in teller(*one.calm):
                    result.quiet[alert[1]] = result.quiet.get(alert[1], 0) + 1
    return results


def _told(rules: Sequence[AlertRule], settings: Settings, known: Known, findings: pd.DataFrame) -> list[Told]:
    alerts = alerts_of(known, findings, rules, settings)
    return [(day, one.rule, one.metric, one.scope_type, one.scope) for day, one in alerts]


def _live(seeds: Sequence[int], parameters: Parameters | None) -> Iterator[Lived]:
    years = [year_of(seed) for seed in seeds]
    calm = [items_of(year) for year in years]
    lived = [with_causes(year, draw_causes(seed), seed) for year, seed in zip(years, seeds, strict=True)]
    hurt = [items_of(year) for year, _ in lived]
    found = search_all([*calm, *hurt], parameters)
    for place, (_, causes) in enumerate(lived):
        seen = [(cause, seen_on(cause, calm[place], hurt[place])) for cause in causes]
        yield Lived((calm[place], found[place]), (hurt[place], found[len(seeds) + place]), seen)


def goals(ours: Result) -> Iterator[Figure]:
    tally = ours.tally
    yield _goal("precision", tally.precision, PRECISION)
    yield _goal("causes found of those that can be seen", tally.recall, RECALL)
    yield at_most("false alerts a team and quarter, in quiet years", ours.false_per_quarter, FALSE_PER_QUARTER,
                  f"{sum(ours.quiet.values())} in {ours.years} years of {len(DELIVERING)} teams", 2)  # fmt: skip
    delays = sorted(tally.delays)
    tenth = delays[-1 - len(delays) // 10] if delays else 0
    middle = statistics.median(delays) if delays else 0.0
    yield at_most("days after the observer, median", middle, DELAY, f"nine of ten within {tenth}")
    alerts = sum(tally.right.values())
    yield Figure("alerts for each cause found", f"{alerts / max(1, sum(tally.found.values())):.1f}",
                 limited_by="several metrics, and the organisation besides the team")  # fmt: skip


def by_rule(ours: Result) -> Iterator[Figure]:
    for rule in sorted({*ours.tally.right, *ours.tally.wrong, *ours.quiet}):
        right, wrong = ours.tally.right.get(rule, 0), ours.tally.wrong.get(rule, 0)
        yield Figure(rule, f"precision {share(right, wrong):.2f}",
                     limited_by=f"{right} right, {wrong} wrong; {ours.quiet.get(rule, 0)} in quiet years")  # fmt: skip


def _by_kind(ours: Result) -> Iterator[Figure]:
    for kind in sorted({*ours.tally.found, *ours.tally.missed}):
        found, missed = ours.tally.found.get(kind, 0), ours.tally.missed.get(kind, 0)
        yield Figure(kind, f"recall {share(found, missed):.2f}", limited_by=f"{found + missed} to be seen")


def _goal(what: str, measured: float, goal: float) -> Figure:
    return Figure(what, f"{measured:.2f}", f"at least {goal:.2f}", goal / measured if measured else None)


def _beside(name: str, one: Result) -> Figure:
    middle = statistics.median(one.tally.delays) if one.tally.delays else 0
    shown = f"precision {one.tally.precision:.2f}, recall {one.tally.recall:.2f}"
    return Figure(name, shown, limited_by=f"{one.false_per_quarter:.1f} false a team and quarter; {middle:.0f} days")
