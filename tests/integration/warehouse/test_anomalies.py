"""From measured days in the marts to incidents in analytics: a team of 20 weeks, worked out by hand."""

from datetime import date, timedelta

import numpy as np
from psycopg import sql

from roosevelt_pipeline.anomalies import judge_anomalies, newly_raised, unsearched
from roosevelt_pipeline.anomalies_report import report
from roosevelt_pipeline.settings import Settings, TeamSettings
from roosevelt_pipeline.warehouse.connections import Role
from roosevelt_pipeline.warehouse.frames import read_frame

FIRST = date(2026, 1, 5)  # a Monday
DAYS = 140
ROWS = sql.SQL("select * from analytics.metric_anomalies order by scope_type, scope, metric, found_date, is_high")
STATES = sql.SQL("select * from analytics.metric_anomaly_series order by scope_type, scope, metric")


def fill(warehouse, deployments, scope=("team", "payments"), zone="Europe/Amsterdam"):
    with warehouse.connect(Role.TRANSFORM) as connection:
        connection.execute(
            "insert into marts.fct_metric_days (scope_type, scope, metric_date, time_zone, "
            "deployment_frequency_per_day_n) select %s, %s, %s::date + day::int - 1, %s, n "
            "from unnest(%s::float8[]) with ordinality as counted (n, day)",
            [*scope, FIRST, zone, [float(count) for count in deployments]],
        )


def working_weeks(level=6.0):
    profile = np.tile(np.array([1, 1, 1, 1, 1, 0, 0]) * level, DAYS // 7)
    return np.random.default_rng(3).poisson(profile)


def rows(warehouse, query=ROWS):
    with warehouse.connect(Role.ANALYTICS) as connection:
        return read_frame(connection, query)


def test_a_week_without_deployments_is_an_open_alert_with_its_window_and_its_command(marts):
    deployments = working_weeks()
    deployments[-7:] = 0
    fill(marts, deployments)

    found = judge_anomalies(marts, Settings())

    (one,) = rows(marts).to_dict("records")
    assert (one["scope_type"], one["scope"], one["metric"]) == ("team", "payments", "deployment_frequency_per_day")
    assert (one["direction"], one["is_alert"], one["state"], one["unit"]) == ("worse", True, "open", "deployments")
    assert FIRST + timedelta(days=133) <= one["found_date"] <= FIRST + timedelta(days=135)
    assert one["window_start_date"] == one["found_date"] - timedelta(days=one["window_days"] - 1)
    days = [FIRST + timedelta(days=place) for place in range(DAYS)]
    inside = [count for day, count in zip(days, deployments, strict=True)
              if one["window_start_date"] <= day <= one["found_date"]]  # fmt: skip
    assert one["n"] == one["observed_value"] == sum(inside)
    assert one["opened_by"].startswith(
        f"roosevelt explain deployment_frequency_per_day --scope team:payments --date {one['found_date']} --window "
    )
    assert "payments" in report(found)
    assert "data:image/svg+xml;base64," in report(found)
    assert newly_raised(marts)[0] == 0


def test_searching_again_finds_the_same_rows(marts):
    deployments = working_weeks()
    deployments[70:77] = 0
    fill(marts, deployments)
    judge_anomalies(marts, Settings())
    before, states = rows(marts), rows(marts, STATES)

    judge_anomalies(marts, Settings())

    assert len(before) == 1
    assert before.equals(rows(marts))
    assert states.equals(rows(marts, STATES))


def test_kings_day_is_no_outage_in_the_netherlands_but_one_where_the_team_says_it_works_then(marts):
    deployments = working_weeks(20)
    deployments[112] = 0  # Monday 27 April 2026
    fill(marts, deployments)

    judge_anomalies(marts, Settings())
    assert rows(marts).empty

    judge_anomalies(marts, Settings(teams=(TeamSettings(name="payments", country="US"),)))
    assert rows(marts)["onset_date"].tolist() == [date(2026, 4, 27)]


def test_what_was_not_measured_is_said_to_be_unknown_and_not_ordinary(marts):
    fill(marts, working_weeks())
    judge_anomalies(marts, Settings())

    states = rows(marts, STATES).set_index("metric")["status"]

    assert states["deployment_frequency_per_day"] == "ok"
    assert states["change_lead_time_hours"] == "no_data"
    assert "change_lead_time_hours" in unsearched(marts)  # of the organisation, which has no row here


def test_empty_marts_are_searched_without_complaint(marts):
    found = judge_anomalies(marts, Settings())

    assert (found.as_of, len(rows(marts)), newly_raised(marts)) == (None, 0, (0, 0))
    assert "0 open alerts" in report(found)


def test_a_team_that_loses_its_focus_hours_is_found_in_what_was_published(marts):
    """Seventeen weeks of about 20 hours, then three of 11. How much people do is nobody's good or bad news."""
    fill(marts, working_weeks())
    hours = [20 + (week % 5 - 2) / 2 for week in range(17)] + [11.0] * 3
    with marts.connect(Role.TRANSFORM) as connection:
        connection.execute("create table reference.space_catalog (figure text, label text, unit text)")
        connection.execute(
            "insert into reference.space_catalog values ('focus_hours', 'Focus time', 'hours per person'), "
            "('commits_count', 'Commits', 'commits')"
        )
        connection.execute(
            "create table bi.space_summary (scope_type text, scope text, figure text, value float8, n int, "
            "status text, period text, period_end date)"
        )
        for week, value in enumerate(hours):
            ended = FIRST + timedelta(weeks=week + 1)
            for figure in ("focus_hours", "commits_count"):
                connection.execute(
                    "insert into bi.space_summary values ('team', 'payments', %s, %s, 6, 'ok', 'week', %s)",
                    [figure, value, ended],
                )

    found = judge_anomalies(marts, Settings())

    (one,) = rows(marts).to_dict("records")
    assert (one["metric"], one["direction"], one["unit"]) == ("focus_hours", "worse", "hours per person")
    assert FIRST + timedelta(weeks=18) <= one["found_date"] + timedelta(days=1) <= FIRST + timedelta(weeks=20)
    assert one["observed_value"] < 15 < 19 < one["expected_value"]
    assert "space_summary" in one["opened_by"]
    assert "Focus time of team payments" in report(found)
