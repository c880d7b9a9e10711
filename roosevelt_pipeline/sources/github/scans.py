"""The two ways to read a list whole: forwards once, and backwards from the newest to what is known.

Forwards follows an order that never changes (creation), so nothing is skipped while data
moves. Backwards moves its watermark only when it has reached it: a scan that was broken off
has a hole at its old end, so it goes on where it stopped.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any

from roosevelt_pipeline.sources.github.answers import Answer
from roosevelt_pipeline.sources.github.errors import NotFoundError, UnavailableError
from roosevelt_pipeline.sources.github.nodes import Node, UnfitError, instant, sort_out
from roosevelt_pipeline.sources.github.paging import ListPage, counted, page_of, short
from roosevelt_pipeline.sources.github.session import OVERLAP, Session
from roosevelt_pipeline.warehouse.landing import Cursor
from roosevelt_pipeline.warehouse.records import Record

BELIEVED_AFTER = 5  # syncs in which a list ended at the same place before its count


@dataclass(frozen=True)
class Listing:
    """How a stream is listed and read.

    Attributes:
        connection: the field of the repository that holds it.
        page: asks for one page: after a cursor, ascending by creation or descending by ``ordered_by``.
        read: turns a node into a record.
        ordered_by: the field of a node that the descending order follows.
        prepare: completes a node whose nested lists were cut, before it is read.
        bounded: whether an increment may stop at the watermark; if not, it reads to the end.
    """

    connection: str
    page: Callable[[str | None, bool], Answer]
    read: Callable[[Node], Record | None]
    ordered_by: str
    prepare: Callable[[Node], None] = lambda _node: None
    bounded: bool = True


def collect_listing(session: Session, listing: Listing, policy: str) -> bool:
    """Read what is new of a list: all of it the first time, then what moved.

    Returns:
        whether anything was read; not if the probe says that nothing moved.
    """
    backfill = session.cursor("backfill")
    if backfill.position.get("policy") != policy:
        start = {"policy": policy, "mark": session.mark, "watermark": _text(session.newest_at)}
        backfill = Cursor("backfill", start)
    read = not backfill.complete
    if read:
        _backfill(session, listing, backfill)
        if session.mark is None:
            return True
    while _moved(session, incremental := session.cursor("incremental")):
        read = True
        resumed = "scan" in incremental.position
        _scan(session, listing, incremental)
        if session.mark is None and not resumed:
            break
    return read


def connection_of(answer: Answer, name: str, subject: str) -> Node:
    """A repository's connection in an answer.

    Raises:
        NotFoundError: there is no such repository, or the token may not see it.
    """
    repository = answer.data.get("repository")
    if not isinstance(repository, dict) or not isinstance(repository.get(name), dict):
        raise NotFoundError(f"{subject}: not found, or the token may not see it")
    found: Node = repository[name]
    return found


def _backfill(session: Session, listing: Listing, cursor: Cursor) -> None:
    """Read it all, oldest first; with ``read_since``, newest first and down to it."""
    descending = session.read_since is not None
    more = True
    while more:
        answer = listing.page(cursor.position.get("after"), descending)
        connection = connection_of(answer, listing.connection, session.subject)
        place = cursor.position
        page = page_of(connection, session.subject, after=place.get("after"), seen=place.get("seen", 0))
        if page.is_short and not descending:
            _begin_again(session, cursor, page)
        records, rejects, oldest = _read(session, listing, page)
        more = page.more and not (descending and oldest < (session.read_since or ""))
        if session.mark is None and not cursor.position["watermark"]:
            cursor.position["watermark"] = _text(answer.observed_at)
        cursor = replace(
            cursor,
            position=cursor.position | {"after": page.end, "seen": page.seen},
            complete=not more,
        )
        done = () if more else (_first_watermark(cursor),)
        session.land(records, rejects, answer.observed_at, cursor, *done, lane="backfill")


def _begin_again(session: Session, cursor: Cursor, page: ListPage) -> None:
    """A list that ended early is read again from its beginning, with the next sync.

    Only if it always ends just so is it believed: GitHub may count what it does not show.

    Raises:
        UnavailableError: unless it has ended so again and again.
    """
    *before, times = cursor.position.get("ended", [0])
    ended = [page.seen, page.total]
    times = times + 1 if before == ended else 1
    if times >= BELIEVED_AFTER:
        return
    begin = {key: value for key, value in cursor.position.items() if key not in ("after", "seen")}
    session.save(replace(cursor, position=begin | {"ended": [*ended, times]}))
    raise short(page, session.subject)


def _scan(session: Session, listing: Listing, cursor: Cursor) -> None:
    """Read from the newest down to the watermark and a little further, then move it."""
    floor = _text(cursor.watermark - OVERLAP) if cursor.watermark and listing.bounded else ""
    scan: dict[str, Any] = cursor.position.get("scan") or {"mark": session.mark}
    more = True
    while more:
        answer = listing.page(scan.get("after"), True)
        connection = connection_of(answer, listing.connection, session.subject)
        try:
            page = page_of(connection, session.subject, after=scan.get("after"), seen=scan.get("seen", 0))
            page = _newest_first(session, listing, counted(page, session.subject), scan)
        except UnavailableError:
            # What was updated meanwhile left this end of the list: from its beginning it is met again.
            begun = {key: value for key, value in cursor.position.items() if key != "scan"}
            session.save(replace(cursor, position=begun))
            raise
        records, rejects, oldest = _read(session, listing, page)
        more = page.more and not oldest < max(floor or "", session.read_since or "")
        newest = scan.get("newest") or _newest(listing, page, answer) or _text(cursor.watermark)
        scan = scan | {"after": page.end, "seen": page.seen, "newest": newest}
        if more:
            moved = replace(cursor, position=cursor.position | {"scan": scan})
        else:
            watermark = datetime.fromisoformat(newest) if newest else None
            moved = Cursor("incremental", {"mark": scan["mark"]}, watermark, complete=True)
        session.land(records, rejects, answer.observed_at, moved, lane="incremental")


def _read(session: Session, listing: Listing, page: ListPage) -> tuple[list[Record], list[Any], str]:
    """Records and rejects of a page, without those before ``read_since``, and its oldest instant."""
    nodes = page.rows
    oldest = min(_instants(listing, nodes), default="9999")
    since = session.read_since
    if since is not None:
        nodes = [node for node in nodes if min(_instants(listing, [node]), default=since) >= since]
    records, rejects = sort_out(nodes, listing.read, listing.prepare)
    return records, rejects, oldest


def _newest_first(session: Session, listing: Listing, page: ListPage, scan: dict[str, Any]) -> ListPage:
    """The first page of a scan has what the probe saw; one that has not is another page, or an old one.

    Raises:
        UnavailableError: it has not.
    """
    seen = _text(session.newest_at)
    if "after" not in scan and seen and max(_instants(listing, page.rows), default="") < seen:
        raise UnavailableError(f"{session.subject}: a list does not begin with what is newest; run again")
    return page


def _newest(listing: Listing, page: ListPage, answer: Answer) -> str | None:
    """The newest instant of a page that has come: a watermark in the future would hide everything until then."""
    now = _text(answer.observed_at) or ""
    return max((one for one in _instants(listing, page.rows) if one <= now), default=None)


def _instants(listing: Listing, nodes: list[Any]) -> list[str]:
    found = []
    for node in nodes:
        try:
            found.append(instant(node, listing.ordered_by))
        except (UnfitError, AttributeError):
            continue
    return found


def _first_watermark(backfill: Cursor) -> Cursor:
    """Increments start from what the probe saw before the first page of the backfill."""
    seen = backfill.position["watermark"]
    return Cursor(
        "incremental",
        {"mark": backfill.position["mark"]},
        datetime.fromisoformat(seen) if seen else None,
        complete=True,
    )


def _moved(session: Session, cursor: Cursor) -> bool:
    return session.mark is None or cursor.position.get("mark") != session.mark or "scan" in cursor.position


def _text(value: datetime | None) -> str | None:
    return f"{value.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}" if value else None
