"""What may not be had, and how that is said."""

from datetime import UTC, datetime

import pytest

from roosevelt_pipeline.sandbox.limits import UNLIMITED, Limits
from roosevelt_pipeline.sandbox.tokens import PERMISSIONS, Token, TokenKind
from tests.integration.sandbox import handmade
from tests.integration.sandbox.conftest import Client, Start

RUNS = "/repos/acme/api/actions/runs"


@pytest.mark.parametrize("header", ["Bearer wrong", "token wrong", "Basic c2FuZGJveA=="])
@pytest.mark.parametrize("path", ["/user", "/repos/acme/api", "/api/v3/rate_limit"])
def test_a_wrong_token_is_bad_credentials(client: Client, header: str, path: str) -> None:
    answer = client.rest(path, headers={"Authorization": header})
    expected = {"message": "Bad credentials", "documentation_url": "https://docs.github.com/rest", "status": "401"}
    assert (answer.status_code, answer.json()) == (401, expected)


def test_no_token_requires_authentication(client: Client) -> None:
    assert client.rest("/repos/acme/api", headers={"Authorization": ""}).json()["message"] == "Requires authentication"
    answer = client.post(
        f"{client.base}/graphql", json={"query": "{ viewer { login } }"}, headers={"Authorization": ""}
    )
    assert answer.status_code == 401


def test_a_token_that_expires_while_it_is_used_is_refused_from_then_on(start: Start) -> None:
    token = Token()
    client = start("mine", tokens={"mine": token})
    assert client.rest("/user").status_code == 200
    token.expired = True
    assert client.rest("/user").status_code == 401


def test_a_token_without_a_permission_is_refused_and_told_which(start: Start) -> None:
    client = start("mine", tokens={"mine": Token(permissions=PERMISSIONS - {"actions"})})
    answer = client.rest(RUNS)
    assert (answer.status_code, answer.json()["message"]) == (403, "Resource not accessible by personal access token")
    assert answer.headers["x-accepted-github-permissions"] == "actions=read"
    assert client.rest("/repos/acme/api/deployments").status_code == 200


def test_graphql_refuses_the_field_that_a_permission_is_lacking_for(start: Start) -> None:
    client = start("mine", tokens={"mine": Token(permissions=PERMISSIONS - {"members", "issues"})})
    answer = client.graphql("""{ organization(login: "acme") { login teams(first: 1) { totalCount } } }""")
    assert answer["errors"][0]["type"] == "FORBIDDEN"
    assert answer["errors"][0]["path"] == ["organization", "teams"]


def test_a_token_for_some_repositories_does_not_see_the_others(start: Start) -> None:
    client = start("mine", tokens={"mine": Token(repositories=frozenset({"web"}))})
    assert client.rest("/repos/acme/api").status_code == 404
    assert client.rest(RUNS).json() == {
        "message": "Not Found", "documentation_url": "https://docs.github.com/rest", "status": "404",
    }  # fmt: skip
    assert [r["name"] for r in client.rest("/orgs/acme/repos").json()] == ["web"]
    seen = client.data("""{ organization(login: "acme") { repositories(first: 9) { totalCount } } }""")
    assert seen["organization"]["repositories"]["totalCount"] == 1
    hidden = client.graphql("""{ repository(owner: "acme", name: "api") { id } }""")
    assert hidden["data"] == {"repository": None}
    assert hidden["errors"][0]["type"] == "NOT_FOUND"


def test_a_classic_token_is_told_its_scopes(start: Start) -> None:
    client = start("mine", tokens={"mine": Token(kind=TokenKind.CLASSIC, scopes=("read:org", "repo"))})
    answer = client.rest("/user")
    assert answer.headers["x-oauth-scopes"] == "read:org, repo"
    assert "x-accepted-github-permissions" not in answer.headers


def test_a_fine_grained_token_is_told_no_scopes(client: Client) -> None:
    assert "x-oauth-scopes" not in client.rest("/user").headers


@pytest.mark.parametrize(
    "path",
    ["/repos/acme/none", "/repos/other/api", "/orgs/none", "/users/none", "/repos/acme/api/nothing", "/repos/acme/api/"
     "actions/runs/1", "/repos/acme/api/actions/runs/9003/attempts/3", "/repos/acme/api/deployments/1", "/nothing"],
)  # fmt: skip
def test_what_does_not_exist_is_not_found(client: Client, path: str) -> None:
    assert (client.rest(path).status_code, client.rest(path).json()["message"]) == (404, "Not Found")


def test_an_unknown_organisation_is_named_in_the_error(client: Client) -> None:
    answer = client.graphql("""{ organization(login: "nobody") { id } }""")
    assert answer["data"] == {"organization": None}
    assert answer["errors"][0]["message"] == "Could not resolve to an Organization with the login of 'nobody'."


