"""The truth agrees with what GitHub shows, and the documented rules can find all of it."""

import json
from collections import defaultdict

import pytest

from roosevelt_pipeline.sandbox.truth import truth
from tests.unit.sandbox.judge import Judge
from tests.unit.sandbox.playing import played


def reachable(parents: dict[str, list[str]], oid: str) -> set[str]:
    reached, ahead = set(), [oid]
    while ahead:
        oid = ahead.pop()
        if oid not in reached:
            reached.add(oid)
            ahead += parents[oid]
    return reached


@pytest.fixture(scope="module")
def parents(store):
    found = defaultdict(dict)
    rows = store.rows("select name, commits.doc from commits join repositories on repositories.id = repository_id")
    for name, doc in rows:
        commit = json.loads(doc)
        found[name][commit["oid"]] = commit["parents"]
    return found


def test_a_change_is_reachable_from_its_deployment_and_from_none_before_it(store, parents):
    facts = truth(store)
    deployments = defaultdict(list)
    for each in sorted(
        (each for each in facts.deployments if each.is_deployment), key=lambda each: each.ended_at or ""
    ):
        deployments[each.service].append(each)
    shipped = defaultdict(set)
    for change in facts.changes:
        if change.deployed_by and change.kind != "stacked":
            shipped[change.deployed_by].add(change.sha)

    for of_service in deployments.values():
        before: set[str] = set()
        for deployment in of_service:
            reached = reachable(parents[deployment.repository], deployment.sha)
            assert shipped[deployment.source_id] <= reached - before
            before |= reached


def test_a_merged_change_that_a_deployment_reaches_is_never_left_out(store, parents):
    facts = truth(store)
    reached = defaultdict(set)
    for each in facts.deployments:
        if each.is_deployment:
            reached[each.service] |= reachable(parents[each.repository], each.sha)

    for change in facts.changes:
        if change.kind != "stacked":
            assert (change.deployed_by is not None) == (change.sha in reached[change.service])


def test_a_floor_of_a_stack_ships_with_the_pull_request_it_was_merged_into(store):
    facts = truth(store)
    repositories = {doc["id"]: doc["name"] for doc in store.each("repositories")}
    by_commit = {
        (repositories[doc["repository_id"]], commit["oid"]): doc["number"]
        for doc in store.each("pull_requests")
        for commit in doc["commits"]
    }
    deployed = {(change.service, change.pull_request_number): change.deployed_by for change in facts.changes}
    stacked = [change for change in facts.changes if change.kind == "stacked"]

    assert stacked
    for change in stacked:
        below = by_commit[change.repository, change.sha]
        assert change.deployed_by == deployed.get((change.service, below))


@pytest.mark.parametrize(("seed", "days"), [(1901, 200), (1901, 133), (7, 200), (12, 87), (40, 171)])
def test_the_documented_rules_find_what_was_played(demo_policy, seed, days):
    store = played(seed, days)
    facts, judge = truth(store), Judge(store, demo_policy)

    assert {
        (d.service, d.source, d.source_id, d.attempt): (
            d.sha, d.outcome, d.ended_at, d.is_deployment, d.is_first, d.is_rollback, d.failure_method, d.recovered_at,
            d.is_unplanned,
        )
        for d in facts.deployments
    } == {
        t.key: (
            t.sha, t.outcome, t.ended_at, t.is_deployment, t.is_first, t.is_rollback, t.method, t.recovered_at,
            t.is_unplanned,
        )
        for tried in judge.tried.values()
        for t in tried
    }  # fmt: skip
    assert {(c.service, c.sha): c.deployed_by for c in facts.changes} == {
        (service, c.sha): c.shipped_by and c.shipped_by.key[2] for service, cs in judge.changes.items() for c in cs
    }
    assert {(i.repository, i.number): (i.link_method, i.deployment_source_id) for i in facts.incidents} == {
        key: (method, target and target.key[2]) for key, (method, target) in judge.verdicts.items()
    }


def test_services_differ_as_the_tiers_do(store):
    facts = truth(store)
    count = {
        service: sum(each.is_deployment for each in facts.deployments if each.service == service)
        for service in ("storefront", "checkout", "notifications", "sdk")
    }

    assert (
        count["storefront"] > 200 > count["checkout"] > 200 / 7 > count["notifications"] > 200 / 30 > count["sdk"] > 0
    )


def test_between_eight_and_twenty_of_a_hundred_deployments_fail(store):
    deployments = [each for each in truth(store).deployments if each.is_deployment]

    assert 0.08 < sum(each.failed for each in deployments) / len(deployments) < 0.20
