"""Questions of weekdays, weeks and changes, on data that a reader can picture."""

from datetime import date

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from roosevelt_pipeline.stats.insights.changes import Changes, bottleneck, slower_when_larger
from roosevelt_pipeline.stats.insights.parameters import Parameters
from roosevelt_pipeline.stats.insights.questions import Scope
from roosevelt_pipeline.stats.insights.trends import trend
from roosevelt_pipeline.stats.insights.weekdays import Deployments, failing_weekday, safest_window
from roosevelt_pipeline.stats.insights.weeks import Weeks, last_week

PAYMENTS = Scope("team", "payments")
P = Parameters()
MONDAY = (date(2025, 1, 6) - date(1970, 1, 1)).days
FRIDAY = 4
NEWEST = 2_900


def workweeks(count, a_day=4, block=1):
    """Every working day of so many weeks, with as many deployments and no failure."""
    day = np.array([MONDAY + 7 * week + weekday for week in range(count) for weekday in range(5)])
    return Deployments(day, np.full(len(day), block), np.full(len(day), float(a_day)), np.zeros(len(day)))


def failing(deployments, weekday, every, others_every):
    """Each so-manieth day of the weekday one failure, and of the other days likewise."""
    failed = np.zeros(len(deployments.day))
    for inside, step in ((deployments.weekday == weekday, every), (deployments.weekday != weekday, others_every)):
        failed[np.flatnonzero(inside)[::step]] = 1
    return Deployments(deployments.day, deployments.block, deployments.trials, failed)


def test_fridays_that_fail_five_times_as_often_are_found_with_counts_ratio_and_interval():
    """50 Fridays of 4 deployments, one failure each: 50 of 200. 200 other days, each fifth: 40 of 800. Ratio 5."""
    question = failing_weekday(PAYMENTS, failing(workweeks(50), FRIDAY, 1, 5), P)

    one = question.finding
    assert (question.status, one.subject, one.is_good) == ("tested", "on Fridays", False)
    assert (one.observed, one.compared, one.n, one.n_compared, one.reach) == (25, 5, 200, 800, 0.2)
    assert one.ratio == pytest.approx(5)
    assert 3 < one.low < 5 < one.high < 8
    assert question.chance < 1e-6
    assert "50 of 200 (25 %) against 40 of 800 (5 %)" in one.told


def test_nine_of_41_against_eleven_of_103_is_not_enough_to_say_that_fridays_are_worse():
    """The example that everybody reads off: twice as often, and no evidence."""
    some = workweeks(21, a_day=1)
    friday = some.weekday == FRIDAY
    trials, failed = np.where(friday, 1.0, 1.0), np.zeros(len(some.day))
    trials[np.flatnonzero(friday)[:20]] = 2  # 41 on Fridays
    trials[np.flatnonzero(~friday)[:19]] = 2  # 103 on the others
    failed[np.flatnonzero(friday)[:9]] = 1
    failed[np.flatnonzero(~friday)[:11]] = 1

    question = failing_weekday(PAYMENTS, Deployments(some.day, some.block, trials, failed), P)

    assert (question.finding.n, question.finding.n_compared) == (41, 103)
    assert question.finding.ratio == pytest.approx(9 / 41 / (11 / 103))
    assert question.chance > 0.05
    assert not question.is_conclusive
    assert "Not enough data to rule one out" in question.said


def test_one_black_friday_does_not_make_fridays_dangerous():
    """All failures of Fridays fell on a single day: whole days change places, and one day is one observation."""
    some = failing(workweeks(50), FRIDAY, 25, 10)
    trials, failed = some.trials.copy(), some.failed.copy()
    black = np.flatnonzero(some.weekday == FRIDAY)[30]
    trials[black] = failed[black] = 30

    question = failing_weekday(PAYMENTS, Deployments(some.day, some.block, trials, failed), P)

    assert question.finding.ratio > 3
    assert question.chance > P.level


