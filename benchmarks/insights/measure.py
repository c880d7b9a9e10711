"""Insights: how often anything is told of companies of which nothing is to be told; what is found; time."""

import time
from collections import Counter, defaultdict
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta

import numpy as np

from benchmarks.figures import Figure, at_most, show
from benchmarks.insights.generator import NEWEST, Effects, Told, company, team
from roosevelt_pipeline.metric_weeks import monday_of
from roosevelt_pipeline.stats.insights.asking import ask_of_changes, ask_of_deployments, ask_of_weeks
from roosevelt_pipeline.stats.insights.choosing import Answer, choose
from roosevelt_pipeline.stats.insights.parameters import KINDS, Parameters
from roosevelt_pipeline.stats.insights.questions import Question
from roosevelt_pipeline.stats.insights.rates import more_often
from roosevelt_pipeline.stats.insights.retelling import Known, tell
from roosevelt_pipeline.stats.insights.weekdays import Deployments

SEED, COMPANIES, TEAMS = 60, 400, 8
YEARS, LOOKS = 20, 26
TEAMS_TIMED, SECONDS = 200, 30
_PARAMETERS = Parameters()


def measure(quick: bool) -> None:
    companies = COMPANIES // 10 if quick else COMPANIES
    show(
        f"Nothing to tell: {companies} companies of {TEAMS} teams, {_asked_count()} questions each",
        _nothing(companies),
        "Read off: a weekday of ten deployments or more, twice the rate of the others. Fisher: the worst weekday at "
        "5 %, uncorrected. A quarter: last week differs from the one before by 25 %.",
    )
    show(f"Nothing to tell, looked at for {LOOKS} weeks", _looks(YEARS // 10 if quick else YEARS))
    show("Effects that are found, one team among 8", _effects(10 if quick else 40))
    show(f"{TEAMS_TIMED} teams, from counts to answers", _speed(quick))


def asked(told: Told, newest: int = NEWEST) -> list[Question]:
    """All questions about a team."""
    return [
        *ask_of_deployments(told.of, told.deployments, _PARAMETERS),
        *ask_of_weeks(told.of, told.weeks, newest, _PARAMETERS),
        *ask_of_changes(told.of, told.changes, _PARAMETERS),
    ]


def found(teams: list[Told]) -> list[Answer]:
    """What is found in a company."""
    questions = [question for one in teams for question in asked(one)]
    return [answer for answer in choose(questions, _PARAMETERS) if answer.status == "found"]


def _asked_count() -> int:
    return sum(len(asked(one)) for one in company(np.random.default_rng(SEED), TEAMS))


def _nothing(companies: int) -> Iterator[Figure]:
    told, kinds = 0, Counter[str]()
    plain = Counter[str]()
    for number in range(companies):
        teams = list(company(np.random.default_rng([SEED, number]), TEAMS))
        answers = found(teams)
        told += bool(answers)
        kinds.update({one.question.kind for one in answers})
        plain.update({name for one in teams for name in _plainly(one)})
    yield at_most("percent of companies that are told anything", 100 * told / companies, 5.0, "all kinds", 1)
    for kind in KINDS:
        yield at_most(f"of them {kind.replace('_', ' ')}", 100 * kinds[kind] / companies, 5.0 / len(KINDS), "", 2)
    for name in ("read off", "Fisher", "a quarter"):
        yield Figure(f"plainly: {name}", f"{100 * plain[name] / companies:.0f}")


def _plainly(told: Told) -> Iterator[str]:
    some = told.deployments
    trials, hits = (np.bincount(some.weekday, one, 7) for one in (some.trials, some.failed))
    fit = trials >= 10
    others = (hits.sum() - hits) / np.maximum(trials.sum() - trials, 1)
    if (fit & (hits / np.maximum(trials, 1) >= 2 * others) & (hits > 0)).any():
        yield "read off"
    if fit.any() and (more_often(hits[fit], trials[fit], int(hits.sum()), int(trials.sum())) < 0.05).any():
        yield "Fisher"
    for weeks in told.weeks:
        level = weeks.level
        if level[-2] > 0 and not 0.75 <= level[-1] / level[-2] <= 1.25:
            yield "a quarter"
            return


def _looks(companies: int) -> Iterator[Figure]:
    """Half a year of weekly looks at the same companies: the same few are found again and again, or they are not."""
    told, ever, repeated = 0, 0, 0
    for number in range(companies):
        teams = list(company(np.random.default_rng([SEED, number, 1]), TEAMS))
        known: dict[str, Known] = {}
        for week in range(NEWEST - LOOKS + 1, NEWEST + 1):
            today = monday_of(week) + timedelta(days=6)
            for answer in found([_until(one, week) for one in teams]):
                telling = tell(answer, known.get(answer.key), today, _PARAMETERS)
                known[answer.key] = Known(today, telling.since, telling.told, telling.ratio)
                told, repeated = told + telling.is_told, repeated + (not telling.is_told)
        ever += bool(known)
    years = companies * LOOKS / 52
    yield Figure(
        "false insights told, a company and year", f"{told / years:.2f}", limited_by=f"{told} in {years:.0f} years"
    )
    yield Figure("percent of companies told anything in half a year", f"{100 * ever / companies:.0f}")
    yield Figure("found again and not told again", f"{repeated}")


def _until(told: Told, week: int) -> Told:
    """What was known at the end of a week. Half a year of history is less than a year's: the past is all there is."""
    day, end = told.deployments.day, 7 * week + 4 + 7
    kept = day < end
    some = told.deployments
    deployments = Deployments(some.day[kept], some.block[kept], some.trials[kept], some.failed[kept])
    weeks = [replace(one, week=one.week[one.week <= week], value=one.value[one.week <= week], n=one.n[one.week <= week])
             for one in told.weeks]  # fmt: skip
    return replace(told, deployments=deployments, weeks=weeks)


_PUT_IN = {
    "weekday_failures": Effects(friday=2.0),
    "last_week": Effects(last_week=2.0),
    "trend": Effects(half_year=1.6),
    "pull_request_size": Effects(size=1.6),
    "bottleneck": Effects(stage=2.0),
}


def _effects(repeats: int) -> Iterator[Figure]:
    """The team deploys so often a day; 12 % fail. The other seven have nothing to tell."""
    for kind, effects in _PUT_IN.items():
        shares = {}
        for a_day in (0.4, 1.4, 5.0):
            seen = 0
            for number in range(repeats):
                rng = np.random.default_rng([SEED, number, 2])
                teams = [team(rng, "the one", a_day, 0.12, effects), *company(rng, TEAMS - 1)]
                seen += any(one.question.kind == kind and one.question.of.scope == "the one" for one in found(teams))
            shares[a_day] = seen / repeats
        said = ", ".join(f"{100 * share:.0f} at {364 * a_day:,.0f}" for a_day, share in shares.items())
        yield Figure(
            f"{kind.replace('_', ' ')}: percent found, by deployments a year", said, limited_by=_named(effects)
        )


def _named(effects: Effects) -> str:
    return ", ".join(f"{name.replace('_', ' ')} {value:g}" for name, value in vars(effects).items() if value != 1)


def _speed(quick: bool) -> Iterator[Figure]:
    teams = TEAMS_TIMED // 10 if quick else TEAMS_TIMED
    spent = defaultdict(float)
    for count in (teams // 4, teams):
        data = list(company(np.random.default_rng(SEED), count))
        begun = time.process_time()
        found(data)
        spent[count] = time.process_time() - begun
    yield at_most("seconds of processor", spent[teams], SECONDS * teams / TEAMS_TIMED, "processor", 1)
    yield Figure("against growing in proportion", f"{spent[teams] / spent[teams // 4] / 4:.2f}")
