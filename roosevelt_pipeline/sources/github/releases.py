"""Releases. They have no order by time of change, so whenever something moved they are read whole: they are few."""

from functools import partial
from typing import Any

from roosevelt_pipeline.sources.github.answers import Answer
from roosevelt_pipeline.sources.github.nodes import (
    Node,
    boolean,
    database_id,
    instant,
    optional_inner,
    optional_instant,
    optional_text,
    person,
    text,
)
from roosevelt_pipeline.sources.github.scans import Listing, collect_listing
from roosevelt_pipeline.sources.github.session import Session
from roosevelt_pipeline.warehouse.records import Record

PAGE = 100


def collect(session: Session) -> None:
    """All releases, when the probe says that one was added or the newest changed."""
    assert session.repository is not None
    listing = Listing(
        connection="releases",
        page=partial(_page, session),
        read=partial(read_release, repository_id=session.repository.repository_id),
        ordered_by="createdAt",
        bounded=False,
    )
    collect_listing(session, listing, session.policy(shape=2))  # 2: with node ids


def read_release(node: Node, *, repository_id: int) -> Record:
    """A release as it lands."""
    key, updated_at = database_id(node), instant(node, "updatedAt")
    payload = {
        "release_id": key,
        "repository_id": repository_id,
        "node_id": text(node, "id"),
        "tag_name": text(node, "tagName"),
        "is_draft": boolean(node, "isDraft"),
        "is_prerelease": boolean(node, "isPrerelease"),
        "created_at": instant(node, "createdAt"),
        "published_at": optional_instant(node, "publishedAt"),
        "updated_at": updated_at,
        "oid": optional_text(optional_inner(node, "tagCommit"), "oid"),
        "author_id": person(node.get("author")),
    }
    return Record(str(key), payload, updated_at)


def _page(session: Session, after: str | None, descending: bool) -> Answer:
    variables: dict[str, Any] = session.place | {"page": PAGE, "after": after}
    variables["direction"] = "DESC" if descending else "ASC"
    return session.client.graphql("releases", variables, subject=session.subject)
