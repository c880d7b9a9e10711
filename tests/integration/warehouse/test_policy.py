from datetime import date
from uuid import uuid4

from roosevelt_pipeline.settings import Settings
from roosevelt_pipeline.warehouse.connections import Role
from roosevelt_pipeline.warehouse.policy import write_policy

POLICY = Settings(
    github={"organization": "acme", "read_since": date(2026, 1, 1)},
    services=[{"name": "ledger", "repository": "platform", "environments": ["ledger-*"], "paths": ["ledger/"]}],
    teams=[{"name": "payments", "github": "pay", "timezone": "Europe/Amsterdam"}, {"name": "search"}],
    metrics={"timezone": "America/New_York"},
)


def rows(connection, columns, table):
    return connection.execute(f"select {columns} from raw.{table} order by 1").fetchall()


def test_the_policy_stands_in_raw_and_the_next_run_replaces_it(warehouse):
    with warehouse.connect(Role.INGEST, autocommit=True) as connection:
        write_policy(connection, POLICY, date(2026, 3, 1), uuid4())
        assert rows(connection, "as_of_date, organization, read_since, incident_labels", "policy_parameters") == [
            (date(2026, 3, 1), "acme", date(2026, 1, 1), ["incident"])
        ]
        assert rows(connection, "position, service, environments, paths, team", "policy_services") == [
            (0, "ledger", ["ledger-*"], ["ledger/"], None)
        ]
        assert rows(connection, "team, github_slug, timezone", "policy_teams") == [
            ("payments", "pay", "Europe/Amsterdam"),
            ("search", "search", "America/New_York"),
        ]
        assert rows(connection, "position, sources, branch", "policy_deployment_rules") == [
            (0, ["github_deployment", "event"], None)
        ]
        assert rows(connection, "position, severity", "policy_severities")[0] == (0, "critical")

        write_policy(connection, Settings(), date(2026, 3, 2), uuid4())
        assert rows(connection, "as_of_date, organization", "policy_parameters") == [(date(2026, 3, 2), None)]
        assert rows(connection, "service", "policy_services") == []
