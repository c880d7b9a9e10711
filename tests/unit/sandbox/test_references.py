"""What the store holds refers only to what it holds, and every number is used once."""

from collections import Counter

import pytest

from roosevelt_pipeline.sandbox.store import Store

INSTANT = "____-__-__T__:__:__Z"


@pytest.mark.parametrize("table", ["pull_requests", "commits", "deployments", "workflow_runs", "issues", "releases"])
def test_every_object_belongs_to_a_repository(store: Store, table):
    assert store.count(table, "repository_id not in (select id from repositories)") == 0


def test_every_person_that_is_named_has_an_account(store: Store):
    accounts = {doc["id"] for doc in store.each("accounts")} | {None}
    named = {
        doc["author_id"] for table in ("pull_requests", "commits", "issues", "releases") for doc in store.each(table)
    }
    for doc in store.each("pull_requests"):
        named |= {doc["merged_by_id"], *doc["review_requests"]}
        named |= {part["author_id"] for name in ("commits", "reviews", "comments") for part in doc[name]}
    named |= {doc["actor_id"] for doc in store.each("workflow_runs")}
    named |= {member["account_id"] for doc in store.each("teams") for member in doc["members"]}

    assert named <= accounts


def test_pull_requests_and_issues_share_their_numbers(store: Store):
    rows = store.rows(
        "select repository_id, number from pull_requests union all select repository_id, number from issues"
    )
    numbers = Counter(tuple(row) for row in rows)

    assert max(numbers.values()) == 1
    for repository_id in {repository for repository, _ in numbers}:
        used = sorted(number for repository, number in numbers if repository == repository_id)
        assert used == list(range(1, len(used) + 1))


def test_no_identifier_is_used_twice_and_some_need_more_than_32_bits(store: Store):
    parts = [
        part["id"]
        for doc in store.each("pull_requests")
        for name in ("reviews", "comments", "timeline")
        for part in doc[name]
    ]

    assert len(parts) == len(set(parts))
    assert store.count("pull_requests", "id > 4294967296") > 0
    assert store.count("issues", "id > 4294967296") > 0
    assert store.count("deployments", "id >= 2147483648") == 0


def test_what_is_deployed_and_released_is_on_the_default_branch(store: Store):
    for table, name in (("deployments", "sha"), ("releases", "oid")):
        lost = store.count(
            table,
            f"json_extract({table}.doc, '$.{name}') not in"
            f" (select oid from commits where commits.repository_id = {table}.repository_id)",
        )
        assert lost == 0


def test_every_deployment_names_the_run_that_made_it(store: Store):
    runs = {doc["id"] for doc in store.each("workflow_runs")}

    for doc in store.each("deployments"):
        assert {int(status["log_url"].split("/runs/")[1].split("/")[0]) for status in doc["statuses"]} <= runs


@pytest.mark.parametrize("table", ["pull_requests", "issues", "deployments", "workflow_runs"])
def test_objects_are_not_updated_before_they_are_made_nor_after_the_end(store: Store, company, table):
    end = company.ends_at.strftime("%Y-%m-%dT%H:%M:%SZ")

    assert store.count(table, "updated_at < created_at or updated_at >= ?", (end,)) == 0
    assert store.count(table, "created_at not like ?", (INSTANT,)) == 0


def test_an_update_is_the_newest_thing_that_happened(store: Store):
    for doc in store.each("pull_requests"):
        moments = [doc["created_at"], doc["merged_at"] or "", doc["closed_at"] or ""]
        moments += [review["submitted_at"] for review in doc["reviews"]]
        moments += [part["created_at"] for name in ("comments", "timeline") for part in doc[name]]
        assert doc["updated_at"] >= max(moments)
    for doc in store.each("deployments"):
        assert doc["updated_at"] == doc["statuses"][-1]["created_at"]
        assert doc["state"] == doc["statuses"][-1]["state"]


def test_the_policy_of_the_demo_names_what_the_company_has(store: Store, demo_policy):
    repositories = {doc["name"] for doc in store.each("repositories")}
    slugs = {doc["slug"] for doc in store.each("teams")}

    assert {service.repository for service in demo_policy.services} == repositories
    assert {team.github or team.name for team in demo_policy.teams} <= slugs
    assert {service.team for service in demo_policy.services} <= {team.name for team in demo_policy.teams}
