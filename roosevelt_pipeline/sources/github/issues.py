"""Incidents and defects: issues with one of their labels, and what happened to them.

The title of an incident is kept, that of a defect is not, and no body is.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from datetime import datetime
from functools import partial
from typing import Any

from roosevelt_pipeline.settings import GitHubSettings
from roosevelt_pipeline.sources.github.answers import Answer
from roosevelt_pipeline.sources.github.derive import incident_references
from roosevelt_pipeline.sources.github.nodes import (
    Node,
    inner,
    instant,
    integer,
    items,
    optional_instant,
    optional_text,
    person,
    sort_out,
    text,
)
from roosevelt_pipeline.sources.github.overflow import drain
from roosevelt_pipeline.sources.github.paging import counted, nodes_by_id, page_of
from roosevelt_pipeline.sources.github.refresh import Page, Refreshed, refresh
from roosevelt_pipeline.sources.github.scans import connection_of
from roosevelt_pipeline.sources.github.session import OVERLAP, Session
from roosevelt_pipeline.warehouse.heads import Candidate, known_keys, open_issues
from roosevelt_pipeline.warehouse.landing import Cursor
from roosevelt_pipeline.warehouse.records import Record
from roosevelt_pipeline.warehouse.validation import iso

PAGE = 50
_LISTS = ("labels", "timelineItems")
_EVENTS = {
    "LabeledEvent": "labeled",
    "UnlabeledEvent": "unlabeled",
    "ClosedEvent": "closed",
    "ReopenedEvent": "reopened",
}


def collect(session: Session) -> None:
    """Backfill by label, then everything that changed, and open incidents by id.

    Increments do not ask for the label: an issue that lost it, or that was closed, is read
    again because it is known.
    """
    policy = session.policy(labels=sorted(wanted_labels(session.settings.github)))
    backfill = session.cursor("backfill")
    if backfill.position.get("policy") != policy:
        start = {"policy": policy, "mark": session.mark, "label": 0}
        backfill = Cursor("backfill", start, watermark=session.newest_at)
    if not backfill.complete:
        _backfill(session, backfill)
    incremental = session.cursor("incremental")
    if "after" in incremental.position or session.mark is None or incremental.position.get("mark") != session.mark:
        _increment(session, incremental)
    waiting = partial(open_issues, session.connection, session.scope)
    refresh(session, Refreshed(list, waiting, partial(_read_again, session), batch=PAGE), moved=False)


def read_issue(node: Node, *, repository_id: int, policy: GitHubSettings) -> Record:
    """An issue as it lands, its events oldest first; with a title if it is an incident."""
    key, updated_at = integer(node, "fullDatabaseId"), instant(node, "updatedAt")
    labels = sorted({text(label, "name") for label in items(node, "labels")})
    is_incident = not _lower(policy.incident_labels).isdisjoint(_lower(labels))
    named = incident_references((is_incident and optional_text(node, "body")) or "")
    payload = {
        "issue_id": key,
        "repository_id": repository_id,
        "node_id": text(node, "id"),
        "number": integer(node, "number"),
        "url": text(node, "url"),
        "title": text(node, "title") if is_incident else None,
        "state": text(node, "state"),
        "state_reason": optional_text(node, "stateReason"),
        "created_at": instant(node, "createdAt"),
        "updated_at": updated_at,
        "closed_at": optional_instant(node, "closedAt"),
        "author_id": person(node.get("author")),
        "labels": labels,
        "events": sorted((_event(event) for event in items(node, "timelineItems")), key=lambda event: event["at"]),
        "named_deployment_ids": named.deployment_ids,
        "named_oids": named.oids,
        "named_pull_requests": named.pull_requests,
    }
    return Record(str(key), payload, updated_at)


def wanted_labels(policy: GitHubSettings) -> tuple[str, ...]:
    """Labels that make an issue an incident or a defect."""
    return tuple(dict.fromkeys((*policy.incident_labels, *policy.bug_labels)))


def _lower(labels: Iterable[str]) -> set[str]:
    return {label.lower() for label in labels}


def _event(event: Node) -> dict[str, Any]:
    return {
        "type": _EVENTS.get(text(event, "__typename"), "other"),
        "at": instant(event, "createdAt"),
        "label": text(inner(event, "label"), "name") if event.get("label") else None,
    }


def _backfill(session: Session, cursor: Cursor) -> None:
    """Label by label, oldest first. Whether several labels in one request mean all or any is not documented."""
    labels = wanted_labels(session.settings.github)
    while not cursor.complete:
        place = cursor.position["label"]
        variables = {"labels": [labels[place]], "field": "CREATED_AT", "since": session.read_since}
        after, seen = cursor.position.get("after"), cursor.position.get("seen", 0)
        answer, found = _ask(session, variables, after)
        page = counted(page_of(found, session.subject, after=after, seen=seen), session.subject)
        records, rejects = _read(session, page.rows)
        if page.more:
            position = cursor.position | {"after": page.end, "seen": page.seen}
        else:
            position = cursor.position | {"after": None, "seen": 0, "label": place + 1}
        watermark = cursor.watermark or (answer.observed_at if session.mark is None else None)
        cursor = replace(cursor, position=position, watermark=watermark, complete=position["label"] >= len(labels))
        mark = {"mark": cursor.position["mark"]}
        done = (Cursor("incremental", mark, watermark, complete=True),) if cursor.complete else ()
        session.land(records, rejects, answer.observed_at, cursor, *done, lane="backfill")


def _increment(session: Session, cursor: Cursor) -> None:
    """Everything updated since, oldest change first: what is updated meanwhile moves to the end and is met there."""
    since = iso(cursor.watermark - OVERLAP) if cursor.watermark else session.read_since
    since = cursor.position.get("since", since)
    mark, newest, more = session.mark, cursor.position.get("newest"), True
    while more:
        after = cursor.position.get("after")
        answer, found = _ask(session, {"field": "UPDATED_AT", "since": since}, after)
        page = counted(
            page_of(found, session.subject, after=after, seen=cursor.position.get("seen", 0)), session.subject
        )
        records, rejects = _read(session, page.rows)
        ours = incidents_and_bugs(session, records)
        # What has not come yet would hide everything until then.
        times = [one.source_updated_at or "" for one in records]
        newest = max([newest or "", *(time for time in times if time <= iso(answer.observed_at))])
        more = page.more
        if more:
            position = {"after": page.end, "seen": page.seen, "since": since, "newest": newest}
            cursor = replace(cursor, position={"mark": cursor.position.get("mark")} | position)
        else:
            watermark = datetime.fromisoformat(newest) if newest else cursor.watermark
            cursor = Cursor("incremental", {"mark": mark}, watermark, complete=True)
        session.land(ours, rejects, answer.observed_at, cursor, lane="incremental")


def incidents_and_bugs(session: Session, records: list[Record]) -> list[Record]:
    """Those that are incidents or defects by their labels, or were when they were last read."""
    wanted = _lower(wanted_labels(session.settings.github))
    known = known_keys(session.connection, session.stream, [record.natural_key for record in records])
    return [
        record for record in records if record.natural_key in known or wanted & _lower((record.payload or {})["labels"])
    ]


def _read(session: Session, nodes: list[Node]) -> Any:
    assert session.repository is not None
    read = partial(read_issue, repository_id=session.repository.repository_id, policy=session.settings.github)
    return sort_out(nodes, read, lambda node: drain(session.client, "issue_rest", node, _LISTS, session.subject))


def _read_again(session: Session, waiting: Sequence[Candidate]) -> Iterator[Page]:
    """Known incidents by id. One that now belongs to another repository is left to the sweep."""
    assert session.repository is not None
    asked = {"ids": [one.node_id for one in waiting]}
    answer = session.client.graphql("issues_by_id", asked, subject=session.subject, tolerated=frozenset({"NOT_FOUND"}))
    nodes = [
        node
        for node in nodes_by_id(answer.data, asked["ids"], session.subject)
        if (node.get("repository") or {}).get("id") == session.repository.node_id
    ]
    records, rejects = _read(session, nodes)
    yield Page(waiting[-1].key, records, rejects, answer.observed_at)


def _ask(session: Session, variables: dict[str, Any], after: str | None) -> tuple[Answer, Node]:
    asked = session.place | {"page": PAGE, "after": after} | variables
    answer = session.client.graphql("issues", asked, subject=session.subject)
    return answer, connection_of(answer, "issues", session.subject)
