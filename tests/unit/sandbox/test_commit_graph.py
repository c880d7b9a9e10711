"""Default branches are graphs that git could hold."""

import json
import re
from collections import defaultdict

import pytest

from roosevelt_pipeline.sandbox.store import Store


@pytest.fixture(scope="module")
def branches(store: Store) -> dict[int, list[dict]]:
    """Commits of each repository, oldest first."""
    found = defaultdict(list)
    for row in store.rows("select repository_id, doc from commits order by repository_id, position"):
        found[row["repository_id"]].append(json.loads(row["doc"]))
    return found


def test_every_commit_is_named_by_forty_hex_digits(branches):
    assert all(re.fullmatch("[0-9a-f]{40}", commit["oid"]) for commits in branches.values() for commit in commits)


def test_a_parent_always_comes_before_its_child(branches):
    for commits in branches.values():
        known: set[str] = set()
        for commit in commits:
            assert set(commit["parents"]) <= known
            known.add(commit["oid"])


def test_each_repository_has_one_root_and_its_head_is_the_newest(store, branches):
    heads = {doc["id"]: doc["head_oid"] for doc in store.each("repositories")}
    for repository_id, commits in branches.items():
        assert [commit["oid"] for commit in commits if not commit["parents"]] == [commits[0]["oid"]]
        assert commits[-1]["oid"] == heads[repository_id]


def test_nothing_is_on_a_default_branch_that_its_head_does_not_reach(branches):
    for commits in branches.values():
        parents = {commit["oid"]: commit["parents"] for commit in commits}
        reached, ahead = set(), [commits[-1]["oid"]]
        while ahead:
            oid = ahead.pop()
            if oid not in reached:
                reached.add(oid)
                ahead += parents[oid]
        assert reached == parents.keys()


def test_a_squash_brings_one_commit_and_none_of_the_branch(store, branches):
    for doc in merged(store, "squash"):
        on_branch = {commit["oid"] for commit in branches[doc["repository_id"]]}
        if doc["base_ref"] == "main":
            assert doc["merge_commit_oid"] in on_branch
        assert not on_branch & {commit["oid"] for commit in doc["commits"]}


def test_a_merge_brings_the_branch_behind_a_second_parent(store, branches):
    for doc in merged(store, "merge"):
        commits = {commit["oid"]: commit for commit in branches[doc["repository_id"]]}
        assert commits[doc["merge_commit_oid"]]["parents"][1] == doc["head_oid"]
        assert all(commit["oid"] in commits for commit in doc["commits"])


def test_a_rebase_brings_as_many_new_commits_with_the_old_author_dates(store, branches):
    for doc in merged(store, "rebase"):
        commits = {commit["oid"]: commit for commit in branches[doc["repository_id"]]}
        oid, authored = doc["merge_commit_oid"], []
        for _ in doc["commits"]:
            authored.append(commits[oid]["authored_at"])
            (oid,) = commits[oid]["parents"]
        assert authored[::-1] == [commit["authored_at"] for commit in doc["commits"]]
        assert not {commit["oid"] for commit in doc["commits"]} & commits.keys()


def merged(store: Store, method: str) -> list[dict]:
    found = [doc for doc in store.each("pull_requests") if doc["merge_method"] == method]
    assert found
    return found
