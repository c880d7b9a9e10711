"""From events in the marts to sentences in analytics: a team of fifty weeks, worked out by hand."""

import base64
from datetime import UTC, date, datetime, timedelta

import numpy as np
import psycopg
import pytest
from psycopg import sql

from roosevelt_pipeline.insights import find_insights, told_today, unasked
from roosevelt_pipeline.insights_report import report
from roosevelt_pipeline.warehouse.connections import Role
from roosevelt_pipeline.warehouse.frames import read_frame
from tests.integration.warehouse.conftest import create_catalog, seed

MONDAY, WEEKS = date(2025, 1, 6), 50
LAST = MONDAY + timedelta(weeks=WEEKS, days=-1)  # a Sunday
PARTS = ("n float8 not null default 0", "sum float8 not null default 0", "p50 float8")
INSIGHTS = sql.SQL("select * from analytics.insights order by as_of_date, insight_key")
QUESTIONS = sql.SQL("select * from analytics.insight_questions order by kind, scope_type, scope, metric")
SCOPES = (("service", "ledger"), ("team", "payments"), ("organization", "helios"))


@pytest.fixture
def marts(fresh_warehouse):
    """The relations that are read, with what dbt would put into them."""
    columns = ", ".join(f"{one['metric']}_{part}" for one in seed("metric_catalog") for part in PARTS)
    with fresh_warehouse.connect(Role.TRANSFORM) as connection:
        create_catalog(connection)
        connection.execute(
            "create table marts.fct_metric_days (scope_type text, scope text, metric_date date, first_date date)"
        )
        connection.execute(
            "create table marts.fct_metric_windows (scope_type text, scope text, metric_date date, window_days int, "
            f"first_date date, {columns})"
        )
        connection.execute(
            "create table marts.fct_metric_events (service text, team text, item_type text, item_id text, "
            "own_date date, home_date date, happened_at timestamptz, change_failure_rate_pct boolean)"
        )
        connection.execute("create table marts.dim_services (service text, time_zone text)")
        connection.execute("insert into marts.dim_services values ('ledger', 'Europe/Amsterdam')")
        connection.execute(
            "create table marts.fct_changes (service text, team text, change_id text, is_bot boolean default false, "
            "is_first_deployment boolean default false, deployed_at timestamptz, lead_time_hours float8, "
            "coding_time_hours float8, pickup_time_hours float8, review_time_hours float8, delivery_time_hours float8)"
        )
        connection.execute(
            "create table marts.fct_pull_request_sizes (change_id text, lines_changed_count int, "
            "review_comments_count int)"
        )
        connection.execute(
            "create table marts.fct_metric_items (metric text, scope_type text, scope text, metric_date date, "
            "item_type text, item_id text, happened_at timestamptz)"
        )
    return fresh_warehouse


def measured(warehouse, until=LAST):
    """Days of the three scopes, and a steady number of deployments in each week."""
    rng = np.random.default_rng(1)
    with warehouse.connect(Role.TRANSFORM) as connection:
        for scope in SCOPES:
            connection.execute(
                "insert into marts.fct_metric_days "
                "select %s, %s, day::date, %s from generate_series(%s::date, %s, '1 day') as day",
                [*scope, MONDAY, MONDAY, until],
            )
            for week in range(WEEKS):
                connection.execute(
                    "insert into marts.fct_metric_windows (scope_type, scope, metric_date, window_days, first_date, "
                    "deployment_frequency_per_day_n) values (%s, %s, %s, 7, %s, %s)",
                    [*scope, MONDAY + timedelta(weeks=week, days=6), MONDAY, float(rng.poisson(20))],
                )


def deployed(warehouse, fails):
    """Four deployments of each working day at 10:00 in Amsterdam; ``fails(week, weekday)`` are how many failed."""
    with warehouse.connect(Role.TRANSFORM) as connection, connection.cursor() as cursor:
        names = "service, team, item_type, item_id, own_date, home_date, happened_at, change_failure_rate_pct"
        with cursor.copy(f"copy marts.fct_metric_events ({names}) from stdin") as copy:
            for week in range(WEEKS):
                for weekday in range(5):
                    day = MONDAY + timedelta(weeks=week, days=weekday)
                    at = datetime(day.year, day.month, day.day, 9, tzinfo=UTC)
                    for number in range(4):
                        copy.write_row(["ledger", "payments", "deployment", f"{day}/{number}", day, day, at,
                                        number < fails(week, weekday)])  # fmt: skip


