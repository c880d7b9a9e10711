"""Budgets and limits, as published and cut down."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime

from roosevelt_pipeline.sandbox.limits import UNLIMITED, Limits, RateLimiter
from roosevelt_pipeline.sandbox.tokens import Token
from tests.integration.sandbox.conftest import Client, Start

LIMITS = "{ rateLimit { remaining } }"


def test_the_limits_are_githubs_own_unless_told_otherwise() -> None:
    ours = Limits()
    assert (ours.core_per_hour, ours.graphql_points_per_hour, ours.nodes_per_query) == (5_000, 5_000, 500_000)
    assert (ours.rest_points_per_minute, ours.graphql_points_per_minute, ours.concurrent_requests) == (900, 2_000, 100)
    assert (ours.cpu_seconds_per_minute, ours.graphql_cpu_seconds_per_minute) == (90, 60)
    assert (ours.results_per_filter, ours.results_without_filter, ours.ids_per_query) == (1_000, 40_000, 100)


def test_rest_and_graphql_have_budgets_of_their_own(start: Start) -> None:
    client = start()
    client.data(LIMITS)
    client.rest("/repos/acme/api")
    answer = client.rest("/repos/acme/api/releases")
    assert (answer.headers["x-ratelimit-resource"], answer.headers["x-ratelimit-remaining"]) == ("core", "4998")
    resources = client.rest("/rate_limit").json()["resources"]
    assert (resources["core"]["used"], resources["graphql"]["used"]) == (2, 1)


def test_asking_for_the_limits_costs_nothing(start: Start) -> None:
    client = start()
    for _ in range(3):
        assert client.rest("/rate_limit").headers["x-ratelimit-remaining"] == "5000"


def test_a_used_up_rest_budget_answers_403_until_the_reset(start: Start) -> None:
    client = start(limits=replace(UNLIMITED, core_per_hour=2))
    answers = [client.rest("/repos/acme/api") for _ in range(3)]
    assert [answer.status_code for answer in answers] == [200, 200, 403]
    assert answers[-1].headers["x-ratelimit-remaining"] == "0"
    assert answers[-1].json()["message"].startswith("API rate limit exceeded for user ID ")
    assert client.data(LIMITS)["rateLimit"]["remaining"] > 0


def test_a_used_up_graphql_budget_answers_200_with_an_error(start: Start) -> None:
    client = start(limits=replace(UNLIMITED, graphql_points_per_hour=1))
    assert client.data(LIMITS) == {"rateLimit": {"remaining": 0}}
    answer = client.post(f"{client.base}/graphql", json={"query": LIMITS}, timeout=10)
    assert (answer.status_code, answer.headers["x-ratelimit-remaining"]) == (200, "0")
    assert [error["type"] for error in answer.json()["errors"]] == ["RATE_LIMITED"]
    assert "data" not in answer.json()


def test_two_tokens_of_one_person_share_a_budget(start: Start) -> None:
    client = start("one", tokens={"one": Token("carol"), "two": Token("carol"), "other": Token("dave")})
    client.rest("/repos/acme/api")
    used = {t: client.rest("/rate_limit", headers={"Authorization": f"token {t}"}) for t in ("one", "two", "other")}
    assert [used[token].json()["rate"]["used"] for token in ("one", "two", "other")] == [1, 1, 0]


def test_an_answer_that_did_not_change_is_304_and_free(start: Start) -> None:
    client = start()
    first = client.rest("/repos/acme/api/deployments")
    again = client.rest("/repos/acme/api/deployments", headers={"If-None-Match": first.headers["etag"]})
    assert (again.status_code, again.content) == (304, b"")
    assert again.headers["x-ratelimit-remaining"] == first.headers["x-ratelimit-remaining"] == "4999"


def test_an_entity_tag_holds_for_one_token_alone(start: Start) -> None:
    client = start("one", tokens={"one": Token("carol"), "two": Token("carol")})
    first = client.rest("/repos/acme/api")
    headers = {"If-None-Match": first.headers["etag"], "Authorization": "token two"}
    assert client.rest("/repos/acme/api", headers=headers).status_code == 200


def test_too_many_requests_in_a_minute_meet_the_secondary_limit(start: Start) -> None:
    client = start(limits=replace(UNLIMITED, rest_points_per_minute=2))
    answers = [client.rest("/repos/acme/api") for _ in range(3)]
    assert [answer.status_code for answer in answers] == [200, 200, 403]
    assert answers[-1].headers["retry-after"] == "60"
    assert "secondary rate limit" in answers[-1].json()["message"]


def test_the_minute_passes() -> None:
    clock = [1_000.0]
    limiter = RateLimiter(replace(UNLIMITED, graphql_points_per_minute=1), lambda: clock[0])
    assert limiter.begin("carol", "graphql")
    limiter.end("carol", "graphql", 0)
    assert not limiter.begin("carol", "graphql")
    limiter.end("carol", "graphql", 0)
    clock[0] += 60
    assert limiter.begin("carol", "graphql")


def test_the_hour_passes() -> None:
    clock = [1_000.0]
    limiter = RateLimiter(replace(UNLIMITED, core_per_hour=1), lambda: clock[0])
    assert limiter.charge("carol", "core", 1)
    assert not limiter.charge("carol", "core", 1)
    clock[0] += 3_600
    assert limiter.charge("carol", "core", 1)


def test_work_that_took_too_long_meets_the_secondary_limit() -> None:
    limiter = RateLimiter(Limits(), lambda: 1_000.0)
    assert limiter.begin("carol", "graphql")
    limiter.end("carol", "graphql", 61)
    assert not limiter.begin("carol", "graphql")
    assert limiter.begin("dave", "graphql")


def test_the_hundred_and_first_request_at_once_is_refused() -> None:
    limiter = RateLimiter(Limits(), lambda: 1_000.0)
    assert [limiter.begin("carol", "core") for _ in range(101)] == [True] * 100 + [False]


def test_the_journal_counts_requests_points_and_bytes_until_it_is_reset(start: Start) -> None:
    client = start()
    client.rest("/repos/acme/api")
    client.data("query Mine { viewer { login } }")
    seen = client.rest("/_sandbox/requests").json()
    assert (seen["core"]["requests"], seen["graphql"]["requests"], seen["graphql"]["points"]) == (1, 1, 1)
    assert seen["operations"] == {"GET /repos/acme/api": 1, "Mine": 1}
    assert seen["core"]["bytes"] > 1_000
    client.delete(f"{client.base}/_sandbox/requests")
    assert client.rest("/_sandbox/requests").json()["core"] == {"requests": 0, "points": 0, "bytes": 0}


def test_the_headers_of_an_answer_are_githubs(client: Client) -> None:
    headers = client.rest("/repos/acme/api/actions/runs").headers
    assert {"date", "etag", "x-github-request-id", "x-ratelimit-reset", "x-ratelimit-used"} <= {
        h.lower() for h in headers
    }
    assert headers["content-type"] == "application/json; charset=utf-8"


def test_the_reset_is_told_by_the_clock_of_the_date_header(start: Start) -> None:
    """A client that subtracts one from the other waits an hour, whatever day the company has."""
    client = start(now=datetime(2026, 2, 1, tzinfo=UTC))
    answer = client.rest("/user")
    told = datetime.fromtimestamp(int(answer.headers["x-ratelimit-reset"]), UTC)
    assert timedelta(minutes=59) < told - parsedate_to_datetime(answer.headers["date"]) <= timedelta(hours=1)
    reset_at = client.data("{ rateLimit { resetAt } }")["rateLimit"]["resetAt"]
    assert reset_at.startswith(("2026-02-01T00:59", "2026-02-01T01:00:00"))
