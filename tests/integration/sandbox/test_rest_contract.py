"""REST answers, held against GitHub's published OpenAPI description."""

import json
import re
from datetime import date, datetime
from functools import cache
from typing import Any

import pytest
from jsonschema import Draft202012Validator, FormatChecker

from roosevelt_pipeline.sandbox.company import ORGANIZATION, Company, play
from roosevelt_pipeline.sandbox.limits import UNLIMITED
from roosevelt_pipeline.sandbox.rest_api.routes import ENDPOINTS
from roosevelt_pipeline.sandbox.store import Store
from tests.contract.excerpt_openapi import EXCERPT, PATHS, excerpt
from tests.integration.sandbox.conftest import Client, Start
from tests.integration.sandbox.handmade import oid

FORMATS = FormatChecker([])


@FORMATS.checks("date-time", raises=ValueError)
def _is_date_time(text: object) -> bool:
    return not isinstance(text, str) or bool(datetime.fromisoformat(text).tzinfo)


@FORMATS.checks("uri")
def _is_address(text: object) -> bool:
    return not isinstance(text, str) or text == "" or "://" in text


R = "/repos/acme/api"
ANSWERS = {
    "/orgs/acme": ("/orgs/{org}", 200),
    "/orgs/acme/repos": ("/orgs/{org}/repos", 200),
    "/orgs/none": ("/orgs/{org}", 404),
    "/rate_limit": ("/rate_limit", 200),
    "/user": ("/user", 200),
    "/users/alice": ("/users/{username}", 200),
    R: ("/repos/{owner}/{repo}", 200),
    "/repos/acme/none": ("/repos/{owner}/{repo}", 404),
    f"{R}/activity?per_page=3": ("/repos/{owner}/{repo}/activity", 200),
    f"{R}/activity?activity_type=merge": ("/repos/{owner}/{repo}/activity", 422),
    f"{R}/actions/runs?per_page=100": ("/repos/{owner}/{repo}/actions/runs", 200),
    f"{R}/actions/runs?per_page=100&page=2": ("/repos/{owner}/{repo}/actions/runs", 200),
    f"{R}/actions/runs/9005": ("/repos/{owner}/{repo}/actions/runs/{run_id}", 200),
    f"{R}/actions/runs/9003/attempts/1": (
        "/repos/{owner}/{repo}/actions/runs/{run_id}/attempts/{attempt_number}",
        200,
    ),
    f"{R}/actions/runs/9003/jobs?filter=all": ("/repos/{owner}/{repo}/actions/runs/{run_id}/jobs", 200),
    f"{R}/actions/workflows": ("/repos/{owner}/{repo}/actions/workflows", 200),
    f"{R}/actions/workflows/7001/runs": ("/repos/{owner}/{repo}/actions/workflows/{workflow_id}/runs", 200),
    f"{R}/commits?per_page=100": ("/repos/{owner}/{repo}/commits", 200),
    f"{R}/commits/{oid(7)}": ("/repos/{owner}/{repo}/commits/{ref}", 200),
    f"{R}/commits/{'e' * 40}": ("/repos/{owner}/{repo}/commits/{ref}", 422),
    "/repos/acme/web/commits": ("/repos/{owner}/{repo}/commits", 409),
    f"{R}/deployments?per_page=100": ("/repos/{owner}/{repo}/deployments", 200),
    f"{R}/deployments/40001": ("/repos/{owner}/{repo}/deployments/{deployment_id}", 200),
    f"{R}/deployments/40001/statuses": ("/repos/{owner}/{repo}/deployments/{deployment_id}/statuses", 200),
    f"{R}/issues?state=all&per_page=100": ("/repos/{owner}/{repo}/issues", 200),
    f"{R}/issues/1001": ("/repos/{owner}/{repo}/issues/{issue_number}", 200),
    f"{R}/pulls?state=all&per_page=100": ("/repos/{owner}/{repo}/pulls", 200),
    f"{R}/pulls/7": ("/repos/{owner}/{repo}/pulls/{pull_number}", 200),
    f"{R}/pulls/3": ("/repos/{owner}/{repo}/pulls/{pull_number}", 200),
    f"{R}/pulls/7/reviews": ("/repos/{owner}/{repo}/pulls/{pull_number}/reviews", 200),
    f"{R}/pulls/comments": ("/repos/{owner}/{repo}/pulls/comments", 200),
    f"{R}/releases": ("/repos/{owner}/{repo}/releases", 200),
}


