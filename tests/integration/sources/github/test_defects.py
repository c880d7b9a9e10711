"""What other tools lose, each beside a small reader that loses it: the scenario catches the mutant, and not us."""

from dataclasses import replace
from datetime import UTC, datetime
from uuid import uuid4

import pytest
import requests

from roosevelt_pipeline.sandbox.limits import UNLIMITED
from roosevelt_pipeline.sandbox.server import create_app, serve
from roosevelt_pipeline.sandbox.tokens import Token
from roosevelt_pipeline.sources.github.access import check_access
from roosevelt_pipeline.sources.github.client import GitHubClient
from roosevelt_pipeline.sources.github.collect import collect_repository
from roosevelt_pipeline.sources.github.repositories import discover
from tests.integration.sandbox import handmade
from tests.integration.sandbox.handmade import minute, oid
from tests.integration.sources.github import mutants

LAST_SYNC = minute(3000)  # everything in the hand-made company is older
LATER = minute(4000)


@pytest.fixture
def naive(world):
    return mutants.Naive(world.sandbox.url)


def reviewed_late(world, number):
    """A pull request that was merged long ago gets one more review."""
    doc = handmade.pull_request(number, updated_at=LATER)
    late = {"id": 69_999, "state": "COMMENTED", "submitted_at": LATER, "author_id": handmade.BOB}
    world.put("pull_requests", doc | {"reviews": [*doc["reviews"], late]})


def reviews(world, number):
    return [review["review_id"] for review in world.payloads("github_pull_requests")[f"{20_000 + number}"]["reviews"]]


def test_a_late_review_is_read_though_younger_pull_requests_did_not_move(world, naive):
    world.sync()
    reviewed_late(world, 5)

    assert mutants.updated_since_but_ordered_by_creation(naive, LAST_SYNC) == set()
    world.sync()
    assert reviews(world, 5) == [60_005, 69_999]


def test_a_late_review_is_read_though_the_pull_request_was_closed_before_the_last_sync(world, naive):
    world.sync()
    reviewed_late(world, 5)

    assert mutants.without_those_closed_before(naive, LAST_SYNC) == set()
    world.sync()
    assert reviews(world, 5) == [60_005, 69_999]


def test_a_late_review_is_read_though_the_list_of_issues_does_not_show_it(world, naive):
    world.sync()
    reviewed_late(world, 5)
    world.fail(f"{mutants.API}/issues", "empty", times=100)

    assert mutants.by_the_issues_that_changed_since(naive, LAST_SYNC) == set()
    world.sync()
    assert reviews(world, 5) == [60_005, 69_999]


def test_a_run_that_was_not_completed_when_it_was_met_is_read_when_it_is(world, naive):
    world.sandbox.state.now = datetime(2026, 1, 7, tzinfo=UTC)
    running = handmade.workflow_run(130)
    going_on = {"status": "in_progress", "conclusion": None, "updated_at": minute(1301)}
    world.put("workflow_runs", running | going_on)
    kept, since = mutants.completed_runs(naive, minute(0))
    world.sync()
    world.put("workflow_runs", running)

    assert 9130 not in kept | mutants.completed_runs(naive, since)[0]
    world.sync()
    assert world.payloads("github_workflow_runs")["9130:1"]["conclusion"] == "success"


def test_a_run_of_many_jobs_shows_the_last_that_deploys(new_world):
    """A hundred and thirty jobs; the deploying ones are the last."""
    world = new_world(deployments=[{"sources": ["workflow_job"], "workflows": ["Deploy"], "jobs": ["deploy*"]}])
    told = {"status": "completed", "conclusion": "success", "started_at": minute(91), "completed_at": minute(93)}
    names = [*(f"build {number}" for number in range(128)), "deploy (eu)", "deploy (us)"]
    jobs = [told | {"id": 45_000 + at, "name": name, "deployment_id": None} for at, name in enumerate(names)]
    world.put("workflow_runs", handmade.workflow_run(9) | {"jobs": jobs})

    assert not [name for name in mutants.jobs_of_one_page(mutants.Naive(world.sandbox.url), 9009) if "deploy" in name]
    world.sync()
    landed = [job["name"] for job in world.payloads("github_workflow_jobs").values() if job["run_id"] == 9009]
    assert sorted(landed) == ["deploy (eu)", "deploy (us)"]


def test_runs_are_read_beyond_where_a_filtered_list_ends_and_an_unfiltered_one_is_refused(world, naive):
    for number in range(131, 1151):
        world.store.put("workflow_runs", handmade.workflow_run(number) | {"created_at": minute(number)})
    world.store.flush()
    world.sandbox.state.limiter.limits = replace(UNLIMITED, results_without_filter=1_000)

    assert mutants.runs_of_one_list(naive, created=f">={minute(0)}") == 1_000
    with pytest.raises(requests.HTTPError, match="422"):
        mutants.by_page_number(naive, f"{mutants.API}/actions/runs", 100)
    world.sync(["github_repositories", "github_workflow_runs"])
    assert len({key.partition(":")[0] for key in world.payloads("github_workflow_runs")}) == 1_150


@pytest.mark.parametrize("retry_after", [7, None])
def test_too_many_requests_are_waited_for_and_not_fatal(world, naive, retry_after):
    world.fail("/actions/runs", "secondary", status=429, retry_after=retry_after)
    with pytest.raises(requests.HTTPError, match="429"):
        mutants.runs_of_one_list(naive)

    world.fail("/actions/runs", "secondary", status=429, retry_after=retry_after)
    outcome = world.sync()["api", "github_workflow_runs"]
    assert outcome.outcome == "complete"
    assert outcome.seconds_waited >= (retry_after or 60)


