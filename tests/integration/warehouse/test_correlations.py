"""From published weeks in the marts to comparisons in analytics: a team of sixty weeks, worked out by hand."""

import base64
import csv
from datetime import date, timedelta

import numpy as np
import psycopg
import pytest
from psycopg import sql

from roosevelt_pipeline.correlations import judge_correlations, share_significant, unanswered
from roosevelt_pipeline.correlations_report import report
from roosevelt_pipeline.settings import PROJECT_ROOT
from roosevelt_pipeline.stats.correlations.parameters import ASKED
from roosevelt_pipeline.warehouse.connections import Role
from roosevelt_pipeline.warehouse.frames import read_frame

MONDAY, WEEKS = date(2025, 1, 6), 60
ROWS = sql.SQL("select * from analytics.metric_correlations order by chance, metric_a, metric_b, lag_periods, scope")
DELIVERY = ("n", 0), ("sum", 0), ("p50", "null")


@pytest.fixture
def marts(fresh_warehouse):
    """The relations that are read, with what dbt would put into them."""
    with fresh_warehouse.connect(Role.TRANSFORM) as connection:
        columns = []
        for name, key in (("metric_catalog", "metric"), ("space_catalog", "figure")):
            connection.execute(f"create table reference.{name} ({key} text, label text, aggregation text)")
            with (PROJECT_ROOT / "dbt_project" / "seeds" / f"{name}.csv").open(encoding="utf-8") as file:
                for one in csv.DictReader(file):
                    values = [one[key], one["label"], one["aggregation"]]
                    connection.execute(f"insert into reference.{name} values (%s, %s, %s)", values)
                    columns += [one[key]] if key == "metric" else []
        figures = ", ".join(f"{one}_{part} float8 default {given}" for one in columns for part, given in DELIVERY)
        connection.execute("create table marts.fct_metric_days (metric_date date)")
        connection.execute(
            "create table marts.fct_metric_windows (scope_type text, scope text, metric_date date, window_days int, "
            f"first_date date, {figures})"
        )
        connection.execute(
            "create table bi.space_summary (scope_type text, scope text, week_start date, figure text, "
            "value float8, status text, period text, period_start date)"
        )
    return fresh_warehouse


def deliver(warehouse, deployments, hours, scope=("team", "payments"), first=MONDAY):
    with warehouse.connect(Role.TRANSFORM) as connection:
        for week, (count, median) in enumerate(zip(deployments, hours, strict=True)):
            sunday = MONDAY + timedelta(weeks=week, days=6)
            connection.execute("insert into marts.fct_metric_days values (%s)", [sunday])
            connection.execute(
                "insert into marts.fct_metric_windows (scope_type, scope, metric_date, window_days, first_date, "
                "deployment_frequency_per_day_n, change_lead_time_hours_n, change_lead_time_hours_p50) "
                "values (%s, %s, %s, 7, %s, %s, %s, %s)",
                [*scope, sunday, first, float(count), float(count), float(median)],
            )


def publish(warehouse, figure, values, status="ok", scope=("team", "payments")):
    with warehouse.connect(Role.TRANSFORM) as connection:
        for week, value in enumerate(values):
            monday = MONDAY + timedelta(weeks=week)
            row = [*scope, monday, figure, float(value), status, monday]
            connection.execute("insert into bi.space_summary values (%s, %s, %s, %s, %s, %s, 'week', %s)", row)


def draw(seed):
    return np.random.default_rng(seed)


def rows(warehouse):
    with warehouse.connect(Role.ANALYTICS) as connection:
        return read_frame(connection, ROWS)


def found(warehouse, first, second, lag=0):
    frame = rows(warehouse)
    (one,) = frame[(frame["metric_a"] == first) & (frame["metric_b"] == second) & (frame["lag_periods"] == lag)
                   & (frame["scope"] == "payments")].to_dict("records")  # fmt: skip
    return one


def test_a_team_whose_changes_wait_while_it_deploys_less_is_told_so_and_not_why(marts):
    deployments = draw(1).poisson(25, WEEKS)
    deliver(marts, deployments, 600 / deployments**1.5 * np.exp(draw(2).normal(0, 0.05, WEEKS)))

    looked = judge_correlations(marts)

    one = found(marts, "deployment_frequency_per_day", "change_lead_time_hours")
    assert (one["status"], one["is_asked"], one["is_significant"], one["is_strong"]) == ("ok", True, True, True)
    assert (one["first_date"], one["last_date"]) == (MONDAY, MONDAY + timedelta(weeks=WEEKS - 1))
    assert one["periods_count"] == WEEKS - 1
    assert "moved together from week to week, in opposite directions, strongly" in one["said"]
    assert "It does not say which of them leads" in one["said"]
    assert "because" not in one["said"]
    assert "data:image/svg+xml;base64," in report(looked)
    assert one["said"] in report(looked)


def test_what_the_gate_withheld_is_not_looked_at(marts):
    """The same weeks, once published and once not: a figure of too few persons stays unknown here too."""
    deliver(marts, draw(3).poisson(25, WEEKS), draw(4).uniform(20, 30, WEEKS))
    publish(marts, "focus_hours", draw(5).normal(18, 2, WEEKS), status="suppressed")
    publish(marts, "defect_density", draw(6).normal(0.4, 0.1, WEEKS))

    judge_correlations(marts)
    assert found(marts, "focus_hours", "defect_density")["status"] == "no_data"

    publish(marts, "focus_hours", draw(5).normal(18, 2, WEEKS))
    judge_correlations(marts)
    assert found(marts, "focus_hours", "defect_density")["status"] == "ok"


