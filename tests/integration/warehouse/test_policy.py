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

TEAMS = [{"name": "payments", "timezone": "Europe/Amsterdam"}]


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


def test_a_change_of_owner_is_kept_from_the_day_that_first_knew_of_it(fresh_warehouse):
    with fresh_warehouse.connect(Role.INGEST, autocommit=True) as connection:

        def owners_after(day, team):
            services = [{"name": "ledger", "repository": "platform", "team": team}]
            write_policy(connection, Settings(services=services, teams=TEAMS), date(2026, 3, day), uuid4())
            return rows(connection, "since, team, timezone", "policy_owner_history")

        first = (date(2026, 3, 2), "payments", "Europe/Amsterdam")
        assert owners_after(1, None) == []  # a history begins with the first team
        assert owners_after(2, "payments") == [first]
        assert owners_after(3, "payments") == [first]
        assert owners_after(9, "search") == [first, (date(2026, 3, 9), "search", "UTC")]
        assert owners_after(9, "payments") == [first, (date(2026, 3, 9), "payments", "Europe/Amsterdam")]  # corrected
        assert owners_after(5, "search")[1:] == [(date(2026, 3, 9), "payments", "Europe/Amsterdam")]  # the past again
        write_policy(connection, Settings(), date(2026, 3, 12), uuid4())
        assert rows(connection, "since, team", "policy_owner_history")[-1] == (date(2026, 3, 12), None)


def test_declared_owners_stand_in_raw_with_the_one_of_the_day(fresh_warehouse):
    owners = [{"team": "payments"}, {"team": "search", "since": date(2026, 3, 5)}]
    policy = Settings(services=[{"name": "ledger", "repository": "platform", "owners": owners}])
    with fresh_warehouse.connect(Role.INGEST, autocommit=True) as connection:
        write_policy(connection, policy, date(2026, 3, 4), uuid4())
        assert rows(connection, "service, team", "policy_services") == [("ledger", "payments")]
        assert rows(connection, "position, team, since", "policy_owners") == [
            (0, "payments", None),
            (1, "search", date(2026, 3, 5)),
        ]
        write_policy(connection, policy, date(2026, 3, 5), uuid4())
        assert rows(connection, "service, team", "policy_services") == [("ledger", "search")]