def test_a_bad_gateway_that_names_the_budget_is_tried_again_soon_and_not_after_the_budget_s_reset(world, naive):
    far = {"x-ratelimit-remaining": "4711", "x-ratelimit-reset": str(1_767_225_600 + 3_326)}
    world.fail("/actions/runs", "status", status=502, headers=far)
    answer = naive.get(f"{naive.url}{mutants.API}/actions/runs", timeout=10)
    assert mutants.seconds_until(answer) == 3_326

    world.fail("/actions/runs", "status", status=502, headers=far)
    assert world.sync()["api", "github_workflow_runs"].outcome == "complete"
    assert sum(world.waits) < 60


def test_retries_that_are_exhausted_are_a_failure_with_a_reason_and_no_empty_success(world, naive):
    world.fail("/actions/runs", "status", status=500, times=5)
    assert mutants.rows_in_spite_of_everything(naive) == (0, 0)

    world.fail("/actions/runs$", "status", status=500, times=100)
    outcome = world.sync()["api", "github_workflow_runs"]
    assert (outcome.outcome, outcome.rows_seen) == ("failed", 0)
    assert "acme/api: GitHub answered 500" in (outcome.error or "")
    assert world.rows("select complete from ingest.cursors where stream = 'github_workflow_runs' and complete") == []


@pytest.mark.parametrize("prefix", ["", "/api/v3"])
def test_every_request_goes_to_the_server_that_was_named_and_to_no_other(world, prefix):
    with serve(create_app(handmade.store(), limits=UNLIMITED)) as elsewhere:
        hard_coded = mutants.Naive(elsewhere.url)  # what "api.github.com" is in a tool that knows no other
        assert hard_coded.get(f"{hard_coded.url}/rate_limit", timeout=10).ok
        assert asked(elsewhere) == 1
        world.prefix = prefix
        world.sync()
        assert all(finding.ok for finding in check_access(world.new_client(), world.settings))
        assert asked(elsewhere) == 1
        assert asked(world.sandbox) > 10


def test_a_token_follows_no_redirection_to_another_server(world):
    with serve(create_app(handmade.store(), limits=UNLIMITED), host="127.0.0.2") as elsewhere:
        world.fail("/actions/runs$", "redirect", location=elsewhere.url, times=100)
        outcome = world.sync()["api", "github_workflow_runs"]
        assert asked(elsewhere) == 0

    assert outcome.outcome == "failed"
    assert "redirected to another server" in (outcome.error or "")


def asked(sandbox):
    return sum(sandbox.state.journal.summary()["operations"].values())


def test_issues_are_read_to_the_end_where_pages_have_no_numbers(world, naive):
    world.sandbox.state.limiter.limits = replace(UNLIMITED, results_by_page_number=60)

    with pytest.raises(requests.HTTPError, match="422"):
        mutants.by_page_number(naive, f"{mutants.API}/issues", 30)
    world.sync()
    assert world.counts()["issues"] == 15


def test_a_pull_request_with_more_than_a_hundred_of_anything_is_whole(world, naive):
    big = handmade.pull_request(8)
    commit, review = big["commits"][0], big["reviews"][0]
    big["commits"] = [commit | {"oid": oid(500_000 + n)} for n in range(251)]
    big["reviews"] = [review | {"id": 600_000 + n} for n in range(101)]
    big["labels"] = [f"label-{n:03}" for n in range(101)]
    world.put("pull_requests", big)

    assert mutants.the_first_hundred(naive, 8) == {"commits": 100, "reviews": 100, "labels": 100}
    world.sync(["github_pull_requests"])
    landed = world.payloads("github_pull_requests")["20008"]
    assert [len(landed[name]) for name in ("commits", "reviews", "labels")] == [251, 101, 101]


def test_a_token_that_changes_every_hour_costs_nothing(world):
    paths = [f"{mutants.API}/{name}" for name in ("actions/runs", "deployments", "pulls")]
    tagged, hourly = mutants.Tagged(), {name: Token() for name in ("first-hour", "second-hour")}
    world.sandbox.state.tokens.update(hourly)
    for token in hourly:
        naive = mutants.Naive(world.sandbox.url, token)
        assert tagged.paid_for(naive, paths) == 3  # all of them, each hour
        assert tagged.paid_for(naive, paths) == 0

    costs = []
    for token in ("first-hour", "first-hour", "second-hour"):
        client = GitHubClient(token, world.sandbox.url, sleep=world.waits.append)
        world.new_client = lambda client=client: client
        world.client = client
        world.sync()
        costs.append(client.costs.requests)
    assert costs[2] == costs[1] < costs[0]
    assert world.versions() == 0


@pytest.mark.parametrize("status", [404, 409])
def test_a_repository_that_cannot_be_read_fails_and_is_not_called_complete(world, naive, status):
    world.fail("/commits", "status", status=status)
    assert mutants.state_of_a_sync_that_skips(naive, "acme/api") == "COMPLETE"

    world.fail("/actions", "status", status=status, times=100)
    outcomes = world.sync()
    assert {key for key, one in outcomes.items() if one.outcome == "failed"} == {
        ("api", "github_workflow_runs"), ("web", "github_workflow_runs"),
    }  # fmt: skip


def test_a_repository_that_vanished_is_a_failure_of_that_repository(world, naive):
    client = world.new_client()
    gone = replace(discover(client, world.settings)[0], name="gone", marks={})

    assert mutants.state_of_a_sync_that_skips(naive, "acme/gone") == "COMPLETE"
    found = collect_repository(client, world.warehouse, world.vault, world.settings, gone, uuid4())
    assert {one.outcome for one in found} == {"failed"}
