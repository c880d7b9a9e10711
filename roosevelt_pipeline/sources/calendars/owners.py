"""Whose calendars are read: what the directory of people gives, in memory alone."""

from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID


@dataclass(frozen=True)
class CalendarOwner:
    """Somebody who takes part in SPACE and has a calendar.

    Attributes:
        user_id: surrogate under which everything lands; the only word about the person that is kept.
        since: when the person began to take part. Nothing before it is asked for.
        zone: IANA zone of the person, for times that name none.
        google: id of the calendar at Google, which is mostly an address.
        ical: address of an iCalendar feed, which is mostly a secret.
        addresses: of the person, in lower case, so that their own answer is found in a feed.
    """

    user_id: UUID
    since: datetime
    zone: str
    google: str | None = field(default=None, repr=False)
    ical: str | None = field(default=None, repr=False)
    addresses: frozenset[str] = field(default=frozenset(), repr=False)


@dataclass(frozen=True)
class Window:
    """The time that is asked for, half-open."""

    since: datetime
    until: datetime

    def holds(self, begins: datetime, ends: datetime) -> bool:
        """Whether something lies in it, at least in part. What takes no time lies where it begins."""
        return begins < self.until and (ends > self.since or begins == ends >= self.since)