def merged(warehouse, pickup=2.0, size_effect=0.0):
    """Six changes in each of the last 26 weeks, deployed on Wednesdays."""
    rng = np.random.default_rng(2)
    with warehouse.connect(Role.TRANSFORM) as connection:
        for number in range(26 * 6):
            day = LAST - timedelta(days=4 + 7 * (number // 6))
            size = rng.normal()
            stages = np.exp(rng.normal(0, 0.4, 4) + size_effect * size) * [2, pickup, 2, 2]
            at = datetime(day.year, day.month, day.day, 12, number % 6, tzinfo=UTC)
            connection.execute(
                "insert into marts.fct_changes (service, team, change_id, deployed_at, lead_time_hours, "
                "coding_time_hours, pickup_time_hours, review_time_hours, delivery_time_hours) "
                "values ('ledger', 'payments', %s, %s, %s, %s, %s, %s, %s)",
                [f"pull-request:{number}", at, float(stages.sum()), *map(float, stages)],
            )
            connection.execute(
                "insert into marts.fct_pull_request_sizes values (%s, %s, 0)",
                [f"pull-request:{number}", round(100 * np.exp(size))],
            )
            for scope in SCOPES:
                connection.execute(
                    "insert into marts.fct_metric_items values ('pickup_time_hours', %s, %s, %s, 'change', %s, %s)",
                    [*scope, day, f"ledger/pull-request:{number}", at],
                )


def bad_fridays(week, weekday):
    """50 of 200 on Fridays; on other days each fifth has one: 40 of 800."""
    return int(weekday == 4 or (4 * week + weekday) % 5 == 0)


def rows(warehouse, query=INSIGHTS):
    with warehouse.connect(Role.ANALYTICS) as connection:
        return read_frame(connection, query)


def only(frame, **wanted):
    for name, value in wanted.items():
        frame = frame[frame[name] == value]
    (one,) = frame.to_dict("records")
    return one


def test_fridays_are_told_of_the_team_with_the_keys_of_what_failed(marts):
    measured(marts)
    deployed(marts, bad_fridays)

    told = find_insights(marts)

    one = only(rows(marts), kind="weekday_failures", scope_type="team")
    assert (one["subject"], one["direction"], one["is_told"], one["told_because"]) == (
        "on Fridays",
        "worse",
        True,
        "new",
    )
    assert (one["observed_value"], one["compared_value"], one["n"], one["compared_n"]) == (25, 5, 200, 800)
    assert one["effect_ratio"] == pytest.approx(5)
    assert "Deployments of team payments on Fridays failed 5.0 times as often as all others: 50 of 200" in one["said"]
    assert one["evidence"]["items"] == 50
    newest = LAST - timedelta(days=2)
    assert one["evidence"]["newest"][0] == f"{newest}/0"
    assert len(one["evidence"]["newest"]) == 25
    assert one["opened_by"] == (
        f"roosevelt explain change_failure_rate_pct --scope team:payments --date {LAST} --window 90"
    )
    assert "data:image/svg+xml;base64," in report(told)
    assert one["said"] in report(told)


def test_the_service_and_the_organisation_that_are_the_same_deployments_point_to_the_team(marts):
    measured(marts)
    deployed(marts, bad_fridays)

    find_insights(marts)

    fridays = rows(marts)
    fridays = fridays[fridays["kind"] == "weekday_failures"].set_index("scope_type")
    key = fridays.loc["team", "insight_key"]
    assert fridays["same_as"].dropna().to_dict() == {"organization": key, "service": key}
    assert fridays["is_told"].to_dict() == {"organization": False, "service": False, "team": True}
    assert told_today(marts)[1] == 3


def test_the_same_is_not_told_on_the_next_day_and_a_second_run_of_a_day_changes_nothing(marts):
    measured(marts)
    deployed(marts, bad_fridays)
    find_insights(marts)
    with marts.connect(Role.TRANSFORM) as connection:
        for scope in SCOPES:
            tomorrow = LAST + timedelta(days=1)
            connection.execute("insert into marts.fct_metric_days values (%s, %s, %s, %s)", [*scope, tomorrow, MONDAY])

    find_insights(marts)
    before = rows(marts)
    find_insights(marts)

    one = only(before, kind="weekday_failures", scope_type="team", as_of_date=LAST + timedelta(days=1))
    assert (one["is_told"], one["told_because"], one["told_date"], one["since_date"]) == (False, "known", LAST, LAST)
    assert before.equals(rows(marts))


def test_days_that_fail_alike_are_no_insight_and_it_is_said_whether_that_means_anything(marts):
    measured(marts)
    deployed(
        marts, lambda week, weekday: int((week + weekday) % 5 == 0)
    )  # each weekday in each fifth week: 50 of 1,000

    find_insights(marts)

    assert rows(marts).empty
    asked = only(rows(marts, QUESTIONS), kind="weekday_failures", scope_type="team")
    assert asked["status"] == "not_enough_data"
    assert "Among 1000 deployments of team payments, 50 of which failed" in asked["said"]
    changes = only(rows(marts, QUESTIONS), kind="deployment_window", scope_type="team")
    assert changes["status"] in ("nothing_found", "not_enough_data")


def test_where_the_lead_time_goes_is_told_with_the_stage_that_opens_it_up(marts):
    measured(marts)
    merged(marts, pickup=14.0)

    find_insights(marts)

    one = only(rows(marts), kind="bottleneck", scope_type="team")
    assert one["subject"] == "pickup_time_hours"
    assert one["observed_value"] == pytest.approx(70, abs=4)  # 14 of 20 hours
    assert one["direction"] is None
    assert one["evidence"]["items"] == 26 * 6
    assert one["opened_by"].startswith("roosevelt explain pickup_time_hours --scope team:payments")


def test_large_pull_requests_that_take_longer_are_told_with_their_keys(marts):
    measured(marts)
    merged(marts, size_effect=0.5)

    find_insights(marts)

    one = only(rows(marts), kind="pull_request_size", scope_type="team")
    assert one["ratio_low"] > 1.5
    assert one["evidence"]["items"] == one["n"] == pytest.approx(52, abs=2)
    assert all(key.startswith("ledger/pull-request:") for key in one["evidence"]["newest"])


def test_a_week_without_deployments_is_told_as_what_changed(marts):
    measured(marts)
    with marts.connect(Role.TRANSFORM) as connection:
        connection.execute(
            "update marts.fct_metric_windows set deployment_frequency_per_day_n = 0 where metric_date = %s", [LAST]
        )

    told = find_insights(marts)

    one = only(rows(marts), kind="last_week", scope_type="team", metric="deployment_frequency_per_day")
    assert (one["direction"], one["unit"], one["subject"]) == ("worse", "deployments", "week from 2025-12-15")
    assert "fell from" in one["said"]
    assert "to 0 deployments" in one["said"]
    assert one["opened_by"].endswith(f"--date {LAST} --window 7")
    drawn = base64.b64decode(report(told).split("base64,")[1].split(")")[0]).decode()
    assert "team payments: deployment frequency per day, last week" in drawn


def test_the_next_tier_is_told_with_its_probability_where_half_of_the_futures_get_there(marts):
    measured(marts)
    with marts.connect(Role.ANALYTICS) as connection:
        for scope, tier, chance, by in (
            (("team", "payments"), "Elite", 0.55, LAST + timedelta(days=80)),
            (("team", "payments"), "High", 0.9, LAST + timedelta(days=30)),
            (("organization", "helios"), "High", 0.3, None),
            (("service", "ledger"), "High", 0.9, LAST + timedelta(days=30)),
        ):
            connection.execute(
                "insert into analytics.metric_tier_forecasts values (%s, %s, 'change_lead_time_hours', %s, "
                "'roosevelt-2026', 28, false, 'Medium', 200, 'hours', 0, 0, %s, %s, 'At the current pace.', %s, '1')",
                [*scope, tier, chance, by, LAST],
            )

    told = find_insights(marts)

    one = only(rows(marts), kind="next_tier")
    assert (one["scope"], one["subject"], one["probability"], one["is_told"]) == ("payments", "High", 0.9, True)
    assert one["usefulness"] == pytest.approx(80 * (1 - 30 / 90) * 0.8, abs=0.01)
    assert "At the current pace." in report(told)


def test_a_scope_that_nobody_asked_about_is_noticed(marts):
    measured(marts)
    assert unasked(marts) == ["organization:helios", "service:ledger", "team:payments"]

    find_insights(marts)
    assert unasked(marts) == []


def test_empty_marts_have_nothing_to_tell(marts):
    told = find_insights(marts)

    assert (told.as_of, len(rows(marts)), told_today(marts), unasked(marts)) == (None, 0, (0, 0), [])
    assert "0 insights to tell" in report(told)


def test_bi_reads_the_newest_day_and_changes_nothing(marts):
    measured(marts)
    deployed(marts, bad_fridays)
    find_insights(marts)

    with marts.connect(Role.BI) as connection:
        told = connection.execute("select count(*) from bi.insights where as_of_date = %s", [LAST]).fetchone()
        asked = connection.execute("select count(*) from bi.insight_questions").fetchone()
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            connection.execute("delete from bi.insights")

    assert (told[0], asked[0]) == (len(rows(marts)), len(rows(marts, QUESTIONS)))
