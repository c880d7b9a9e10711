"""PullRequest and what hangs on it: commits, reviews, comments, requests, files, timeline."""

from typing import Any

from graphql import GraphQLResolveInfo

from roosevelt_pipeline.sandbox.graphql_api.commits import commit_by_oid, commit_source
from roosevelt_pipeline.sandbox.graphql_api.connections import Page, list_page
from roosevelt_pipeline.sandbox.graphql_api.context import repository_url, typed
from roosevelt_pipeline.sandbox.graphql_api.fields import Fields, always, key, node_id, optional, plain
from roosevelt_pipeline.sandbox.graphql_api.labels import label_page
from roosevelt_pipeline.sandbox.graphql_api.timelines import PULL_REQUEST_EVENTS, timeline_page
from roosevelt_pipeline.sandbox.node_ids import global_id
from roosevelt_pipeline.sandbox.records import Doc
from roosevelt_pipeline.sandbox.review_comments import count_comments


def url(pull_request: Doc, info: GraphQLResolveInfo) -> str:
    repository = info.context.records.repository(pull_request["repository_id"])
    return f"{repository_url(repository)}/pull/{pull_request['number']}"


def _merge_commit(pull_request: Doc, info: GraphQLResolveInfo) -> Doc | None:
    oid, merged_at = pull_request["merge_commit_oid"], pull_request["merged_at"]
    known = {"committed_at": merged_at, "authored_at": merged_at}
    return commit_by_oid(info.context, pull_request["repository_id"], oid, **known) if merged_at else None


def _commits(pull_request: Doc, info: GraphQLResolveInfo, **arguments: Any) -> Page:
    page = list_page(info, arguments, pull_request["commits"])
    for doc in page.nodes:
        commit_source(pull_request["repository_id"], doc)
        doc["pull_request"] = pull_request
    return page


def _children(name: str, type_name: str) -> Any:
    def resolve(pull_request: Doc, info: GraphQLResolveInfo, **arguments: Any) -> Page:
        items = pull_request[name]
        if arguments.get("states"):
            items = [item for item in items if item["state"] in arguments["states"]]
        page = list_page(info, arguments, items)
        for doc in page.nodes:
            typed(type_name, doc)["pull_request"] = pull_request
            doc["repository_id"] = pull_request["repository_id"]
        return page

    return resolve


def _review_requests(pull_request: Doc, info: GraphQLResolveInfo, **arguments: Any) -> Page:
    requests = [{"account_id": a, "pull_request": pull_request} for a in pull_request["review_requests"]]
    return list_page(info, arguments, requests)


def _files(pull_request: Doc, info: GraphQLResolveInfo, **arguments: Any) -> Page:
    return list_page(info, arguments, [{"path": path} for path in pull_request["files"]])


def _review_decision(pull_request: Doc) -> str | None:
    decisive = [r["state"] for r in pull_request["reviews"] if r["state"] in ("APPROVED", "CHANGES_REQUESTED")]
    return decisive[-1] if decisive else None


def _total_comments(pull_request: Doc) -> int:
    return len(pull_request["comments"]) + count_comments(pull_request)


def _repository(doc: Doc, info: GraphQLResolveInfo) -> Doc | None:
    return info.context.repository(doc["repository_id"])


def _author(doc: Doc, info: GraphQLResolveInfo) -> Doc | None:
    return info.context.actor(doc["author_id"])


PULL_REQUEST: Fields = {
    "id": node_id("PullRequest", "repository_id", "id"),
    "fullDatabaseId": plain(lambda doc: str(doc["id"])),
    "databaseId": key("id"),
    "number": key("number"),
    "title": key("title"),
    "body": plain(lambda doc: doc.get("body") or ""),
    "bodyText": plain(lambda doc: doc.get("body") or ""),
    "url": url,
    "permalink": url,
    "state": key("state"),
    "isDraft": key("is_draft"),
    "isCrossRepository": always(False),
    "locked": always(False),
    "closed": plain(lambda doc: doc["closed_at"] is not None),
    "merged": plain(lambda doc: doc["merged_at"] is not None),
    "createdAt": key("created_at"),
    "publishedAt": key("created_at"),
    "updatedAt": key("updated_at"),
    "closedAt": key("closed_at"),
    "mergedAt": key("merged_at"),
    "additions": key("additions"),
    "deletions": key("deletions"),
    "changedFiles": key("changed_files"),
    "baseRefName": key("base_ref"),
    "headRefName": key("head_ref"),
    "headRefOid": key("head_oid"),
    "reviewDecision": plain(_review_decision),
    "totalCommentsCount": plain(_total_comments),
    "author": _author,
    "mergedBy": lambda doc, info: info.context.actor(doc["merged_by_id"]),
    "mergeCommit": _merge_commit,
    "repository": _repository,
    "baseRepository": _repository,
    "headRepository": _repository,
    "labels": label_page,
    "commits": _commits,
    "reviews": _children("reviews", "PullRequestReview"),
    "comments": _children("comments", "IssueComment"),
    "reviewRequests": _review_requests,
    "files": _files,
    "timelineItems": lambda doc, info, **arguments: timeline_page(doc, doc["timeline"], info, arguments),
}

FIELDS: dict[str, Fields] = {
    "PullRequest": PULL_REQUEST,
    "PullRequestCommit": {
        "id": plain(lambda doc: f"PURC_{doc['pull_request']['id']:x}_{doc['oid']}"),
        "commit": plain(lambda doc: doc),
        "pullRequest": key("pull_request"),
    },
    "PullRequestReview": {
        "id": node_id("PullRequestReview", "repository_id", "id"),
        "fullDatabaseId": plain(lambda doc: str(doc["id"])),
        "databaseId": key("id"),
        "state": key("state"),
        "body": always(""),
        "bodyText": always(""),
        "createdAt": plain(lambda doc: doc["submitted_at"] or doc["pull_request"]["created_at"]),
        "updatedAt": plain(lambda doc: doc["submitted_at"] or doc["pull_request"]["created_at"]),
        "submittedAt": key("submitted_at"),
        "author": _author,
        "pullRequest": key("pull_request"),
        "repository": _repository,
    },
    "IssueComment": {
        "id": node_id("IssueComment", "repository_id", "id"),
        "fullDatabaseId": plain(lambda doc: str(doc["id"])),
        "databaseId": key("id"),
        "createdAt": key("created_at"),
        "updatedAt": plain(lambda doc: doc.get("updated_at") or doc["created_at"]),
        "author": _author,
        "pullRequest": optional("pull_request"),
        "repository": _repository,
    },
    "PullRequestReviewComment": {
        "id": plain(lambda doc: global_id("PullRequestReviewComment", doc["pull"]["repository_id"], doc["id"])),
        "repository": lambda doc, info: info.context.repository(doc["pull"]["repository_id"]),
    },
    "ReviewRequest": {
        "requestedReviewer": lambda doc, info: info.context.actor(doc["account_id"]),
        "pullRequest": key("pull_request"),
        "asCodeOwner": always(False),
    },
    "PullRequestChangedFile": {"path": key("path"), "changeType": always("MODIFIED")},
    **{name: {"pullRequest": key("subject")} for name in PULL_REQUEST_EVENTS},
}
