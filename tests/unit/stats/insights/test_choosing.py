"""Which answers stand up to all the others, and which of them were told before."""

import re
from dataclasses import replace
from datetime import date, timedelta

import numpy as np
import pytest

from benchmarks.insights.generator import Effects, company, team
from benchmarks.insights.measure import asked, found
from roosevelt_pipeline.stats.insights.choosing import Answer, choose, usefulness
from roosevelt_pipeline.stats.insights.parameters import KINDS, Parameters
from roosevelt_pipeline.stats.insights.questions import Finding, Question, Scope
from roosevelt_pipeline.stats.insights.retelling import Known, tell

P = Parameters()
TODAY = date(2026, 3, 31)
FINDING = Finding(
    "on Fridays", False, 22, 11, "percent", 2.0, 1.4, 2.9, 400, 1_000, 0.28, date(2025, 4, 1), TODAY, "Fridays"
)


def question(chance, scope=("team", "payments"), kind="weekday_failures", finding=FINDING, conclusive=True):
    return Question(
        kind, Scope(*scope), "change_failure_rate_pct", "tested", 1_400, chance, finding, conclusive, "none"
    )


def statuses(questions):
    return {one.question.of.scope: one.status for one in choose(questions, P)}


def test_a_small_chance_is_worth_less_the_more_was_asked():
    small = question(0.004)
    others = [question(0.5, ("team", f"team-{number}")) for number in range(20)]

    assert statuses([small])["payments"] == "found"
    assert statuses([small, *others])["payments"] == "nothing_found"


def test_each_kind_is_judged_among_its_own_at_an_equal_part_of_five_percent():
    trends = [question(0.5, ("team", f"team-{number}"), "trend") for number in range(20)]

    assert statuses([question(0.004), *trends])["payments"] == "found"
    assert P.level * len(KINDS) == pytest.approx(0.05)


def test_an_effect_that_is_sure_and_small_is_not_told():
    assert statuses([question(1e-9, finding=replace(FINDING, ratio=1.2))])["payments"] == "nothing_found"


def test_where_a_large_effect_would_have_been_missed_nothing_found_is_not_enough_data():
    assert statuses([question(0.5, conclusive=False)])["payments"] == "not_enough_data"


def test_a_team_with_one_service_is_told_and_the_service_points_to_it():
    service, team_itself = question(1e-9, ("service", "ledger")), question(1e-9)
    larger = question(1e-9, ("organization", "helios"), finding=replace(FINDING, n=900, ratio=1.6))

    told = {one.question.of.scope: one.same_as for one in choose([service, larger, team_itself], P)}

    assert told == {"payments": None, "helios": None,
                    "ledger": "weekday_failures:team:payments:change_failure_rate_pct:on Fridays"}  # fmt: skip


def test_what_is_larger_surer_or_of_wider_reach_is_more_useful():
    plain = usefulness("trend", FINDING, 1e-3)

    assert usefulness("trend", replace(FINDING, ratio=3.0), 1e-3) > plain
    assert usefulness("trend", replace(FINDING, ratio=1 / 2.0), 1e-3) == plain
    assert usefulness("trend", FINDING, 1e-5) > plain
    assert usefulness("trend", replace(FINDING, reach=0.6), 1e-3) > plain
    assert usefulness("weekday_failures", FINDING, 1e-3) > plain


ANSWER = Answer(question(1e-9), 1e-9, "found", 40.0)


def days(count):
    return TODAY - timedelta(days=count)


@pytest.mark.parametrize(
    ("known", "is_told", "why"),
    [
        (None, True, "new"),
        (Known(days(1), days(9), days(9), 2.0), False, "known"),
        (Known(days(1), days(9), days(9), 1.9), False, "known"),
        (Known(days(1), days(9), days(9), 1.2), True, "changed"),
        (Known(days(1), days(9), days(9), 3.1), True, "changed"),
        (Known(days(1), days(28), days(28), 2.0), True, "again"),
        (Known(days(20), days(25), days(25), 2.0), False, "known"),  # it had been gone for some days
        (Known(days(29), days(40), days(40), 2.0), True, "new"),
        (Known(days(1), days(9), None, None), True, "new"),  # another scope's had been told
    ],
)
def test_the_same_insight_is_told_once_until_it_changes_or_four_weeks_have_gone(known, is_told, why):
    telling = tell(ANSWER, known, TODAY, P)

    assert (telling.is_told, telling.why) == (is_told, why)
    assert telling.told == (TODAY if is_told else known.told)


def test_what_is_told_of_another_scope_is_not_told_of_this_one():
    telling = tell(replace(ANSWER, same_as="another"), None, TODAY, P)

    assert (telling.is_told, telling.why, telling.told) == (False, "same_as_another", None)


def test_a_week_is_news_once():
    of_last_week = Answer(question(1e-9, kind="last_week"), 1e-9, "found", 40.0)

    assert not tell(of_last_week, Known(days(1), days(28), days(28), 2.0), TODAY, P).is_told


def test_companies_of_which_nothing_is_to_be_told_are_told_next_to_nothing():
    """A floor: the benchmark counts in four hundred companies."""
    companies = [found(list(company(np.random.default_rng([61, number]), 5))) for number in range(25)]

    assert sum(bool(answers) for answers in companies) <= 4


@pytest.mark.parametrize(
    ("kind", "effects"),
    [
        ("weekday_failures", Effects(friday=2.5)), ("trend", Effects(half_year=2.0)),
        ("pull_request_size", Effects(size=1.8)), ("bottleneck", Effects(stage=2.5)),
        ("last_week", Effects(last_week=5.0)),
    ],
)  # fmt: skip
def test_a_large_effect_in_a_busy_team_is_found(kind, effects):
    rng = np.random.default_rng(62)

    answers = found([team(rng, "the one", 6.0, 0.12, effects), *company(rng, 3)])

    assert (kind, "the one") in {(one.question.kind, one.question.of.scope) for one in answers}


def test_asking_twice_gives_the_same_answers():
    one, other = (asked(team(np.random.default_rng(63), "a", 3.0, 0.1, Effects(friday=3.0))) for _ in range(2))

    assert one == other


def test_no_sentence_says_why():
    """Of every kind, whatever came of the question: what is told and what is said where nothing is."""
    rng = np.random.default_rng(64)
    effects = Effects(friday=2.5, half_year=2.0, size=1.8, stage=2.5, last_week=5.0)
    questions = [*asked(team(rng, "busy", 6.0, 0.12, effects)), *asked(team(rng, "quiet", 0.3, 0.1, Effects()))]
    sentences = [one.said for one in questions] + [one.finding.told for one in questions if one.finding]
    claims = re.compile(
        r"because|caus|due to|owing|thanks|leads? to|result|impact|driv|therefore|makes? ", re.IGNORECASE
    )

    assert {one.kind for one in questions if one.finding} >= {*KINDS} - {"deployment_window", "review_comments"}
    assert [sentence for sentence in sentences if claims.search(sentence)] == []
