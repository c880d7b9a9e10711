"""Branches that deploy, over HTTP: their pushes with exact times, and the commits that only they lead to."""

from typing import Any

import pytest

from tests.integration.sandbox.handmade import BOB, COMMITS, activity, commit, minute, oid

STREAM = "github_pushes"
STREAMS = ("github_repositories", STREAM, "github_commits")
PRODUCTION = {"sources": ["branch"], "branch": "production"}
NOTHING = "0" * 40


def side(number: int) -> str:
    """A commit off the default branch."""
    return f"{0x5_0000 + number:040x}"


def put_side(world, number: int, *parents: str) -> None:
    doc = commit(number) | {"oid": side(number), "parents": list(parents)}
    world.put("commits", doc, repository_id=1001, position=-number)


def put_push(world, number: int, after: str, branch: str = "production", **changes: Any) -> None:
    facts = {"ref": f"refs/heads/{branch}", "before": NOTHING, "after": after, "at": minute(2000 + number)}
    world.put("activities", activity(1000 + number, **(facts | changes)))
    doc = world.store.doc("repositories", 1001)
    world.put("repositories", doc | {"pushed_at": facts["at"]})


@pytest.fixture
def world(new_world):
    """``production`` was branched off at commit 100, got a fix, and merged commit 200."""
    made = new_world(deployments=[PRODUCTION])
    put_side(made, 1, oid(100))
    put_side(made, 2, side(1), oid(200))
    put_push(made, 1, oid(100), type="branch_creation")
    put_push(made, 2, side(1), type="push")
    put_push(made, 3, side(2), type="pr_merge")
    return made


def test_the_pushes_of_the_branch_land_with_their_times_and_nobody_s_name(world):
    outcome = world.sync(STREAMS)["api", STREAM]

    assert (outcome.error, outcome.requests) == (None, 1)
    pushes = world.payloads(STREAM)
    assert [pushes[key]["type"] for key in sorted(pushes)] == ["branch_creation", "push", "pr_merge"]
    merge = pushes["91003"]
    assert (merge["before_oid"], merge["after_oid"], merge["pushed_at"]) == (NOTHING, side(2), minute(2003))
    assert merge["branch"] == "production"
    assert world.rows("select count(*) from raw.github_accounts")[0][0] >= 1
    assert str(BOB) not in str(pushes)


def test_commits_that_only_the_branch_leads_to_are_walked_down_to_known_ones(world):
    outcome = world.sync(STREAMS)["api", "github_commits"]

    commits = world.payloads("github_commits")
    assert len(commits) == COMMITS + 2
    assert commits[f"1001:{side(2)}"]["parents"] == [side(1), oid(200)]
    # Three pages of the default branch, and one that holds both commits of the other.
    assert (outcome.requests, outcome.lane) == (3 + 1, "backfill+refresh")


def test_what_did_not_move_costs_no_request(world):
    world.sync(STREAMS)
    again = world.sync(STREAMS)

    assert [again["api", stream].requests for stream in STREAMS[1:]] == [0, 0]


def test_a_new_push_is_read_and_walked_and_nothing_else(world):
    world.sync(STREAMS)
    put_side(world, 3, side(2), oid(COMMITS))
    put_push(world, 4, side(3), type="force_push")

    outcomes = world.sync(STREAMS)

    assert (outcomes["api", STREAM].requests, outcomes["api", STREAM].versions_added) == (1, 1)
    assert (outcomes["api", "github_commits"].requests, outcomes["api", "github_commits"].versions_added) == (1, 1)


def test_a_pattern_reads_every_branch_and_keeps_those_that_match_though_they_are_gone(new_world):
    world = new_world(deployments=[PRODUCTION | {"branch": "release/*"}])
    put_push(world, 1, oid(100), "release/1", type="branch_creation")
    put_push(world, 2, NOTHING, "release/1", type="branch_deletion", before=oid(100))
    put_push(world, 3, oid(110), "topic")

    outcome = world.sync(STREAMS)["api", STREAM]

    assert {one["branch"] for one in world.payloads(STREAM).values()} == {"release/1"}
    assert (outcome.requests, outcome.rows_seen) == (1, 2)


def test_a_backfill_that_breaks_off_goes_on_at_its_page(world):
    for number in range(10, 260):
        put_push(world, number, oid(number - 9))
    world.fail(r"/activity", "status", status=500, skip=1, times=9)
    assert world.sync(STREAMS)["api", STREAM].outcome == "failed"
    assert len(world.payloads(STREAM)) == 100

    world.sandbox.state.faults.clear()
    outcome = world.sync(STREAMS)["api", STREAM]

    assert (outcome.requests, len(world.payloads(STREAM))) == (2, 253)


def test_a_walk_that_breaks_off_goes_on_where_it_stopped(world):
    world.sync(STREAMS)
    for number in range(10, 160):
        put_side(world, number, side(number - 1) if number > 10 else side(2))
    put_push(world, 5, side(159))
    world.fail("Commits", "status", status=500, skip=1, times=9)
    assert world.sync(STREAMS)["api", "github_commits"].outcome == "failed"

    world.sandbox.state.faults.clear()
    outcome = world.sync(STREAMS)["api", "github_commits"]

    assert outcome.requests == 1
    assert len(world.payloads("github_commits")) == COMMITS + 2 + 150


def test_a_head_that_vanished_is_given_up_and_what_it_still_missed_is_walked_by_itself(world):
    world.sync(STREAMS)
    for number in range(10, 160):
        put_side(world, number, side(number - 1) if number > 10 else side(2))
    put_push(world, 5, side(159))
    put_push(world, 6, "d" * 40)  # pushed away by force, and gone

    def vanish(_repository, stream, seen):
        if stream == "github_commits" and seen == 100:
            world.store.connection.execute("delete from commits where oid = ?", (side(159),))

    outcome = world.sync(STREAMS, on_progress=vanish)["api", "github_commits"]

    assert outcome.error is None
    commits = world.payloads("github_commits")
    assert len(commits) == COMMITS + 2 + 150
    missing = {oid for one in commits.values() for oid in one["parents"] if f"1001:{oid}" not in commits}
    assert missing == set()
    assert world.sync(STREAMS)["api", "github_commits"].requests == 0


def test_the_default_branch_alone_asks_for_no_activity(new_world):
    for rule in ({"sources": ["branch"]}, {"sources": ["branch"], "branch": "main"}):
        world = new_world(deployments=[rule])
        assert ("api", STREAM) not in world.sync(STREAMS)
