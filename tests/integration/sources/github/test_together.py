"""Threads and processes that share one budget, over real HTTP, with a real database."""

import json
import subprocess
import sys
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import pytest

from roosevelt_pipeline.sandbox.faults import Fault
from roosevelt_pipeline.sandbox.limits import UNLIMITED
from roosevelt_pipeline.sandbox.server import create_app, serve
from roosevelt_pipeline.sources.github.client import GitHubClient
from roosevelt_pipeline.sources.github.errors import BudgetError, UnavailableError
from roosevelt_pipeline.warehouse.budgets import SharedGovernor, read_budgets
from tests.integration.sandbox import handmade

PATIENCE = 2.0  # enough for an answer of a busy machine; one that drips would take minutes
HEAD = {"owner": "acme", "name": "api"}
PULL_REQUESTS = HEAD | {"page": 24, "field": "CREATED_AT", "direction": "ASC", "files": False}


class Watched:
    """A sandbox that notes how many requests are answered at once, by resource."""

    def __init__(self, app):
        self.app, self.sandbox = app, app.sandbox
        self.running, self.most = Counter(), Counter()

    async def __call__(self, scope, receive, send):
        resource = "graphql" if scope["path"].endswith("graphql") else "core"
        self.running[resource] += 1
        self.most[resource] = max(self.most[resource], self.running[resource])
        try:
            await self.app(scope, receive, send)
        finally:
            self.running[resource] -= 1


@pytest.fixture
def start():
    running = []

    def begin(latency_seconds=0.0, **limits):
        limit = replace(UNLIMITED, **limits)
        app = Watched(create_app(handmade.store(), limits=limit, latency_seconds=latency_seconds))
        running.append(serve(app))
        return running[-1], app

    yield begin
    for one in running:
        one.stop()


def fail(sandbox, match, kind, **script):
    sandbox.state.faults.add(Fault.of({"match": match, "kind": kind} | script))


def ask_together(warehouse, sandbox, kind, processes=3, threads=2, times=20):
    command = [sys.executable, "-m", "tests.support.ask_together", warehouse.url, sandbox.url, kind]
    started = [
        subprocess.Popen([*command, str(threads), str(times)], stdout=subprocess.PIPE, text=True)
        for _ in range(processes)
    ]
    told = [json.loads(process.communicate(timeout=120)[0]) for process in started]
    assert [process.returncode for process in started] == [0] * processes
    return told


def test_three_processes_spend_an_hours_points_to_the_last_and_not_one_more(fresh_warehouse, start):
    sandbox, app = start(graphql_points_per_hour=25, latency_seconds=0.005)

    told = ask_together(fresh_warehouse, sandbox, "graphql")

    asked = sandbox.state.journal.summary()
    assert sum(one["answers"] for one in told) == asked["graphql"]["requests"] == asked["graphql"]["points"] == 25
    assert app.most == {"graphql": 1}
    for one in told:
        for reason in one["reasons"]:
            assert "the hourly budget is used up (token 1), and it would take 60 min; run again then" in reason
    assert any(one["reasons"] for one in told)


def test_three_processes_meet_no_403_when_the_hours_requests_are_used_up(fresh_warehouse, start):
    sandbox, app = start(core_per_hour=30, latency_seconds=0.02)

    told = ask_together(fresh_warehouse, sandbox, "core", threads=3)

    assert sandbox.state.journal.summary()["statuses"] == {"200": 30}
    assert sum(one["answers"] for one in told) == 30
    assert 1 < app.most["core"] <= 4


def test_a_secondary_limit_that_one_process_meets_holds_back_the_others(fresh_warehouse, start):
    sandbox, _ = start()
    fail(sandbox, "releases", "secondary", status=403, retry_after=2)

    told = ask_together(fresh_warehouse, sandbox, "core", threads=1, times=3)

    # One met it; whoever came within the two seconds waited instead of asking.
    assert sandbox.state.journal.summary()["statuses"] == {"403": 1, "200": 9}
    assert sum(one["waited"] for one in told) >= 2


def test_what_one_client_was_told_another_knows_without_asking(fresh_warehouse, start):
    sandbox, _ = start()
    fail(sandbox, "releases", "secondary", status=403, retry_after=600)
    with SharedGovernor(fresh_warehouse, "one") as mine, SharedGovernor(fresh_warehouse, "two") as yours:
        one = GitHubClient("sandbox-token", sandbox.url, longest_wait=60, governor=mine)
        two = GitHubClient("sandbox-token", sandbox.url, longest_wait=60, governor=yours)
        for client in (one, two):
            with pytest.raises(BudgetError, match=r"GitHub asks to wait \(token 1\), and it would take 10 min"):
                client.rest("/repos/acme/api/releases")
        with pytest.raises(BudgetError, match="repository_head: GitHub asks to wait"):
            two.graphql("repository_head", HEAD)

    assert sandbox.state.journal.summary()["core"]["requests"] == 1
    assert sandbox.state.journal.summary()["graphql"]["requests"] == 0


