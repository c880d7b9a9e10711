"""What GraphQL and REST say about the hand-made company."""

import hashlib
from typing import Any

import pytest

from roosevelt_pipeline.sandbox.graphql_api.schema import published_text
from roosevelt_pipeline.sandbox.node_ids import global_id, parse_global_id
from tests.integration.sandbox.conftest import Client
from tests.integration.sandbox.handmade import API, GONE, WEB, minute, oid

RUNS = "/repos/acme/api/actions/runs"


def of_repository(client: Client, fields: str) -> dict[str, Any]:
    return client.data(f'{{ repository(owner: "acme", name: "api") {{ {fields} }} }}')["repository"]


def test_the_schema_is_the_published_one() -> None:
    published = "3c62d0526d133cee53221c89de9b455ade24db78b9e7ad56d642c4c15bce2654"
    assert hashlib.sha256(published_text().encode()).hexdigest() == published


def test_a_pull_request_has_the_facts_of_its_document(client: Client) -> None:
    pull = of_repository(client, """pullRequest(number: 7) { fullDatabaseId title bodyText state isDraft additions
      author { __typename login } mergedBy { login } mergeCommit { oid committedDate } totalCommentsCount reviewDecision
      labels(first: 9) { nodes { name } } files(first: 9) { nodes { path } }
      commits(last: 1) { nodes { commit { oid authoredDate message messageHeadline author { user { login } } } } }
      reviews(first: 1) { nodes { fullDatabaseId state submittedAt author { ... on User { databaseId } } } }
      reviewRequests(first: 1) { nodes { requestedReviewer { ... on User { login } } } }
      timelineItems(first: 5, itemTypes: [READY_FOR_REVIEW_EVENT]) { filteredCount nodes {
        __typename ... on ReadyForReviewEvent { createdAt } } } }""")["pullRequest"]  # fmt: skip
    assert pull == {
        "fullDatabaseId": "20007", "title": "Change 7", "bodyText": "Body 7", "state": "MERGED", "isDraft": False,
        "additions": 7, "author": None, "mergedBy": {"login": "bob-ünïcode"},
        "mergeCommit": {"oid": oid(7), "committedDate": minute(607)}, "totalCommentsCount": 3,
        "reviewDecision": "APPROVED", "labels": {"nodes": [{"name": "hotfix"}, {"name": "size/s"}]},
        "files": {"nodes": [{"path": "src/7.py"}]},
        "commits": {"nodes": [{"commit": {"oid": oid(100_007), "authoredDate": minute(6), "messageHeadline": "Do 7",
                                          "message": "Do 7\n\nWith reasons.",
                                          "author": {"user": {"login": "alice"}}}}]},
        "reviews": {"nodes": [{"fullDatabaseId": "60007", "state": "APPROVED", "submittedAt": minute(37),
                               "author": {"databaseId": 502}}]},
        "reviewRequests": {"nodes": [{"requestedReviewer": {"login": "bob-ünïcode"}}]},
        "timelineItems": {"filteredCount": 1,
                          "nodes": [{"__typename": "ReadyForReviewEvent", "createdAt": minute(9)}]},
    }  # fmt: skip


def test_a_person_who_left_is_nobody_and_a_bot_is_a_bot(client: Client) -> None:
    ghost = of_repository(client, "pullRequest(number: 3) { author { login } }")["pullRequest"]
    bot = of_repository(client, "pullRequest(number: 2) { author { __typename login } }")["pullRequest"]
    assert GONE == 599
    assert ghost == {"author": None}
    assert bot == {"author": {"__typename": "Bot", "login": "renovate"}}
    assert client.rest("/repos/acme/api/pulls/2").json()["user"]["login"] == "renovate[bot]"
    assert client.rest("/repos/acme/api/issues/3").json()["user"] is None
    assert client.rest("/repos/acme/api/pulls/3").json()["user"]["login"] == "ghost"


