"""From GitHub's answers to attempts, deployments and changes: branches, jobs and tags, and services of a monorepo."""

from datetime import date
from typing import Any
from uuid import uuid4

import pytest

from roosevelt_pipeline.warehouse.connections import Role
from roosevelt_pipeline.warehouse.policy import write_policy
from tests.integration.sandbox.handmade import WEB, activity, commit, minute, oid, repository, workflow_run
from tests.integration.sources.github.test_pushes import put_push, put_side, side
from tests.support.pipeline import dbt_build, rows

POLICY: dict[str, Any] = {
    "deployments": [
        {"repositories": ["api"], "sources": ["branch"], "branch": "production"},
        {"repositories": ["web"], "sources": ["workflow_run", "workflow_job", "release", "tag"],
         "workflows": ["Ship"], "jobs": ["* / deploy"], "tags": ["*-v*"]},
    ],
    "services": [
        {"name": "ledger", "repository": "web", "jobs": ["ledger / *"], "tags": ["ledger-v*"]},
        {"name": "search", "repository": "web", "jobs": ["search / *"], "tags": ["search-v*"]},
    ],
}  # fmt: skip


@pytest.fixture(scope="module")
def built(new_warehouse, tmp_path_factory):
    """Collected over HTTP and built once.

    ``api`` deploys by its branch production: made at commit 100, given a fix of its own, and merged with commit 200.
    ``web`` is a monorepo: run 9900 deploys ledger and fails to deploy search, 9901 skips its only job.
    """
    from tests.integration.sandbox import handmade
    from tests.integration.sources.github.conftest import World

    world = World(new_warehouse(), handmade.store(), POLICY)
    try:
        put_side(world, 1, oid(100))
        put_side(world, 2, side(1), oid(200))
        put_push(world, 1, oid(100), type="branch_creation")
        put_push(world, 2, side(1))
        put_push(world, 3, side(2), type="pr_merge")
        put_push(world, 4, "0" * 40, type="branch_deletion")
        _monorepo(world)
        outcomes = world.sync()
        assert {key: one.error for key, one in outcomes.items() if one.error} == {}
        with world.warehouse.connect(Role.INGEST) as connection:
            write_policy(connection, world.settings, date(2026, 1, 31), uuid4())
        target = tmp_path_factory.mktemp("target")
        wanted = ("+fct_deployment_attempts", "+fct_deployments", "+fct_changes")
        dbt_build(world.warehouse, target, "--select", *wanted, "--exclude-resource-type", "unit_test", "test")
        yield world.warehouse
    finally:
        world.close()


def _monorepo(world) -> None:
    for number in (901, 902):
        doc = commit(number) | {"parents": [oid(901)] if number == 902 else []}
        world.put("commits", doc, repository_id=WEB, position=number - 900)
    world.put("repositories", repository(WEB, "web", oid(902)))
    world.put("workflows", {"id": 7002, "name": "Ship", "path": ".github/workflows/ship.yml"}, repository_id=WEB)
    world.put("workflow_runs", _ship(9900, job(1, "ledger / deploy"), job(2, "search / deploy", conclusion="failure"),
                                     job(3, "search / test")))  # fmt: skip
    world.put("workflow_runs", _ship(9901, job(4, "ledger / deploy", conclusion="skipped")))
    for name, tagged_at in (("ledger-v2", minute(9000)), ("search-v1", None), ("docs", None)):
        world.put("tags", {"repository_id": WEB, "name": name, "oid": oid(901), "tagged_at": tagged_at})
    # A candidate's release, so that the tag is none either.
    world.put("tags", {"repository_id": WEB, "name": "search-v2", "oid": oid(902), "tagged_at": None})
    candidate = {"id": 59_000, "tag_name": "search-v2", "name": "Candidate", "is_draft": False, "is_prerelease": True,
                 "created_at": minute(1600), "published_at": minute(1600), "updated_at": minute(1600),
                 "oid": oid(902), "author_id": None}  # fmt: skip
    world.put("releases", candidate, repository_id=WEB)
    world.put("activities", activity(5000, repository_id=WEB))


def _ship(number: int, *jobs: dict[str, Any]) -> dict[str, Any]:
    return workflow_run(2) | {"id": number, "repository_id": WEB, "workflow_id": 7002, "name": "Ship",
                              "path": ".github/workflows/ship.yml", "head_sha": oid(902), "event": "push",
                              "created_at": minute(1600), "run_started_at": minute(1600),
                              "updated_at": minute(1610), "jobs": jobs}  # fmt: skip


def job(number: int, name: str, **facts: Any) -> dict[str, Any]:
    """It lasts as many minutes as its number."""
    times = {"started_at": minute(1601), "completed_at": minute(1601 + number)}
    ended = {"status": "completed", "conclusion": "success", "deployment_id": None}
    return {"id": 46_000_000_000 + number, "name": name} | times | ended | facts


def shown(warehouse, query: str) -> list[tuple[Any, ...]]:
    return [tuple(row.values()) for row in rows(warehouse, query)]


def when(value) -> str:
    return f"{value:%Y-%m-%dT%H:%M:%SZ}"


def test_each_service_of_the_monorepo_has_its_own_attempts_and_no_other(built):
    query = """
        select service, source, source_id, sha, outcome, ended_at
        from marts.fct_deployment_attempts where service in ('ledger', 'search') order by 1, 2, 3
    """
    # Lightweight, so by its commit: minute 901 and 600 more.
    assert [(*row[:-1], when(row[-1])) for row in shown(built, query)] == [
        ("ledger", "tag", f"ledger-v2@{oid(901)}", oid(901), "success", minute(9000)),
        ("ledger", "workflow_job", "46000000001", oid(902), "success", minute(1602)),
        ("search", "tag", f"search-v1@{oid(901)}", oid(901), "success", minute(1501)),
        ("search", "workflow_job", "46000000002", oid(902), "failure", minute(1603)),
    ]


def test_pushes_to_the_branch_are_deployments_at_their_very_time_and_its_deletion_is_none(built):
    query = """
        select source, source_id, sha, is_first, deployed_at
        from marts.fct_deployments where service = 'api' order by deployed_at
    """
    assert [(*row[:-1], when(row[-1])) for row in shown(built, query)] == [
        ("branch", "91001", oid(100), True, minute(2001)),
        ("branch", "91002", side(1), False, minute(2002)),
        ("branch", "91003", side(2), False, minute(2003)),
    ]


def test_a_change_of_the_default_branch_ships_with_the_push_that_brings_it_to_the_other(built):
    query = """
        select changes.sha, changes.containment_method, deployments.source_id
        from marts.fct_changes as changes
        left join marts.fct_deployments as deployments on changes.deployment_id = deployments.deployment_id
        where changes.service = 'api'
    """
    shipped = {sha: (method, source_id) for sha, method, source_id in shown(built, query)}

    assert shipped[oid(90)] == ("ancestry", "91001")
    assert shipped[oid(150)] == ("ancestry", "91003")
    assert shipped[oid(220)] == (None, None)
    assert side(1) not in shipped
