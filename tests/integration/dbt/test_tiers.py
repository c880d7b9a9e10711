"""The tier that SQL gives a value, and the one that Python gives it, at and around every cut-off of every edition."""

import json
from collections.abc import Iterator
from datetime import date

import pandas as pd
import psycopg
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from psycopg import sql

from roosevelt_pipeline.judgement import changed_tiers, changes_table, judge_tiers
from roosevelt_pipeline.stats.tiers import tier_of
from roosevelt_pipeline.warehouse.connections import Role
from roosevelt_pipeline.warehouse.frames import read_frame

EDITIONS = ("2021", "2023", "2024", "roosevelt-2026")
NAMES = {
    "change_lead_time_hours": "Lead Time",
    "failed_deployment_recovery_time_hours": "MTTR",
    "change_failure_rate_pct": "Change Failure Rate",
    "deployment_frequency_per_day": "Deployment Frequency",
}
AT = "2026-01-30 12:00Z"


@pytest.fixture
def world(built) -> Iterator["psycopg.Connection"]:
    """The warehouse in a transaction that is never kept, with one row of each kind as a pattern to make others from."""
    with built.connect(Role.TRANSFORM) as connection:
        for table in ("changes", "incidents", "deployments"):
            name = sql.Identifier("bi", table)
            pattern = sql.Identifier(f"one_of_{table}")
            connection.execute(sql.SQL("create temporary table {} as select * from {} limit 1").format(pattern, name))
            connection.execute(sql.SQL("delete from {}").format(name))
        yield connection
        connection.rollback()


def fill(connection, table, rows):
    """Make the table hold rows like its pattern, but for the given columns."""
    name, pattern = sql.Identifier("bi", table), sql.Identifier(f"one_of_{table}")
    connection.execute(sql.SQL("delete from {}").format(name))
    connection.execute(
        sql.SQL(
            "insert into {} select (jsonb_populate_record(pattern, given.row)).* "
            "from {} as pattern cross join jsonb_array_elements(%s::jsonb) as given (row)"
        ).format(name, pattern),
        [json.dumps(rows)],
    )


def tier_in_sql(connection, edition, metric, days):
    connection.execute("update bi.parameters set tier_edition = %s", [edition])
    found = connection.execute(
        "select value, case when status = 'ok' then tier end, edition from bi.get_dora_performance_tier(null, %s) "
        "where metric = %s",
        [days, NAMES[metric]],
    ).fetchone()
    assert found is not None
    return found


def bands(connection, edition):
    return read_frame(connection, sql.SQL("select * from reference.tier_editions where edition = %s"), [edition])


def edges(connection, metric):
    found = connection.execute(
        "select distinct lower_bound from reference.tier_editions where metric = %s and lower_bound > 0", [metric]
    ).fetchall()
    return [float(edge) for (edge,) in found]


@pytest.mark.parametrize("edition", EDITIONS)
@pytest.mark.parametrize(
    ("metric", "table", "column"),
    [
        ("change_lead_time_hours", "changes", "lead_time_hours"),
        ("failed_deployment_recovery_time_hours", "incidents", "mttr_hours"),
    ],
)
def test_sql_and_python_agree_on_durations_at_every_edge_and_anywhere_between(world, edition, metric, table, column):
    near = [edge + step for edge in edges(world, metric) for step in (-1e-4, 0.0, 1e-4)]
    known = bands(world, edition)

    @settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
    @given(st.floats(0, 10_000).map(lambda hours: round(hours, 4)))
    def agrees(hours):
        row = {column: hours, "deployed_at": AT, "closed_at_github": AT, "is_bot": False}
        fill(world, table, [row])
        _, tier, printed = tier_in_sql(world, edition, metric, 8)  # a week's median stands in a table of its own
        assert (tier, printed) == (tier_of(hours, metric, known), edition)
        assert tier is not None

    for hours in [0.0, *near]:
        agrees.hypothesis.inner_test(hours)
    agrees()


@pytest.mark.parametrize("edition", EDITIONS)
@pytest.mark.parametrize("failed", [0, 1, 2, 3, 4, 6, 9, 20])
def test_sql_and_python_agree_on_failure_rates_at_every_edge(world, edition, failed):
    fill(
        world,
        "deployments",
        [{"deployment_id": str(one), "deployed_at": AT, "is_failed": one < failed} for one in range(20)],
    )

    value, tier, _ = tier_in_sql(world, edition, "change_failure_rate_pct", 7)

    assert float(value) == 5 * failed  # 5, 10, 15, 20, 30 and 45 percent are edges of one edition or another
    assert tier == tier_of(5.0 * failed, "change_failure_rate_pct", bands(world, edition)) is not None


