"""What the pipeline says, held against what happened, event by event.

The simulator writes down the truth while it plays; the pipeline sees GitHub alone.
"""

from collections.abc import Iterator
from datetime import date, datetime
from typing import Any

import pytest

from roosevelt_pipeline.sandbox.company import Company
from tests.support.pipeline import (
    RunningCompany,
    collect_everything,
    dbt_build,
    every_number,
    rows,
    running_company,
)

SAMPLE = [(1901, 120)]
SOAK = [(seed, 200) for seed in range(1, 21)]


@pytest.fixture(
    scope="module",
    params=[*SAMPLE, *(pytest.param(one, marks=pytest.mark.soak) for one in SOAK)],
    ids=lambda one: f"seed {one[0]}, {one[1]} days",
)
def company(request: pytest.FixtureRequest) -> Iterator[RunningCompany]:
    seed, days = request.param
    with running_company(Company.of_days(seed, date(2026, 3, 2), days)) as running:
        yield running


@pytest.fixture(scope="module")
def built(company, new_warehouse, tmp_path_factory):
    warehouse = new_warehouse()
    assert collect_everything(company, warehouse) == []
    dbt_build(warehouse, tmp_path_factory.mktemp("target"), "--exclude-resource-type", "unit_test")
    return warehouse


def test_every_attempt_has_the_outcome_that_it_had(company, built):
    said = {
        (row["service"], row["source"], int(row["source_id"]), row["attempt"]): row["outcome"]
        for row in rows(built, "select service, source, source_id, attempt, outcome from marts.fct_deployment_attempts")
    }
    happened = {(one.service, one.source, one.source_id, one.attempt): one.outcome for one in company.truth.deployments}
    assert_same(said, happened)


def test_every_deployment_is_found_with_its_end_and_nothing_else_is_one(company, built):
    columns = "service, source, source_id, attempt, sha, deployed_at, is_first, is_rollback"
    said = {
        deployment_key(row): (row["sha"], row["deployed_at"], row["is_first"], row["is_rollback"])
        for row in rows(built, f"select {columns} from marts.fct_deployments")
    }
    happened = {
        (one.service, one.source, one.source_id, one.attempt): (
            one.sha,
            instant(one.ended_at),
            one.is_first,
            one.is_rollback,
        )
        for one in company.truth.deployments
        if one.is_deployment
    }
    assert_same(said, happened)


def test_every_change_came_with_the_deployment_that_shipped_it(company, built):
    query = """
        select changes.*, deployments.source_id, deployments.attempt
        from marts.fct_changes as changes
        left join marts.fct_deployments as deployments on changes.deployment_id = deployments.deployment_id
    """
    said = {
        (row["service"], row["sha"]): (
            row["pull_request_number"],
            row["is_bot"],
            row["merged_at"],
            row["first_commit_at"],
            row["source_id"] and int(row["source_id"]),
            row["attempt"],
            row["deployed_at"],
        )
        for row in rows(built, query)
    }
    happened = {
        (one.service, one.sha): (
            one.pull_request_number,
            one.author_is_bot,
            instant(one.merged_at),
            instant(one.lead_time_from),
            one.deployed_by,
            one.deployed_attempt,
            instant(one.deployed_at),
        )
        for one in company.truth.changes
    }
    assert_same(said, happened)


def test_every_failure_is_judged_by_its_evidence_and_recovers_when_it_did(company, built):
    columns = "service, source, source_id, attempt, failure_method, recovered_at, is_unplanned"
    said = {
        deployment_key(row): (row["failure_method"], row["recovered_at"], row["is_unplanned"])
        for row in rows(built, f"select {columns} from marts.fct_deployments")
    }
    happened = {
        (one.service, one.source, one.source_id, one.attempt): (
            one.failure_method,
            instant(one.recovered_at),
            one.is_unplanned,
        )
        for one in company.truth.deployments
        if one.is_deployment
    }
    assert_same(said, happened)
    assert {method for method, _, _ in said.values()} >= {"explicit", "revert", "rollback", "hotfix", "time"}


def test_every_incident_has_its_times_and_the_deployment_that_caused_it(company, built):
    query = """
        select incidents.*, deployments.source_id, deployments.attempt
        from marts.fct_incidents as incidents
        left join marts.fct_deployments as deployments on incidents.deployment_id = deployments.deployment_id
    """
    said = {
        (row["issue_repository"].split("/")[-1], row["issue_number"]): (
            row["service"],
            row["severity"],
            row["opened_at"],
            row["resolved_at"],
            row["is_excluded"],
            row["is_external"],
            row["source_id"] and int(row["source_id"]),
            row["attempt"],
            row["link_method"],
        )
        for row in rows(built, query)
    }
    happened = {
        (one.repository, one.number): (
            one.service,
            one.severity,
            instant(one.opened_at),
            instant(one.resolved_at),
            one.excluded,
            one.external,
            one.deployment_source_id,
            one.deployment_attempt,
            one.link_method,
        )
        for one in company.truth.incidents
    }
    assert_same(said, happened)


def deployment_key(row: dict[str, Any]) -> tuple[str, str, int, int]:
    return (row["service"], row["source"], int(row["source_id"]), row["attempt"])


def instant(text: str | None) -> datetime | None:
    return None if text is None else datetime.fromisoformat(text)


def assert_same(said: dict[Any, Any], happened: dict[Any, Any]) -> None:
    """Name the first few differences: a diff of a thousand rows helps nobody."""
    assert happened, "nothing happened, so nothing is compared"
    different = {
        key: (said.get(key), happened.get(key)) for key in said | happened if said.get(key) != happened.get(key)
    }
    lines = [f"{key}: said {ours}, happened {theirs}" for key, (ours, theirs) in list(different.items())[:8]]
    assert not different, f"{len(different)} of {len(happened)} differ\n" + "\n".join(lines)


@pytest.mark.parametrize("days", [1, 28])
def test_every_number_opens_up_to_events_that_add_up_to_it(company, built, days):
    said = list(every_number(built, company.as_of, days))

    assert {one.number.scope_type for one in said} == {"service", "team", "repository", "organization"}
    assert [f"{one.number.metric} of {one.number.scope}" for one in said if not one.adds_up] == []
