"""True answers that were tampered with, and a company that lives on while it is read."""

from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Any

import pytest

from tests.integration.sandbox.conftest import Client, Start
from tests.integration.sandbox.handmade import API, minute

PULLS = """query Pulls($after: String) { repository(owner: "acme", name: "api") {
  pullRequests(first: 24, after: $after, orderBy: {field: UPDATED_AT, direction: DESC}) {
    totalCount pageInfo { endCursor hasNextPage } nodes { number title mergedAt labels(first: 2) { nodes { name } } } }
} }"""
RUNS = "/repos/acme/api/actions/runs?per_page=50"


@pytest.fixture
def faulty(start: Start) -> Client:
    return start()


def script(client: Client, **fault: Any) -> None:
    assert client.post(f"{client.base}/_sandbox/faults", json=fault, timeout=10).status_code == 201


def change(client: Client, *changes: dict[str, Any]) -> int:
    return client.post(f"{client.base}/_sandbox/changes", json=list(changes), timeout=10).status_code


def page(client: Client, after: str | None = None) -> dict[str, Any]:
    return client.data(PULLS, after=after)["repository"]["pullRequests"]


def numbers(connection: dict[str, Any]) -> list[int]:
    return [node["number"] for node in connection["nodes"]]


def two_pages(client: Client) -> tuple[dict[str, Any], dict[str, Any]]:
    first = page(client)
    return first, page(client, first["pageInfo"]["endCursor"])


def run_numbers(answer: Any) -> list[int]:
    return [run["run_number"] for run in answer.json()["workflow_runs"]]


def test_a_page_may_be_empty_though_the_count_says_otherwise(faulty: Client) -> None:
    script(faulty, match="Pulls", kind="empty")
    answer = page(faulty)
    assert (answer["nodes"], answer["totalCount"], answer["pageInfo"]["hasNextPage"]) == ([], 60, False)
    script(faulty, match="/actions/runs", kind="empty")
    runs = faulty.rest(RUNS)
    assert (runs.json()["workflow_runs"], runs.json()["total_count"], runs.links) == ([], 130, {})


def test_a_page_may_be_the_one_before_again(faulty: Client) -> None:
    script(faulty, match="Pulls", kind="repeat", skip=1)
    first, second = two_pages(faulty)
    assert first == second
    script(faulty, match="/actions/runs", kind="repeat", skip=1)
    following = faulty.rest(RUNS).links["next"]["url"]
    again = faulty.get(following, timeout=10)
    assert again.links["next"]["url"] == following


def test_an_object_may_stand_on_two_pages(faulty: Client) -> None:
    script(faulty, match="Pulls", kind="duplicate", skip=1)
    first, second = two_pages(faulty)
    assert numbers(second) == [24, *range(25, 49)]
    assert numbers(first)[-1] == 24


def test_an_object_may_slip_to_the_page_that_was_read_before(faulty: Client) -> None:
    script(faulty, match="/actions/runs", kind="slip", item=1)
    assert run_numbers(faulty.rest(RUNS)) == [130, *range(128, 80, -1)]


def test_one_object_may_be_unlike_what_the_schema_promises(faulty: Client) -> None:
    script(
        faulty, match="Pulls", kind="mutate", item=2, without=["mergedAt"],
        change={"title": "\ud800\0", "number": "3", "new": {"field": 1}, "labels.nodes.0.name": 7, "a.b.c": 1},
    )  # fmt: skip
    nodes = page(faulty)["nodes"]
    assert nodes[2] == {"title": "\ud800\0", "number": "3", "new": {"field": 1}, "labels": {"nodes": []}}
    assert nodes[3] == {"number": 4, "title": "Change 4", "mergedAt": minute(604), "labels": {"nodes": []}}


def test_every_object_of_a_page_may_be_so(faulty: Client) -> None:
    script(faulty, match="/actions/runs", kind="mutate", item=None, change={"actor": None})
    assert {run["actor"] for run in faulty.rest(RUNS).json()["workflow_runs"]} == {None}
    script(faulty, match="/user", kind="mutate", item=None, change={"login": None})
    assert faulty.rest("/user").json()["login"] is None


def test_headers_may_be_missing_or_others(faulty: Client) -> None:
    script(faulty, match="/user", kind="headers", headers={"Date": None, "X-RateLimit-Remaining": None, "etag": "W/x"})
    headers = faulty.rest("/user").headers
    assert {"date", "x-ratelimit-remaining"}.isdisjoint(name.lower() for name in headers)
    assert headers["etag"] == "W/x"


@pytest.mark.parametrize("seconds", [3600, -3600])
def test_the_clock_may_be_off(start: Start, seconds: int) -> None:
    client = start(now=datetime(2026, 1, 10, 12, tzinfo=UTC))
    script(client, match="/user", kind="clock", seconds=seconds)
    told = parsedate_to_datetime(client.rest("/user").headers["date"])
    assert told.hour == 12 + seconds // 3600


def test_something_may_happen_between_two_answers(faulty: Client) -> None:
    late = {"table": "pull_requests", "id": 20_030, "set": {"updated_at": minute(4000)}}
    script(faulty, match="Pulls", kind="change", skip=1, happens=[late])
    _, second = two_pages(faulty)
    assert 30 not in numbers(second)
    assert numbers(page(faulty))[0] == 30


def test_a_test_may_let_the_company_live_on_ahead_of_each_answer(faulty: Client) -> None:
    seen: list[str | None] = []
    faulty.running.state.faults.before_answer = lambda path, operation: seen.append(operation or path)
    two_pages(faulty)
    faulty.rest("/user")
    assert seen == ["Pulls", "Pulls", "/user"]


def test_the_company_changes_through_a_door(faulty: Client) -> None:
    doc = faulty.running.state.store.doc("releases", 50_001) | {"id": 50_099, "created_at": minute(9000)}
    made = {"table": "releases", "doc": doc, "columns": {"repository_id": API}}
    assert change(faulty, {"table": "pull_requests", "id": 20_001, "delete": True}, made) == 204
    assert 1 not in numbers(page(faulty))
    assert faulty.running.state.store.count("releases") == 13


@pytest.mark.parametrize("wrong", [
    {}, {"table": "people", "id": 1}, {"table": "issues", "id": 1, "set": {}}, {"table": "issues", "id": 30_001},
    {"table": "commits", "id": 1, "delete": True}, {"table": "issues", "doc": {"id": 1}},
])  # fmt: skip
def test_a_change_that_cannot_be_read_is_refused(faulty: Client, wrong: dict[str, Any]) -> None:
    assert change(faulty, wrong) == 422