def test_a_year_of_many_deployments_without_a_difference_says_that_there_is_none_to_be_seen():
    question = failing_weekday(PAYMENTS, failing(workweeks(52, a_day=40), FRIDAY, 1, 1), P)

    assert question.is_conclusive
    assert "Not enough data" not in question.said


def test_the_window_in_which_least_fails_is_found():
    """Tuesday mornings nothing of 300 fails, in all other windows 10 %."""
    parts = [(week, day, block) for week in range(50) for day in range(5) for block in (1, 2)]
    day = np.array([MONDAY + 7 * week + weekday for week, weekday, _ in parts])
    block = np.array([block for *_, block in parts])
    is_safe = ((day + 3) % 7 == 1) & (block == 1)
    failed = np.where(is_safe, 0.0, np.arange(len(parts)) % 5 < 3)

    question = safest_window(PAYMENTS, Deployments(day, block, np.full(len(parts), 6.0), failed), P)

    assert question.finding.subject == "on Tuesdays in the morning (8 to 12)"
    assert (question.finding.observed, question.finding.is_good) == (0, True)
    assert question.chance < P.level
    assert question.finding.high < 0.5


def weeks(value, law="duration", n=None, week=None, good_high=False):
    value = np.asarray(value, float)
    week = np.arange(NEWEST - len(value) + 1, NEWEST + 1) if week is None else np.asarray(week)
    n = value if law == "count" else np.full(len(value), 20.0) if n is None else np.asarray(n, float)
    unit = {"count": "deployments", "ratio": "percent", "duration": "hours"}[law]
    return Weeks("change_lead_time_hours", "Change lead time", law, unit, good_high, week, value, n)


def steady(count, seed, level=20.0, noise=0.1):
    return level * np.exp(np.random.default_rng(seed).normal(0, noise, count))


def test_a_lead_time_that_doubles_in_the_newest_week_is_told_with_what_is_usual():
    hours = steady(28, 1)
    hours[-1] = 2 * hours[-2]

    question = last_week(PAYMENTS, weeks(hours), NEWEST, P)

    one = question.finding
    assert question.chance < 1e-3
    assert (one.ratio, one.is_good) == (pytest.approx(2), False)
    assert 1.2 < one.low < 2 < one.high
    assert "rose from" in one.told
    assert one.subject == f"week from {one.first.fromordinal(one.first.toordinal() + 7)}"


def test_a_week_like_others_is_no_news_and_neither_is_one_jump_among_many():
    jumpy = steady(28, 2, noise=0.6)
    jumpy[-1] = 2 * jumpy[-2]

    assert last_week(PAYMENTS, weeks(steady(28, 3)), NEWEST, P).chance > 0.01
    assert last_week(PAYMENTS, weeks(jumpy), NEWEST, P).chance > 0.05


def test_two_deployments_after_six_are_no_fall_however_steady_it_was():
    """The law of counts alone cannot tell them apart: of 8, two or fewer or six or more come three times in ten."""
    question = last_week(PAYMENTS, weeks([6, 5, 6, 7, 6, 5, 6, 6] * 3 + [6, 2], "count"), NEWEST, P)

    assert question.chance == pytest.approx(2 * (1 + 8 + 28) / 256)


def test_a_newest_week_that_is_missing_is_not_enough_data():
    some = weeks(steady(28, 4), week=np.arange(NEWEST - 28, NEWEST))

    assert last_week(PAYMENTS, some, NEWEST, P).status == "not_enough_data"


def test_a_lead_time_that_grew_by_half_over_half_a_year_is_a_trend():
    hours = steady(26, 5) * np.exp(np.linspace(-0.5, 0.5, 26) * np.log(1.5))

    question = trend(PAYMENTS, weeks(hours), NEWEST, P)

    one = question.finding
    assert question.chance < 1e-3
    assert (one.subject, one.is_good) == ("rising", False)
    assert one.low < 1.5 < one.high
    assert one.low > 1.2


