"""What people already type, typed by the role that they have."""

import os
import subprocess
import sys
from collections.abc import Iterator
from decimal import Decimal

import psycopg
import pytest

from roosevelt_pipeline.psql import connection_environment, program
from roosevelt_pipeline.warehouse.connections import Role
from roosevelt_pipeline.warehouse.roles import READER, ensure_reader


@pytest.fixture
def bi(built) -> Iterator["psycopg.Connection"]:
    with built.connect(Role.BI) as connection:
        yield connection


TYPED = [
    "SELECT * FROM dora_metrics ORDER BY created_at DESC LIMIT 5;",
    "SELECT * FROM get_dora_performance_tier();",
    "SELECT * FROM get_dora_performance_tier(NULL, 7);",
    "SELECT * FROM dora_summary WHERE date >= CURRENT_DATE - 30 ORDER BY date DESC;",
    "SELECT AVG(mttr_hours) FROM incidents WHERE severity = 'critical' AND status = 'closed';",
    "SELECT * FROM get_mttr_stats();",
]


def typed(url: str, query: str) -> subprocess.CompletedProcess[str]:
    """psql with an address, and nothing else that would help it."""
    environment = {"PATH": os.environ["PATH"], **address_alone(url)}
    return subprocess.run(
        [str(program(embedded=True)), "-AtXc", query], env=environment, capture_output=True, text=True, check=False
    )


def address_alone(url: str) -> dict[str, str]:
    return {name: value for name, value in connection_environment(url).items() if name != "PGOPTIONS"}


@pytest.mark.parametrize("query", TYPED)
def test_what_people_type_works_with_psql_for_the_login_of_bi_tools(built, query):
    with built.connect(autocommit=True) as admin:
        ensure_reader(admin, "secret")

    answer = typed(psycopg.conninfo.make_conninfo(built.url, user=READER, password="secret"), query)

    assert (answer.returncode, answer.stderr) == (0, "")


@pytest.mark.parametrize("query", TYPED)
def test_what_people_type_works_as_it_stands_through_our_own_psql(built, query, tmp_path):
    policy = tmp_path / "roosevelt.toml"
    policy.write_text('[github]\norganization = "acme"\n')
    environment = {"PATH": os.environ["PATH"], "ROOSEVELT_HOME": str(tmp_path), "ROOSEVELT_CONFIG": str(policy),
                   "DATABASE_URL": built.url}  # fmt: skip
    command = [sys.executable, "-m", "roosevelt_pipeline.cli", "psql", "-AtXc", query]

    answer = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)

    assert (answer.returncode, answer.stderr) == (0, "")


def test_the_login_of_bi_tools_is_told_the_number(built):
    with built.connect(autocommit=True) as admin:
        ensure_reader(admin, "secret")
    reader = typed(psycopg.conninfo.make_conninfo(built.url, user=READER, password="secret"), TYPED[4])

    assert reader.stdout == "3\n"


def test_the_newest_events_come_with_their_old_columns_first_and_without_persons(bi):
    found = bi.execute("SELECT * FROM dora_metrics ORDER BY created_at DESC LIMIT 5;")

    assert [column.name for column in found.description][:12] == [
        "id", "event_type", "repository", "timestamp", "deployment_frequency", "lead_time_hours",
        "deployment_failed", "environment", "pr_number", "commit_sha", "actor", "created_at",
    ]  # fmt: skip
    events = found.fetchall()
    assert len(events) == 5
    assert events[0][1] == "deployment"
    assert events[0][4] is None  # 506, which failed
    assert events[1][4:7] == (1, pytest.approx(364 + 1 / 6), True)  # 505
    assert bi.execute("select count(actor) from dora_metrics").fetchone() == (0,)


@pytest.mark.parametrize(
    ("relation", "columns"),
    [
        ("incidents", "id issue_number title severity created_at_github closed_at_github mttr_hours status"),
        ("dora_summary", "date deployments avg_lead_time_hours change_failure_rate_pct"),
        ("get_dora_performance_tier()", "metric value tier target"),
        ("get_space_scores()", "dimension current_score trend benchmark"),
    ],
)
def test_old_columns_come_first_and_keep_their_order(bi, relation, columns):
    found = bi.execute(f"select * from {relation}".encode()).description

    assert [column.name for column in found][: len(columns.split())] == columns.split()


def test_functions_take_the_arguments_and_defaults_that_they_always_took(bi):
    found = bi.execute(
        "select proname, pg_get_function_arguments(oid) from pg_proc where pronamespace = 'bi'::regnamespace"
    )

    assert {name: arguments.replace("::text", "") for name, arguments in found.fetchall()} == {
        "get_dora_performance_tier": "p_repository text DEFAULT NULL, p_days integer DEFAULT 7",
        "get_mttr_stats": "p_days integer DEFAULT 90",
        "get_space_scores": "p_weeks integer DEFAULT 4",
        "refresh_dora_summary": "",
        "aggregate_space_metrics": "",
    }


