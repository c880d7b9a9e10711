"""An iCalendar feed to entries: every occurrence in a window, by libraries that know what recurs.

Each series is expanded on its own, so that one that cannot be read costs nobody else.
"""

import contextlib
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import icalendar
import recurring_ical_events
import x_wr_timezone

from roosevelt_pipeline.sources.calendars.entries import Entry, Unreadable
from roosevelt_pipeline.sources.calendars.errors import CalendarError
from roosevelt_pipeline.sources.calendars.owners import Window

MOST_OCCURRENCES = 20_000  # of one series in one window; a meeting every hour for two years has fewer
_TOO_OFTEN = ("SECONDLY", "MINUTELY")
_MARGIN = timedelta(days=2)  # days and times without a zone are placed only later
_ANSWERS = {"ACCEPTED": "accepted", "DECLINED": "declined", "TENTATIVE": "tentative", "NEEDS-ACTION": "needsAction"}
_STATUSES = {"TENTATIVE": "tentative", "CANCELLED": "cancelled"}
# Microsoft's word for how an entry shows, which says more than iCalendar can.
_SHOWN = {"FREE": ("default", "transparent"), "OOF": ("outOfOffice", "opaque"),
          "WORKINGELSEWHERE": ("workingLocation", "transparent")}  # fmt: skip


@dataclass(frozen=True)
class Occurrence:
    """An entry and what tells it from all others of the feed: for a digest, not to be kept."""

    identity: str
    entry: Entry


@dataclass(frozen=True)
class Unfit:
    """A series that cannot be read, and why."""

    identity: str
    reason: str


def read_feed(text: bytes, window: Window, zone: ZoneInfo, addresses: frozenset[str]) -> Iterator[Occurrence | Unfit]:
    """Everything of a feed that may lie in the window.

    Args:
        zone: of what names none.
        addresses: the owner's, in lower case, to find the own answer by.

    Raises:
        CalendarError: it is no iCalendar feed.
    """
    for identity, series in _series(text):
        try:
            for count, event in enumerate(_occurrences(series, window), 1):
                if count > MOST_OCCURRENCES:
                    raise Unreadable(f"it recurs more than {MOST_OCCURRENCES} times")
                yield _occurrence(identity, event, zone, addresses)
        except Unreadable as fault:
            yield Unfit(identity, str(fault))
        except Exception:  # whatever the libraries make of a broken rule; their words may quote the entry
            yield Unfit(identity, "it, or how it recurs, cannot be read")


def _series(text: bytes) -> Iterator[tuple[str, icalendar.Calendar]]:
    try:
        calendar: Any = icalendar.Calendar.from_ical(text)
        calendar = x_wr_timezone.to_standard(calendar)
    except Exception:  # the parser's words quote the line
        raise CalendarError("the feed's address gives no iCalendar; take the address that ends with .ics") from None
    zones = [part for part in calendar.subcomponents if part.name == "VTIMEZONE"]
    found: dict[str, icalendar.Calendar] = {}
    for place, event in enumerate(part for part in calendar.subcomponents if part.name == "VEVENT"):
        identity = str(event.get("UID") or f"without an id, number {place}")
        if identity not in found:
            found[identity] = icalendar.Calendar()
            found[identity].subcomponents = list(zones)
        found[identity].subcomponents.append(event)
    yield from found.items()


def _occurrences(series: icalendar.Calendar, window: Window) -> Iterator[Any]:
    for event in series.subcomponents:
        rules = event.get("RRULE") or []
        for rule in rules if isinstance(rules, list) else [rules]:
            if any(word in _TOO_OFTEN for word in rule.get("FREQ", ())):
                raise Unreadable("it recurs every minute or oftener")
    query = recurring_ical_events.of(series, keep_recurrence_attributes=True)
    since, until = window.since - _MARGIN, window.until + _MARGIN
    while since < until:  # in pieces, so that what recurs too often is noticed before it fills memory
        end = min(since + timedelta(days=28), until)
        for event in query.between(since, end):
            begins = event.start
            if since == window.since - _MARGIN or _utc(begins) >= since:
                yield event
        since = end


def _occurrence(identity: str, event: Any, zone: ZoneInfo, addresses: frozenset[str]) -> Occurrence:
    begins, ends = _placed(event.start, zone), _placed(event.end, zone)
    if isinstance(begins, datetime) is not isinstance(ends, datetime):
        raise Unreadable("one of its start and end is a day and the other is a time")
    kind, transparency = _shown(event)
    people = _people(event)
    return Occurrence(
        f"{identity}\x1f{begins.isoformat()}",
        Entry(
            begins,
            ends,
            event_type=kind,
            status=_STATUSES.get(str(event.get("STATUS", "")).upper(), "confirmed"),
            transparency=transparency,
            answer=next((_ANSWERS.get(people[one]) for one in people if one in addresses), None),
            attendees_count=len(people) or None,
        ),
    )


def _shown(event: Any) -> tuple[str, str]:
    shown = str(event.get("X-MICROSOFT-CDO-BUSYSTATUS") or event.get("X-MICROSOFT-CDO-INTENDEDSTATUS") or "").upper()
    if shown in _SHOWN:
        return _SHOWN[shown]
    return "default", "transparent" if str(event.get("TRANSP", "")).upper() == "TRANSPARENT" else "opaque"


def _people(event: Any) -> dict[str, str]:
    """Answer of each person by address, the organiser's first; rooms and things are nobody."""
    found: dict[str, str] = {}
    guests = event.get("ATTENDEE") or []
    guests = guests if isinstance(guests, list) else [guests]
    if guests and (organiser := event.get("ORGANIZER")) is not None:
        found[_address(organiser)] = "ACCEPTED"
    for guest in guests:
        parameters = getattr(guest, "params", {})
        if str(parameters.get("CUTYPE", "INDIVIDUAL")).upper() not in ("ROOM", "RESOURCE"):
            found[_address(guest)] = str(parameters.get("PARTSTAT", "NEEDS-ACTION")).upper()
    return found


def _address(value: Any) -> str:
    return str(value).lower().removeprefix("mailto:")


def _placed(moment: date | datetime, zone: ZoneInfo) -> date | datetime:
    if isinstance(moment, datetime):
        return (moment if moment.tzinfo else moment.replace(tzinfo=zone)).astimezone(UTC)
    return moment


def _utc(moment: date | datetime) -> datetime:
    if isinstance(moment, datetime):
        with contextlib.suppress(OverflowError):
            return moment.astimezone(UTC) if moment.tzinfo else moment.replace(tzinfo=UTC)
    return datetime(moment.year, moment.month, moment.day, tzinfo=UTC)