def test_a_later_deployment_leaves_its_mark_on_the_earlier_ones_statuses(client: Client) -> None:
    fields = "nodes { state latestStatus { state } statuses(first: 9) { nodes { state createdAt logUrl } } }"
    nodes = of_repository(client, f"deployments(last: 2) {{ {fields} }}")["deployments"]["nodes"]
    states = [[status["state"] for status in node["statuses"]["nodes"]] for node in nodes]
    assert states == [["INACTIVE", "SUCCESS", "IN_PROGRESS"], ["SUCCESS", "IN_PROGRESS"]]
    assert [node["state"] for node in nodes] == ["INACTIVE", "ACTIVE"]
    assert nodes[1]["statuses"]["nodes"][0]["logUrl"] == "https://github.com/acme/api/actions/runs/9045/job/1"


def test_an_issue_shows_its_duplicate_reason_only_to_those_who_know_it(client: Client) -> None:
    plain = of_repository(client, "issue(number: 1010) { stateReason title bodyText }")["issue"]
    known = of_repository(client, "issue(number: 1010) { stateReason(enableDuplicate: true) }")["issue"]
    assert plain == {"stateReason": "NOT_PLANNED", "title": "Störung 10", "bodyText": "Deployment: 40010"}
    assert known == {"stateReason": "DUPLICATE"}


def test_an_issues_timeline_tells_when_it_was_labelled_and_closed(client: Client) -> None:
    events = of_repository(
        client,
        """issue(number: 1001) { timelineItems(first: 9, itemTypes: [LABELED_EVENT, CLOSED_EVENT])
      { nodes { __typename ... on LabeledEvent { createdAt label { name } } ... on ClosedEvent { createdAt } } } }""",
    )
    assert events["issue"]["timelineItems"]["nodes"] == [
        {"__typename": "LabeledEvent", "createdAt": minute(2), "label": {"name": "incident"}},
        {"__typename": "ClosedEvent", "createdAt": minute(91)},
    ]


def test_known_objects_are_read_again_by_id_and_gone_ones_are_null_with_an_error(client: Client) -> None:
    ids = [global_id("Deployment", API, 40_001), global_id("Issue", API, 30_001), global_id("PullRequest", API, 99),
           global_id("Repository", WEB), "nonsense", global_id("PullRequest", API, 20_001)]  # fmt: skip
    query = """query R($ids: [ID!]!) { nodes(ids: $ids) { __typename id ... on Deployment { databaseId }
      ... on Issue { number } ... on PullRequest { number } ... on Repository { name } } }"""
    answer = client.graphql(query, ids=ids)
    assert [node and node["__typename"] for node in answer["data"]["nodes"]] == [
        "Deployment", "Issue", None, "Repository", None, "PullRequest",
    ]  # fmt: skip
    assert [node["id"] for node in answer["data"]["nodes"] if node] == [ids[0], ids[1], ids[3], ids[5]]
    assert [(error["type"], error["path"]) for error in answer["errors"]] == [
        ("NOT_FOUND", ["nodes", 2]), ("NOT_FOUND", ["nodes", 4]),
    ]  # fmt: skip


def test_node_ids_are_of_the_new_format_and_lead_back_to_the_object() -> None:
    node_id = global_id("PullRequest", API, 20_001)
    assert node_id.startswith("PR_kwDO")
    assert global_id("Repository", API).startswith("R_kgDO")
    assert parse_global_id(node_id) == ("PullRequest", [API, 20_001])
    assert parse_global_id("MDEwOlJlcG9zaXRvcnkx") is None


def test_a_release_made_by_a_bot_has_no_author_since_only_people_are_allowed(client: Client) -> None:
    order = "orderBy: {field: CREATED_AT, direction: ASC}"
    fields = "nodes { tagName author { login } tagCommit { oid } }"
    assert of_repository(client, f"releases(first: 2, {order}) {{ {fields} }}")["releases"]["nodes"] == [
        {"tagName": "v1.1", "author": {"login": "alice"}, "tagCommit": {"oid": oid(1)}},
        {"tagName": "v1.2", "author": None, "tagCommit": {"oid": oid(2)}},
    ]


