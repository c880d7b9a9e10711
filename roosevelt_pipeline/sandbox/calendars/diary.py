"""What stands in the company's calendars: a player of its own, with chance of its own.

Teams meet daily and weekly, and in between as their season has it; people block time for focus, are away, decline,
forget to answer, move and cancel. What each of them really does is written down as it is decided (`intents`).
"""

import math
from dataclasses import dataclass, field
from datetime import datetime, time, timedelta
from random import Random
from typing import Any
from zoneinfo import ZoneInfo

from roosevelt_pipeline.sandbox.calendars.intents import Kind, forget, intend
from roosevelt_pipeline.sandbox.people import Person
from roosevelt_pipeline.sandbox.rhythm import HOUR, MINUTE, arrivals, date_of, iso
from roosevelt_pipeline.sandbox.store import Doc
from roosevelt_pipeline.sandbox.world import World

DAYS_AHEAD = 3  # meetings are planned so long before
SEASON_DAYS = 56  # from one calm week to the next
SUBJECTS = (
    "Merger Falcon: numbers", "Pay round with Fatma", "Exit interview", "Lawsuit Bluebird", "1:1 about burnout",
    "Reorganisation — confidential", "Incident review #4711", "Hiring: Zoë's second round",
)  # fmt: skip
PLACES = ("Room Vermeer, 3rd floor", "Home of Bram Jansen", "+31 20 555 0147")
ROOM = {"email": "vermeer@rooms.helios-labs.example", "displayName": "Vermeer", "resource": True,
        "responseStatus": "accepted"}  # fmt: skip
BYDAY = ("MO", "TU", "WE", "TH", "FR")


@dataclass
class Meeting:
    """Something that several people were invited to, or one alone. Instants are seconds since 1970."""

    id: str
    starts: int
    ends: int
    answers: dict[int, str]
    fields: Doc = field(default_factory=dict)


@dataclass
class Series:
    """A meeting that recurs for ever, on weekdays at an hour of a zone."""

    id: str
    zone: str
    weekdays: tuple[int, ...]
    at: int
    minutes: int
    people: tuple[Person, ...]
    answers: dict[int, str]
    kind: str


