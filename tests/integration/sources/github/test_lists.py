"""Lists that are cut, repeated or shifted while they are read: never taken for whole, never read for ever."""

import pytest

from roosevelt_pipeline.sources.github.errors import GitHubError
from roosevelt_pipeline.sources.github.repositories import discover
from tests.integration.sandbox import handmade
from tests.integration.sandbox.handmade import API, minute

RUNS = "/repos/acme/api/actions/runs$"
LISTS = {  # the request, the stream, how many there are
    "^PullRequests$": ("github_pull_requests", 60),
    "^Commits$": ("github_commits", 250),
    "^Deployments$": ("github_deployments", 45),
    "^Issues$": ("github_issues", 15),
    "^Releases$": ("github_releases", 12),
    RUNS: ("github_workflow_runs", 131),
    "^Teams$": ("github_teams", 1),
}
LONG = ["^PullRequests$", "^Commits$", RUNS]  # more than one page


def failures(outcomes):
    return {stream: one.error for (_, stream), one in outcomes.items() if one.outcome == "failed"}


@pytest.mark.parametrize(("match", "skip"), [*((match, 0) for match in LISTS), *((match, 1) for match in LONG)])
def test_an_empty_page_that_its_count_contradicts_is_not_the_end(unread, match, skip):
    stream, there = LISTS[match]
    unread.fail(match, "empty", skip=skip)

    failed = failures(unread.sync(["github_repositories", stream]))

    assert list(failed) == [stream]
    assert "run again" in failed[stream]
    assert len(unread.payloads(stream)) < there
    unfinished = f"select lane from ingest.cursors where stream = '{stream}' and complete and scope <> '1002'"
    assert unread.rows(unfinished) == []
    assert failures(unread.sync(["github_repositories", stream])) == {}
    assert len(unread.payloads(stream)) == there


def test_teams_do_not_vanish_with_a_page_that_was_emptied(world):
    world.sync()
    world.fail("Teams", "empty", times=2)
    assert set(failures(world.sync())) == {"github_teams", "github_team_members"}
    assert (world.counts()["teams"], world.counts()["team_members"]) == (1, 2)


def test_an_organisation_does_not_lose_its_repositories_with_a_page_that_was_emptied(unread):
    unread.fail("OrganizationRepositories", "empty")
    with pytest.raises(GitHubError, match="ended after 0 of 2"):
        discover(unread.new_client(), unread.settings)


@pytest.mark.parametrize("match", LONG)
def test_paging_that_does_not_advance_ends_with_a_message(unread, match):
    stream, there = LISTS[match]
    unread.fail(match, "repeat", skip=1, times=1000)

    failed = failures(unread.sync(["github_repositories", stream]))

    assert "paging does not advance" in failed[stream]
    unread.sandbox.state.faults.clear()
    unread.sync(["github_repositories", stream])
    assert len(unread.payloads(stream)) == there


def test_a_nested_list_that_does_not_advance_ends_with_a_message(world):
    big = handmade.pull_request(8)
    big["reviews"] = [big["reviews"][0] | {"id": 600_000 + number} for number in range(250)]
    world.put("pull_requests", big)
    world.fail("PullRequestRest", "repeat", skip=1, times=1000)

    assert "paging does not advance" in failures(world.sync(["github_pull_requests"]))["github_pull_requests"]
    world.sandbox.state.faults.clear()
    world.sync(["github_pull_requests"])
    assert len(world.payloads("github_pull_requests")["20008"]["reviews"]) == 250


def test_a_pull_request_that_vanishes_while_its_reviews_are_read_stops_nothing(world):
    big = handmade.pull_request(8)
    big["reviews"] = [big["reviews"][0] | {"id": 600_000 + number} for number in range(50)]
    world.put("pull_requests", big)
    world.fail("PullRequestRest", "change", happens=[{"table": "pull_requests", "id": 20_008, "delete": True}])

    assert failures(world.sync(["github_pull_requests"])) == {}
    assert len(world.payloads("github_pull_requests")["20008"]["reviews"]) == 30


@pytest.mark.parametrize("match", LONG)
def test_what_stands_on_two_pages_lands_once(unread, match):
    stream, there = LISTS[match]
    unread.fail(match, "duplicate", skip=1, times=9)

    assert failures(unread.sync(["github_repositories", stream])) == {}
    assert len(unread.payloads(stream)) == there
    assert unread.rows(f"select count(*) from raw.{stream}_versions") == [(0,)]