def test_a_team_shows_its_present_members_with_their_roles(client: Client) -> None:
    team = client.data("""{ organization(login: "acme") {
      teams(first: 5, orderBy: {field: NAME, direction: ASC}) { nodes { slug parentTeam { slug }
        members(first: 9, membership: IMMEDIATE) { totalCount edges { role node { login } } } } } } }""")
    assert team["organization"]["teams"]["nodes"] == [{
        "slug": "payments", "parentTeam": None,
        "members": {"totalCount": 2, "edges": [{"role": "MAINTAINER", "node": {"login": "alice"}},
                                               {"role": "MEMBER", "node": {"login": "bob-ünïcode"}}]}}]  # fmt: skip


def test_workflow_runs_are_reached_through_their_workflow(client: Client) -> None:
    query = """query W($ids: [ID!]!) { nodes(ids: $ids) { ... on Workflow { name runs(first: 1,
      orderBy: {field: CREATED_AT, direction: DESC}) { totalCount nodes { runNumber event
      checkSuite { conclusion branch { name } commit { oid } } } } } } }"""
    assert client.data(query, ids=[global_id("Workflow", API, 7001)])["nodes"] == [{"name": "Deploy", "runs": {
        "totalCount": 130, "nodes": [{"runNumber": 130, "event": "schedule", "checkSuite": {
            "conclusion": "SUCCESS", "branch": {"name": "main"}, "commit": {"oid": oid(130)}}}]}}]  # fmt: skip


@pytest.mark.parametrize(
    ("query", "count"),
    [
        ("", 130),
        ("event=push", 65),
        ("status=failure", 0),  # run 3 failed at first; the list shows its second attempt
        ("status=completed&branch=main", 130),
        ("branch=topic", 0),
        ("created=2026-01-05", 130),  # the last is of 21:40
        ("created=2026-01-06..2026-01-07", 0),
        (f"created={minute(100)}..{minute(200)}", 11),
        (f"created=>={minute(1290)}", 2),
        (f"created=>{minute(1290)}", 1),
        (f"created=<{minute(20)}", 1),
        (f"created=*..{minute(20)}", 2),
        ("created=2026-01-05T01:40:00%2B00:00..2026-01-05T04:20:00%2B01:00", 11),
        ("actor=bob-ünïcode", 0),
        (f"head_sha={oid(9)}", 1),
    ],
)
def test_runs_are_counted_by_their_filters(client: Client, query: str, count: int) -> None:
    assert client.rest(f"{RUNS}?per_page=1&{query}").json()["total_count"] == count


def test_the_run_list_shows_the_newest_attempt_without_its_actor_who_left(client: Client) -> None:
    runs = {run["id"]: run for run in client.rest(f"{RUNS}?per_page=100&page=2").json()["workflow_runs"]}
    assert (runs[9003]["run_attempt"], runs[9003]["conclusion"]) == (2, "success")
    assert runs[9003]["previous_attempt_url"].endswith("/actions/runs/9003/attempts/1")
    assert "actor" not in runs[9005]


def test_review_comments_are_listed_from_an_instant_on(client: Client) -> None:
    comments = client.rest("/repos/acme/api/pulls/comments").json()
    assert [(c["pull_request_review_id"], c["created_at"]) for c in comments] == [(60_007, minute(37))] * 2
    assert client.rest(f"/repos/acme/api/pulls/comments?since={minute(38)}").json() == []


def test_the_truth_is_told_at_a_door_of_its_own(client: Client) -> None:
    assert [doc["source_id"] for doc in client.rest("/_sandbox/truth/deployments").json()] == [40_001]
    assert client.rest("/_sandbox/truth/changes").json() == []
    assert client.rest("/_sandbox/truth/secrets").status_code == 404