def test_a_week_that_is_not_decided_about_yet_comes_in_a_week_later_and_costs_nothing_else(marts):
    """On Monday the week that has just ended is measured, and the gate decides about it on Tuesday."""
    deployments, focus = draw(14).poisson(25, WEEKS), draw(15).normal(18, 2, WEEKS)
    deliver(marts, deployments, draw(16).uniform(20, 30, WEEKS))
    publish(marts, "focus_hours", focus[:-1])
    judge_correlations(marts)
    on_monday = found(marts, "deployment_frequency_per_day", "focus_hours")

    with marts.connect(Role.TRANSFORM) as connection:
        connection.execute("delete from bi.space_summary")
    publish(marts, "focus_hours", focus)
    judge_correlations(marts)
    later = found(marts, "deployment_frequency_per_day", "focus_hours")

    assert (on_monday["last_date"], later["last_date"]) == tuple(
        MONDAY + timedelta(weeks=week) for week in (WEEKS - 2, WEEKS - 1)
    )
    assert (on_monday["periods_count"], later["periods_count"]) == (WEEKS - 2, WEEKS - 1)
    assert found(marts, "deployment_frequency_per_day", "change_lead_time_hours")["periods_count"] == WEEKS - 1


def test_meetings_and_satisfaction_say_how_many_quarters_are_missing(marts):
    deliver(marts, draw(7).poisson(25, WEEKS), draw(8).uniform(20, 30, WEEKS))
    publish(marts, "meeting_hours", draw(9).normal(9, 1, WEEKS))
    with marts.connect(Role.TRANSFORM) as connection:
        for quarter in range(4):
            start = date(2025, 1 + 3 * quarter, 1)
            for week in range(2):  # a survey's figure stands in each week after its quarter
                row = [start + timedelta(weeks=13 + week), 3.5 + quarter / 10 * (-1) ** quarter, start]
                connection.execute(
                    "insert into bi.space_summary values ('team', 'payments', %s, 'satisfaction_score', %s, 'ok', "
                    "'quarter', %s)",
                    row,
                )

    judge_correlations(marts)

    one = found(marts, "meeting_hours", "satisfaction_score")
    assert (one["period"], one["status"], one["periods_count"]) == ("quarter", "not_enough_periods", 3)
    assert (one["first_date"], one["last_date"]) == (date(2025, 1, 1), date(2025, 10, 1))
    assert "12 are needed" in one["said"]


def test_a_week_that_was_not_observed_from_its_first_day_is_no_week(marts):
    deliver(marts, draw(10).poisson(25, WEEKS), draw(11).uniform(20, 30, WEEKS), first=MONDAY + timedelta(days=1))

    judge_correlations(marts)

    one = found(marts, "deployment_frequency_per_day", "change_lead_time_hours")
    assert (one["first_date"], one["periods_count"]) == (MONDAY + timedelta(weeks=1), WEEKS - 2)


def test_every_pair_that_was_asked_for_has_a_row_if_only_with_the_reason(marts):
    deliver(marts, draw(12).poisson(25, WEEKS), draw(13).uniform(20, 30, WEEKS), scope=("organization", "helios"))

    drawn = report(judge_correlations(marts)).split("base64,")[1].split(")")[0]

    frame = rows(marts)
    asked = frame[frame["is_asked"]]
    assert {(one.metric_a, one.metric_b) for one in asked.itertuples()} == {(one.first, one.second) for one in ASKED}
    assert (asked["said"] != "").all()
    assert unanswered(marts) == []
    assert share_significant(marts) == (0, 5)  # the five lags of the one pair that could be tested
    assert "organization helios: not seen to move together" in base64.b64decode(drawn).decode()


def test_looking_again_finds_the_same_rows(marts):
    deliver(marts, draw(14).poisson(25, WEEKS), draw(15).uniform(20, 30, WEEKS))
    judge_correlations(marts)
    before = rows(marts)

    judge_correlations(marts)

    assert len(before) > 0
    assert before.equals(rows(marts))


def test_empty_marts_are_looked_at_without_complaint_and_the_questions_are_open(marts):
    looked = judge_correlations(marts)

    assert (looked.as_of, len(rows(marts)), share_significant(marts)) == (None, 0, (0, 0))
    assert "0 of 0 comparisons could be tested" in report(looked)
    assert len(unanswered(marts)) == len(ASKED)


def test_before_the_first_daily_run_there_is_nothing_to_look_at(fresh_warehouse):
    assert judge_correlations(fresh_warehouse) is None


def test_bi_reads_the_comparisons_and_changes_none(marts):
    deliver(marts, draw(16).poisson(25, WEEKS), draw(17).uniform(20, 30, WEEKS))
    judge_correlations(marts)

    with marts.connect(Role.BI) as connection:
        told = connection.execute("select count(*) from bi.metric_correlations").fetchone()
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            connection.execute("delete from bi.metric_correlations")

    assert told[0] == len(rows(marts))