@cache
def description() -> Any:
    return json.loads(EXCERPT.read_text(encoding="utf-8"))


def as_json_schema(value: Any) -> Any:
    """OpenAPI 3.0 says ``nullable`` where JSON Schema names null as one more type."""
    if isinstance(value, list):
        return [as_json_schema(item) for item in value]
    if not isinstance(value, dict):
        return value
    made = {key: as_json_schema(item) for key, item in value.items() if key != "nullable" or isinstance(item, dict)}
    if value.get("nullable") is True:
        made.pop("discriminator", None)
        return {"anyOf": [{"type": "null"}, made]}
    return made


@cache
def validator(path: str, status: int) -> Draft202012Validator:
    answer = description()["paths"][path]["get"]["responses"][str(status)]
    if "$ref" in answer:
        answer = description()["components"]["responses"][answer["$ref"].rpartition("/")[2]]
    schema = as_json_schema(answer["content"]["application/json"]["schema"])
    components = as_json_schema(description()["components"])
    return Draft202012Validator({**schema, "components": components}, format_checker=FORMATS)


def violations(path: str, status: int, body: Any) -> list[str]:
    return [f"{error.json_path}: {error.message[:200]}" for error in validator(path, status).iter_errors(body)]


@pytest.mark.parametrize("address", ANSWERS)
def test_an_answer_is_as_github_describes_it(client: Client, address: str) -> None:
    path, status = ANSWERS[address]
    answer = client.rest(address)
    assert answer.status_code == status
    assert violations(path, status, answer.json()) == []
    assert not isinstance(answer.json(), list) or answer.json()


# Not in the excerpt of GitHub's description, so nothing but the tests of coverage holds their shape.
UNDESCRIBED = {"/repos/{}/{}/actions/artifacts", "/repos/{}/{}/actions/artifacts/{}/zip"}


def test_every_endpoint_that_is_played_but_two_is_described_by_github_and_asked_here() -> None:
    played = {("/repos/{owner}/{repo}" if e.in_repository else "") + e.path for e in ENDPOINTS}
    assert {shape(path) for path in played} - UNDESCRIBED == {shape(path) for path in PATHS}
    assert {path for path, status in ANSWERS.values() if status == 200} == set(PATHS)


def shape(path: str) -> str:
    return re.sub(r"\{[^}]*\}", "{}", path)


def test_a_wrong_answer_would_be_noticed(client: Client) -> None:
    run = client.rest(f"{R}/actions/runs/9005").json()
    path = "/repos/{owner}/{repo}/actions/runs/{run_id}"
    assert violations(path, 200, {**run, "run_number": "5"})
    assert violations(path, 200, {**run, "created_at": "yesterday"})
    assert violations(path, 200, {key: value for key, value in run.items() if key != "head_sha"})


def test_the_excerpt_is_what_its_script_makes() -> None:
    """Cutting it out once more changes nothing: script and file name the same paths and reach the same schemas."""
    again = excerpt(description())
    assert again["paths"] == description()["paths"]
    assert again["components"] == description()["components"]


def test_a_played_companys_answers_are_as_github_describes_them(start: Start) -> None:
    store = Store.open()
    play(Company(7, date(2026, 3, 2), date(2026, 3, 23)), store)
    client = start(store=store, limits=UNLIMITED)
    for name in [repository["name"] for repository in client.rest(f"/orgs/{ORGANIZATION}/repos").json()]:
        for list_of in (
            "actions/runs",
            "deployments",
            "issues",
            "pulls",
            "releases",
            "commits",
            "actions/workflows",
            "activity",
        ):
            answer = client.rest(f"/repos/{ORGANIZATION}/{name}/{list_of}?state=all&per_page=20")
            assert violations(f"/repos/{{owner}}/{{repo}}/{list_of}", 200, answer.json()) == [], (name, list_of)