def test_a_renamed_repository_redirects_to_its_number(start: Start) -> None:
    client = start(renamed={"old-api": "api"}, limits=UNLIMITED)
    answer = client.rest("/repos/acme/old-api/releases?per_page=5")
    assert (answer.status_code, answer.json()["message"]) == (301, "Moved Permanently")
    assert answer.headers["location"] == f"{client.base}/repositories/{handmade.API}/releases?per_page=5"
    followed = client.get(answer.headers["location"], timeout=10)
    assert [release["id"] for release in followed.json()] == list(range(50_012, 50_007, -1))
    found = client.data("""{ repository(owner: "acme", name: "old-api") { nameWithOwner } }""")
    assert found == {"repository": {"nameWithOwner": "acme/api"}}


def test_an_empty_repository_has_no_commits_to_list(client: Client) -> None:
    answer = client.rest("/repos/acme/web/commits")
    assert (answer.status_code, answer.json()["message"]) == (409, "Git Repository is empty.")
    empty = client.data("""{ repository(owner: "acme", name: "web") { isEmpty defaultBranchRef { name } } }""")
    assert empty == {"repository": {"isEmpty": True, "defaultBranchRef": None}}


def test_an_unknown_commit_is_unprocessable(client: Client) -> None:
    assert client.rest(f"/repos/acme/api/commits/{'f' * 40}").status_code == 422


def test_runs_without_a_filter_end_at_a_far_page(start: Start) -> None:
    client = start(limits=Limits(results_without_filter=100))
    assert client.rest(f"{RUNS}?per_page=50&page=2").status_code == 200
    assert client.rest(f"{RUNS}?per_page=50&page=3").status_code == 422


def test_a_filter_shows_no_more_than_its_cap_though_it_counts_all(start: Start) -> None:
    client = start(limits=Limits(results_per_filter=25))
    first = client.rest(f"{RUNS}?per_page=20&branch=main")
    assert (first.json()["total_count"], len(first.json()["workflow_runs"])) == (130, 20)
    second = client.rest(f"{RUNS}?per_page=20&branch=main&page=2")
    assert (len(second.json()["workflow_runs"]), "next" in second.links) == (5, False)
    assert client.rest(f"{RUNS}?per_page=20&branch=main&page=3").json()["workflow_runs"] == []


def test_far_pages_of_the_issue_list_are_refused_by_number(start: Start) -> None:
    client = start(limits=Limits(results_by_page_number=40))
    assert client.rest("/repos/acme/api/issues?state=all&per_page=20&page=2").status_code == 200
    assert client.rest("/repos/acme/api/issues?state=all&per_page=20&page=3").status_code == 422


def test_more_than_a_hundred_node_ids_are_refused(client: Client) -> None:
    answer = client.graphql("query N($ids: [ID!]!) { nodes(ids: $ids) { id } }", ids=["x"] * 101)
    assert answer["errors"][0]["type"] == "ARGUMENT_LIMIT"
    assert answer["errors"][0]["message"] == "You may not provide more than 100 node ids; you provided 101."


@pytest.mark.parametrize(
    "query",
    ["{ viewer { nonsense } }", "{ viewer", "", "mutation { __typename }", "query ($n: Int!) { viewer { login } }",
     '{ repository(owner: 1, name: "api") { id } }'],
)  # fmt: skip
def test_a_query_that_github_would_not_run_is_answered_with_errors_alone(client: Client, query: str) -> None:
    answer = client.graphql(query)
    assert "data" not in answer
    assert answer["errors"][0]["message"]


def test_a_field_that_is_not_played_is_an_error_and_no_invention(client: Client) -> None:
    answer = client.graphql("""{ repository(owner: "acme", name: "api") { name stargazerCount } }""")
    assert answer["errors"][0]["message"] == "The sandbox does not play Repository.stargazerCount."


def test_a_body_that_is_no_json_is_a_bad_request(client: Client) -> None:
    answer = client.post(f"{client.base}/graphql", data=b"{", timeout=10)
    assert (answer.status_code, answer.json()["message"]) == (400, "Problems parsing JSON")


def test_a_filter_that_is_no_date_is_unprocessable(client: Client) -> None:
    assert client.rest(f"{RUNS}?created=yesterday").status_code == 422


def test_the_date_header_tells_the_companys_present(start: Start) -> None:
    client = start(now=datetime(2026, 2, 1, tzinfo=UTC))
    assert client.rest("/user").headers["date"] == "Sun, 01 Feb 2026 00:00:00 GMT"
