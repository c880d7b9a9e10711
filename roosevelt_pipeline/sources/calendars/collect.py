"""A person's calendars into raw: only what changed, or whole where that cannot be told.

A window moves with time: what recurs for ever is laid out only so far ahead, and is read anew
before that comes near. Everything else is asked for by what the source says of its own state
(a sync token, an ETag): where nothing changed, that is one request.
"""

from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from typing import Any, Literal
from uuid import UUID
from zoneinfo import ZoneInfo

import psycopg

from roosevelt_pipeline.privacy.identities import IdentityVault
from roosevelt_pipeline.settings import CalendarSettings
from roosevelt_pipeline.sources.calendars import feed_entries, google_events
from roosevelt_pipeline.sources.calendars.entries import Entry, Unreadable
from roosevelt_pipeline.sources.calendars.errors import AccessError, CalendarError, TokenExpired
from roosevelt_pipeline.sources.calendars.feeds import Feeds, Mark
from roosevelt_pipeline.sources.calendars.google import GoogleCalendars, Page
from roosevelt_pipeline.sources.calendars.owners import CalendarOwner, Window
from roosevelt_pipeline.warehouse.calendars import CalendarOutcome, Held, held_between, record_outcome
from roosevelt_pipeline.warehouse.landing import Cursor, Landed, land_page, read_cursor
from roosevelt_pipeline.warehouse.records import Record, Reject
from roosevelt_pipeline.warehouse.validation import iso

STREAM = "calendar_events"
GOOGLE, FEED = "google_calendar", "ical"
KEY_LENGTH = 40  # hex digits of a digest: 160 bits tell entries apart
EVER = datetime.min.replace(tzinfo=UTC)
RESERVE = timedelta(weeks=2)  # a window that ends sooner is read anew
MOST_PAGES = 20  # of changes; more is a series without end, whose window is a better question
Lane = Literal["full", "incremental", "week"]


@dataclass
class Session:
    """What one thread reads calendars with.

    Attributes:
        google: ``None`` where nothing is set up for it.
        now: the present; windows lie around it.
        kept_since: what ended before is not kept, and so not read.
    """

    connection: "psycopg.Connection[Any]"
    vault: IdentityVault
    settings: CalendarSettings
    run_id: UUID
    google: GoogleCalendars | None
    feeds: Feeds
    now: datetime = field(default_factory=lambda: datetime.now(UTC))
    kept_since: datetime = EVER


@dataclass(frozen=True)
class Known:
    """What reading one calendar came to. Between the two instants everything has landed."""

    lane: Lane
    since: datetime
    until: datetime
    landed: Landed
    gone: int = 0

    def __and__(self, other: "Known") -> "Known":
        """Of two calendars of one person: what is known of both."""
        lane: Lane = self.lane if self.lane == other.lane else "full"
        since, until = max(self.since, other.since), min(self.until, other.until)
        return Known(lane, since, until, self.landed + other.landed, self.gone + other.gone)


def collect_calendars_of(session: Session, owner: CalendarOwner, monday: date | None = None) -> CalendarOutcome:
    """Land what the calendars of one person hold, and keep what that came to, also if one cannot be read.

    Args:
        monday: of the one week to read anew; else everything that is new is read.

    Raises:
        AccessError: no calendar at all can be read.
        psycopg.Error: the warehouse is gone.
    """
    started_at, before = datetime.now(UTC), _requests(session)
    try:
        known = _read(session, owner, monday)
    except AccessError:
        raise
    except CalendarError as error:
        outcome = CalendarOutcome(
            owner.user_id, "week" if monday else "full", started_at, datetime.now(UTC), "failed",
            requests=_requests(session) - before, error=str(error),
        )  # fmt: skip
    else:
        outcome = CalendarOutcome(
            owner.user_id, known.lane, started_at, datetime.now(UTC), "complete", known.since,
            max(known.until, known.since), _requests(session) - before, known.landed.seen, known.landed.versions,
            known.gone, known.landed.rejects,
        )  # fmt: skip
    record_outcome(session.connection, session.run_id, outcome)
    return outcome


