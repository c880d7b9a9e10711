"""Everything new from PagerDuty into raw, resumable at every page.

Three lanes, as for GitHub: ``backfill`` and then ``incremental`` list incidents by creation, oldest first, in
windows that PagerDuty allows (at most six months); ``refresh`` asks by id for those that may still change, because
PagerDuty cannot be asked for what changed.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import psycopg

from roosevelt_pipeline.settings import PagerDutySettings
from roosevelt_pipeline.sources.pagerduty.client import Answer, PagerDutyClient
from roosevelt_pipeline.sources.pagerduty.errors import NoSuchIncident, PagerDutyError
from roosevelt_pipeline.sources.pagerduty.incidents import Node, Unreadable, instant, read_incident
from roosevelt_pipeline.warehouse.heads import last_changes, unsettled_incidents
from roosevelt_pipeline.warehouse.landing import Cursor, Landed, land_page, read_cursor
from roosevelt_pipeline.warehouse.records import Record, Reject
from roosevelt_pipeline.warehouse.validation import iso

STREAM, SCOPE, SOURCE = "pagerduty_incidents", "org", "pagerduty"
PAGE = 100
DEEPEST = 10_000  # offset + limit beyond which PagerDuty refuses to page
WINDOW = timedelta(days=180)  # PagerDuty's six months are 181 days at their shortest
OVERLAP = timedelta(hours=1)
SETTLED_AFTER = timedelta(days=7)  # a resolved incident is asked for by id this long: it may be opened again
BEGINNING = datetime(2009, 1, 1, tzinfo=UTC)  # PagerDuty is no older


@dataclass
class Session:
    """PagerDuty while it is being read.

    Attributes:
        landed: what has landed so far.
    """

    client: PagerDutyClient
    connection: "psycopg.Connection[Any]"
    settings: PagerDutySettings
    run_id: UUID
    landed: Landed = field(default_factory=Landed)

    def cursor(self, lane: str) -> Cursor:
        return read_cursor(self.connection, STREAM, SCOPE, lane, source=SOURCE)

    def land(self, records: list[Record], rejects: list[Reject], observed_at: datetime, *cursors: Cursor) -> None:
        self.landed += land_page(
            self.connection, STREAM, SCOPE, records, observed_at, self.run_id,
            cursors=cursors, rejects=rejects, source=SOURCE,
        )  # fmt: skip


def collect_incidents(session: Session) -> Landed:
    """Land what is new, and what became of what was open.

    Raises:
        PagerDutyError: PagerDuty cannot be read on; what came before has landed.
    """
    backfill, day = session.cursor("backfill"), str(session.settings.read_since)
    if backfill.complete and backfill.position.get("read_since") == day:
        _scan(session, session.cursor("incremental"))
    else:
        _scan(session, _begun(session, backfill, day))
    _refresh(session)
    return session.landed


def _begun(session: Session, cursor: Cursor, read_since: str) -> Cursor:
    """The backfill where it stopped, or from its beginning if that has moved since."""
    if cursor.position.get("read_since") == read_since:
        return cursor
    day = session.settings.read_since
    since = datetime(day.year, day.month, day.day, tzinfo=UTC) if day else BEGINNING
    return Cursor("backfill", {"since": iso(since), "offset": 0, "read_since": read_since})


def _scan(session: Session, cursor: Cursor) -> None:
    """List by creation from where the cursor stands to the present, a page and the next place in one transaction."""
    if cursor.lane == "incremental" and "since" not in cursor.position:
        assert cursor.watermark is not None
        cursor = replace(cursor, position={"since": iso(cursor.watermark - OVERLAP), "offset": 0}, complete=False)
    while True:
        since = datetime.fromisoformat(cursor.position["since"])
        offset = int(cursor.position["offset"])
        answer = session.client.get(
            "/incidents",
            since=iso(since),
            until=iso(since + WINDOW),
            sort_by="created_at:asc",
            limit=PAGE,
            offset=offset,
        )
        nodes = _list(answer, "incidents")
        records, rejects = _read(session, nodes)
        position = _next_place(answer, nodes, since, offset)
        if position is None:
            session.land(records, rejects, answer.observed_at, *_done(cursor, answer.observed_at))
            return
        cursor = replace(cursor, position=cursor.position | position)
        session.land(records, rejects, answer.observed_at, cursor)


def _next_place(answer: Answer, nodes: list[Node], since: datetime, offset: int) -> dict[str, Any] | None:
    if answer.body.get("more") and nodes:
        if offset + 2 * PAGE <= DEEPEST:
            return {"since": iso(since), "offset": offset + PAGE}
        last = instant(nodes[-1], "created_at", optional=True)
        if last is None or last <= iso(since):
            raise PagerDutyError(f"PagerDuty lists more than {DEEPEST} incidents at one instant; please report this")
        return {"since": last, "offset": 0}  # begins anew at the last one seen
    if since + WINDOW < answer.observed_at:
        return {"since": iso(since + WINDOW), "offset": 0}
    return None


def _done(cursor: Cursor, observed_at: datetime) -> Iterator[Cursor]:
    if cursor.lane == "backfill":
        yield replace(cursor, watermark=observed_at, complete=True)
    yield Cursor("incremental", {}, observed_at, complete=True)


def _refresh(session: Session) -> None:
    """Ask by id for what is open, or was until a few days ago. What PagerDuty no longer has gets a tombstone."""
    since = datetime.now(UTC) - SETTLED_AFTER
    for key in unsettled_incidents(session.connection, since):
        try:
            answer = session.client.get(f"/incidents/{key}")
        except NoSuchIncident:
            session.land([Record(key, None, deleted=True)], [], datetime.now(UTC))
            continue
        node = answer.body.get("incident")
        records, rejects = _read(session, [node] if isinstance(node, dict) else [])
        session.land(records, rejects, answer.observed_at)


def _read(session: Session, nodes: Iterable[Node]) -> tuple[list[Record], list[Reject]]:
    """Records of those that changed since they landed: the others cost no request for their log entries."""
    records: list[Record] = []
    rejects: list[Reject] = []
    nodes = list(nodes)
    known = last_changes(session.connection, STREAM, [str(node.get("id")) for node in nodes])
    for node in nodes:
        try:
            record = read_incident(node, [])
            if known.get(record.natural_key) != record.source_updated_at:
                records.append(read_incident(node, list(_log_entries(session, record.natural_key))))
        except Unreadable as fault:
            key = node.get("id")
            rejects.append(Reject(key if isinstance(key, str) else None, f"unreadable: {fault}"))
        except NoSuchIncident:
            continue  # it vanished between two requests; the next run finds it gone
    return records, rejects


def _log_entries(session: Session, key: str) -> Iterator[Node]:
    offset, more = 0, True
    while more and offset + PAGE <= DEEPEST:
        answer = session.client.get(f"/incidents/{key}/log_entries", limit=PAGE, offset=offset)
        entries = _list(answer, "log_entries")
        yield from entries
        more, offset = bool(answer.body.get("more")) and bool(entries), offset + PAGE


def _list(answer: Answer, name: str) -> list[Node]:
    found = answer.body.get(name)
    if not isinstance(found, list):
        raise PagerDutyError(f"PagerDuty's answer holds no list of {name}; please report this")
    return [node for node in found if isinstance(node, dict)]