@pytest.mark.parametrize(
    ("fault", "waits"),
    [
        ({"kind": "rate_limit", "seconds": 30}, [31]),
        ({"kind": "rate_limit", "seconds": 30, "status": 429}, [31]),
        ({"kind": "rate_limit", "headers": {"x-ratelimit-reset": None, "x-ratelimit-remaining": None}}, [60]),
        ({"kind": "secondary", "status": 403, "retry_after": 7}, [7]),
        ({"kind": "secondary", "status": 429, "retry_after": 7}, [7]),
        ({"kind": "secondary", "status": 403}, [60]),
        ({"kind": "secondary", "status": 429, "times": 3}, [60, 120, 240]),
    ],
)
@pytest.mark.parametrize("resource", ["core", "graphql"])
def test_each_limit_of_github_is_waited_for_as_long_as_it_says(start, resource, fault, waits):
    sandbox, _ = start()
    if resource == "graphql" and fault["kind"] == "secondary" and fault["status"] == 429:
        fault = fault | {"status": 200}  # as GraphQL tells it
    fail(sandbox, "releases|RepositoryHead", **fault)
    slept = []

    def sleep(seconds):
        slept.append(seconds)
        if fault["kind"] == "rate_limit":  # the hour passes on GitHub as well
            sandbox.state.limiter.budget("roosevelt-reader", resource).reset = 0

    client = GitHubClient("sandbox-token", sandbox.url, sleep=sleep)
    if resource == "core":
        client.rest("/repos/acme/api/releases")
    else:
        client.graphql("repository_head", HEAD)

    assert slept == waits
    assert client.costs.seconds_waited == sum(waits)


def test_threads_of_one_client_ask_queries_one_after_another_and_four_rest_requests_at_once(start):
    sandbox, app = start(latency_seconds=0.02)
    client = GitHubClient("sandbox-token", sandbox.url)

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda _: client.graphql("repository_head", HEAD), range(16)))
        list(pool.map(lambda _: client.rest("/repos/acme/api/releases"), range(16)))

    assert app.most == {"graphql": 1, "core": 4}
    assert client.costs.requests == 32


@pytest.mark.parametrize("kind", ["drip", "hang", "slow"])
def test_an_answer_that_never_ends_is_given_up_and_asked_for_again(start, kind):
    sandbox, _ = start()
    fail(sandbox, "releases", kind, **({} if kind == "hang" else {"seconds": 0.2 if kind == "drip" else 600}))
    reasons = []
    client = GitHubClient("sandbox-token", sandbox.url, timeout=PATIENCE, sleep=lambda _: None)
    client.on_wait = lambda reason, _seconds: reasons.append(reason)

    assert len(client.rest("/repos/acme/api/releases").document) == 12

    assert len(reasons) == 1
    assert "Timeout" in reasons[0]


@pytest.mark.parametrize(
    ("fault", "sizes"),
    [
        ({"kind": "status", "status": 502, "times": 2}, [6] * 20 + [10]),
        ({"kind": "partial", "times": 2}, [6] * 20 + [10]),
        ({"kind": "drip", "seconds": 0.2}, [12] * 20 + [16]),
    ],
)
def test_a_page_too_heavy_is_asked_for_by_halves_and_the_next_is_not_tried_whole(start, fault, sizes):
    sandbox, _ = start()
    fail(sandbox, "PullRequests", **fault)
    client = GitHubClient("sandbox-token", sandbox.url, timeout=PATIENCE, sleep=lambda _: None)

    def size():
        answer = client.graphql("pull_requests", PULL_REQUESTS, subject="acme/api")
        return len(answer.data["repository"]["pullRequests"]["nodes"])

    assert [size() for _ in range(21)] == sizes


def test_a_single_object_that_github_cannot_give_is_told_and_not_skipped(start):
    sandbox, _ = start()
    fail(sandbox, "PullRequests", "status", status=502, times=50)
    client = GitHubClient("sandbox-token", sandbox.url, sleep=lambda _: None)

    with pytest.raises(UnavailableError, match=r"acme/api: GitHub answered 502, even for the smallest page, 3 times"):
        client.graphql("pull_requests", PULL_REQUESTS, subject="acme/api")

    # 24, 12, 6, 3, and 1 three times.
    assert sandbox.state.journal.summary()["graphql"]["requests"] == 7


def test_what_was_predicted_is_what_was_billed_in_the_shared_books(fresh_warehouse, start):
    sandbox, _ = start()
    with SharedGovernor(fresh_warehouse, "a test") as governor:
        client = GitHubClient("sandbox-token", sandbox.url, governor=governor)
        for page in (24, 30, 100):
            client.graphql("pull_requests", PULL_REQUESTS | {"page": page})
        with fresh_warehouse.connect() as connection:
            states = {state.resource: state for state in read_budgets(connection)}

    # 1 + 5 x 24 = 121, 1 + 5 x 30 = 151, 1 + 5 x 100 = 501 requests.
    assert client.costs.points == client.costs.predicted_points == 1 + 2 + 5
    assert (states["graphql"].billed_points, states["graphql"].mispriced_queries) == (8, 0)
    assert "sandbox-token" not in str(states)
