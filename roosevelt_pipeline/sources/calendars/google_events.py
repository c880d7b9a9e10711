"""Google's event to an entry."""

from datetime import date, datetime
from typing import Any

from roosevelt_pipeline.sources.calendars.entries import ANSWERS, EVENT_TYPES, STATUSES, Entry, Unreadable, one_of

Node = dict[str, Any]
# All that is ever sent to us. Titles, texts, places, names and addresses are not in it.
FIELDS = (
    "nextPageToken,nextSyncToken,items(id,status,eventType,transparency,endTimeUnspecified,start(date,dateTime),"
    "end(date,dateTime),attendeesOmitted,attendees(self,resource,responseStatus,additionalGuests))"
)


def is_gone(node: Node) -> bool:
    """Whether it was deleted. Of such an event Google tells no more than the id."""
    return node.get("status") == "cancelled"


def read_event(node: Node) -> Entry:
    """An event that is there.

    Raises:
        Unreadable: it is not shaped like an event.
    """
    begins = _moment(node, "start")
    ends = begins if node.get("endTimeUnspecified") is True else _moment(node, "end")
    if isinstance(begins, datetime) is not isinstance(ends, datetime):
        raise Unreadable("one of start and end is a day and the other is a time")
    people = [one for one in _attendees(node) if one.get("resource") is not True]
    mine = next((one for one in people if one.get("self") is True), {})
    answer = mine.get("responseStatus")
    return Entry(
        begins,
        ends,
        event_type=one_of(node.get("eventType"), EVENT_TYPES, "default"),
        status=one_of(node.get("status"), STATUSES, "confirmed"),
        transparency=one_of(node.get("transparency"), ("opaque", "transparent"), "opaque"),
        answer=answer if answer in ANSWERS else None,
        attendees_count=_count(people, is_cut=node.get("attendeesOmitted") is True),
    )


def _attendees(node: Node) -> list[Node]:
    found = node.get("attendees")
    return [one for one in found if isinstance(one, dict)] if isinstance(found, list) else []


def _count(people: list[Node], *, is_cut: bool) -> int:
    """Whoever has no guests is alone with the entry; of a list that was cut short at least two are known."""
    guests = sum(one["additionalGuests"] for one in people if isinstance(one.get("additionalGuests"), int))
    return max(len(people) + guests, 2 if is_cut else 1)


def _moment(node: Node, name: str) -> date | datetime:
    value = node.get(name)
    try:
        if isinstance(value, dict) and isinstance(value.get("dateTime"), str):
            moment = datetime.fromisoformat(value["dateTime"])
            if moment.tzinfo is None:
                raise Unreadable(f"{name} names no zone")
            return moment
        if isinstance(value, dict) and isinstance(value.get("date"), str):
            return date.fromisoformat(value["date"])
    except (ValueError, OverflowError) as error:
        raise error if isinstance(error, Unreadable) else Unreadable(f"{name} is no time") from None
    raise Unreadable(f"no {name}")
