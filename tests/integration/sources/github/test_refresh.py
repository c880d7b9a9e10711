"""What changes without any list saying so: asked for by id, once a day by GitHub's clock, within a budget."""

from datetime import UTC, datetime, timedelta

import pytest

from roosevelt_pipeline.sandbox.store import Store
from tests.integration.sandbox import handmade
from tests.integration.sandbox.handmade import minute

NINTH = datetime(2026, 1, 9, tzinfo=UTC)  # the runs are of the 5th
RUNS = ["github_repositories", "github_workflow_runs"]


@pytest.fixture
def world(world):
    world.sandbox.state.now = NINTH
    return world


def later(world, **time):
    """Let time pass on GitHub."""
    world.sandbox.state.now += timedelta(**time)


def runs(outcomes):
    return outcomes["api", "github_workflow_runs"]


def carried(world):
    return world.rows("select carried from raw.github_collections where stream = 'github_workflow_runs' "
                      "and repository = 'acme/api' order by started_at desc limit 1")[0][0]  # fmt: skip


def begin_again(world, number):
    """Somebody starts a run again, now."""
    now = f"{world.sandbox.state.now:%Y-%m-%dT%H:%M:%SZ}"
    world.put("workflow_runs", handmade.workflow_run(number, 2) | {"run_started_at": now, "updated_at": now})


def test_a_run_started_again_on_the_31st_day_is_found_though_nothing_else_ever_moves(world):
    world.sync(RUNS)
    later(world, days=27, hours=21)  # run 129 was made on 5 January at 21:30; this is 30 days and 23.5 hours on
    begin_again(world, 129)

    outcomes = world.sync(RUNS)

    assert set(world.payloads("github_workflow_runs")) >= {"9129:1", "9129:2"}
    # 130 runs by id are 2 requests; the one that moved is read by REST. Run 130 and the probe have not moved.
    assert (runs(outcomes).lane, runs(outcomes).requests, runs(outcomes).versions_added) == ("refresh", 3, 1)


def test_a_run_of_40_days_ago_is_asked_for_no_more(world):
    world.sync(RUNS)
    later(world, days=36)
    begin_again(world, 3)

    assert runs(world.sync(RUNS)).requests == 0


def test_nothing_is_asked_for_again_before_it_is_due(world):
    world.sync()
    later(world, hours=19, minutes=59)
    world.sync()
    assert world.client.costs.requests == 3

    later(world, minutes=1)
    outcomes = world.sync()

    assert {name for (_, name), one in outcomes.items() if one.lane == "refresh"} == {
        "github_deployments", "github_workflow_runs", "github_issues", "github_review_comments",
    }  # fmt: skip
    # The deployment that stands, 130 runs, the incidents that are open; one request for a hundred of each. And one for
    # comments that did not move their pull request.
    assert world.client.costs.requests == 3 + 1 + 2 + 1 + 1
    world.sync()
    assert world.client.costs.requests == 3


def test_what_the_budget_does_not_reach_is_reached_by_the_next_run_and_shown_until_then(new_world):
    world = new_world(github={"organization": "acme", "refresh_requests": 4})  # 2 of them for runs
    world.sandbox.state.now = NINTH
    for number in range(131, 331):
        world.store.put("workflow_runs", handmade.workflow_run(number) | {"created_at": minute(100)})
    world.store.flush()
    world.sync(RUNS)
    later(world, days=1)
    begin_again(world, 5)  # the oldest but four of 330

    spent = []
    left = []
    for _ in range(3):
        outcomes = world.sync(RUNS)
        spent.append(runs(outcomes).requests)
        left.append(carried(world))

    # 200 of 330 by id; then 130, of which the oldest but four was started again and is read; then those four.
    assert (spent, left) == ([2, 3, 1], [130, 4, 0])
    assert "9005:2" in world.payloads("github_workflow_runs")


def test_a_round_that_was_cut_short_in_the_middle_of_a_request_goes_on_behind_the_last_run_it_read(new_world):
    world = new_world(github={"organization": "acme", "refresh_requests": 6})  # 3 of them for runs
    world.sandbox.state.now = NINTH
    world.sync(RUNS)
    later(world, days=1)
    for number in (120, 90, 60, 10):
        begin_again(world, number)

    first, second = world.sync(RUNS), world.sync(RUNS)

    # One request for a hundred, then 120 and 90; a second for those below 90, then 60 and 10.
    assert (runs(first).versions_added, runs(second).versions_added) == (2, 2)
    assert world.versions() == 0


