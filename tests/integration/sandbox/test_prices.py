"""Prices by GitHub's formula, each worked by hand beside its query."""

import pytest
from graphql import parse

from roosevelt_pipeline.sandbox.graphql_api.execution import prepare
from roosevelt_pipeline.sandbox.graphql_api.schema import github_schema
from roosevelt_pipeline.sandbox.limits import UNLIMITED
from roosevelt_pipeline.sandbox.pricing import price
from tests.integration.sandbox.conftest import Client, Start

# Six connections inside each pull request, as the ingestion's page has them.
PULL_REQUESTS = """query Page($size: Int! = 24) { repository(owner: "acme", name: "api") {
  pullRequests(first: $size) { nodes { ...Facts } } } rateLimit { cost nodeCount } }
fragment Facts on PullRequest {
  labels(first: 20) { nodes { name } } commits(first: 50) { nodes { commit { oid } } }
  reviews(first: 30) { nodes { state } } comments(first: 1) { totalCount }
  reviewRequests(first: 10) { totalCount } timelineItems(first: 30) { filteredCount } }"""

PRICES = {
    # 1 for the repositories, 100 for their issues, 100 x 50 for the issues' labels: 5,101, so 51 points.
    """{ viewer { login repositories(first: 100) { edges { node { id
       issues(first: 50) { edges { node { id labels(first: 60) { edges { node { id name } } } } } } } } } } }""": (
        5_101,
        100 + 100 * 50 + 100 * 50 * 60,
        51,
    ),
    # 50 repositories; 50 x 20 pull requests, x 10 comments; 50 x 20 issues, x 10 comments; 10 followers: 22,060 nodes.
    # 1 + 50 + 1,000 + 50 + 1,000 + 1 requests.
    """{ viewer { repositories(first: 50) { edges { repository: node { name
       pullRequests(first: 20) { edges { node { title comments(first: 10) { edges { node { id } } } } } }
       issues(first: 20) { totalCount edges { node { title comments(first: 10) { edges { node { id } } } } } } } } }
       followers(first: 10) { edges { follower: node { login } } } } }""": (2_102, 22_060, 21),
    # 1 + 24 x 6; 24 + 24 x (20 + 50 + 30 + 1 + 10 + 30).
    PULL_REQUESTS: (145, 24 + 24 * 141, 1),
    # No connection at all still costs a point.
    "{ rateLimit { remaining } viewer { login } }": (0, 0, 1),
    # 1 + 100 + 1: history with parents, and teams beside it.
    """{ repository(owner: "acme", name: "api") { defaultBranchRef { target { ... on Commit {
       history(first: 100) { nodes { oid parents(first: 2) { totalCount } } } } } } }
       organization(login: "acme") { teams(first: 5) { totalCount } } }""": (102, 100 + 200 + 5, 1),
    # last counts as first does: 1 + 100 + 100 x 100 / 1.
    """{ organization(login: "acme") { repositories(last: 100) { nodes {
       pullRequests(last: 100) { nodes { commits(last: 1) { totalCount } } } } } } }""": (
        1 + 100 + 10_000,
        100 + 10_000 + 10_000,
        101,
    ),
}


@pytest.mark.parametrize("query", PRICES)
def test_a_query_costs_what_the_published_formula_says(query: str) -> None:
    document = parse(query)
    cost = price(github_schema(), document, document.definitions[0], {"size": 24})  # type: ignore[arg-type]
    assert (cost.requests, cost.nodes, cost.points) == PRICES[query]


@pytest.mark.parametrize(("size", "points"), [(24, 1), (25, 2), (41, 2), (42, 3), (100, 6)])
def test_points_are_rounded_to_the_nearest_hundred_requests(size: int, points: int) -> None:
    """1 + 6 x 25 = 151 rounds to 2; 1 + 6 x 41 = 247 to 2; 1 + 6 x 42 = 253 to 3; 601 to 6."""
    assert prepare({"query": PULL_REQUESTS, "variables": {"size": size}}, UNLIMITED).price.points == points


def test_half_a_hundred_requests_is_rounded_up() -> None:
    """1 + 149 = 150 requests are 1.5 points, billed as 2."""
    query = "query N($a: [ID!]!, $b: [ID!]!) { a: nodes(ids: $a) { ...C } b: nodes(ids: $b) { ...C } }"
    query += " fragment C on Repository { issues(first: 1) { totalCount } }"
    ids = {"a": ["x"] * 100, "b": ["x"] * 50}
    assert prepare({"query": query, "variables": ids}, UNLIMITED).price.requests == 150
    assert prepare({"query": query, "variables": ids}, UNLIMITED).price.points == 2


def test_a_connection_is_priced_once_for_each_node_id_asked_for() -> None:
    query = "query N($ids: [ID!]!) { nodes(ids: $ids) { ... on Deployment { statuses(first: 30) { totalCount } } } }"
    cost = prepare({"query": query, "variables": {"ids": ["a"] * 7}}, UNLIMITED).price
    assert (cost.requests, cost.nodes) == (7, 210)


def test_what_a_directive_leaves_out_costs_nothing() -> None:
    query = """query D($with: Boolean!) { repository(owner: "acme", name: "api") {
      issues(first: 10) @include(if: $with) { totalCount } releases(first: 5) @skip(if: $with) { totalCount } } }"""
    assert prepare({"query": query, "variables": {"with": True}}, UNLIMITED).price.nodes == 10
    assert prepare({"query": query, "variables": {"with": False}}, UNLIMITED).price.nodes == 5


def test_the_price_told_is_the_price_taken(start: Start) -> None:
    client = start()
    answer = client.data(PULL_REQUESTS, size=42)
    assert answer["rateLimit"] == {"cost": 3, "nodeCount": 42 + 42 * 141}
    left = client.data("{ rateLimit { limit cost used remaining } }")["rateLimit"]
    assert left == {"limit": 5000, "cost": 1, "used": 4, "remaining": 4996}
    assert client.rest("/_sandbox/requests").json()["graphql"]["points"] == 4


def test_more_nodes_than_half_a_million_are_refused_unpriced(client: Client) -> None:
    query = """{ organization(login: "acme") { repositories(first: 100) { nodes {
      pullRequests(first: 100) { nodes { commits(first: 100) { totalCount } } } } } } }"""
    answer = client.graphql(query)
    assert "data" not in answer
    assert answer["errors"][0]["type"] == "MAX_NODE_LIMIT_EXCEEDED"
    assert "1,010,100 possible nodes which exceeds the maximum limit of 500,000" in answer["errors"][0]["message"]
