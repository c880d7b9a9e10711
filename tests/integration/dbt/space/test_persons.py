"""What persons did, worked by hand from the happenings in ``acme.py``."""

import pytest

from tests.integration.dbt.space.acme import NAMED
from tests.support.pipeline import rows


@pytest.fixture(scope="module")
def activity(acme):
    found = rows(acme, "select * from marts.space_activity where week_start = '2026-03-09'")
    return {(NAMED[str(row["user_id"])], row["date"].day): row for row in found}


@pytest.fixture(scope="module")
def collaboration(acme):
    found = rows(acme, "select * from marts.space_collaboration")
    return {(NAMED[str(row["user_id"])], row["week_start"].day): row for row in found if row["week_start"].month == 3}


@pytest.mark.parametrize(
    ("who", "day", "commits", "created", "reviewed", "additions", "deletions"),
    [
        ("r1", 9, 0, 1, 0, 0, 0),
        ("r1", 10, 2, 0, 0, 15, 2),  # c1 and c2; c3 is a merge
        ("r1", 12, 0, 0, 1, 0, 0),
        ("b1", 10, 1, 0, 0, 1, 1),  # 03:00 UTC on the 11th is 23:00 on the 10th in New York
        ("b1", 11, 0, 0, 0, 0, 0),
        ("b1", 13, 0, 1, 0, 0, 0),  # the draft, made ready
        ("r2", 10, 0, 0, 1, 0, 0),  # a machine's pull request; P5 stays a draft
        ("r2", 12, 0, 1, 0, 0, 0),
        ("r2", 13, 0, 0, 1, 0, 0),  # a draft of b1
        ("b2", 9, 0, 0, 1, 0, 0),
        ("b2", 10, 0, 0, 1, 0, 0),
        ("r4", 12, 1, 0, 0, 7, 0),
        ("r3", 11, 0, 0, 0, 0, 0),  # a day without anything is a row of zeroes
    ],
)
def test_a_day_counts_what_the_person_did_on_it(activity, who, day, commits, created, reviewed, additions, deletions):
    row = activity[who, day]

    assert (row["commits_count"], row["prs_created"], row["prs_reviewed"]) == (commits, created, reviewed)
    assert (row["code_additions"], row["code_deletions"]) == (additions, deletions)


def test_who_takes_part_since_thursday_has_no_days_before(activity):
    assert [day for who, day in sorted(activity) if who == "r4"] == [12, 13, 14, 15]


def test_who_does_not_take_part_and_machines_have_no_days(activity):
    assert {who for who, _ in activity} == {"r1", "r2", "r3", "r4", "b1", "b2", "b3"}


def test_before_anything_was_observed_there_are_no_zeroes(acme):
    first = rows(acme, "select min(date) as day, min(first_date) as observed from marts.space_activity "
                 "cross join intermediate.int_scopes__observed where scope_type = 'organization'")[0]  # fmt: skip

    assert first["day"] == first["observed"]


@pytest.mark.parametrize(
    ("who", "week", "cross_team", "comments", "given", "score"),
    [
        ("r1", 9, 1, 2, 1, 200 / 3),  # P3 late; comments 1 and 2 answered in time
        ("r2", 9, 1, 0, 2, 50),  # P4 after an hour; comment 5 never. The draft P2 kept nobody waiting
        ("r3", 9, 0, 0, 0, None),  # nobody waited for r3
        ("b2", 9, 1, 3, 2, 100),  # P1 twice is one pull request
        ("b3", 9, 1, 1, 1, 100),
        ("b3", 16, 0, 0, 1, 100),  # ready Friday 20:00, reviewed Monday 19:00; same team as b1
        ("r3", 16, 1, 0, 1, 0),  # Tuesday 10:00 is too late for Friday 20:00
        ("b1", 9, 0, 0, 0, None),
    ],
)
def test_a_week_of_working_together(collaboration, who, week, cross_team, comments, given, score):
    row = collaboration[who, week]

    assert (row["cross_team_prs"], row["pr_comments"], row["code_reviews_given"]) == (cross_team, comments, given)
    assert row["async_communication_score"] == (pytest.approx(score) if score is not None else None)


@pytest.mark.parametrize(("who", "timed", "hours"), [("b2", 1, 6), ("r2", 1, 1), ("r1", 1, 50)])
def test_turnaround_runs_from_ready_to_the_reviewers_first_review(collaboration, who, timed, hours):
    row = collaboration[who, 9]

    assert (row["reviews_timed_count"], row["review_turnaround_hours"]) == (timed, hours)


def test_a_cycle_of_rework_is_a_request_a_commit_and_a_review(collaboration):
    assert {who: row["rework_cycles"] for (who, week), row in collaboration.items() if week == 9} == {
        "r1": 1, "r2": 0, "r3": 0, "r4": 0, "b1": 0, "b2": 0, "b3": 0,
    }  # fmt: skip
