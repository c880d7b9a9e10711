"""The refresh lane: objects that change without any list saying so, asked for again by id.

It has a cadence and a budget of its own, by the clock of GitHub's Date header. A round goes
from the newest object down; what the budget does not reach is reached by the next run, so the
object that waited longest is always next. A round is over when it has met everything that was
open when it began.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from roosevelt_pipeline.sources.github.client import Costs
from roosevelt_pipeline.sources.github.session import Session
from roosevelt_pipeline.warehouse.heads import Candidate
from roosevelt_pipeline.warehouse.landing import Cursor
from roosevelt_pipeline.warehouse.records import Record, Reject

IDS_PER_REQUEST = 100
# Of a repository's budget; runs have the most objects, and no stream may starve another.
_SHARES = {"github_deployments": 1, "github_issues": 1, "github_workflow_runs": 2}


@dataclass(frozen=True)
class Page:
    """What one request brought, and the key down to which everything has now been asked for."""

    key: int
    records: Sequence[Record]
    rejects: Sequence[Reject]
    observed_at: datetime


@dataclass(frozen=True)
class Refreshed:
    """How a stream's open objects are found and asked for.

    Attributes:
        news: those that something new in the stream may concern: asked for as soon as it moved.
        all: everything that may still change, newest first.
        read: asks for some of them, in their order.
        batch: ids per request.
    """

    news: Callable[[], list[Candidate]]
    all: Callable[[], list[Candidate]]
    read: Callable[[Sequence[Candidate]], Iterator[Page]]
    batch: int = IDS_PER_REQUEST


def refresh(session: Session, lane: Refreshed, *, moved: bool) -> None:
    """Begin a round if one is due, go on with one that is not over, else look at what the news may concern.

    Args:
        moved: something new has just been read in the stream.
    """
    cursor = session.cursor("refresh")
    if cursor.watermark is None:  # everything has just been read for the first time
        session.save(Cursor("refresh", {}, session.observed_at, complete=True))
        return
    due = is_due(session)
    with session.client.metered() as costs:
        if moved and not (cursor.complete and due):
            _read(session, lane, lane.news(), costs)
        if not cursor.complete or due:
            _round(session, lane, cursor, costs)


def is_due(session: Session) -> bool:
    """Whether the stream's last whole round began long enough ago, by GitHub's clock."""
    last = session.cursor("refresh").watermark
    every = timedelta(hours=session.settings.github.refresh_every_hours)
    # A clock that was fast once must not put it off until then.
    return last is None or not timedelta() <= session.observed_at - last < every


def budget(session: Session) -> int:
    """Requests that a run may spend on the lane in this stream of one repository."""
    return max(1, session.settings.github.refresh_requests * _SHARES[session.stream] // sum(_SHARES.values()))


def _round(session: Session, lane: Refreshed, cursor: Cursor, costs: Costs) -> None:
    if cursor.complete:
        cursor = Cursor("refresh", {"begun": session.observed_at.isoformat()}, cursor.watermark)
    below = cursor.position.get("below")
    waiting = [one for one in lane.all() if below is None or one.key < below]
    session.carried = _read(session, lane, waiting, costs, cursor)
    if not session.carried:
        begun = datetime.fromisoformat(cursor.position["begun"])
        session.save(Cursor("refresh", {}, begun, complete=True), lane="refresh" if waiting else None)


def _read(
    session: Session, lane: Refreshed, waiting: Sequence[Candidate], costs: Costs, cursor: Cursor | None = None
) -> int:
    """Ask within what is left of the budget; how many of the objects were not reached."""
    left = list(waiting)
    for start in range(0, len(waiting), lane.batch):
        if costs.requests >= budget(session):
            break
        for page in lane.read(waiting[start : start + lane.batch]):
            left = [one for one in left if one.key < page.key]
            reached = {"below": page.key, "left": len(left)}
            place = (replace(cursor, position=cursor.position | reached),) if cursor else ()
            session.land(page.records, page.rejects, page.observed_at, *place, lane="refresh")
            if costs.requests >= budget(session):
                break
    return len(left)
