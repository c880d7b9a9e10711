"""Comments in reviews of code, by REST: who answered whom and when; the texts are dropped.

A pull request's time of change need not move when somebody comments in its review, so they are
a stream of their own. The list is read in the order of change and asked for again from the last
comment met, always its first page: what changes meanwhile moves to the end and is met there.
Page numbers would skip what moved up. Only comments of one second are read page by page.
"""

import re
from dataclasses import replace
from datetime import datetime, timedelta
from functools import partial
from typing import Any

from roosevelt_pipeline.privacy.identities import Person
from roosevelt_pipeline.sources.github.answers import Answer
from roosevelt_pipeline.sources.github.client import next_link
from roosevelt_pipeline.sources.github.errors import UnavailableError
from roosevelt_pipeline.sources.github.nodes import (
    Node,
    UnfitError,
    instant,
    integer,
    optional_integer,
    person,
    sort_out,
    text,
)
from roosevelt_pipeline.sources.github.refresh import is_due
from roosevelt_pipeline.sources.github.session import OVERLAP, Session
from roosevelt_pipeline.warehouse.landing import Cursor
from roosevelt_pipeline.warehouse.records import Record
from roosevelt_pipeline.warehouse.validation import iso

PAGE = 100
GHOST = 10_137  # GitHub's account for people whose own is deleted
PULL_REQUESTS = "github_pull_requests"
# GitHub does not say whether ``since`` includes the second that it names.
_ONE_SECOND = timedelta(seconds=1)
_NUMBER = re.compile(r"/pulls/([0-9]+)$")


def collect(session: Session) -> None:
    """All comments the first time; then new and changed ones, when a pull request moved or a refresh is due."""
    assert session.repository is not None
    if session.repository.remote_counts.get(PULL_REQUESTS) == 0:
        return
    mark, policy = session.repository.marks.get(PULL_REQUESTS), session.policy()
    backfill = session.cursor("backfill")
    if backfill.position.get("policy") != policy:
        backfill = Cursor("backfill", {"policy": policy, "mark": mark})
    if not backfill.complete:
        read = _read_up(session, backfill, backfill.watermark)
        begun = Cursor("incremental", {"mark": read.position["mark"]}, read.watermark, complete=True)
        session.save(replace(read, complete=True), begun, _refreshed(session))
        return
    incremental, due = session.cursor("incremental"), is_due(session)
    if due or mark is None or incremental.position.get("mark") != mark:
        since = incremental.watermark - OVERLAP if incremental.watermark else None
        read = _read_up(session, incremental, since, lane="refresh" if due else "incremental")
        session.save(replace(read, position={"mark": mark}), *([_refreshed(session)] if due else []))


def read_comment(node: Node, *, repository_id: int) -> Record:
    """A review comment as it lands."""
    key, updated_at = integer(node, "id"), instant(node, "updated_at")
    number = _NUMBER.search(text(node, "pull_request_url"))
    if number is None:
        raise UnfitError("not_an_address: pull_request_url")
    payload = {
        "comment_id": key,
        "repository_id": repository_id,
        "node_id": text(node, "node_id"),
        "pull_request_number": int(number[1]),
        "review_id": optional_integer(node, "pull_request_review_id"),
        "in_reply_to_id": optional_integer(node, "in_reply_to_id"),
        "author_id": _author(node),
        "created_at": instant(node, "created_at"),
        "updated_at": updated_at,
    }
    return Record(str(key), payload, updated_at)


def _author(node: Node) -> Person | None:
    """REST names one account for everybody who left."""
    author = person(node.get("user"))
    return None if author and author.account_id == GHOST else author


def _refreshed(session: Session) -> Cursor:
    return Cursor("refresh", {}, session.observed_at, complete=True)


def _read_up(session: Session, cursor: Cursor, since: datetime | None, lane: str | None = None) -> Cursor:
    """Land what changed since, oldest change first, moving the watermark with each page; the cursor as it is then."""
    assert session.repository is not None
    read = partial(read_comment, repository_id=session.repository.repository_id)
    begin = iso(since) if since else session.read_since
    answer = _first_page(session, begin)
    while True:
        nodes = _comments(session, answer)
        records, rejects = sort_out(nodes, read)
        newest = max((record.source_updated_at or "" for record in records), default="")
        if newest:
            cursor = replace(cursor, watermark=datetime.fromisoformat(newest))
        session.land(records, rejects, answer.observed_at, cursor, lane=lane or cursor.lane)
        following = next_link(answer)
        if len(nodes) < PAGE or following is None:
            return cursor
        anchor = iso(datetime.fromisoformat(newest) - _ONE_SECOND) if newest else ""
        if anchor > (begin or ""):
            begin = anchor
            answer = _first_page(session, begin)
        else:  # the whole page changed within a second
            answer = session.client.rest(following, subject=session.subject)


def _first_page(session: Session, since: str | None) -> Answer:
    assert session.repository is not None
    path = f"/repos/{session.repository.name_with_owner}/pulls/comments"
    asked: dict[str, Any] = {"sort": "updated", "direction": "asc", "per_page": PAGE, "since": since}
    return session.client.rest(path, asked, subject=session.subject)


def _comments(session: Session, answer: Answer) -> list[Any]:
    if not isinstance(answer.document, list):
        raise UnavailableError(f"{session.subject}: the answer is no list of comments; run again")
    return answer.document
