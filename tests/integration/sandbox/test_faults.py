"""Faults on demand, as a client meets them."""

from typing import Any

import pytest
import requests

from tests.integration.sandbox.conftest import Client, Start

PULLS = """query Pulls { repository(owner: "acme", name: "api") { pullRequests(first: 10) { nodes { number } } } }"""


@pytest.fixture
def faulty(start: Start) -> Client:
    return start()


def script(client: Client, **fault: Any) -> None:
    assert client.post(f"{client.base}/_sandbox/faults", json=fault, timeout=10).status_code == 201


def ask(client: Client) -> requests.Response:
    return client.post(f"{client.base}/graphql", json={"query": PULLS}, timeout=10)


def test_a_fault_hits_the_named_operation_so_often_and_no_other(faulty: Client) -> None:
    script(faulty, match="^Pulls$", kind="status", status=502, times=2)
    assert faulty.rest("/repos/acme/api/pulls").status_code == 200
    assert [ask(faulty).status_code for _ in range(3)] == [502, 502, 200]


def test_a_fault_lets_the_first_requests_pass(faulty: Client) -> None:
    script(faulty, match="/deployments", kind="status", status=500, skip=1)
    statuses = [faulty.rest(f"/repos/acme/api/deployments?page={page}").status_code for page in (1, 2, 3)]
    assert statuses == [200, 500, 200]


def test_a_gateway_answers_with_a_page_of_its_own(faulty: Client) -> None:
    script(faulty, match="graphql", kind="status", status=504)
    assert ask(faulty).headers["content-type"].startswith("text/html")


def test_an_answer_may_be_cut_in_the_middle(faulty: Client) -> None:
    script(faulty, match="graphql", kind="truncate")
    with pytest.raises(requests.exceptions.ChunkedEncodingError):
        ask(faulty)
    assert ask(faulty).status_code == 200


def test_a_connection_may_close_without_an_answer(faulty: Client) -> None:
    script(faulty, match="/user", kind="disconnect")
    with pytest.raises(requests.exceptions.ConnectionError):
        faulty.rest("/user")
    assert faulty.rest("/user").status_code == 200


def test_an_answer_may_be_no_json(faulty: Client) -> None:
    script(faulty, match="/user", kind="not_json")
    answer = faulty.rest("/user")
    assert answer.status_code == 200
    with pytest.raises(requests.exceptions.JSONDecodeError):
        answer.json()


def test_the_budget_may_be_used_up_at_once(faulty: Client) -> None:
    script(faulty, match="graphql", kind="rate_limit", seconds=3600)
    assert ask(faulty).json()["errors"][0]["type"] == "RATE_LIMITED"
    assert ask(faulty).headers["x-ratelimit-remaining"] == "0"
    assert faulty.rest("/user").status_code == 200


@pytest.mark.parametrize(("status", "retry_after"), [(403, 7), (403, None), (429, 7), (429, None), (200, None)])
def test_a_secondary_limit_comes_in_every_form(faulty: Client, status: int, retry_after: int | None) -> None:
    script(faulty, match="graphql", kind="secondary", status=status, retry_after=retry_after)
    answer = ask(faulty)
    assert (answer.status_code, answer.headers.get("retry-after")) == (status, retry_after and str(retry_after))
    assert "secondary rate limit" in answer.text


def test_a_query_may_be_answered_in_part(faulty: Client) -> None:
    script(faulty, match="Pulls", kind="partial")
    answer = ask(faulty).json()
    assert len(answer["data"]["repository"]["pullRequests"]["nodes"]) == 5
    assert answer["errors"][0]["type"] == "RESOURCE_LIMITS_EXCEEDED"


def test_a_slow_answer_is_the_true_one(faulty: Client) -> None:
    script(faulty, match="/user", kind="slow", seconds=0.05)
    assert faulty.rest("/user").json()["login"] == "roosevelt-reader"


@pytest.mark.parametrize("off", [10, -10])
def test_a_length_that_is_wrong_is_never_a_whole_answer(faulty: Client, off: int) -> None:
    script(faulty, match="/user", kind="length", length_off=off)
    with pytest.raises((requests.exceptions.RequestException, ValueError)):
        faulty.rest("/user").json()
    assert faulty.rest("/user").json()["login"] == "roosevelt-reader"


def test_a_connection_may_be_reset_in_the_middle_of_an_answer(faulty: Client) -> None:
    script(faulty, match="graphql", kind="reset")
    with pytest.raises(requests.exceptions.RequestException):
        ask(faulty)
    assert ask(faulty).status_code == 200


def test_an_answer_may_never_come(faulty: Client) -> None:
    script(faulty, match="/user", kind="hang")
    with pytest.raises(requests.exceptions.ReadTimeout):
        faulty.get(f"{faulty.base}/user", timeout=0.2)
    assert faulty.rest("/user").status_code == 200


def test_an_answer_that_drips_outlives_a_time_out_between_bytes(faulty: Client) -> None:
    script(faulty, match="/user", kind="drip", seconds=0.001)
    answer = faulty.get(f"{faulty.base}/user", timeout=0.2, stream=True)
    assert len(list(answer.iter_content(1))) == int(answer.headers["content-length"])
    assert answer.status_code == 200


def test_a_client_that_turns_away_from_a_dripping_answer_is_served_again(faulty: Client) -> None:
    script(faulty, match="/user", kind="drip", seconds=5)
    with faulty.get(f"{faulty.base}/user", timeout=1, stream=True) as answer:
        assert next(answer.iter_content(1)) == b"{"
    assert faulty.rest("/user").status_code == 200


def test_a_fault_may_come_and_go(faulty: Client) -> None:
    script(faulty, match="/user", kind="status", status=404, times=2, every=2, skip=1)
    assert [faulty.rest("/user").status_code for _ in range(5)] == [200, 404, 200, 404, 200]


def test_a_path_may_have_moved_to_another_host(faulty: Client) -> None:
    script(faulty, match="/deployments", kind="redirect", location="http://127.0.0.2:1")
    answer = faulty.rest("/repos/acme/api/deployments?page=2")
    assert answer.status_code == 301
    assert answer.headers["location"] == "http://127.0.0.2:1/repos/acme/api/deployments?page=2"


def test_the_script_is_read_and_cleared(faulty: Client) -> None:
    script(faulty, match="x", kind="status")
    assert [fault["match"] for fault in faulty.rest("/_sandbox/faults").json()] == ["x"]
    faulty.delete(f"{faulty.base}/_sandbox/faults")
    assert faulty.rest("/_sandbox/faults").json() == []


@pytest.mark.parametrize("fault", [{"match": "x"}, {"match": "x", "kind": "y"}, {"match": "(", "kind": "slow"},
                                   {"match": "x", "kind": "slow", "tims": 2}, {"match": "x", "kind": "redirect"},
                                   {"match": "x", "kind": "slow", "passed": 2}])  # fmt: skip
def test_a_fault_that_cannot_be_read_is_refused(faulty: Client, fault: dict[str, str]) -> None:
    assert faulty.post(f"{faulty.base}/_sandbox/faults", json=fault, timeout=10).status_code == 422