def _read(session: Session, owner: CalendarOwner, monday: date | None) -> Known:
    window = _week(session, owner, monday) if monday else _window(session, owner)
    if window.until <= window.since:
        raise CalendarError(
            "the person did not take part in that week, or it is too long ago to be kept; there is nothing to read"
        )
    found: list[Known] = []
    if owner.google:
        if session.google is None:
            raise CalendarError(
                "no key for Google Calendar is set (docs/calendars.md), but the directory names a calendar"
            )
        reading = _Google(session, owner, owner.google, session.google)
        found.append(reading.week(window) if monday else reading.sync(window))
    if owner.ical:
        found.append(_Feed(session, owner, owner.ical).read(window, is_week=monday is not None))
    if not found:
        raise CalendarError("the directory of people names no calendar of this person; add one, or leave it so")
    known = found[0]
    for other in found[1:]:
        known &= other
    return known


def _window(session: Session, owner: CalendarOwner) -> Window:
    """From Monday so many weeks ago, but not before the person agreed, to so many weeks ahead."""
    back = session.now - timedelta(weeks=session.settings.weeks_back, days=session.now.weekday())
    since = max(back.replace(hour=0, minute=0, second=0, microsecond=0), owner.since, session.kept_since)
    return Window(since, (session.now + timedelta(weeks=session.settings.weeks_ahead)).replace(microsecond=0))


def _week(session: Session, owner: CalendarOwner, monday: date) -> Window:
    zone = ZoneInfo(owner.zone)
    begins = datetime.combine(monday, time(), tzinfo=zone).astimezone(UTC)
    ends = datetime.combine(monday + timedelta(days=7), time(), tzinfo=zone).astimezone(UTC)
    return Window(max(begins, owner.since, session.kept_since), ends)


def _requests(session: Session) -> int:
    return session.feeds.requests + (session.google.requests if session.google else 0)


class _Calendar:
    """One calendar while it is being read: digests for keys, tombstones for what is gone."""

    source = ""

    def __init__(self, session: Session, owner: CalendarOwner, identity: str) -> None:
        self.session, self.owner, self.scope = session, owner, str(owner.user_id)
        self.zone = ZoneInfo(owner.zone)
        # Both change with the identity key: what was read under another one is read anew.
        self.mark = session.vault.hashed(self.source, identity).hex()[:KEY_LENGTH]

    def key(self, entry_id: str) -> str:
        return f"{self.source}:{self.session.vault.hashed(self.mark, entry_id).hex()[:KEY_LENGTH]}"

    def place(self, window: Window, **more: Any) -> Cursor:
        position = {
            "calendar": self.mark, "agreed": iso(self.owner.since), "since": iso(window.since),
            "until": iso(window.until), **more,
        }  # fmt: skip
        return Cursor("incremental", position, complete=True)

    def standing(self, wanted: Window) -> tuple[Cursor, Window] | None:
        """Where reading stopped, if it can go on from there: the same calendar, and a window that still reaches far.

        Whoever had stopped taking part and began anew is read anew: of the time between nothing is asked for.
        """
        cursor = read_cursor(self.session.connection, STREAM, self.scope, "incremental", source=self.source)
        position = cursor.position
        if position.get("calendar") != self.mark or position.get("agreed") != iso(self.owner.since):
            return None
        window = Window(*(datetime.fromisoformat(cursor.position[name]) for name in ("since", "until")))
        fits = window.until >= self.session.now + RESERVE and window.since <= wanted.since + timedelta(days=1)
        return (cursor, window) if fits else None

    def record(self, entry_id: str, read: Callable[[], Entry], window: Window) -> Record | Reject:
        key = self.key(entry_id)
        try:
            return read().record(key, window, self.zone)
        except Unreadable as fault:
            return Reject(key, f"unreadable: {fault}")

    def land(self, found: Iterable[Record | Reject], observed_at: datetime, cursor: Cursor | None = None) -> Landed:
        found = list(found)
        return land_page(
            self.session.connection, STREAM, self.scope, [one for one in found if isinstance(one, Record)], observed_at,
            self.session.run_id, cursor=cursor, rejects=[one for one in found if isinstance(one, Reject)],
            source=self.source,
        )  # fmt: skip

    def vanished(self, window: Window, seen: set[str]) -> list[Record]:
        """Tombstones for what is held and was not told. All-day entries at the window's ends are left alone."""
        held = held_between(self.session.connection, self.scope, self.source, iso(window.since), iso(window.until))
        return [Record(one.key, None, deleted=True) for one in held if one.key not in seen and _surely_in(one, window)]


def _surely_in(held: Held, window: Window) -> bool:
    begins, ends = datetime.fromisoformat(held.starts), datetime.fromisoformat(held.ends)
    margin = timedelta(days=1) if held.is_all_day else timedelta()
    return Window(window.since + margin, window.until - margin).holds(begins, ends)