OLD = {"created_at": minute(0, day=3)}  # before what the list of new runs goes back to
GOING_ON = {"status": "in_progress", "conclusion": None, "updated_at": minute(2, day=3)}


def test_a_run_in_progress_is_asked_for_as_soon_as_something_else_ran(world):
    world.put("workflow_runs", handmade.workflow_run(9) | OLD | GOING_ON)
    world.sync()
    world.put("workflow_runs", handmade.workflow_run(9) | OLD)
    assert runs(world.sync()).requests == 0

    world.put("workflow_runs", handmade.workflow_run(131) | {"created_at": minute(3000)})
    world.sync()

    assert world.payloads("github_workflow_runs")["9009:1"]["conclusion"] == "success"


def test_a_run_in_progress_is_asked_for_by_rest_where_graphql_may_not_be_asked(world):
    world.put("workflow_runs", handmade.workflow_run(9) | OLD | GOING_ON)
    world.sync(RUNS)
    world.put("workflow_runs", handmade.workflow_run(9) | OLD)
    later(world, days=1)
    world.fail("WorkflowRunsById", "status", status=403, times=2)

    world.sync(RUNS)

    assert world.payloads("github_workflow_runs")["9009:1"]["conclusion"] == "success"


def test_an_open_incident_is_asked_for_by_id(world):
    world.sync()
    world.put("issues", handmade.issue(27) | {"labels": ["incident", "sev1"]})  # silently: the probe cannot know
    later(world, days=1)

    outcomes = world.sync(["github_issues"])

    assert outcomes["api", "github_issues"].requests == 1
    assert world.payloads("github_issues")["30027"]["labels"] == ["incident", "sev1"]


def quiet_company(repositories: int) -> Store:
    """Repositories with three workflows, a run and an open incident each; nobody does anything."""
    store = handmade.store()
    for number in range(1, repositories - 1):
        identity = 2000 + number
        store.put("repositories", handmade.repository(identity, f"quiet-{number:03}", None))
        for place in range(3):
            workflow = 8000 + 3 * number + place
            store.put("workflows", {"id": workflow, "repository_id": identity, "name": "Test", "path": "t.yml",
                                    "state": "active"}, repository_id=identity)  # fmt: skip
        run = handmade.workflow_run(130) | {"id": 100_000 + number, "repository_id": identity, "workflow_id": workflow}
        store.put("workflow_runs", run | {"status": "in_progress", "conclusion": None})
        issue = handmade.issue(3) | {"id": 200_000 + number, "repository_id": identity}
        store.put("issues", issue)
        deployment = handmade.deployment(45) | {"id": 300_000 + number, "repository_id": identity}
        store.put("deployments", deployment)
    store.flush()
    return store


@pytest.mark.parametrize(("repositories", "requests"), [(30, 4), pytest.param(100, 6, marks=pytest.mark.soak)])
def test_quiet_repositories_cost_a_request_for_many_and_a_hundred_at_most_ten(new_world, repositories, requests):
    world = new_world(quiet_company(repositories))
    world.sandbox.state.now = NINTH
    world.sync()
    assert world.counts()["repositories"] == repositories

    outcomes = world.sync()

    assert {one.error for one in outcomes.values()} == {None}
    # Two pages of repositories (24 first), the teams, and 85 workflows in one request or 295 in three.
    assert world.client.costs.requests == requests

    later(world, days=1)
    world.sync()
    assert (
        world.client.costs.requests == requests + (repositories - 2) * 3 + 5
    )  # each one's deployment, run and incident; api as above


def test_an_earlier_attempt_that_github_did_not_give_is_asked_for_again_with_the_next_round(world):
    begin_again(world, 129)
    world.remove("workflow_runs", 9128)
    begin_again(world, 128)  # of this one GitHub has really lost the first attempt
    world.fail("/actions/runs/9129/attempts/1", "status", status=404)
    world.sync(RUNS)
    assert "9129:1" not in world.payloads("github_workflow_runs")

    later(world, hours=21)
    outcomes = world.sync(RUNS)

    assert "9129:1" in world.payloads("github_workflow_runs")
    assert "9128:1" not in world.payloads("github_workflow_runs")
    # 130 runs by id are 2 requests; two runs and their first attempts are 4.
    assert (runs(outcomes).error, runs(outcomes).requests) == (None, 6)
    later(world, hours=21)
    assert runs(world.sync(RUNS)).requests == 4, "the lost attempt alone is asked for again"
