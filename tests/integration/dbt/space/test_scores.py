"""Scores and ratings worked by hand from the definitions alone: what is published, and what the function says of it."""

from collections.abc import Iterator
from datetime import timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

import psycopg
import pytest

from roosevelt_pipeline.people import forget_outlived
from roosevelt_pipeline.settings import Settings
from roosevelt_pipeline.warehouse.connections import Role
from tests.integration.dbt.space.acme import MONDAY
from tests.support.pipeline import rows

RUN = UUID(int=2)


@pytest.fixture
def company(acme) -> Iterator["psycopg.Connection[Any]"]:
    """The warehouse without anything published, for figures made up by a test; rolled back after it."""
    with acme.connect() as connection, connection.transaction(force_rollback=True):
        connection.execute("truncate published.space_figures")
        yield connection


def publish(connection, figure, scope, start, numerator, denominator=None, n=6, status="ok"):
    """A figure as the gate would leave it; of the organisation if the scope is acme."""
    quarter = start.endswith("-01")
    dimension = {"satisfaction_score": "satisfaction", "commits_count": "activity", "cross_team_prs": "collaboration",
                 "deep_work_pct": "efficiency"}[figure]  # fmt: skip
    value = numerator if denominator is None else numerator / denominator
    known = status == "ok"
    connection.execute(
        """insert into published.space_figures
        (figure, dimension, scope_type, scope, period, period_start, period_end, value, unit, n, numerator, denominator,
         status, reason, definition_version, decided_at, run_id)
        values (%s, %s, %s, %s, %s, %s, %s::date + %s::interval, %s, 'x', %s, %s, %s, %s, %s, 1, now(), %s)""",
        [figure, dimension, "organization" if scope == "acme" else "team", scope, "quarter" if quarter else "week",
         start, start, "3 months" if quarter else "7 days", value if known else None, n if known else None,
         numerator if known else None, denominator if known else None, status, None if known else "too_few",
         RUN],
    )  # fmt: skip


def scores(connection, weeks: int = 4) -> dict[str, dict[str, Any]]:
    found = connection.execute("select * from bi.get_space_scores(%s)", [weeks])
    names = [column.name for column in found.description]
    return {row[0]: dict(zip(names, row, strict=True)) for row in found}


def survey_of(warehouse, quarter):
    """What is told of a quarter: value and number of answers by figure and group."""
    found = rows(
        warehouse,
        "select figure, scope, value, n from published.space_figures "
        f"where period = 'quarter' and period_start = '{quarter}' and status = 'ok'",
    )
    return {(row["figure"], row["scope"]): (row["value"], row["n"]) for row in found}


def test_five_rows_in_the_order_that_people_know(acme):
    with acme.connect(Role.BI) as connection:
        found = connection.execute("select * from get_space_scores(4)")
        columns, names = [column.name for column in found.description], [row[0] for row in found]

    assert columns[:4] == ["dimension", "current_score", "trend", "benchmark"]
    assert names == ["Satisfaction", "Performance", "Activity", "Collaboration", "Efficiency"]


def test_a_survey_of_six_answers_among_seven_asked(acme):
    """10, 9, 10 promote, 6 and 0 do not, 8 is neither: (3 - 2) / 6. Mean of 5, 4, 3, 2, 4, 5: 23 / 6."""
    said = survey_of(acme, "2026-01-01")

    assert said["nps_points", "acme"] == (17, 6)
    assert said["satisfaction_score", "acme"] == (3.8, 6)
    assert said["response_rate_pct", "acme"] == (86, 6)  # 6 of 7


def test_answers_of_a_year_ago_that_were_imported_last_week_are_told_of_groups_and_then_go(acme):
    """Nobody knows who was asked then, so the share of those who answered is not known either."""
    quarter = "select natural_key from raw.survey_answers where payload ->> 'quarter' = '2024-Q4'"
    assert survey_of(acme, "2024-10-01") == {("nps_points", "acme"): (17, 6), ("satisfaction_score", "acme"): (3.8, 6)}
    assert len(rows(acme, quarter)) == 6

    forget_outlived(Settings(), acme, MONDAY + timedelta(weeks=2))

    assert rows(acme, quarter) == []
    assert survey_of(acme, "2024-10-01")["satisfaction_score", "acme"] == (3.8, 6)


