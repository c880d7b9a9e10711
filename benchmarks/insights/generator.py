"""Companies of which nothing is to be told, and the same with an effect put in: deployments, weeks and changes."""

from collections.abc import Iterator
from dataclasses import dataclass, field

import numpy as np

from roosevelt_pipeline.stats.insights.changes import Changes
from roosevelt_pipeline.stats.insights.questions import Scope
from roosevelt_pipeline.stats.insights.weekdays import Deployments
from roosevelt_pipeline.stats.insights.weeks import Weeks

Array = np.ndarray
NEWEST = 2_950  # a week, counted from 1970-01-05
DAYS, WEEKS, CHANGE_WEEKS = 364, 52, 26
_WORKWEEK = np.array([1, 1, 1, 1, 0.8, 0.1, 0.1])
_BLOCKS = np.array([0.05, 0.35, 0.45, 0.15])
_ALIKE = 0.08  # of failures of one day: a bad day is bad for all that is deployed on it
_METRICS = (
    ("deployment_frequency_per_day", "count", True), ("change_lead_time_hours", "duration", False),
    ("change_failure_rate_pct", "ratio", False), ("incidents_opened", "count", False),
    ("mttr_hours", "duration", False), ("pickup_time_hours", "duration", False),
    ("review_time_hours", "duration", False), ("deployment_rework_rate_pct", "ratio", False),
)  # fmt: skip


@dataclass(frozen=True)
class Effects:
    """What is put into a company; 1 is nothing.

    Attributes:
        friday: failures on Fridays, as a factor on the rate.
        last_week: of the newest week, on every metric.
        half_year: from the first to the last of the last 26 weeks, on every metric.
        size: lead time of the largest third over that of the smallest.
        stage: of one stage, on its hours.
    """

    friday: float = 1.0
    last_week: float = 1.0
    half_year: float = 1.0
    size: float = 1.0
    stage: float = 1.0


@dataclass(frozen=True)
class Told:
    """A scope's data."""

    of: Scope
    deployments: Deployments
    weeks: list[Weeks]
    changes: Changes
    rate: float = field(default=0.12)


def company(rng: np.random.Generator, teams: int = 8, effects: Effects | None = None) -> Iterator[Told]:
    """Teams of very different size, each with its own rate of failures."""
    for number in range(teams):
        a_day, rate = float(np.exp(rng.uniform(np.log(0.3), np.log(8)))), float(rng.uniform(0.05, 0.25))
        yield team(rng, f"team-{number}", a_day, rate, effects or Effects())


def team(rng: np.random.Generator, name: str, a_day: float, rate: float, effects: Effects) -> Told:
    of = Scope("team", name)
    weeks = [_weeks(rng, metric, law, good, a_day, rate, effects) for metric, law, good in _METRICS]
    return Told(of, _deployments(rng, a_day, rate, effects.friday), weeks, _changes(rng, a_day, effects), rate)


def _deployments(rng: np.random.Generator, a_day: float, rate: float, friday: float) -> Deployments:
    """Days differ by a gamma factor, and the failures of a day hang together."""
    first = 7 * (NEWEST - WEEKS + 1) + 4  # the Monday of that week, since 1970-01-01
    day = np.repeat(np.arange(first, first + DAYS), 4)
    busy = np.repeat(rng.gamma(3, 1 / 3, DAYS), 4)
    weekday = (day + 3) % 7
    trials = rng.poisson(a_day * 7 / _WORKWEEK.sum() * _WORKWEEK[weekday] * busy * np.tile(_BLOCKS, DAYS))
    total = 1 / _ALIKE - 1
    risk = np.repeat(rng.beta(rate * total, (1 - rate) * total, DAYS), 4)
    failed = rng.binomial(trials, np.minimum(risk * np.where(weekday == 4, friday, 1.0), 1.0))
    return Deployments(day, np.tile(np.arange(4), DAYS), trials.astype(float), failed.astype(float))


def _weeks(
    rng: np.random.Generator, metric: str, law: str, good: bool, a_day: float, rate: float, effects: Effects
) -> Weeks:
    """Levels of 12 % that last for some weeks, and the noise of each week's own events."""
    wander = np.empty(WEEKS)
    wander[0] = rng.normal()
    for week in range(1, WEEKS):
        wander[week] = 0.5 * wander[week - 1] + np.sqrt(1 - 0.25) * rng.normal()
    level = np.exp(0.12 * wander)
    level[-26:] *= np.exp(np.linspace(-0.5, 0.5, 26) * np.log(effects.half_year))
    level[-1] *= effects.last_week
    n = rng.negative_binomial(5, 1 / (1 + 7 * a_day / 5), WEEKS).astype(float)
    if law == "count":
        mean = np.maximum(7 * a_day * level * (1 if metric.startswith("deploy") else rate), 1e-9)
        value = rng.negative_binomial(8, 1 / (1 + mean / 8)).astype(float)
        n = value
    elif law == "ratio":
        value = rng.binomial(n.astype(int), np.minimum(rate * level, 0.95)).astype(float)
    else:
        value = 20 * level * np.exp(rng.normal(0, 1.2 / np.sqrt(np.maximum(n, 1) * 0.64)))
        value[n == 0] = np.nan
    unit = {"count": "events", "ratio": "percent", "duration": "hours"}[law]
    return Weeks(metric, metric, law, unit, good, np.arange(NEWEST - WEEKS + 1, NEWEST + 1), value, n)


def _changes(rng: np.random.Generator, a_day: float, effects: Effects) -> Changes:
    """Weeks have a mood of their own; stages are alike; size and comments say nothing, unless they are to."""
    count = rng.poisson(7 * a_day * 1.5, CHANGE_WEEKS)
    week = np.repeat(np.arange(NEWEST - CHANGE_WEEKS + 1, NEWEST + 1), count)
    mood = np.repeat(rng.normal(0, 0.4, CHANGE_WEEKS), count)
    stages = np.exp(rng.normal(1.5, 1.0, (len(week), 4)) + mood[:, None])
    stages[:, 1] *= effects.stage
    size = rng.normal(size=len(week))
    by_size = np.exp(np.log(effects.size) * size / 2.18)  # means of the outer thirds lie 2.18 apart
    lines, comments = np.round(np.exp(4 + 1.3 * size)), rng.poisson(np.exp(0.5 + 0.5 * rng.normal(size=len(week))))
    stages *= by_size[:, None]
    sizes = {"pull_request_size": lines, "review_comments": comments.astype(float)}
    return Changes(week, np.zeros(len(week), int), stages.sum(axis=1), sizes, stages)
