"""Calendars behind real HTTP, and a warehouse to read them into."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
from pydantic import SecretStr

from roosevelt_pipeline.privacy.identities import IdentityVault
from roosevelt_pipeline.sandbox.calendars.book import Book, iso
from roosevelt_pipeline.sandbox.calendars.desk import CLIENT_ID, CLIENT_SECRET, REFRESH_TOKEN, Desk, served
from roosevelt_pipeline.settings import CalendarSettings, Settings
from roosevelt_pipeline.sources.calendars.collect import Session, collect_calendars_of
from roosevelt_pipeline.sources.calendars.feeds import Feeds
from roosevelt_pipeline.sources.calendars.google import GoogleCalendars
from roosevelt_pipeline.sources.calendars.owners import CalendarOwner
from roosevelt_pipeline.sources.google_access import calendar_access
from roosevelt_pipeline.warehouse.calendars import CalendarOutcome
from roosevelt_pipeline.warehouse.connections import Role, Warehouse

NOW = datetime(2026, 3, 16, 2, tzinfo=UTC)  # a Monday, at the hour of the weekly run
HOUR, DAY = timedelta(hours=1), timedelta(days=1)
ADA, BOB = "ada@acme.example", "bob@acme.example"
ADA_ID, BOB_ID = UUID(int=0xADA), UUID(int=0xB0B)


class World:
    """Calendars that a test writes, and a warehouse that reads them."""

    def __init__(self, warehouse: Warehouse, desk: Desk, url: str) -> None:
        self.warehouse, self.desk, self.url, self.now = warehouse, desk, url, NOW
        self.book: Book = desk.calendars  # type: ignore[assignment]
        self.key = b"k" * 32
        self.options: dict[str, Any] = {}
        self.run_id = uuid4()

    def settings(self, **secrets: Any) -> Settings:
        calendars = CalendarSettings(
            google_api_url=self.url, google_token_url=f"{self.url}/calendar/token", **{"retries": 2} | self.options
        )
        given = secrets or {
            "google_calendar_client_id": SecretStr(CLIENT_ID),
            "google_calendar_client_secret": SecretStr(CLIENT_SECRET),
            "google_calendar_refresh_token": SecretStr(REFRESH_TOKEN),
        }
        return Settings(calendars=calendars, **given)

    @contextmanager
    def session(self, **secrets: Any) -> Iterator[Session]:
        settings = self.settings(**secrets)
        access = calendar_access(settings)
        google = GoogleCalendars(access, settings.calendars) if access else None
        with self.warehouse.connect(Role.INGEST, autocommit=True) as connection:
            self.run_id = uuid4()
            vault = IdentityVault(self.key)
            yield Session(
                connection, vault, settings.calendars, self.run_id, google, Feeds(settings.calendars), self.now
            )

    def read(self, owner: CalendarOwner | None = None, monday: Any = None, **secrets: Any) -> CalendarOutcome:
        """Read what is new. ``self.asked`` holds the requests for events that it took."""
        self.desk.requests.clear()
        with self.session(**secrets) as session:
            outcome = collect_calendars_of(session, owner or ada(), monday)
        self.asked = list(self.desk.requests)
        return outcome

    def later(self, **more: float) -> None:
        """Let time pass, for us and for Google."""
        self.now += timedelta(**more)
        self.book.now += timedelta(**more)

    def rows(self, query: str) -> list[Any]:
        with self.warehouse.connect() as connection:
            return connection.execute(query.encode()).fetchall()

    def held(self, owner: UUID = ADA_ID) -> list[tuple[str, str]]:
        """Times of what is held of a person's calendar."""
        return self.rows(
            "select payload ->> 'start', payload ->> 'end' from raw.calendar_events "
            f"where not deleted and scope = '{owner}' order by 1, 2"
        )

    def everything(self) -> str:
        """All that any table holds, as text."""
        tables = self.rows(
            "select format('%I.%I', schemaname, tablename) from pg_tables "
            "where schemaname in ('raw', 'ingest', 'vault', 'delivery', 'analytics', 'survey')"
        )
        return "\n".join(str(self.rows(f"select t::text from {name} as t")) for (name,) in tables)


def ada(**fields: Any) -> CalendarOwner:
    known = {"google": ADA} if not {"google", "ical"} & fields.keys() else {}
    since = fields.pop("since", NOW - 60 * DAY)
    return CalendarOwner(ADA_ID, since, "Europe/Amsterdam", addresses=frozenset({ADA}), **known | fields)


def timed(begins: datetime, hours: float = 1, zone: str = "Europe/Amsterdam") -> dict[str, Any]:
    """Start and end of an event as Google writes them."""
    return {
        "start": {"dateTime": iso(begins), "timeZone": zone},
        "end": {"dateTime": iso(begins + hours * HOUR), "timeZone": zone},
    }


def guests(*answers: str, own: str | None = "accepted") -> list[dict[str, Any]]:
    mine = [{"email": ADA, "displayName": "Ada Lovelace", "responseStatus": own}] if own else []
    return mine + [
        {"email": f"guest{place}@elsewhere.example", "displayName": f"Guest {place}", "responseStatus": answer}
        for place, answer in enumerate(answers)
    ]


@pytest.fixture
def world(fresh_warehouse: Warehouse, monkeypatch: pytest.MonkeyPatch) -> Iterator[World]:
    # The client's pauses between repetitions are its own, and take no time here.
    monkeypatch.setattr("googleapiclient.http.HttpRequest.__init__", _hurried())
    desk = Desk(Book(NOW, {ADA: {}, BOB: {}}))
    with served(desk) as url:
        yield World(fresh_warehouse, desk, url)


def _hurried() -> Any:
    from googleapiclient.http import HttpRequest

    usual = HttpRequest.__init__

    def made(self: Any, *arguments: Any, **named: Any) -> None:
        usual(self, *arguments, **named)
        self._sleep = lambda _seconds: None

    return made