class Diary:
    """The player."""

    def __init__(self, world: World, teams: dict[str, tuple[Person, ...]]) -> None:
        self.world, self.chance = world, world.chance("calendars")
        self.teams = {name: members for name, members in teams.items() if len(members) > 1}
        self.people = {one.id: one for members in self.teams.values() for one in members}
        self.series: list[Series] = []
        self.planned: dict[int, list[Meeting]] = {}
        self.away_until: dict[int, int] = {}
        self.count = 0

    def begin_day(self, day: int) -> None:
        if not self.series:
            self._found(day)
        for one in self.series:
            self._hold(one, day)
        for meeting in self.planned.pop(day + 1, []):
            self._reconsider(meeting)
        for number, (_team, members) in enumerate(self.teams.items()):
            self._plan(number, self._there(members, day), day + DAYS_AHEAD)
        for person in self._there(tuple(self.people.values()), day):
            self._live(person, day + DAYS_AHEAD)

    # What there is from the beginning

    def _found(self, day: int) -> None:
        for number, members in enumerate(self.teams.values()):
            zone = members[0].zone
            half_past_nine, three = 9 * HOUR + 30 * MINUTE, 15 * HOUR
            self._begin(Series(self._id(), zone, (0, 1, 2, 3, 4), half_past_nine, 15, members, {}, "default"), day)
            self._begin(Series(self._id(), zone, (4,), three, 60, members, {}, "default"), day)
            for person in members[number % 2 :: 2]:
                alone = Series(self._id(), person.zone, (1, 3), 13 * HOUR, 180, (person,), {}, "focusTime")
                self._begin(alone, day)

    def _begin(self, one: Series, day: int) -> None:
        for person in one.people:
            # Whoever lives on the other continent cannot come.
            one.answers[person.id] = "accepted" if person.zone == one.zone else "declined"
        self.series.append(one)
        first = day - day_of_week(day)
        starts = _instant(one.zone, first + one.weekdays[0], one.at)
        rule = "RRULE:FREQ=WEEKLY;BYDAY=" + ",".join(BYDAY[weekday] for weekday in one.weekdays)
        meeting = Meeting(one.id, starts, starts + one.minutes * MINUTE, one.answers,
                          {"recurrence": [rule], "eventType": one.kind})  # fmt: skip
        self._write(meeting, one.zone)

    # What happens

    def _hold(self, one: Series, day: int) -> None:
        """A day of a series: as ever, or it is left out, or it is moved to the afternoon."""
        if day_of_week(day) not in one.weekdays:
            return
        starts = _instant(one.zone, day, one.at)
        meeting = Meeting(f"{one.id}_{_compact(starts)}", starts, starts + one.minutes * MINUTE, dict(one.answers))
        luck = self.chance.random()
        if one.kind == "default" and luck < 0.08:
            original = {"dateTime": iso(starts), "timeZone": one.zone}
            meeting.fields = {"recurringEventId": one.id, "originalStartTime": original}
            if luck < 0.04:
                self._write(meeting, one.zone, status="cancelled")
                return
            meeting.starts, meeting.ends = meeting.starts + 4 * HOUR, meeting.ends + 4 * HOUR
            self._write(meeting, one.zone)
        if one.kind == "default":
            self._intend(meeting)

    def _plan(self, number: int, members: list[Person], day: int) -> None:
        """Meetings of a team on a day, more of them in its season."""
        if day_of_week(day) > 4 or len(members) < 2:
            return
        season = 1 + math.sin(2 * math.pi * (day / SEASON_DAYS + number / 3))
        for _ in range(arrivals(self.chance, 1.2 + 2 * season)):
            host, *guests = self.chance.sample(members, self.chance.randint(2, min(5, len(members))))
            starts = _instant(host.zone, day, 9 * HOUR + 15 * MINUTE * self.chance.randrange(31))
            ends = starts + MINUTE * self.chance.choice((25, 30, 45, 60, 60, 90))
            answers = {host.id: "accepted"} | {guest.id: _answer(self.chance) for guest in guests}
            shows = {"transparency": "transparent"} if self.chance.random() < 0.05 else {}
            private = {"visibility": "private"} if self.chance.random() < 0.2 else {}
            meeting = Meeting(self._id(), starts, ends, answers, {"eventType": "default"} | shows | private)
            self._write(meeting, host.zone)
            self._intend(meeting)
            self.planned.setdefault(day, []).append(meeting)

    def _reconsider(self, meeting: Meeting) -> None:
        """The day before: answers come, and plans change."""
        luck, zone = self.chance.random(), self.people[next(iter(meeting.answers))].zone
        for person_id, answer in meeting.answers.items():
            if answer == "needsAction" and self.chance.random() < 0.6:
                meeting.answers[person_id] = self.chance.choice(("accepted", "declined"))
        if luck < 0.05:
            self._write(meeting, zone, status="cancelled")
            self._forget(meeting)
            return
        if luck < 0.1:
            meeting.starts, meeting.ends = meeting.starts + HOUR, meeting.ends + HOUR
        self._write(meeting, zone)
        self._forget(meeting)
        self._intend(meeting)

    def _live(self, person: Person, day: int) -> None:
        """What one person enters: appointments, absences, where they work, and notes for the whole day."""
        luck = self.chance.random()
        if day_of_week(day) > 4 or self.away_until.get(person.id, 0) > day:
            return
        if luck < 0.015:
            self.away_until[person.id] = day + self.chance.randint(1, 7)
            until = self.away_until[person.id]
            self._alone(person, _instant(person.zone, day, 0), _instant(person.zone, until, 0), "outOfOffice")
        elif luck < 0.03:
            self._alone(
                person, _instant(person.zone, day, 13 * HOUR), _instant(person.zone, day, 18 * HOUR), "outOfOffice"
            )
        elif luck < 0.1:
            starts = _instant(person.zone, day, 8 * HOUR + 30 * MINUTE * self.chance.randrange(18))
            self._alone(person, starts, starts + HOUR, "default")
        elif luck < 0.13:
            starts = _instant(person.zone, day, 22 * HOUR)
            self._alone(person, starts, starts + 5 * HOUR, "default")  # a release at night
        elif luck < 0.3:
            self._note(person, day, luck)

    def _note(self, person: Person, day: int, luck: float) -> None:
        kind, shows = ("default", "opaque") if luck < 0.135 else ("default", "transparent")
        if luck > 0.18:
            kind = "birthday" if luck > 0.28 else "workingLocation"
        meeting = Meeting(self._id(), 0, 0, {person.id: "accepted"}, {
            "eventType": kind, "transparency": shows, "start": {"date": date_of(day).isoformat()},
            "end": {"date": date_of(day + 1).isoformat()},
        })  # fmt: skip
        self._write(meeting, person.zone)
        if kind == "default" and shows == "opaque":
            intend(self.world.store, person.id, meeting.id, "busy",
                   _instant(person.zone, day, 0), _instant(person.zone, day + 1, 0))  # fmt: skip

    def _alone(self, person: Person, starts: int, ends: int, kind: str) -> None:
        meeting = Meeting(self._id(), starts, ends, {person.id: "accepted"}, {"eventType": kind})
        self._write(meeting, person.zone)
        intend(self.world.store, person.id, meeting.id, "away" if kind == "outOfOffice" else "busy", starts, ends)

    # Writing

    def _intend(self, meeting: Meeting) -> None:
        """Whoever did not decline will be there, if the meeting takes time at all."""
        kind: Kind = "meeting" if len(meeting.answers) > 1 else "busy"
        for person_id, answer in meeting.answers.items():
            if answer != "declined" and meeting.fields.get("transparency") != "transparent":
                intend(self.world.store, person_id, meeting.id, kind, meeting.starts, meeting.ends)

    def _forget(self, meeting: Meeting) -> None:
        for person_id in meeting.answers:
            forget(self.world.store, person_id, meeting.id)

    def _write(self, meeting: Meeting, zone: str, status: str = "confirmed") -> None:
        """A copy into each calendar, with everything that people write in."""
        many = len(meeting.answers) > 1
        guests = [self._guest(person_id, answer) for person_id, answer in meeting.answers.items()]
        doc: dict[str, Any] = {
            "id": meeting.id, "status": status, "updated": iso(self.world.now),
            "start": {"dateTime": iso(meeting.starts), "timeZone": zone},
            "end": {"dateTime": iso(meeting.ends), "timeZone": zone},
            "summary": SUBJECTS[sum(map(ord, meeting.id)) % len(SUBJECTS)],
            "description": f"with {guests[0]['displayName']}",
            "location": PLACES[meeting.starts // MINUTE % len(PLACES)],
            **({"attendees": [*guests, ROOM]} if many else {}), **meeting.fields,
        }  # fmt: skip
        for person_id in meeting.answers:
            calendar = self.people[person_id].email
            self.world.store.put("calendar_events", doc, calendar=calendar)

    def _guest(self, person_id: int, answer: str) -> Doc:
        person = self.people[person_id]
        return {"email": person.email, "displayName": person.name, "responseStatus": answer}

    def _there(self, members: tuple[Person, ...], day: int) -> list[Person]:
        return [one for one in members if one.works_until_day is None or day + DAYS_AHEAD < one.works_until_day]

    def _id(self) -> str:
        self.count += 1
        return f"ev{self.count:06}"


def day_of_week(day: int) -> int:
    return date_of(day).weekday()


def _instant(zone: str, day: int, seconds: int) -> int:
    """A time of a zone's wall as an instant."""
    wall = datetime.combine(date_of(day), time()) + timedelta(seconds=seconds)
    return int(wall.replace(tzinfo=ZoneInfo(zone)).timestamp())


def _compact(moment: int) -> str:
    return iso(moment).replace("-", "").replace(":", "")


def _answer(chance: Random) -> str:
    return chance.choices(("accepted", "declined", "tentative", "needsAction"), (80, 10, 5, 5))[0]
