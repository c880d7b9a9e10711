"""An entry of a calendar as it lands: when, what kind, own answer, how many people. Never a word of it."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from typing import Any
from zoneinfo import ZoneInfo

from roosevelt_pipeline.sources.calendars.owners import Window
from roosevelt_pipeline.warehouse.records import Record
from roosevelt_pipeline.warehouse.validation import iso

Key = Callable[[str], str]
EVENT_TYPES = ("default", "focusTime", "outOfOffice", "workingLocation", "birthday", "fromGmail")
STATUSES = ("confirmed", "tentative", "cancelled")
ANSWERS = ("accepted", "declined", "tentative", "needsAction")


class Unreadable(ValueError):
    """An entry without something that every entry has. Names it, and repeats nothing of the entry."""


@dataclass(frozen=True)
class Entry:
    """What is kept of an entry.

    Attributes:
        begins, ends: days of an all-day entry, the second exclusive; else instants.
        attendees_count: people, the owner included, rooms not; ``None`` where nobody tells.
    """

    begins: date | datetime
    ends: date | datetime
    event_type: str = "default"
    status: str = "confirmed"
    transparency: str = "opaque"
    answer: str | None = None
    attendees_count: int | None = None

    def record(self, key: str, window: Window, zone: ZoneInfo) -> Record:
        """As it lands. One outside of the window is gone, as far as we are concerned."""
        begins, ends = instant(self.begins, zone), instant(self.ends, zone)
        if ends < begins:
            raise Unreadable("it ends before it begins")
        if not window.holds(begins, ends):
            return Record(key, None, deleted=True)
        return Record(key, self._payload())

    def _payload(self) -> dict[str, Any]:
        return {
            "event_type": self.event_type,
            "status": self.status,
            "transparency": self.transparency,
            "answer": self.answer,
            "attendees_count": self.attendees_count,
            "is_all_day": not isinstance(self.begins, datetime),
            # Not called "_at": what is planned lies in the future, which other records must not.
            "start": _text(self.begins),
            "end": _text(self.ends),
        }


def instant(moment: date | datetime, zone: ZoneInfo) -> datetime:
    """An instant; a day is its first."""
    if isinstance(moment, datetime):
        return moment
    return datetime.combine(moment, time(), tzinfo=zone)


def one_of(value: Any, known: tuple[str, ...], otherwise: str) -> str:
    """A word of a list; one that came later than this code counts as the usual one."""
    return value if value in known else otherwise


def _text(moment: date | datetime) -> str:
    return iso(moment.astimezone(UTC)) if isinstance(moment, datetime) else f"{moment.isoformat()}T00:00:00Z"