def test_a_failure_rate_that_halved_is_a_good_trend():
    n = np.full(26, 60.0)
    failed = np.round(n * np.linspace(0.3, 0.1, 26))

    question = trend(PAYMENTS, weeks(failed, "ratio", n), NEWEST, P)

    assert (question.finding.subject, question.finding.is_good) == ("falling", True)
    assert question.finding.observed == pytest.approx(10, abs=1)
    assert question.finding.compared == pytest.approx(30, abs=1)


def test_a_level_that_strays_by_itself_is_no_trend():
    """Weeks that hold most of the week before: a line through them is steep by chance."""
    rng = np.random.default_rng(6)
    chances = []
    for _ in range(200):
        stray = np.zeros(26)
        for week in range(1, 26):
            stray[week] = 0.6 * stray[week - 1] + rng.normal(0, 0.2)
        question = trend(PAYMENTS, weeks(20 * np.exp(stray)), NEWEST, P)
        chances.append(1.0 if question.chance is None else question.chance)

    assert (np.array(chances) < P.level).mean() <= 0.03


def changes(count=300, seed=7, size_effect=0.0, stage=None):
    rng = np.random.default_rng(seed)
    week = np.sort(rng.integers(NEWEST - 25, NEWEST + 1, count))
    size = rng.normal(size=count)
    stages = np.exp(rng.normal(1, 0.5, (count, 4)) + size_effect * size[:, None])
    if stage is not None:
        stages[:, stage] *= 4
    sizes = {"pull_request_size": np.round(np.exp(4 + size)), "review_comments": np.zeros(count)}
    return Changes(week, np.zeros(count, int), stages.sum(axis=1), sizes, stages)


def test_large_pull_requests_that_take_longer_are_told_and_not_that_small_ones_would_be_faster():
    question = slower_when_larger("pull_request_size", PAYMENTS, changes(size_effect=0.4), P)

    one = question.finding
    assert question.chance < 1e-6
    assert one.low < np.exp(0.4 * 2.18) < one.high  # means of the outer thirds of a normal variable lie 2.18 apart
    assert "It does not say that smaller ones would be faster" in one.told
    assert one.n == pytest.approx(100, abs=2)


def test_sizes_that_tell_nothing_are_not_told_and_where_all_are_alike_it_says_so():
    assert slower_when_larger("pull_request_size", PAYMENTS, changes(), P).chance > 0.01
    assert slower_when_larger("review_comments", PAYMENTS, changes(), P).status == "not_enough_data"


def test_a_slow_week_of_large_changes_is_one_observation():
    """In one week large changes were slow; in the 25 others size told nothing."""
    some = changes(count=400, seed=8)
    inside = some.week == NEWEST - 3
    some.sizes["pull_request_size"][inside] = np.arange(inside.sum()) + 1_000
    hours = some.hours.copy()
    hours[inside] = np.arange(inside.sum()) * 40 + 200

    question = slower_when_larger(
        "pull_request_size", PAYMENTS, Changes(some.week, some.service, hours, some.sizes, some.stages), P
    )

    assert question.chance > P.level


def test_a_service_of_large_changes_that_is_slow_anyway_is_no_effect_of_size():
    """Two services: one of large changes that takes ten times as long. Within each, size tells nothing."""
    quick, slow = changes(seed=9), changes(seed=10)
    size = np.concatenate([quick.sizes["pull_request_size"], 1_000 + slow.sizes["pull_request_size"]])
    both = Changes(
        np.concatenate([quick.week, slow.week]), np.repeat([0, 1], 300), np.concatenate([quick.hours, 10 * slow.hours]),
        {"pull_request_size": size}, np.concatenate([quick.stages, slow.stages]),
    )  # fmt: skip

    question = slower_when_larger("pull_request_size", PAYMENTS, both, P)

    assert question.finding.observed > 5 * question.finding.compared
    assert question.chance > 0.01
    assert 0.8 < question.finding.ratio < 1.25


def test_weeks_that_jump_about_say_that_a_doubling_would_have_been_missed():
    wild, calm = (last_week(PAYMENTS, weeks(steady(28, 11, noise=noise)), NEWEST, P) for noise in (0.8, 0.05))

    assert (wild.is_conclusive, calm.is_conclusive) == (False, True)
    assert "Not enough data to rule out a factor of two" in wild.said
    assert "Not enough data" not in calm.said


