"""A service that changes hands takes its future along, and leaves its past."""

from datetime import date
from typing import Any
from uuid import uuid4

from roosevelt_pipeline.settings import GitHubSettings, ServiceSettings, Settings, TeamSettings
from roosevelt_pipeline.warehouse.connections import Role, Warehouse
from roosevelt_pipeline.warehouse.policy import write_policy
from tests.integration.dbt.tiny import fill_raw
from tests.support.pipeline import dbt_build, rows

TEAMS = (
    TeamSettings(name="payments", timezone="Europe/Amsterdam"),
    TeamSettings(name="search", timezone="America/New_York"),
)
MEASURED = ("--select", "+fct_metric_daily", "--exclude-resource-type", "unit_test", "--exclude-resource-type", "test")


def test_a_move_on_the_20th_leaves_four_deployments_with_the_old_team_and_gives_one_to_the_new(new_warehouse, tmp_path):
    warehouse = new_warehouse()
    fill_raw(warehouse)
    own(warehouse, "payments", date(2026, 1, 19))
    dbt_build(warehouse, tmp_path, *MEASURED)
    before, service_before = days_of(warehouse, "team", "payments"), days_of(warehouse, "service", "web")

    own(warehouse, "search", date(2026, 1, 20))
    own(warehouse, "search", date(2026, 1, 31))
    dbt_build(warehouse, tmp_path, *MEASURED)

    assert before
    assert days_of(warehouse, "team", "payments") == before
    assert days_of(warehouse, "service", "web") == service_before
    assert deployments_of(warehouse, "payments") == ["02", "06", "08", "09"]
    assert deployments_of(warehouse, "search") == ["27"]
    first_day = (
        "select min(metric_date)::text as day from marts.fct_metric_days where scope_type = 'team' and scope = '{}'"
    )
    assert rows(warehouse, first_day.format("search")) == [{"day": "2026-01-20"}]
    # 505 and its incident are the new team's; what 503 broke is the old team's, though nobody knew before.
    failed = "select team, source_id from marts.fct_deployments where is_failed order by source_id"
    assert [tuple(row.values()) for row in rows(warehouse, failed)] == [("payments", "503"), ("search", "505")]


def own(warehouse: Warehouse, team: str, as_of: date) -> None:
    service = ServiceSettings(name="web", repository="web", team=team)
    policy = Settings(github=GitHubSettings(organization="acme"), services=(service,), teams=TEAMS)
    with warehouse.connect(Role.INGEST) as connection:
        write_policy(connection, policy, as_of, uuid4())


def days_of(warehouse: Warehouse, scope_type: str, scope: str) -> list[dict[str, Any]]:
    return rows(
        warehouse,
        f"""select * from marts.fct_metric_daily
        where scope_type = '{scope_type}' and scope = '{scope}' and metric_date <= '2026-01-19'
        order by metric_date, metric""",
    )


def deployments_of(warehouse: Warehouse, team: str) -> list[str]:
    query = f"select to_char(deployed_at, 'DD') as day from marts.fct_deployments where team = '{team}' order by 1"
    return [row["day"] for row in rows(warehouse, query)]
