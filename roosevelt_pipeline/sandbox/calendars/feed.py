"""A calendar as an iCalendar feed, with everything that people write in."""

from datetime import date, datetime
from zoneinfo import ZoneInfo

import icalendar

from roosevelt_pipeline.sandbox.calendars.book import Doc

_ANSWERS = {"accepted": "ACCEPTED", "declined": "DECLINED", "tentative": "TENTATIVE", "needsAction": "NEEDS-ACTION"}
_SHOWN = {"outOfOffice": "OOF", "workingLocation": "WORKINGELSEWHERE"}


def as_feed(documents: list[Doc], calendar_id: str) -> bytes:
    """The feed of documents; those of a series have its id."""
    feed = icalendar.Calendar()
    feed.add("prodid", "-//sandbox//calendars//EN")
    feed.add("version", "2.0")
    feed.add("x-wr-calname", calendar_id)
    series = {doc["id"]: doc for doc in documents if "recurrence" in doc}
    for doc in documents:
        if doc["status"] == "cancelled":
            continue  # an occurrence that was cancelled stands with its series, as an exception
        feed.add_component(_event(doc, [one for one in documents if one.get("recurringEventId") == doc["id"]], series))
    return bytes(feed.to_ical())


def _event(doc: Doc, exceptions: list[Doc], series: dict[str, Doc]) -> icalendar.Event:
    event = icalendar.Event()
    event.add("uid", f"{doc.get('recurringEventId', doc['id'])}@calendars.example")
    event.add("dtstamp", datetime.fromisoformat(doc["updated"]))
    event.add("dtstart", _moment(doc["start"]))
    event.add("dtend", _moment(doc["end"]))
    event.add("summary", doc.get("summary", ""))
    event.add("status", doc["status"].upper())
    event.add("transp", doc.get("transparency", "opaque").upper())
    if doc.get("eventType") in _SHOWN:
        event.add("x-microsoft-cdo-busystatus", _SHOWN[doc["eventType"]])
    for name in ("description", "location"):
        if name in doc:
            event.add(name, doc[name])
    for rule in doc.get("recurrence", ()):
        event.add("rrule", icalendar.vRecur.from_ical(rule.removeprefix("RRULE:")))
    for one in exceptions:
        if one["status"] == "cancelled":
            event.add("exdate", _moment(one["originalStartTime"]))
    if "recurringEventId" in doc and doc["recurringEventId"] in series:
        event.add("recurrence-id", _moment(doc["originalStartTime"]))
    for guest in doc.get("attendees", ()):
        address = icalendar.vCalAddress(f"mailto:{guest['email']}")
        address.params["partstat"] = _ANSWERS[guest.get("responseStatus", "needsAction")]
        address.params["cutype"] = "ROOM" if guest.get("resource") else "INDIVIDUAL"
        address.params["cn"] = guest.get("displayName", guest["email"])
        event.add("attendee", address)
    return event


def _moment(moment: Doc) -> date | datetime:
    if "date" in moment:
        return date.fromisoformat(moment["date"])
    return datetime.fromisoformat(moment["dateTime"]).astimezone(ZoneInfo(moment.get("timeZone", "UTC")))