def test_the_stage_that_takes_most_is_named_with_its_share():
    """Four stages alike but one, which takes four times as long: four sevenths of the whole."""
    question = bottleneck(PAYMENTS, changes(stage=1), P)

    one = question.finding
    assert one.subject == "pickup_time_hours"
    assert one.observed == pytest.approx(100 * 4 / 7, abs=6)
    assert question.chance < 1e-6
    assert "waiting for the first review" in one.told


def test_four_stages_alike_have_no_bottleneck():
    assert bottleneck(PAYMENTS, changes(), P).chance > P.level


EMPTY = Deployments(np.array([], int), np.array([], int), np.array([]), np.array([]))


@pytest.mark.parametrize("ask", [failing_weekday, safest_window])
def test_what_tells_nothing_of_deployments_has_a_status(ask):
    odd = workweeks(30)
    impossible = Deployments(odd.day, odd.block, odd.trials, odd.trials + 1)
    endless = Deployments(odd.day, odd.block, np.full(len(odd.day), np.inf), odd.failed)
    all_failed = Deployments(odd.day, odd.block, odd.trials, odd.trials)

    assert [ask(PAYMENTS, some, P).status for some in (EMPTY, impossible, endless)] == ["no_data"] * 3
    assert [ask(PAYMENTS, some, P).status for some in (odd, all_failed)] == ["not_enough_data"] * 2


@pytest.mark.parametrize("ask", [last_week, trend])
@pytest.mark.parametrize("law", ["count", "ratio", "duration"])
@pytest.mark.parametrize(
    ("value", "status"),
    [
        ([], {"no_data"}), ([5.0], {"not_enough_data"}), (np.full(30, np.nan), {"no_data"}),
        (np.full(30, np.inf), {"no_data"}), (-np.ones(30), {"no_data"}),
        (np.full(30, 7.0), {"not_enough_data", "tested"}), (np.zeros(30), {"not_enough_data", "no_data", "tested"}),
    ],
)  # fmt: skip
def test_what_tells_nothing_of_weeks_has_a_status_and_is_no_news(ask, law, value, status):
    question = ask(PAYMENTS, weeks(value, law), NEWEST, P)

    assert question.status in status
    assert question.chance is None or question.chance == 1


@settings(max_examples=80, deadline=None)
@given(
    st.lists(
        st.tuples(st.integers(NEWEST - 30, NEWEST), st.floats(allow_nan=True, allow_infinity=True), st.floats(-1, 50)),
        max_size=60,
    ),
    st.sampled_from(["count", "ratio", "duration"]),
)
def test_whatever_weeks_come_in_an_answer_comes_out(points, law):
    week, value, n = (np.array(column) for column in (zip(*points, strict=True) if points else ([], [], [])))
    some = weeks(value, law, n, week.astype(int))

    for ask in (last_week, trend):
        question = ask(PAYMENTS, some, NEWEST, P)
        assert (question.chance is not None) == (question.status == "tested")
        assert question.chance is None or 0 <= question.chance <= 1
        if question.finding:
            assert question.finding.low <= question.finding.ratio <= question.finding.high


@settings(max_examples=60, deadline=None)
@given(
    st.lists(
        st.tuples(st.integers(NEWEST - 20, NEWEST), *[st.floats(allow_nan=True, allow_infinity=True)] * 6), max_size=120
    )
)
def test_whatever_changes_come_in_an_answer_comes_out(points):
    columns = [np.array(column, float) for column in zip(*points, strict=True)] if points else [np.array([])] * 7
    sizes = {"pull_request_size": columns[1], "review_comments": columns[2]}
    some = Changes(columns[0].astype(int), columns[0].astype(int) % 3, columns[3], sizes, np.stack(columns[3:], axis=1))

    for question in (slower_when_larger("pull_request_size", PAYMENTS, some, P), bottleneck(PAYMENTS, some, P)):
        assert (question.chance is not None) == (question.status == "tested")
