"""A server that lies, breaks off and changes under our hands; once it stops, raw is what it says.

Every seed plays several syncs against random faults and random changes between any two requests,
and breaks some of them off between two pages. Then the faults stop.
"""

import random
from datetime import UTC, datetime

import pytest

from roosevelt_pipeline.sandbox.faults import Fault
from roosevelt_pipeline.sources.github.errors import GitHubError
from tests.integration.sources.github import conftest
from tests.support.living_company import LivingCompany, small_store, told

SAMPLED = 8
SEEDS = 1_000
STREAMS = (
    *("github_repositories", "github_teams", "github_team_members", "github_pull_requests", "github_commits"),
    *("github_deployments", "github_workflow_runs", "github_issues", "github_releases"),
)
BEGIN = datetime(2026, 1, 12, tzinfo=UTC)
PLACES = ("PullRequests", "Commits", "Deployments", "Issues", "Releases", "/actions/runs", "/actions/workflows", "ById",
          "Organization", "Workflow", "Teams", ".")  # fmt: skip
FAULTS = (
    *({"kind": "status", "status": status} for status in (404, 429, 500, 502, 503, 504)),
    *({"kind": kind} for kind in ("not_json", "truncate", "disconnect", "reset", "length", "empty", "repeat")),
    *({"kind": kind} for kind in ("duplicate", "partial")),
    {"kind": "length", "length_off": -7},
    {"kind": "secondary", "status": 403, "retry_after": 5},
    {"kind": "secondary", "status": 200},
    # Not without a date: our own clock then stands in, and here it is months away from this company's.
    {"kind": "headers", "headers": {"link": None}},
    {"kind": "clock", "seconds": 1800},
    {"kind": "clock", "seconds": -1800},
    {"kind": "status", "status": 403, "headers": {"x-ratelimit-remaining": "0", "x-ratelimit-reset": "1768176000"}},
)


class BrokenOffError(BaseException):
    """What no code of ours catches."""


@pytest.fixture(scope="module")
def world(new_warehouse):
    made = conftest.World(new_warehouse(), small_store(), {})
    yield made
    made.close()


@pytest.mark.parametrize("seed", range(SAMPLED))
def test_whatever_the_server_did_raw_ends_at_what_it_says(world, seed):
    assert_ends_at_the_truth(world, seed)


@pytest.mark.soak
def test_whatever_the_server_did_raw_ends_at_what_it_says_for_a_thousand_seeds(world):
    wrong = {}
    for seed in range(SEEDS):
        try:
            assert_ends_at_the_truth(world, seed)
        except AssertionError as reason:
            wrong[seed] = str(reason)[:500]
    assert wrong == {}, "\n".join(wrong.values())


def assert_ends_at_the_truth(world, seed):
    chance = random.Random(seed)
    world.forget()
    script = world.sandbox.state.faults
    script.clear()
    script.before_answer = lambda _path, _operation: None
    world.store = world.sandbox.state.store = small_store()
    company = LivingCompany(world.sandbox.state, chance, BEGIN)
    eagerness = chance.choice([0, 0.05, 0.2])

    def live(_path: str, _operation: str | None) -> None:
        if chance.random() < eagerness:
            company.move()

    for _ in range(chance.randrange(2, 5)):
        script.before_answer = live
        for _ in range(chance.randrange(5)):
            script.add(a_fault(chance))
        read(world, breaks_off_after=chance.choice([None, None, chance.randrange(1, 25)]))
        script.before_answer = lambda _path, _operation: None
        for _ in range(chance.randrange(4)):
            company.move()
        company.later(chance.choice([0.1, 1, 30]))
    script.clear()
    told_before = company.moves[:]
    for _ in range(2):
        company.later(30)  # so that what is open is due to be asked for again
        outcomes = world.sync(STREAMS)
    assert [one.error for one in outcomes.values() if one.error] == [], f"seed {seed}"
    assert_is_true(world, company, f"seed {seed}, after {told_before}")


def a_fault(chance):
    script = {"match": chance.choice(PLACES), "skip": chance.randrange(4), "times": chance.choice([1, 1, 2, 6])}
    return Fault.of(script | chance.choice(FAULTS))


def read(world, breaks_off_after):
    """Sync, or fail to; nothing else may come out of it."""
    left = [breaks_off_after or 0]

    def count(*_: object) -> None:
        left[0] -= 1
        if left[0] == 0:
            raise BrokenOffError

    try:
        outcomes = world.sync(STREAMS, on_progress=count)
    except (GitHubError, BrokenOffError):
        return
    errors = [one.error for one in outcomes.values() if one.error]
    assert not [error for error in errors if "please report this" in error], errors


def assert_is_true(world, company, about):
    for stream, truth in company.truth().items():
        found = {key: told(stream, payload) for key, payload in world.payloads(stream).items()}
        if stream == "github_repositories":
            found = {key: found[key] for key in truth}
        wrong = {key: (found.get(key), value) for key, value in truth.items() if found.get(key) != value}
        assert wrong == {}, f"{stream}, found and true: {wrong}; {about}"
        left_over = found.keys() - truth.keys()
        if stream != "github_issues":  # one that was an incident once is followed further
            assert left_over <= company.once[stream], f"{stream} holds what never was: {left_over}; {about}"
