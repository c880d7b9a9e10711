"""Prices by GitHub's formula, each worked by hand beside its query."""

import pytest

from roosevelt_pipeline.sources.github.client import query_text
from roosevelt_pipeline.sources.github.prices import PricedQuery

NESTED = """query Nested($page: Int! = 100, $with: Boolean! = true) {
  organization(login: "acme") { repositories(first: $page) { nodes { ...Facts } } } }
fragment Facts on Repository {
  issues(first: 50) @include(if: $with) { nodes { labels(first: 60) { totalCount } } }
  releases(last: 5) @skip(if: $with) { totalCount } }"""


def test_a_connection_is_one_request_for_each_object_around_it():
    # 1 for the repositories, 100 for their issues, 100 x 50 for the labels: 5,101.
    assert PricedQuery(NESTED).points({}) == 51
    # 1 + 10 + 500 = 511.
    assert PricedQuery(NESTED).points({"page": 10}) == 5


def test_what_a_directive_leaves_out_costs_nothing():
    # 1 + 100 releases.
    assert PricedQuery(NESTED).points({"with": False}) == 1
    # 1 + 100 x 1 + 0 = 101; with 250 it would be 251, rounded to 3.
    assert PricedQuery(NESTED).points({"with": False, "page": 250}) == 3


@pytest.mark.parametrize(("requests", "points"), [(0, 1), (1, 1), (149, 1), (150, 2), (249, 2), (250, 3)])
def test_requests_are_rounded_to_the_nearest_hundred_and_cost_a_point_at_least(requests, points):
    query = PricedQuery(
        "query Q($ids: [ID!]!) { nodes(ids: $ids) { ... on Issue { labels(first: 9) { totalCount } } } }"
    )

    assert query.points({"ids": ["x"] * requests}) == points


def test_aliased_lists_of_ids_are_priced_each():
    # 100 + 50 requests.
    query = """query N($a: [ID!]!, $b: [ID!]!) { a: nodes(ids: $a) { ...C } b: nodes(ids: $b) { ...C } }
      fragment C on Repository { issues(first: 1) { totalCount } }"""

    assert PricedQuery(query).points({"a": ["x"] * 100, "b": ["x"] * 50}) == 2


@pytest.mark.parametrize(("page", "files", "points"), [(24, True, 1), (25, True, 2), (29, False, 1), (30, False, 2)])
def test_a_page_of_pull_requests_costs_what_its_comment_says(page, files, points):
    """1 + 6 x 24 = 145; 1 + 6 x 25 = 151; without files 1 + 5 x 29 = 146; 1 + 5 x 30 = 151."""
    assert PricedQuery(query_text("pull_requests")).points({"page": page, "files": files}) == points
