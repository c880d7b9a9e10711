"""Every collection, read page by page, gives every object once and in order."""

import base64
from typing import Any

import pytest

from roosevelt_pipeline.sandbox.limits import UNLIMITED
from roosevelt_pipeline.sandbox.node_ids import cursor
from tests.integration.sandbox import handmade
from tests.integration.sandbox.conftest import Client, Start

PULLS = """query Pulls($size: Int, $after: String, $field: IssueOrderField!, $direction: OrderDirection!) {
  repository(owner: "acme", name: "api") {
    pullRequests(first: $size, after: $after, orderBy: {field: $field, direction: $direction}) {
      totalCount pageInfo { endCursor hasNextPage } nodes { number } } } }"""
HISTORY = """query History($after: String, $since: GitTimestamp) { repository(owner: "acme", name: "api") {
  defaultBranchRef { target { ... on Commit { history(first: 90, after: $after, since: $since) {
    totalCount pageInfo { endCursor hasNextPage } nodes { oid } } } } } } }"""


def collection(name: str, arguments: str) -> str:
    return f"""query Walk($after: String) {{ repository(owner: "acme", name: "api") {{
      {name}(first: 7, after: $after {arguments}) {{
        totalCount pageInfo {{ endCursor hasNextPage }} nodes {{ databaseId }} }} }} }}"""


def walk(client: Client, query: str, name: str = "pullRequests", **variables: Any) -> list[Any]:
    found: list[Any] = []
    after = None
    while True:
        page = client.data(query, after=after, **variables)["repository"][name]
        found += [next(iter(node.values())) for node in page["nodes"]]
        assert page["totalCount"] >= len(found)
        if not page["pageInfo"]["hasNextPage"]:
            assert page["totalCount"] == len(found)
            return found
        after = page["pageInfo"]["endCursor"]


def history(client: Client, **variables: Any) -> dict[str, Any]:
    data = client.data(HISTORY, **variables)
    return data["repository"]["defaultBranchRef"]["target"]["history"]


@pytest.mark.parametrize(
    ("field", "direction", "expected"),
    [
        ("CREATED_AT", "ASC", list(range(1, 61))),
        ("CREATED_AT", "DESC", list(range(60, 0, -1))),
        ("UPDATED_AT", "DESC", list(range(1, 61))),
        ("UPDATED_AT", "ASC", list(range(60, 0, -1))),
    ],
)
def test_pull_requests_come_once_each_in_the_order_asked_for(
    client: Client, field: str, direction: str, expected: list[int]
) -> None:
    assert walk(client, PULLS, size=7, field=field, direction=direction) == expected


@pytest.mark.parametrize(
    ("name", "arguments", "expected"),
    [
        ("deployments", "", list(range(40_001, 40_046))),
        ("deployments", ", orderBy: {field: CREATED_AT, direction: DESC}", list(range(40_045, 40_000, -1))),
        ("deployments", ', environments: ["production"]', list(range(40_001, 40_046))),
        ("deployments", ', environments: ["staging"]', []),
        ("releases", ", orderBy: {field: CREATED_AT, direction: DESC}", list(range(50_012, 50_000, -1))),
        ("issues", ', labels: ["incident", "absent"]', list(range(30_001, 30_031, 2))),
        ("issues", ", states: [OPEN]", list(range(30_003, 30_031, 3))),
        ("issues", ', filterBy: {since: "2026-01-05T01:57:00Z"}', [30_028, 30_029]),
        ("pullRequests", ', labels: ["hotfix"]', [20_007]),
        ("pullRequests", ", states: [OPEN]", []),
    ],
)
def test_a_collection_is_filtered_before_it_is_paged(
    client: Client, name: str, arguments: str, expected: list[int]
) -> None:
    assert walk(client, collection(name, arguments), name) == expected


def test_a_page_that_ends_with_the_last_object_says_so(client: Client) -> None:
    page = client.data(PULLS, size=60, field="CREATED_AT", direction="ASC")["repository"]["pullRequests"]
    assert page["pageInfo"]["hasNextPage"] is False


def test_a_pull_request_touched_between_two_pages_is_neither_skipped_nor_repeated(start: Start) -> None:
    store = handmade.store()
    client = start(store=store, limits=UNLIMITED)
    first = client.data(PULLS, size=30, field="CREATED_AT", direction="ASC")["repository"]["pullRequests"]
    store.put("pull_requests", handmade.pull_request(40, updated_at="2026-02-01T00:00:00Z"))
    store.put("pull_requests", handmade.pull_request(61))
    store.flush()
    rest = client.data(PULLS, size=100, after=first["pageInfo"]["endCursor"], field="CREATED_AT", direction="ASC")
    assert [n["number"] for n in rest["repository"]["pullRequests"]["nodes"]] == list(range(31, 62))


def test_a_pull_request_touched_while_the_newest_are_read_moves_to_the_front(start: Start) -> None:
    store = handmade.store()
    client = start(store=store, limits=UNLIMITED)
    first = client.data(PULLS, size=30, field="UPDATED_AT", direction="DESC")["repository"]["pullRequests"]
    store.put("pull_requests", handmade.pull_request(40, updated_at="2026-02-01T00:00:00Z"))
    store.flush()
    rest = client.data(PULLS, size=100, after=first["pageInfo"]["endCursor"], field="UPDATED_AT", direction="DESC")
    assert [n["number"] for n in rest["repository"]["pullRequests"]["nodes"]] == [*range(31, 40), *range(41, 61)]