class _Google(_Calendar):
    source = GOOGLE

    def __init__(self, session: Session, owner: CalendarOwner, calendar_id: str, google: GoogleCalendars) -> None:
        super().__init__(session, owner, calendar_id)
        self.calendar_id, self.google = calendar_id, google

    def sync(self, wanted: Window) -> Known:
        """What changed since the last time, or everything."""
        standing = self.standing(wanted)
        if standing is not None and (token := standing[0].position.get("token")):
            with suppress(TokenExpired):
                return self._increment(token, standing[1])
        return self._whole(wanted, "full", keeps_place=True)

    def week(self, window: Window) -> Known:
        """One week, read anew. The place where reading goes on from stays."""
        return self._whole(window, "week", keeps_place=False)

    def _increment(self, token: str, window: Window) -> Known:
        landed, gone = Landed(), 0
        for number, page in enumerate(self.google.changed(self.calendar_id, token), 1):
            if number > MOST_PAGES:
                raise TokenExpired("so much changed that a window is a better question")
            found = list(self._records(page, window))
            cursor = self.place(window, token=page.sync_token) if page.is_last else None
            landed += self.land(found, page.observed_at, cursor)
            gone += sum(isinstance(one, Record) and one.deleted for one in found)
        return Known("incremental", window.since, min(window.until, page.observed_at), landed, gone)

    def _whole(self, window: Window, lane: Lane, *, keeps_place: bool) -> Known:
        landed, seen, gone = Landed(), set[str](), 0
        for page in self.google.within(self.calendar_id, window):
            found: list[Record | Reject] = list(self._records(page, window))
            seen |= {one.natural_key for one in found if one.natural_key}
            cursor = None
            if page.is_last:
                vanished = self.vanished(window, seen)
                found, gone = [*found, *vanished], len(vanished)
                cursor = self.place(window, token=page.sync_token) if keeps_place and page.sync_token else None
            landed += self.land(found, page.observed_at, cursor)
        return Known(lane, window.since, min(window.until, page.observed_at), landed, gone)

    def _records(self, page: Page, window: Window) -> Iterator[Record | Reject]:
        for node in page.nodes:
            event_id = node.get("id")
            if not isinstance(event_id, str):
                yield Reject(None, "unreadable: no id")
            elif google_events.is_gone(node):
                yield Record(self.key(event_id), None, deleted=True)
            else:
                yield self.record(event_id, lambda node=node: google_events.read_event(node), window)  # type: ignore[misc]


class _Feed(_Calendar):
    source = FEED

    def __init__(self, session: Session, owner: CalendarOwner, address: str) -> None:
        super().__init__(session, owner, address)
        self.address = address

    def read(self, wanted: Window, *, is_week: bool) -> Known:
        """All of the feed, unless its server says that it is as it was."""
        standing = None if is_week else self.standing(wanted)
        position = standing[0].position if standing else {}
        feed = self.session.feeds.fetch(self.address, Mark(position.get("etag"), position.get("last_modified")))
        if feed.text is None:
            if standing is None:
                raise CalendarError(
                    "the feed's server says that nothing changed, though it was not asked; try again later"
                )
            window = standing[1]
            return Known("incremental", window.since, min(window.until, feed.observed_at), Landed())
        found = [self._judged(one, wanted) for one in self._entries(feed.text, wanted)]
        seen = {one.natural_key for one in found if one.natural_key}
        vanished = self.vanished(wanted, seen)
        mark = {"etag": feed.mark.etag, "last_modified": feed.mark.last_modified}
        cursor = None if is_week else self.place(wanted, **mark)
        landed = self.land([*found, *vanished], feed.observed_at, cursor)
        until = min(wanted.until, feed.observed_at)
        return Known("week" if is_week else "full", wanted.since, until, landed, len(vanished))

    def _entries(self, text: bytes, window: Window) -> Iterator[feed_entries.Occurrence | feed_entries.Unfit]:
        return feed_entries.read_feed(text, window, self.zone, self.owner.addresses)

    def _judged(self, one: feed_entries.Occurrence | feed_entries.Unfit, window: Window) -> Record | Reject:
        if isinstance(one, feed_entries.Unfit):
            return Reject(self.key(one.identity), f"unreadable: {one.reason}")
        if one.entry.status == "cancelled":
            return Record(self.key(one.identity), None, deleted=True)
        return self.record(one.identity, lambda: one.entry, window)
