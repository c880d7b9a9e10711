"""Calendars as Google keeps them: an event for each series and each exception, with everything that people write in.

The titles, texts, places and addresses are there so that a test can look for them elsewhere.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from typing import Any, Protocol
from zoneinfo import ZoneInfo

from dateutil.rrule import rrulestr

Doc = dict[str, Any]
FURTHEST = timedelta(days=400)  # how far a series without end is laid out if nobody says how far


class Calendars(Protocol):
    """Where events are: the simulated company's store, or a book that a test writes."""

    def documents(self, calendar_id: str) -> list[Doc] | None:
        """Every series, exception and single event, deleted ones too; ``None`` if there is no such calendar."""

    def present(self) -> datetime: ...


@dataclass
class Book:
    """Calendars that a test writes by hand. Each change is a second later than the one before."""

    now: datetime
    pages: dict[str, dict[str, Doc]] = field(default_factory=dict)

    def documents(self, calendar_id: str) -> list[Doc] | None:
        page = self.pages.get(calendar_id)
        return None if page is None else list(page.values())

    def present(self) -> datetime:
        return self.now

    def put(self, calendar_id: str, event_id: str, **fields: Any) -> Doc:
        """Write an event, or change one."""
        self.now += timedelta(seconds=1)
        page = self.pages.setdefault(calendar_id, {})
        known = page.get(event_id, {"id": event_id, "status": "confirmed", "summary": f"Secret {event_id}"})
        page[event_id] = known | fields | {"updated": iso(self.now)}
        return page[event_id]

    def delete(self, calendar_id: str, event_id: str) -> None:
        """Google keeps what was deleted for a while, as cancelled."""
        self.put(calendar_id, event_id, status="cancelled")


def occurrences(documents: list[Doc], since: datetime | None, until: datetime | None, now: datetime) -> list[Doc]:
    """What ``singleEvents`` shows: exceptions in place of what they replace; cancelled ones as cancelled."""
    replaced = {doc["id"] for doc in documents if "recurringEventId" in doc}
    found = [
        one for doc in documents for one in _laid_out(doc, until or now + FURTHEST) if _is_shown(one, doc, replaced)
    ]
    return [one for one in found if _touches(one, since, until)]


def begins(doc: Doc) -> datetime:
    return _instant(doc["start"])


def ends(doc: Doc) -> datetime:
    return _instant(doc["end"])


def iso(moment: datetime) -> str:
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def _is_shown(one: Doc, doc: Doc, replaced: set[str]) -> bool:
    return one is doc or one["id"] not in replaced


def _touches(doc: Doc, since: datetime | None, until: datetime | None) -> bool:
    if "start" not in doc:
        return True
    return (since is None or ends(doc) > since) and (until is None or begins(doc) < until)


def _laid_out(doc: Doc, until: datetime) -> Iterator[Doc]:
    if "recurrence" not in doc:
        yield doc
        return
    first, last = doc["start"], doc["end"]
    zone = ZoneInfo(first.get("timeZone", "UTC"))
    length = (_wall(last, zone) - _wall(first, zone)) if "date" not in first else ends(doc) - begins(doc)
    for wall in rrulestr("\n".join(doc["recurrence"]), dtstart=_wall(first, zone)):
        if wall.replace(tzinfo=zone) >= until:
            return
        yield _occurrence(doc, wall, length, zone)


def _occurrence(doc: Doc, wall: datetime, length: timedelta, zone: ZoneInfo) -> Doc:
    shared = {key: value for key, value in doc.items() if key != "recurrence"}
    if "date" in doc["start"]:
        own = {"start": {"date": wall.date().isoformat()}, "end": {"date": (wall + length).date().isoformat()}}
        mark = wall.strftime("%Y%m%d")
    else:
        moments = {"start": wall, "end": wall + length}
        own = {
            name: {"dateTime": at.replace(tzinfo=zone).isoformat(), "timeZone": str(zone)}
            for name, at in moments.items()
        }
        mark = wall.replace(tzinfo=zone).astimezone(UTC).strftime("%Y%m%dT%H%M%SZ")
    return shared | own | {"id": f"{doc['id']}_{mark}", "recurringEventId": doc["id"]}


def _wall(moment: Doc, zone: ZoneInfo) -> datetime:
    if "date" in moment:
        return datetime.combine(date.fromisoformat(moment["date"]), time())
    return datetime.fromisoformat(moment["dateTime"]).astimezone(zone).replace(tzinfo=None)


def _instant(moment: Doc) -> datetime:
    if "date" in moment:
        return datetime.combine(date.fromisoformat(moment["date"]), time(), tzinfo=UTC)
    return datetime.fromisoformat(moment["dateTime"])