def test_the_history_is_read_to_its_root_newest_first(client: Client) -> None:
    oids: list[str] = []
    page: dict[str, Any] = {"pageInfo": {"endCursor": None, "hasNextPage": True}}
    while page["pageInfo"]["hasNextPage"]:
        page = history(client, after=page["pageInfo"]["endCursor"])
        oids += [node["oid"] for node in page["nodes"]]
    assert oids == [handmade.oid(number) for number in range(250, 0, -1)]
    assert page["totalCount"] == 250


def test_a_push_between_two_pages_of_the_history_shifts_nothing(start: Start) -> None:
    store = handmade.store()
    client = start(store=store, limits=UNLIMITED)
    first = history(client)
    store.put("commits", handmade.commit(251), repository_id=handmade.API, position=251)
    store.put("repositories", handmade.repository(handmade.API, "api", handmade.oid(251)))
    store.flush()
    second = history(client, after=first["pageInfo"]["endCursor"])
    assert first["pageInfo"]["endCursor"] == f"{handmade.oid(250)} 89"
    assert second["nodes"][0]["oid"] == handmade.oid(160)
    assert history(client)["nodes"][0]["oid"] == handmade.oid(251)


def test_the_history_since_an_instant_leaves_out_what_was_committed_before(client: Client) -> None:
    assert history(client, since=handmade.minute(240 + 600))["totalCount"] == 11


def test_a_collection_is_read_backwards_from_its_end(client: Client) -> None:
    query = """query Last($before: String) { repository(owner: "acme", name: "api") {
      pullRequests(last: 2, before: $before) { pageInfo { startCursor hasPreviousPage } nodes { number } } } }"""
    page = client.data(query)["repository"]["pullRequests"]
    earlier = client.data(query, before=page["pageInfo"]["startCursor"])["repository"]["pullRequests"]
    assert [n["number"] for n in page["nodes"] + earlier["nodes"]] == [59, 60, 57, 58]
    assert page["pageInfo"]["hasPreviousPage"]


def test_a_nested_list_is_drained_by_its_own_cursors(start: Start) -> None:
    store = handmade.store()
    commits = [
        {
            "oid": handmade.oid(n),
            "authored_at": handmade.minute(n),
            "committed_at": handmade.minute(n),
            "author_id": None,
        }
        for n in range(1, 102)
    ]
    store.put("pull_requests", handmade.pull_request(1, commits=commits))
    store.flush()
    client = start(store=store, limits=UNLIMITED)
    query = """query Drain($after: String) { repository(owner: "acme", name: "api") { pullRequest(number: 1) {
      commits(first: 100, after: $after) { totalCount pageInfo { endCursor hasNextPage }
        nodes { commit { oid } } } } } }"""
    first = client.data(query)["repository"]["pullRequest"]["commits"]
    second = client.data(query, after=first["pageInfo"]["endCursor"])["repository"]["pullRequest"]["commits"]
    assert (first["totalCount"], first["pageInfo"]["hasNextPage"]) == (101, True)
    assert [node["commit"]["oid"] for node in second["nodes"]] == [handmade.oid(101)]


@pytest.mark.parametrize(
    ("arguments", "kind"),
    [
        ("", "MISSING_PAGINATION_BOUNDARIES"),
        ("(first: 101)", "EXCESSIVE_PAGINATION"),
        ("(last: 101)", "EXCESSIVE_PAGINATION"),
        ("(first: 0)", "INVALID_PAGINATION"),
        ("(first: 1, last: 1)", "UNSUPPORTED_PAGINATION_BOUNDARIES"),
        ('(first: 1, after: "nonsense")', "INVALID_CURSOR_ARGUMENTS"),
    ],
)
def test_a_page_out_of_bounds_is_refused_as_github_does(client: Client, arguments: str, kind: str) -> None:
    answer = client.graphql(
        f'{{ repository(owner: "acme", name: "api") {{ pullRequests{arguments} {{ totalCount }} }} }}'
    )
    assert [(error["type"], error["path"]) for error in answer["errors"]] == [(kind, ["repository", "pullRequests"])]


def test_a_cursor_of_another_order_is_refused(client: Client) -> None:
    answer = client.graphql(PULLS, size=1, after=cursor(20_001), field="CREATED_AT", direction="ASC")
    assert answer["errors"][0]["type"] == "INVALID_CURSOR_ARGUMENTS"


def test_cursors_are_made_as_recorded_ones_are() -> None:
    assert base64.b64decode(cursor(1)) == b"cursor:v2:\x91\xce\x00\x00\x00\x01"


def test_rest_lists_name_their_neighbours_on_the_host_that_was_asked(client: Client) -> None:
    answer = client.rest("/repos/acme/api/deployments?per_page=20&page=2&environment=production")
    page = f"{client.base}/repos/acme/api/deployments?per_page=20&page={{}}&environment=production"
    assert {name: link["url"] for name, link in answer.links.items()} == {
        "prev": page.format(1), "next": page.format(3), "last": page.format(3), "first": page.format(1),
    }  # fmt: skip
    assert len(answer.json()) == 20


def test_the_last_page_of_a_rest_list_names_no_next(client: Client) -> None:
    answer = client.rest("/api/v3/repos/acme/api/deployments?per_page=20&page=3")
    assert (sorted(answer.links), len(answer.json())) == (["first", "prev"], 5)


def test_the_issue_list_goes_on_by_an_opaque_cursor(client: Client) -> None:
    url, numbers = "/repos/acme/api/issues?state=all&per_page=40&sort=updated&direction=asc", []
    while url:
        answer = client.rest(url)
        numbers += [(issue["updated_at"], issue["number"]) for issue in answer.json()]
        url = answer.links.get("next", {}).get("url", "").removeprefix(client.base)
        assert not url or "after=" in url
    assert len(set(numbers)) == len(numbers) == 90
    assert numbers == sorted(numbers)