def test_a_team_of_four_answers_has_no_satisfaction_and_no_n(acme):
    found = rows(
        acme,
        "select team, satisfaction_score, nps_points, n, status from bi.space_satisfaction "
        "where quarter_date = '2026-01-01' order by 1",
    )

    assert [tuple(row.values()) for row in found] == [
        ("blue", None, None, None, "suppressed"),
        ("red", None, None, None, "suppressed"),
    ]


@pytest.mark.parametrize(
    ("score", "rating"),
    [(4.5, "Excellent"), (4.4, "Good"), (3.5, "Good"), (3.4, "Fair"), (2.5, "Fair"), (2.4, "Poor"), (1, "Poor")],
)
def test_satisfaction_is_rated_by_bands_whose_lower_bound_belongs_to_them(company, score, rating):
    publish(company, "satisfaction_score", "acme", "2026-01-01", score * 6, 6)
    publish(company, "commits_count", "acme", "2026-03-30", 10)

    row = scores(company)["Satisfaction"]
    assert (row["current_score"], row["trend"], row["n"], row["status"]) == (Decimal(str(score)), rating, 6, "ok")


def test_satisfaction_changes_against_the_quarter_before(company):
    publish(company, "satisfaction_score", "acme", "2025-10-01", 30, 10)
    publish(company, "satisfaction_score", "acme", "2026-01-01", 32, 8)
    publish(company, "commits_count", "acme", "2026-03-30", 10)

    row = scores(company)["Satisfaction"]
    assert (row["current_score"], row["change"]) == (4, 1)


@pytest.mark.parametrize(
    ("commits", "score", "rating"),
    [
        ([100, 100], 100, "In range"),
        ([99, 100], Decimal("99.5"), "Below range"),
        ([150, 150], 150, "In range"),
        ([151, 150], Decimal("150.5"), "Above range"),
        ([60, 140, 130], 110, "In range"),
    ],
)
def test_activity_is_commits_a_week_per_team(company, commits, score, rating):
    for team, count in zip(("red", "blue", "green"), commits, strict=False):
        publish(company, "commits_count", team, "2026-03-23", count)

    row = scores(company)["Activity"]
    assert (row["current_score"], row["trend"], row["n"]) == (score, rating, len(commits))


def test_a_team_whose_week_is_withheld_is_no_team_with_no_commits(company):
    publish(company, "commits_count", "red", "2026-03-16", 120)
    publish(company, "commits_count", "red", "2026-03-23", 0, status="suppressed")
    publish(company, "commits_count", "blue", "2026-03-23", 100)

    row = scores(company)["Activity"]
    assert (row["current_score"], row["n"], row["status"]) == (110, 2, "ok")


def test_where_every_week_is_withheld_there_is_no_score_no_n_and_no_rating(company):
    publish(company, "commits_count", "red", "2026-03-23", 120, status="suppressed")

    row = scores(company)["Activity"]
    assert (row["current_score"], row["n"], row["trend"], row["status"]) == (
        None, None, "Insufficient data", "suppressed",
    )  # fmt: skip


def test_activity_changes_against_as_many_weeks_before(company):
    publish(company, "commits_count", "red", "2026-03-09", 100)
    publish(company, "commits_count", "red", "2026-03-16", 110)
    publish(company, "commits_count", "red", "2026-03-23", 140)

    assert scores(company, 1)["Activity"]["change"] == 30
    two = scores(company, 2)["Activity"]
    assert (two["current_score"], two["change"]) == (125, 25)  # (110 + 140) / 2 against 100
    assert scores(company, 3)["Activity"]["change"] is None


@pytest.mark.parametrize(
    ("counts", "score", "rating"), [([5, 5], 5, "On target"), ([4, 5], Decimal("4.5"), "Below target")]
)
def test_collaboration_is_cross_team_pull_requests_a_week_per_team(company, counts, score, rating):
    publish(company, "commits_count", "red", "2026-03-23", 1)
    for team, count in zip(("red", "blue"), counts, strict=True):
        publish(company, "cross_team_prs", team, "2026-03-23", count)

    row = scores(company)["Collaboration"]
    assert (row["current_score"], row["trend"]) == (score, rating)


@pytest.mark.parametrize(
    ("weeks", "score", "rating"),
    [
        ([(70, 100), (70, 100)], 70, "On target"),
        ([(90, 100), (10, 50)], Decimal("66.67"), "Below target"),  # 100 of 150 hours, not the mean of 90 % and 20 %
    ],
)
def test_efficiency_is_a_ratio_of_hours_over_all_weeks(company, weeks, score, rating):
    publish(company, "commits_count", "acme", "2026-03-23", 1)
    for start, (focus, hours) in zip(("2026-03-16", "2026-03-23"), weeks, strict=True):
        publish(company, "deep_work_pct", "acme", start, 100 * focus, hours)

    row = scores(company)["Efficiency"]
    assert (row["current_score"], row["trend"], row["n"]) == (score, rating, 12)


