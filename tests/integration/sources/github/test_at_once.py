"""Several streams and repositories are read at once, and nothing but time comes of it."""

import threading
from uuid import uuid4

import pytest

from roosevelt_pipeline.sources.github.client import GitHubClient
from roosevelt_pipeline.sources.github.collect import BY_RULE, REPOSITORY_STREAMS, collect_repositories
from roosevelt_pipeline.sources.github.errors import TokenError
from roosevelt_pipeline.sources.github.repositories import discover
from tests.integration.sandbox import handmade
from tests.integration.sources.github.conftest import TOKEN

MEET_SECONDS = 60


class Meeting:
    """Holds the first page of one stream until another stream has landed one too."""

    def __init__(self, *streams):
        self.landed = {stream: threading.Event() for stream in streams}
        self.met = []

    def __call__(self, _repository, stream, _seen):
        if stream in self.landed and not self.landed[stream].is_set():
            self.landed[stream].set()
            others = [event for name, event in self.landed.items() if name != stream]
            self.met.append(all(other.wait(MEET_SECONDS) for other in others))


def test_runs_are_read_while_pull_requests_are(world):
    meeting = Meeting("github_pull_requests", "github_workflow_runs")

    world.sync(on_progress=meeting)

    assert meeting.met == [True, True]


def test_one_reader_alone_leaves_the_same_as_several(new_world):
    alone, several = new_world(github={"organization": "acme", "workers": 1}), new_world()

    one, other = alone.sync(), several.sync()

    assert alone.picture() == several.picture()
    assert {place: (how.outcome, how.requests, how.rows_seen) for place, how in one.items()} == {
        place: (how.outcome, how.requests, how.rows_seen) for place, how in other.items()
    }


def test_outcomes_come_repository_by_repository_and_stream_by_stream(world):
    client = world.new_client()
    repositories = discover(client, world.settings)
    common = (client, world.warehouse, world.vault, world.settings)

    found = [
        [(one.repository, one.stream) for one in outcomes]
        for outcomes in collect_repositories(*common, repositories, uuid4())
    ]

    streams = [name for name in REPOSITORY_STREAMS if name not in BY_RULE]  # no rule asks for those here
    assert found == [[(f"acme/{name}", stream) for stream in streams] for name in ("api", "web")]


def test_a_stream_that_fails_fails_alone_while_others_are_read(world):
    world.token.permissions -= {"deployments"}

    outcomes = world.sync()

    failed = [place for place, how in outcomes.items() if how.outcome == "failed"]
    assert failed == [("api", "github_deployments"), ("web", "github_deployments")]
    assert world.counts()["pull_requests"] == handmade.PULL_REQUESTS
    assert world.counts()["workflow_runs"] == handmade.RUNS + 1  # one was started twice


def test_a_token_that_is_revoked_ends_everybody_and_the_next_run_completes_it(world, new_world):
    def revoke(_repository, stream, _seen):
        world.token.expired = stream == "github_pull_requests" or world.token.expired

    with pytest.raises(TokenError):
        world.sync(on_progress=revoke)
    world.token.expired = False
    world.sync()

    undisturbed = new_world()
    undisturbed.sync()
    assert world.picture() == undisturbed.picture()
    assert world.versions() == 0


def test_whoever_waits_for_a_limit_is_woken_when_the_run_is_given_up(world):
    waiting = []
    client = GitHubClient(TOKEN, world.sandbox.url)  # one that really sleeps
    repositories = discover(client, world.settings)
    world.fail("PullRequests", "secondary", retry_after=3_000)
    common = (client, world.warehouse, world.vault, world.settings)

    def give_up_while_another_waits(reason, _seconds):
        waiting.append(reason)
        if len(waiting) == 2:
            raise KeyboardInterrupt

    client.on_wait = give_up_while_another_waits
    with pytest.raises(KeyboardInterrupt):
        list(collect_repositories(*common, repositories, uuid4()))

    assert [thread.name for thread in threading.enumerate() if thread.name.startswith("reader")] == []