@pytest.mark.parametrize("edition", EDITIONS)
@pytest.mark.parametrize(("deployments", "days"), [(0, 30), (1, 31), (1, 30), (4, 29), (4, 28), (7, 7), (8, 7)])
def test_sql_and_python_agree_on_frequencies_around_once_a_day_a_week_and_a_month(world, edition, deployments, days):
    fill(
        world,
        "deployments",
        [{"deployment_id": str(one), "deployed_at": AT, "is_failed": False} for one in range(deployments)],
    )
    metric = "deployment_frequency_per_day"

    _, tier, _ = tier_in_sql(world, edition, metric, days)

    assert tier == tier_of(deployments / days, metric, bands(world, edition)) is not None


def test_the_edition_of_2024_says_what_was_published(built):
    """Page 13 of the report: 5, 20, 10 and 40 percent; an hour, a day, a day, and a week to a month."""
    with built.connect() as connection:
        known = bands(connection, "2024")

    def words(metric):
        return known[known["metric"] == metric].sort_values("tier_rank")[["tier", "target"]].to_numpy().tolist()

    assert words("change_failure_rate_pct") == [["Elite", "5 %"], ["High", "20 %"], ["Medium", "10 %"], ["Low", "40 %"]]
    assert words("failed_deployment_recovery_time_hours") == [
        ["Elite", "less than one hour"],
        ["High", "less than one day"],
        ["Medium", "less than one day"],
        ["Low", "between one week and one month"],
    ]


def test_a_spell_lasts_as_long_as_tier_and_edition_do_and_too_little_data_is_a_spell(fresh_warehouse):
    days = [
        ("2026-01-01", 3.0, "insufficient_data", None, "roosevelt-2026"),
        ("2026-01-02", 3.0, "ok", "Elite", "roosevelt-2026"),
        ("2026-01-04", 23.0, "ok", "Elite", "roosevelt-2026"),  # nothing ran on the third
        ("2026-01-05", 24.0, "ok", "High", "roosevelt-2026"),
        ("2026-01-06", 25.0, "ok", "High", "2024"),
    ]
    with fresh_warehouse.connect(Role.ANALYTICS) as connection:
        connection.cursor().executemany(
            """insert into analytics.metric_tiers
            (as_of_date, scope_type, scope, metric, window_days, unit, n, value, status, tier, edition)
            values (%s, 'service', 'web', 'change_lead_time_hours', 28, 'hours', 9, %s, %s, %s, %s)""",
            days,
        )

    with fresh_warehouse.connect(Role.BI) as connection:
        said = connection.execute(
            "select previous_tier, tier, edition, since_date, last_date, is_current, value from metric_tier_spells "
            "order by since_date"
        ).fetchall()
    assert said == [
        (None, "Insufficient data", "roosevelt-2026", date(2026, 1, 1), date(2026, 1, 1), False, 3),
        ("Insufficient data", "Elite", "roosevelt-2026", date(2026, 1, 2), date(2026, 1, 4), False, 3),
        ("Elite", "High", "roosevelt-2026", date(2026, 1, 5), date(2026, 1, 5), False, 24),
        ("High", "High", "2024", date(2026, 1, 6), date(2026, 1, 6), True, 25),
    ]
    assert changes_table(changed_tiers(fresh_warehouse)).splitlines()[2:] == [
        "| service web | change_lead_time_hours | 28 | High (roosevelt-2026) | High (2024) | 25.00 hours | 9 |"
    ]


def test_a_first_judgement_is_no_change(built):
    judge_tiers(built, "roosevelt-2026")

    assert changed_tiers(built) == []
    assert changes_table([]) == "No tier changed."


def test_a_second_judgement_of_the_same_day_replaces_the_first(built):
    before = judge_tiers(built, "2024")
    again = judge_tiers(built, "2024")

    with built.connect() as connection:
        said = read_frame(connection, sql.SQL("select distinct as_of_date, edition from analytics.metric_tiers"))
    assert before == again
    assert said.to_dict("records") == [{"as_of_date": date(2026, 1, 31), "edition": "2024"}]
    assert not pd.isna(said).to_numpy().any()