@pytest.mark.parametrize("call", ["get_dora_performance_tier()", "get_dora_performance_tier(NULL, 7)"])
def test_tiers_of_the_last_seven_days_come_in_four_rows(bi, call):
    found = bi.execute(f"SELECT * FROM {call};".encode()).fetchall()

    assert [row[:7] for row in found] == [
        ("Deployment Frequency", Decimal("0.1429"), "High", "more than 1 a day", "deployments per day", 1, "ok"),
        ("Lead Time", Decimal("364.1667"), "Medium", "under 24 hours", "hours", 1, "ok"),
        ("Change Failure Rate", Decimal("100.0000"), "Insufficient data", "under 15 %", "percent", 1,
         "insufficient_data"),
        ("MTTR", Decimal("3.0000"), "High", "under 1 hour", "hours", 1, "ok"),
    ]  # fmt: skip


@pytest.mark.parametrize("days", [7, 28, 90])
@pytest.mark.parametrize(("repository", "scope_type"), [(None, "organization"), ("web", "repository")])
def test_the_function_says_what_the_rolling_table_says(bi, repository, scope_type, days):
    told = bi.execute(
        "select metric, value, n, status from get_dora_performance_tier(%s, %s)", [repository, days]
    ).fetchall()
    metrics = ("deployment_frequency_per_day", "change_lead_time_hours", "change_failure_rate_pct", "mttr_hours")
    rolling = bi.execute(
        "select round(value::numeric, 4), n, status from metric_rolling "
        "where scope_type = %s and window_days = %s and metric_date = '2026-01-31' and metric = any(%s) "
        "order by array_position(%s, metric)",
        [scope_type, days, list(metrics), list(metrics)],
    ).fetchall()

    assert [row[1:] for row in told] == rolling
    assert len(rolling) == 4


def test_a_repository_may_be_named_with_its_owner_or_without(bi):
    alike = [
        bi.execute("select * from get_dora_performance_tier(%s, 28)", [name]).fetchall()
        for name in ("web", "acme/web", "Acme/Web")
    ]

    assert alike[0] == alike[1] == alike[2]
    assert alike[0][0][5] == 4


@pytest.mark.parametrize("name", ["nobody", "somebody/web", ""])
def test_an_unknown_repository_has_no_data_and_no_tier(bi, name):
    found = bi.execute("select value, tier, status from get_dora_performance_tier(%s)", [name]).fetchall()

    assert found == [(None, "Insufficient data", "no_data")] * 4


def test_the_summary_has_a_row_for_every_day_and_a_rate_only_where_something_was_deployed(bi):
    bi.execute("SELECT * FROM dora_summary WHERE date >= CURRENT_DATE - 30 ORDER BY date DESC;").fetchall()
    found = bi.execute("select date, deployments, avg_lead_time_hours, change_failure_rate_pct from dora_summary")

    days = {row[0].day: row[1:] for row in found}
    assert sorted(days) == list(range(1, 32))
    assert days[6] == (1, pytest.approx(26 + 1 / 6), 0)
    assert days[7] == (0, None, None)


def test_critical_incidents_took_three_hours_to_resolve(bi):
    found = bi.execute("SELECT AVG(mttr_hours) FROM incidents WHERE severity = 'critical' AND status = 'closed';")

    assert found.fetchone() == (3,)


def test_open_incidents_are_counted_and_are_no_zeroes(bi):
    found = bi.execute(
        "select severity, incidents, open_incidents, mean_hours, median_hours, p90_hours from get_mttr_stats()"
    )

    assert found.fetchall() == [
        ("all", 2, 1, 3, 3, 3),
        ("critical", 1, 0, 3, 3, 3),
        ("unclassified", 1, 1, None, None, None),
    ]


def test_mean_median_and_p90_of_recovery_are_told_apart(built):
    """Critical ones took 1, 3 and 11 hours; that of 27 January, 14:00, has been open for 4 days and 10 hours."""
    one_more = "select (jsonb_populate_record(one, %s::jsonb)).* from bi.incidents as one where one.id = 'github:9001'"
    with built.connect(Role.TRANSFORM) as connection:
        for hours in (1, 11):
            connection.execute(
                f"insert into bi.incidents {one_more}".encode(), [f'{{"id": "x{hours}", "mttr_hours": {hours}}}']
            )
        said = connection.execute("select * from bi.get_mttr_stats()").fetchall()
        connection.rollback()

    assert said[:2] == [
        ("all", 4, 1, 5, 3, Decimal("9.4"), 106, "ok"),
        ("critical", 3, 0, 5, 3, Decimal("9.4"), None, "ok"),
    ]


@pytest.mark.parametrize("relation", ["marts.dora_metrics", "raw.github_accounts", "reference.metric_catalog"])
def test_nothing_but_bi_can_be_read(bi, relation):
    with pytest.raises(psycopg.errors.InsufficientPrivilege):
        bi.execute(f"select * from {relation}".encode())
