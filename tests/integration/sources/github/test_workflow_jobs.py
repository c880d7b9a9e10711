"""Jobs over HTTP: few requests, every execution, nothing that the policy does not name."""

from datetime import UTC, datetime
from typing import Any

import pytest

from roosevelt_pipeline.sandbox.tokens import PERMISSIONS
from roosevelt_pipeline.sources.github import workflow_jobs
from tests.integration.sandbox.handmade import RUNS, minute, workflow_run

STREAM = "github_workflow_jobs"
STREAMS = ("github_workflow_runs", STREAM)
RULE = {"sources": ["workflow_job"], "workflows": ["Deploy"], "jobs": ["deploy*"]}


@pytest.fixture
def world(new_world):
    """Run 3 was started again on the fourth day, run 9 has two deploying jobs of which one is skipped."""
    made = new_world(deployments=[RULE])
    made.put("workflow_runs", workflow_run(9) | {"jobs": [
        job(91, "build"), job(92, "deploy (eu)", deployment_id=40_009), job(93, "deploy (us)", conclusion="skipped"),
    ]})  # fmt: skip
    return made


def job(number: int, name: str, **facts: Any) -> dict[str, Any]:
    return {"id": 45_000_000_000 + number, "name": name, "status": "completed", "conclusion": "success",
            "started_at": minute(91), "completed_at": minute(93), "deployment_id": None} | facts  # fmt: skip


def test_the_jobs_of_a_hundred_runs_are_read_in_one_request_with_those_of_earlier_attempts(world):
    outcome = world.sync(STREAMS)["api", STREAM]

    assert outcome.error is None
    assert outcome.requests == outcome.points == 2  # 130 runs
    jobs = world.payloads(STREAM)
    assert len(jobs) == RUNS + 1 + 1  # one each, one of an earlier attempt, and a second of run 9
    first, again = jobs["90031"], jobs["90032"]
    assert (first["conclusion"], first["started_at"]) == ("failure", minute(30))
    assert (again["conclusion"], again["started_at"]) == ("success", minute(30 + 5000))
    assert first["run_id"] == again["run_id"] == 9003


def test_only_jobs_that_the_rule_names_land_with_the_deployment_that_each_made(world):
    world.sync(STREAMS)

    of_run_9 = {one["name"]: one for one in world.payloads(STREAM).values() if one["run_id"] == 9009}
    assert set(of_run_9) == {"deploy (eu)", "deploy (us)"}
    assert of_run_9["deploy (eu)"]["deployment_id"] == 40_009
    assert (of_run_9["deploy (us)"]["deployment_id"], of_run_9["deploy (us)"]["conclusion"]) == (None, "skipped")
    assert all(one["is_deployment_told"] for one in of_run_9.values())


def test_what_did_not_move_costs_no_request_and_a_new_run_costs_one(world):
    world.sync(STREAMS)
    quiet = world.sync(STREAMS)["api", STREAM]
    assert (quiet.requests, quiet.rows_seen) == (0, 0)

    world.put("workflow_runs", workflow_run(RUNS + 1))
    moved = world.sync(STREAMS)["api", STREAM]
    # Run 130 was read again with the new one, as yesterday's are, but nothing in it had changed.
    assert (moved.requests, moved.versions_added) == (1, 1)


def test_an_unfinished_job_is_asked_for_again_until_it_has_ended(world):
    world.sandbox.state.now = datetime(2026, 1, 7, tzinfo=UTC)
    unfinished = workflow_run(RUNS + 1) | {"status": "in_progress", "conclusion": None}
    running = job(1, "deploy", status="in_progress", conclusion=None, completed_at=None)
    world.put("workflow_runs", unfinished | {"jobs": [running]})
    world.sync(STREAMS)
    assert world.payloads(STREAM)["45000000001"]["status"] == "in_progress"

    # The job ends before its run does, so the run itself shows no change.
    world.put("workflow_runs", unfinished | {"jobs": [job(1, "deploy")]})
    again = world.sync(STREAMS)["api", STREAM]

    assert world.payloads(STREAM)["45000000001"]["conclusion"] == "success"
    assert (again.requests, again.lane) == (1, "refresh")


def test_more_jobs_than_fit_on_a_page_are_read_to_the_last(world):
    many = [job(1000 + number, f"deploy {number:03d}") for number in range(1, 171)]
    world.put("workflow_runs", workflow_run(RUNS + 1) | {"jobs": many})

    outcome = world.sync(STREAMS)["api", STREAM]

    landed = [one["name"] for one in world.payloads(STREAM).values() if one["run_id"] == 9000 + RUNS + 1]
    assert sorted(landed) == [one["name"] for one in many]
    assert outcome.requests == 2 + 2  # 50 on the page, then 100 and 20


def test_a_token_that_may_not_read_checks_is_answered_run_by_run(world):
    world.sync(STREAMS)
    told = world.payloads(STREAM)
    world.token.permissions = PERMISSIONS - {"checks"}
    world.put("workflow_runs", workflow_run(RUNS + 1))

    outcome = world.sync(STREAMS)["api", STREAM]

    assert (outcome.outcome, outcome.requests) == ("complete", 2)  # one that is refused, and one for the run
    new = world.payloads(STREAM)[str((9000 + RUNS + 1) * 10 + 1)]
    assert (new["run_attempt"], new["is_deployment_told"]) == (1, False)
    assert {key: value for key, value in world.payloads(STREAM).items() if key in told} == told


def test_both_ways_of_reading_find_the_same_jobs(new_world):
    by_graphql, by_rest = new_world(deployments=[RULE]), new_world(deployments=[RULE])
    by_rest.token.permissions = PERMISSIONS - {"checks"}

    def facts(world):
        world.sync(STREAMS)
        kept = ("run_id", "name", "status", "conclusion", "started_at", "completed_at")
        return {key: [one[name] for name in kept] for key, one in world.payloads(STREAM).items()}

    assert facts(by_graphql) == facts(by_rest)


def test_a_reading_that_breaks_off_goes_on_where_it_stopped(world, monkeypatch):
    monkeypatch.setattr(workflow_jobs, "RUNS_PER_REQUEST", 40)
    world.fail("WorkflowJobs", "status", status=500, skip=2, times=9)
    broken = world.sync(STREAMS)["api", STREAM]
    assert broken.outcome == "failed"
    assert 0 < len(world.payloads(STREAM)) < RUNS

    world.sandbox.state.faults.clear()
    whole = world.sync(STREAMS)["api", STREAM]
    assert whole.requests == 2  # runs 81 to 130; the first 80 had landed
    assert len(world.payloads(STREAM)) == RUNS + 2


def test_other_patterns_read_the_jobs_again(world):
    world.sync(STREAMS)
    rule = RULE | {"jobs": ["build"]}
    world.settings = world.settings.model_validate(world.settings.model_dump() | {"deployments": [rule]})

    outcome = world.sync(STREAMS)["api", STREAM]

    assert outcome.requests == 2
    assert [one["name"] for one in world.payloads(STREAM).values() if one["name"] == "build"] == ["build"]


def test_a_repository_that_does_not_deploy_by_jobs_is_asked_nothing(new_world):
    world = new_world()

    assert ("api", STREAM) not in world.sync(STREAMS)
    assert world.payloads(STREAM) == {}