def test_what_nobody_measures_has_no_data(company):
    publish(company, "commits_count", "acme", "2026-03-23", 1)

    row = scores(company)["Efficiency"]
    assert (row["current_score"], row["trend"], row["status"], row["n"]) == (None, "Insufficient data", "no_data", 0)


def test_performance_is_the_share_of_lines_that_tests_reach_at_the_end(acme):
    with acme.connect() as connection:
        row = scores(connection)["Performance"]

    assert (row["current_score"], row["trend"], row["n"]) == (85, "On target", 1)  # 340 of 400


@pytest.mark.parametrize(
    ("day", "coverage", "density"),
    [
        (10, None, 0.25),  # one bug that counts among 4,000 lines; nothing was measured before the 11th
        (11, 75, 0),
        (17, 75, 0),
        (18, 85, 0),
        (19, 85, 0.25),
    ],
)
def test_a_repositorys_day(acme, day, coverage, density):
    found = rows(acme, f"select * from marts.space_performance where date = '2026-03-{day}'")[0]

    assert (found["code_coverage_pct"], found["defect_density"]) == (coverage, density)
    assert found["is_lines_count_assumed"] == (day < 16)


def test_review_depth_is_comments_for_each_merged_pull_request(acme):
    """P1 was merged on the 11th with comments 1, 2 and 3 of its reviewer; r1's answer is its author's. P2 had none."""
    found = rows(acme, "select date, pr_review_depth from marts.space_performance where pr_review_depth is not null")

    assert [(row["date"].day, row["pr_review_depth"]) for row in found] == [(11, 3), (18, 0)]


def test_a_week_of_which_new_york_still_has_an_evening_is_not_published(acme):
    assert rows(acme, "select max(period_start) as week from published.space_figures where period = 'week'")[0][
        "week"
    ].isoformat() == "2026-03-23"  # fmt: skip


def test_teams_of_whom_two_committed_are_not_shown_and_the_company_is(acme):
    found = rows(
        acme, "select scope, value, n from published.space_figures "
        "where figure = 'commits_count' and period_start = '2026-03-09' order by scope",
    )  # fmt: skip

    assert [tuple(row.values()) for row in found] == [("acme", 4, 3), ("blue", None, None), ("red", None, None)]


@pytest.mark.parametrize(
    "relation",
    ["marts.space_activity", "marts.space_collaboration", "marts.space_satisfaction", "marts.space_efficiency",
     "marts.space_candidates", "marts.space_contributors", "marts.fct_person_weeks",
     "published.space_figures", "published.space_members", "raw.participants", "intermediate.int_reviews__given"],
)  # fmt: skip
def test_bi_reaches_no_table_of_persons(acme, relation):
    with acme.connect(Role.BI) as connection, pytest.raises(psycopg.errors.InsufficientPrivilege):
        connection.execute(f"select * from {relation}".encode())


@pytest.mark.parametrize(
    ("table", "columns"),
    [
        ("space_satisfaction", ["user_id", "survey_date", "nps_score", "satisfaction_score"]),
        ("space_performance", ["repository", "date", "code_coverage_pct", "pr_review_depth", "defect_density"]),
        ("space_activity", ["user_id", "date", "commits_count", "prs_created", "prs_reviewed", "code_additions",
                            "code_deletions"]),
        ("space_collaboration", ["user_id", "week_start", "cross_team_prs", "pr_comments", "code_reviews_given",
                                 "async_communication_score"]),
        ("space_efficiency", ["user_id", "week_start", "focus_hours", "meeting_hours", "context_switches",
                              "deep_work_pct"]),
    ],
)  # fmt: skip
def test_bi_has_the_names_that_people_query_with_their_columns_first_and_nobody_in_them(acme, table, columns):
    with acme.connect(Role.BI) as bi, acme.connect() as own:
        shown = bi.execute(f"select * from {table}".encode())
        inside = own.execute(f"select * from marts.{table} limit 0".encode())

    for found in (shown, inside):
        assert [column.name for column in found.description][: len(columns)] == columns
    if columns[0] == "user_id":
        assert {row[0] for row in shown.fetchall()} <= {None}
