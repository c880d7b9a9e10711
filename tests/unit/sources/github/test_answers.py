import json
from datetime import UTC, datetime

import pytest

from roosevelt_pipeline.sources.github.answers import judge_graphql, judge_rest, read_answer
from roosevelt_pipeline.sources.github.errors import NotFoundError, PermissionMissingError, TokenError

NOW = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)
DATE = {"Date": "Mon, 02 Mar 2026 12:00:00 GMT"}
RESET_IN_10_S = str(int(NOW.timestamp()) + 10)


def answer(status, document=None, **headers):
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return read_answer(status, DATE | named, json.dumps(document) if document is not None else "", NOW)


@pytest.mark.parametrize(
    ("status", "headers", "wait"),
    [
        (403, {"retry_after": "7"}, 7),
        (429, {"retry_after": "7", "x_ratelimit_remaining": "0", "x_ratelimit_reset": RESET_IN_10_S}, 7),
        (403, {"x_ratelimit_remaining": "0", "x_ratelimit_reset": RESET_IN_10_S}, 11),
        (429, {"x_ratelimit_remaining": "0", "x_ratelimit_reset": RESET_IN_10_S}, 11),
        (429, {}, None),
        (429, {"retry_after": "Mon, 02 Mar 2026 12:00:30 GMT"}, 30),
    ],
)
def test_a_limit_is_waited_for_as_long_as_github_asks(status, headers, wait):
    trouble = judge_rest(answer(status, {"message": "no"}, **headers))

    assert (trouble.kind, trouble.wait_seconds) == ("limit", wait)


def test_a_secondary_limit_without_a_hint_is_told_from_a_missing_permission_by_its_message():
    assert judge_rest(answer(403, {"message": "You have exceeded a secondary rate limit"})).kind == "limit"
    trouble = judge_rest(answer(403, {"message": "Resource not accessible by personal access token"}))
    assert (trouble.kind, trouble.error) == ("final", PermissionMissingError)


def test_a_graphql_limit_comes_with_status_200():
    document = {"errors": [{"type": "RATE_LIMITED", "message": "API rate limit exceeded"}]}

    trouble = judge_graphql(answer(200, document, x_ratelimit_remaining="0", x_ratelimit_reset=RESET_IN_10_S))

    assert (trouble.kind, trouble.wait_seconds) == ("limit", 11)


@pytest.mark.parametrize("status", [502, 503, 504])
def test_a_query_that_times_out_is_too_heavy(status):
    assert judge_graphql(answer(status)).kind == "heavy"
    assert judge_rest(answer(status)).kind == "transient"


@pytest.mark.parametrize(
    "error",
    [
        {"message": "Something went wrong while executing your query. This may be the result of a timeout"},
        {"type": "RESOURCE_LIMITS_EXCEEDED", "message": "Resource limits for this query exceeded."},
        {"path": ["repository", "pullRequests", "nodes", 3], "message": "A problem"},
    ],
)
def test_half_an_answer_is_no_answer(error):
    trouble = judge_graphql(answer(200, {"data": {"repository": {"pullRequests": None}}, "errors": [error]}))

    assert trouble.kind == "heavy"


def test_a_query_that_github_does_not_understand_is_not_asked_again():
    document = {"errors": [{"message": "Cannot query field 'nope'", "locations": [{"line": 1, "column": 2}]}]}

    assert judge_graphql(answer(200, document)).kind == "final"


@pytest.mark.parametrize(("kind", "error"), [("NOT_FOUND", NotFoundError), ("FORBIDDEN", PermissionMissingError)])
def test_what_may_not_be_seen_is_told_as_such_unless_the_caller_expects_it(kind, error):
    document = {"data": {"nodes": [None]}, "errors": [{"type": kind, "path": ["nodes", 0], "message": "no"}]}

    assert judge_graphql(answer(200, document)).error is error
    assert judge_graphql(answer(200, document), frozenset({kind})) is None


def test_a_refused_token_is_final():
    assert judge_rest(answer(401, {"message": "Bad credentials"})).error is TokenError


@pytest.mark.parametrize("body", ["", "<html>", '{"data": {"reposi'])
def test_a_body_that_is_cut_or_no_json_is_asked_for_again(body):
    broken = read_answer(200, DATE, body, NOW)

    assert judge_graphql(broken).kind == "transient"
    assert judge_rest(broken).kind == "transient"


def test_time_is_githubs_and_ours_only_without_it():
    assert read_answer(200, {"Date": "Sun, 01 Mar 2026 00:00:00 GMT"}, "{}", NOW).observed_at.day == 1
    assert read_answer(200, {}, "{}", NOW).observed_at == NOW