def test_a_run_that_moves_up_to_a_page_that_was_read_is_not_lost(world):
    """A run of the first page is deleted before the second is asked for: the first of the second moves up."""
    world.fail(RUNS, "change", skip=1, happens=[{"table": "workflow_runs", "id": 9120, "delete": True}])
    world.sync()

    keys = {key.partition(":")[0] for key in world.payloads("github_workflow_runs")}
    assert keys >= {str(9000 + number) for number in range(1, 131) if number != 120}


def test_runs_that_are_deleted_faster_than_they_are_read_are_told_of(world):
    for number in range(131, 300):
        world.store.put("workflow_runs", handmade.workflow_run(number))
    world.store.flush()
    gone = iter(range(9299, 9200, -1))
    world.sandbox.state.faults.before_answer = lambda path, _operation: (
        world.store.remove("workflow_runs", next(gone)) if path.endswith("/api/actions/runs") else None
    )

    assert "deleted faster than they are read" in failures(world.sync())["github_workflow_runs"]


def test_new_runs_while_the_list_is_read_are_found_by_this_sync_or_the_next(world):
    new = handmade.workflow_run(131) | {"created_at": minute(5000), "updated_at": minute(5001)}
    world.fail(RUNS, "change", skip=1, happens=[{"table": "workflow_runs", "doc": new}])
    world.sync()
    world.sync()

    keys = {key.partition(":")[0] for key in world.payloads("github_workflow_runs")}
    assert keys == {str(9000 + number) for number in range(1, 132)}


def test_a_release_that_comes_while_the_list_is_read_is_found_by_this_sync_or_the_next(world):
    new = handmade.release(13)
    happens = [{"table": "releases", "doc": new, "columns": {"repository_id": API}}]
    world.fail("Releases", "change", happens=happens)
    world.sync()
    world.sync()

    assert len(world.payloads("github_releases")) == 13


def test_a_pull_request_that_is_updated_between_two_pages_is_found_by_this_sync_or_the_next(world):
    world.sync()
    for number in range(1, 61):
        world.put("pull_requests", handmade.pull_request(number, updated_at=minute(4000 + number), title="Moved"))
    late = handmade.pull_request(5, updated_at=minute(5000), title='Revert "Change 3"', body="Reverts #3")
    world.fail("PullRequests", "change", skip=1, happens=[{"table": "pull_requests", "doc": late}])
    world.sync()
    world.sync()

    landed = world.payloads("github_pull_requests")
    assert {key for key, one in landed.items() if one["updated_at"] < minute(4000)} == set()
    assert landed["20005"]["is_revert"]


@pytest.mark.parametrize("match", LONG)
def test_the_last_page_of_a_list_is_not_taken_for_the_whole(world, match):
    """What is asked for first is answered with the page that was asked for last, and that names no other."""
    stream, there = LISTS[match]
    world.sync(["github_repositories", stream])
    world.forget()
    world.fail(match, "repeat")

    assert "run again" in failures(world.sync(["github_repositories", stream]))[stream]
    assert failures(world.sync(["github_repositories", stream])) == {}
    assert len(world.payloads(stream)) == there


def test_a_list_that_always_counts_what_it_does_not_show_is_believed_in_the_end(world):
    world.fail("^Releases$", "slip", item=3, times=9)
    streams = ["github_repositories", "github_releases"]

    for _ in range(4):
        assert "ended after 11 of 12" in failures(world.sync(streams))["github_releases"]
    assert failures(world.sync(streams)) == {}
    assert len(world.payloads("github_releases")) == 11


def test_changes_are_not_lost_to_a_list_that_lags_behind_the_probe(world):
    world.sync()
    for number in range(31, 61):
        world.put("pull_requests", handmade.pull_request(number, updated_at=minute(4000 + number)))
    world.fail("^PullRequests$", "slip", item=0)

    assert "does not begin with what is newest" in failures(world.sync())["github_pull_requests"]
    world.sync()
    moved = [one for one in world.payloads("github_pull_requests").values() if one["updated_at"] >= minute(4000)]
    assert len(moved) == 30
