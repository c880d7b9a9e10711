"""Calendars to raw: whose are read, several at once, and how each of them went."""

import threading
from collections.abc import Callable, Generator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from typing import TYPE_CHECKING, Any
from uuid import UUID

from roosevelt_pipeline.settings import Settings, home
from roosevelt_pipeline.warehouse.connections import Role, Warehouse

if TYPE_CHECKING:
    import psycopg

    from roosevelt_pipeline.sources.calendars.collect import Session
    from roosevelt_pipeline.sources.calendars.owners import CalendarOwner
    from roosevelt_pipeline.warehouse.calendars import CalendarOutcome


@dataclass
class CalendarReport:
    """How a reading of calendars went.

    Attributes:
        without: how many take part and have no calendar in the directory; of their time nothing is known.
        skipped: why nothing was read.
        problem: why nothing at all could be read; what came before has landed.
    """

    outcomes: list["CalendarOutcome"] = field(default_factory=list)
    without: int = 0
    skipped: str | None = None
    problem: str | None = None

    @property
    def failures(self) -> list[str]:
        """Whose calendar could not be read, by pseudonym, and why."""
        return [f"{one.user_id}: {one.error}" for one in self.outcomes if one.error is not None]

    def totals(self) -> dict[str, int]:
        names = ("requests", "rows_seen", "versions_added", "gone", "rejects")
        counted = {name: sum(getattr(one, name) for one in self.outcomes) for name in names}
        return {"calendars": len(self.outcomes), "failed": len(self.failures), "without": self.without} | counted


def collect_calendars(
    settings: Settings, warehouse: Warehouse, run_id: UUID, mondays: Sequence[date] = (), now: datetime | None = None
) -> CalendarReport:
    """Land what is new in the calendars of those who take part. Nobody else's is asked for.

    Args:
        mondays: of weeks to read anew, instead of what is new.
        now: the present; the clock's unless given.

    Raises:
        DatabaseError: the warehouse cannot be used.
    """
    from roosevelt_pipeline.sources.calendars.errors import AccessError
    from roosevelt_pipeline.sources.people.directory import DirectoryError, directory_path

    if directory_path(settings) is None:
        return CalendarReport(skipped="people.directory is not set, and it is what says whose calendar is where")
    try:
        owners, without = calendar_owners(settings, warehouse)
    except DirectoryError as error:
        return CalendarReport(problem=str(error))
    report = CalendarReport(without=without)
    if not owners:
        report.skipped = "nobody who takes part in SPACE has a calendar in the directory of people"
        return report
    try:
        with closing(_read_all(settings, warehouse, run_id, owners, mondays or (None,), now)) as outcomes:
            report.outcomes.extend(outcomes)
    except AccessError as error:
        report.problem = str(error)
    return report


def calendar_owners(settings: Settings, warehouse: Warehouse) -> tuple[list["CalendarOwner"], int]:
    """Those of the directory who take part now and have a calendar; and how many take part and have none.

    Raises:
        DirectoryError: the directory cannot be read.
    """
    from roosevelt_pipeline.people import read_people, under_surrogates
    from roosevelt_pipeline.sources.calendars.owners import CalendarOwner
    from roosevelt_pipeline.warehouse.calendars import taking_part_since

    directory = read_people(settings, warehouse)
    with warehouse.connect(Role.INGEST) as connection, connection.transaction():
        listed = under_surrogates(settings, connection, directory.members)
        since = taking_part_since(connection)
    there = [one for one in listed if one.user_id in since]
    owners = [
        CalendarOwner(
            one.user_id, since[one.user_id], one.member.time_zone, one.member.calendar, one.member.ical,
            frozenset({*one.member.emails, *([one.member.calendar.lower()] if one.member.calendar else [])}),
        )
        for one in there
        if one.member.calendar or one.member.ical
    ]  # fmt: skip
    return owners, len(there) - len(owners)


def _read_all(
    settings: Settings,
    warehouse: Warehouse,
    run_id: UUID,
    owners: Sequence["CalendarOwner"],
    mondays: Sequence[date | None],
    now: datetime | None,
) -> Generator["CalendarOutcome", None, None]:
    """Several at once, each thread with a connection and clients of its own; outcomes in the owners' order."""
    from roosevelt_pipeline.sources.calendars.collect import collect_calendars_of

    own, opened, lock = threading.local(), list[Callable[[], None]](), threading.Lock()
    start = _opener(settings, warehouse, run_id, now or datetime.now(UTC))

    def read(asked: tuple["CalendarOwner", date | None]) -> "CalendarOutcome":
        if not hasattr(own, "session"):
            own.session, close = start()
            with lock:
                opened.append(close)
        return collect_calendars_of(own.session, *asked)

    pool = ThreadPoolExecutor(settings.calendars.workers, thread_name_prefix="calendars")
    try:
        yield from pool.map(read, [(owner, monday) for owner in owners for monday in mondays])
    finally:
        pool.shutdown(wait=True, cancel_futures=True)
        for close in opened:
            close()


def _opener(
    settings: Settings, warehouse: Warehouse, run_id: UUID, now: datetime
) -> Callable[[], tuple["Session", Callable[[], None]]]:
    """Makes what a thread reads with, and what closes that again.

    Raises:
        AccessError: the key for Google cannot be used.
    """
    from roosevelt_pipeline.privacy.identities import IdentityVault
    from roosevelt_pipeline.privacy.keys import identity_key
    from roosevelt_pipeline.sources.calendars.collect import Session
    from roosevelt_pipeline.sources.calendars.feeds import Feeds
    from roosevelt_pipeline.sources.calendars.google import GoogleCalendars
    from roosevelt_pipeline.sources.google_access import calendar_access
    from roosevelt_pipeline.warehouse.retention import kept_since

    access, vault = calendar_access(settings), IdentityVault(identity_key(settings, home()))

    def start() -> tuple["Session", Callable[[], None]]:
        connection: psycopg.Connection[Any] = warehouse.connect(Role.INGEST, autocommit=True)
        google = GoogleCalendars(access, settings.calendars) if access else None
        feeds = Feeds(settings.calendars)

        def close() -> None:
            connection.close()
            feeds.close()
            if google:
                google.close()

        since = kept_since(now, settings.privacy.keep_days)
        return Session(connection, vault, settings.calendars, run_id, google, feeds, now, since), close

    return start
