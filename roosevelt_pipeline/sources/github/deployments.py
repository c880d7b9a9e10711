"""Deployments with their status history: a later deployment rewrites an earlier one's state, its statuses remain."""

from collections.abc import Iterator, Sequence
from datetime import timedelta
from functools import partial
from typing import Any

from roosevelt_pipeline.sources.github.answers import Answer
from roosevelt_pipeline.sources.github.derive import workflow_run_of
from roosevelt_pipeline.sources.github.nodes import (
    Node,
    database_id,
    instant,
    items,
    optional_text,
    person,
    sort_out,
    text,
)
from roosevelt_pipeline.sources.github.overflow import drain_one
from roosevelt_pipeline.sources.github.paging import nodes_by_id
from roosevelt_pipeline.sources.github.refresh import Page, Refreshed, refresh
from roosevelt_pipeline.sources.github.scans import Listing, collect_listing
from roosevelt_pipeline.sources.github.session import Session
from roosevelt_pipeline.warehouse.heads import Candidate, unsettled_deployments
from roosevelt_pipeline.warehouse.records import Record

PAGE = 100
SETTLES_WITHIN = timedelta(days=32)


def collect(session: Session) -> None:
    """Backfill, new ones, and once more those that may have changed since they were read."""
    assert session.repository is not None
    first = not session.cursor("backfill").complete
    listing = Listing(
        connection="deployments",
        page=partial(_page, session),
        read=partial(read_deployment, repository_id=session.repository.repository_id),
        ordered_by="createdAt",
        prepare=partial(_drain, session),
    )
    moved = collect_listing(session, listing, session.policy())
    since = session.observed_at - SETTLES_WITHIN
    waiting = partial(unsettled_deployments, session.connection, session.scope, since)
    refresh(session, Refreshed(waiting, waiting, partial(_read_again, session, listing)), moved=moved and not first)


def read_deployment(node: Node, *, repository_id: int) -> Record:
    """A deployment as it lands, its statuses oldest first."""
    key = database_id(node)
    shown = items(node, "statuses")
    statuses = sorted(
        (
            {
                "status_id": text(status, "id"),
                "state": text(status, "state"),
                "created_at": instant(status, "createdAt"),
                "environment": optional_text(status, "environment"),
            }
            for status in reversed(shown)
        ),
        key=lambda status: status["created_at"] or "",
    )
    updated_at = instant(node, "updatedAt")
    payload = {
        "deployment_id": key,
        "repository_id": repository_id,
        "node_id": text(node, "id"),
        "created_at": instant(node, "createdAt"),
        "updated_at": updated_at,
        "task": optional_text(node, "task"),
        "state": optional_text(node, "state"),
        "environment": optional_text(node, "originalEnvironment") or optional_text(node, "environment"),
        "sha": text(node, "commitOid"),
        "creator_id": person(node.get("creator")),
        "statuses": statuses,
        "workflow_run_id": workflow_run_of(optional_text(status, "logUrl") for status in reversed(shown)),
    }
    return Record(str(key), payload, max([updated_at, *(status["created_at"] or "" for status in statuses)]))


def _page(session: Session, after: str | None, descending: bool) -> Answer:
    variables: dict[str, Any] = session.place | {"page": PAGE, "after": after}
    variables["direction"] = "DESC" if descending else "ASC"
    return session.client.graphql("deployments", variables, subject=session.subject)


def _read_again(session: Session, listing: Listing, waiting: Sequence[Candidate]) -> Iterator[Page]:
    asked = {"ids": [one.node_id for one in waiting]}
    answer = session.client.graphql(
        "deployments_by_id", asked, subject=session.subject, tolerated=frozenset({"NOT_FOUND"})
    )
    found = nodes_by_id(answer.data, asked["ids"], session.subject)
    nodes = [node for node in found if node.get("__typename") == "Deployment"]
    yield Page(waiting[-1].key, *sort_out(nodes, listing.read, listing.prepare), answer.observed_at)


def _drain(session: Session, node: Node) -> None:
    drain_one(session.client, "deployment_rest", node, "statuses", session.subject)
