"""Pull requests with their commits' dates, reviews, labels and timeline; titles and bodies are read and dropped."""

from functools import partial
from typing import Any

from roosevelt_pipeline.patterns import matches
from roosevelt_pipeline.settings import GitHubSettings
from roosevelt_pipeline.sources.github.answers import Answer
from roosevelt_pipeline.sources.github.derive import closed_issues, is_hotfix, revert_of
from roosevelt_pipeline.sources.github.nodes import (
    Node,
    boolean,
    inner,
    instant,
    integer,
    items,
    optional_inner,
    optional_instant,
    optional_integer,
    optional_text,
    person,
    text,
)
from roosevelt_pipeline.sources.github.overflow import drain
from roosevelt_pipeline.sources.github.repositories import Repository
from roosevelt_pipeline.sources.github.scans import Listing, collect_listing
from roosevelt_pipeline.sources.github.session import Session
from roosevelt_pipeline.warehouse.records import Record

PAGE = 24  # with six nested lists each: 145 requests, one point, and small enough not to time out
LISTS = ("labels", "commits", "reviews", "timelineItems", "files")
_EVENTS = {
    "ReadyForReviewEvent": "ready_for_review",
    "ConvertToDraftEvent": "convert_to_draft",
    "ReviewRequestedEvent": "review_requested",
    "ReopenedEvent": "reopened",
}


def collect(session: Session) -> None:
    """Backfill, then whatever was updated: a late review on an old pull request is an update."""
    github = session.settings.github
    files = needs_files(session)
    assert session.repository is not None
    listing = Listing(
        connection="pullRequests",
        page=partial(_page, session, files),
        read=partial(read_pull_request, repository=session.repository, github=github),
        ordered_by="updatedAt",
        prepare=lambda node: drain(session.client, "pull_request_rest", node, LISTS, session.subject),
    )
    policy = session.policy(files=files, labels=sorted(github.hotfix_labels), branches=sorted(github.hotfix_branches))
    collect_listing(session, listing, policy)


def needs_files(session: Session) -> bool:
    """Whether a service of this repository is known by its paths. Files cost a nested list more."""
    return any(
        service.paths and session.repository and matches(session.repository.name, service.repository)
        for service in session.settings.services
    )


def read_pull_request(node: Node, *, repository: Repository, github: GitHubSettings) -> Record:
    """A pull request as it lands."""
    key, updated_at = integer(node, "fullDatabaseId"), instant(node, "updatedAt")
    return Record(
        str(key),
        {"pull_request_id": key, "updated_at": updated_at, "repository_id": repository.repository_id}
        | _outline(node, repository)
        | _size(node)
        | _merge(node)
        | _said(node, github)
        | _history(node),
        updated_at,
    )


def _page(session: Session, files: bool, after: str | None, descending: bool) -> Answer:
    order = {"field": "UPDATED_AT", "direction": "DESC"} if descending else {"field": "CREATED_AT", "direction": "ASC"}
    variables = session.place | order | {"page": PAGE, "after": after, "files": files}
    return session.client.graphql("pull_requests", variables, subject=session.subject)


def _outline(node: Node, repository: Repository) -> dict[str, Any]:
    return {
        "node_id": text(node, "id"),
        "number": integer(node, "number"),
        "url": text(node, "url"),
        "state": text(node, "state"),
        "is_draft": boolean(node, "isDraft"),
        "created_at": instant(node, "createdAt"),
        "closed_at": optional_instant(node, "closedAt"),
        "author_id": person(node.get("author")),
        "base_is_default": text(node, "baseRefName") == repository.default_branch,
        "head_oid": optional_text(node, "headRefOid"),
    }


def _size(node: Node) -> dict[str, Any]:
    comments = integer(inner(node, "comments"), "totalCount")
    total = optional_integer(node, "totalCommentsCount")
    return {
        "additions": integer(node, "additions"),
        "deletions": integer(node, "deletions"),
        "changed_files": integer(node, "changedFiles"),
        "comments_count": comments,
        "review_comments_count": max(0, total - comments) if total is not None else 0,
    }


def _merge(node: Node) -> dict[str, Any]:
    commit = optional_inner(node, "mergeCommit")
    return {
        "merged_at": optional_instant(node, "mergedAt"),
        "merged_by_id": person(node.get("mergedBy")),
        "merge_commit_oid": optional_text(commit, "oid"),
        "merge_committed_at": optional_instant(commit, "committedDate"),
    }


def _said(node: Node, github: GitHubSettings) -> dict[str, Any]:
    """What title, body, branch and labels say, without the texts."""
    title, body, branch = (optional_text(node, key) or "" for key in ("title", "body", "headRefName"))
    labels = sorted({text(label, "name") for label in items(node, "labels")})
    revert = revert_of(title, body, branch)
    return {
        "labels": labels,
        "is_revert": revert.is_revert,
        "reverts_pull_request_number": revert.pull_request_number,
        "reverts_oid": revert.oid,
        "is_hotfix": is_hotfix(labels, branch, github.hotfix_labels, github.hotfix_branches),
        "closes_issues": closed_issues(title, body),
    }


def _history(node: Node) -> dict[str, Any]:
    commits = [inner(item, "commit") for item in items(node, "commits")]
    return {
        "commits_count": integer(inner(node, "commits"), "totalCount"),
        "commits": [
            {
                "oid": text(commit, "oid"),
                "authored_at": instant(commit, "authoredDate"),
                "committed_at": instant(commit, "committedDate"),
            }
            for commit in commits
        ],
        "reviews": [_review(review) for review in items(node, "reviews")],
        "timeline": [
            {"type": _EVENTS[event["__typename"]], "at": instant(event, "createdAt")}
            for event in items(node, "timelineItems")
            if optional_text(event, "__typename") in _EVENTS
        ],
        "paths": sorted(text(file, "path") for file in items(node, "files")) if node.get("files") else None,
    }


def _review(review: Node) -> dict[str, Any]:
    return {
        "review_id": integer(review, "fullDatabaseId"),
        "state": text(review, "state"),
        "submitted_at": optional_instant(review, "submittedAt"),
        "author_id": person(review.get("author")),
    }
