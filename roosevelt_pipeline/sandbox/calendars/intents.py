"""What people of the company really do with their days, and the focus time that follows: minute by minute.

Nothing here reads a calendar. Each minute of a day is looked at on its own, which is slow, and hard to get wrong.
"""

from collections import defaultdict
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Literal
from zoneinfo import ZoneInfo

from roosevelt_pipeline.sandbox.rhythm import CLOSES_AT, MINUTE, OPENS_AT
from roosevelt_pipeline.sandbox.store import Store

Kind = Literal["meeting", "busy", "away"]
LEAST_MINUTES = 120


@dataclass(frozen=True)
class DayTruth:
    """One local day of one person, in hours; the count of context switches."""

    focus: float
    meetings: float
    switches: int
    away: float
    working: float


def intend(store: Store, person_id: int, event_id: str, kind: Kind, starts: int, ends: int) -> None:
    """Someone will do something. Said again, it replaces what was said before."""
    doc = {"person_id": person_id, "event_id": event_id, "kind": kind, "starts": starts, "ends": ends}
    store.put("truth_intents", doc)


def forget(store: Store, person_id: int, event_id: str) -> None:
    """It will not come to that."""
    store.put("truth_intents", {"person_id": person_id, "event_id": event_id, "kind": "busy", "starts": 0, "ends": 0})


def days_of_everyone(store: Store, first: date, last: date) -> dict[tuple[str, date], DayTruth]:
    """Every day of everyone with a calendar, by the address of the calendar."""
    people = {doc["id"]: doc for doc in store.each("accounts") if doc["kind"] == "User" and doc["team"]}
    doings = defaultdict(list)
    for doc in store.each("truth_intents", "person_id, event_id"):
        doings[doc["person_id"]].append((doc["kind"], doc["starts"], doc["ends"]))
    return {
        (person["email"], day): _day(doings[number], person["timezone"], day)
        for number, person in people.items()
        for day in (first + timedelta(days=place) for place in range((last - first).days + 1))
    }


def _day(doings: list[tuple[Kind, int, int]], zone: str, day: date) -> DayTruth:
    begins, ends = _midnight(zone, day), _midnight(zone, day + timedelta(days=1))
    at_work = _working_minutes(zone, day)
    away, taken, met = set[int](), set[int](), set[int]()
    meetings = []
    for kind, starts, until in doings:
        if until <= begins or starts >= ends:
            continue
        minutes = range(max(starts, begins), min(until, ends), MINUTE)
        (away if kind == "away" else taken).update(minutes)
        if kind == "meeting":
            meetings.append((starts, until))
    # Whoever is away for all of a meeting, before and after midnight, does not attend it.
    gone = [(starts, until) for kind, starts, until in doings if kind == "away"]
    attended = [one for one in meetings if not _covered(one, gone)]
    for starts, until in attended:
        met.update(range(max(starts, begins), min(until, ends), MINUTE))
    return DayTruth(
        focus=sum(length for length in _stretches(at_work, taken | away) if length >= LEAST_MINUTES) / 60,
        meetings=len(met - away) / 60,
        switches=_switches(attended, begins),
        away=sum(minute in away for minute in at_work) / 60,
        working=len(at_work) / 60,
    )


def _covered(meeting: tuple[int, int], gone: list[tuple[int, int]]) -> bool:
    near = [one for one in gone if one[0] < meeting[1] and meeting[0] < one[1]]
    return bool(near) and all(any(a <= minute < b for a, b in near) for minute in range(*meeting, MINUTE))


def _stretches(at_work: range, taken: set[int]) -> list[int]:
    """Lengths in minutes of what is free on end."""
    found, length = [], 0
    for minute in at_work:
        if minute in taken:
            found.append(length)
            length = 0
        else:
            length += 1
    return [*found, length]


def _switches(attended: list[tuple[int, int]], begins: int) -> int:
    """Meetings of the day that begin less than half an hour after every earlier one has ended, and before none has."""
    count = 0
    ordered = sorted(attended)
    for place, (starts, _) in enumerate(ordered):
        before = [until for _, until in ordered[:place]]
        if before and starts >= begins and 0 <= starts - max(before) < 30 * MINUTE:
            count += 1
    return count


def _working_minutes(zone: str, day: date) -> range:
    if day.weekday() > 4:
        return range(0)
    midnight = datetime.combine(day, time(), tzinfo=ZoneInfo(zone))
    at = [int((midnight + timedelta(seconds=moment)).timestamp()) for moment in (OPENS_AT, CLOSES_AT)]
    return range(at[0], at[1], MINUTE)


def _midnight(zone: str, day: date) -> int:
    return int(datetime.combine(day, time(), tzinfo=ZoneInfo(zone)).astimezone(UTC).timestamp())
