"""Days of calendars, each worked by hand from the definition of focus time alone.

Unless a case says otherwise it is Tuesday 3 March 2026 in Amsterdam, and the person works 09:00 to 17:00 on Monday to
Friday: eight hours. Times of events are of the clock on the person's wall; a day before or after has its date in front.

    expected     focus hours, meeting hours, context switches, out-of-office hours, working hours, deep work in percent
    deep work    100 * focus / (working - out of office); unknown where there is nothing to divide by
"""

from dataclasses import dataclass, field
from datetime import date
from typing import Any

AMSTERDAM, NEW_YORK, TOKYO, KOLKATA = "Europe/Amsterdam", "America/New_York", "Asia/Tokyo", "Asia/Kolkata"
WEEKDAYS, EVERY_DAY = (1, 2, 3, 4, 5), (1, 2, 3, 4, 5, 6, 7)
TUESDAY = date(2026, 3, 3)
UNKNOWN = (None, None, None, None, None, None)


@dataclass(frozen=True)
class Event:
    """An entry of a calendar. ``begins`` and ``ends`` are ``[YYYY-MM-DD ]HH:MM``, or ``...Z`` in UTC, or days."""

    begins: str
    ends: str
    people: int | None = 3
    kind: str = "default"
    answer: str | None = "accepted"
    status: str = "confirmed"
    transparency: str = "opaque"
    deleted: bool = False

    @property
    def is_all_day(self) -> bool:
        return ":" not in self.begins


@dataclass(frozen=True)
class Case:
    """A sentence, its arithmetic, a calendar, and what follows from them."""

    sentence: str
    arithmetic: str
    events: tuple[Event, ...]
    expected: tuple[Any, ...]
    day: date = TUESDAY
    zone: str = AMSTERDAM
    works: tuple[str, str] = ("09:00", "17:00")
    days: tuple[int, ...] = field(default=WEEKDAYS)
    is_read: bool = True


def meets(begins: str, ends: str, **other: Any) -> Event:
    return Event(begins, ends, **other)


def alone(begins: str, ends: str, **other: Any) -> Event:
    return Event(begins, ends, people=1, answer=None, **other)


def away(begins: str, ends: str) -> Event:
    return alone(begins, ends, kind="outOfOffice")


def focus(begins: str, ends: str) -> Event:
    return alone(begins, ends, kind="focusTime")


CASES = (
    # The gap itself
    Case("A day without any event is all focus", "one gap of 8 h; 8 / 8", (), (8, 0, 0, 0, 8, 100)),
    Case("An hour at the day's edge is too short to count", "10-11 leaves 1 h and 6 h; 6 / 8",
         (meets("10:00", "11:00"),), (6, 1, 0, 0, 8, 75)),
    Case("A gap of exactly two hours counts", "11-12 leaves 2 h and 5 h; 7 / 8",
         (meets("11:00", "12:00"),), (7, 1, 0, 0, 8, 87.5)),
    Case("A gap of a minute less does not", "10:59-11:59 leaves 1:59 and 5:01; 301 / 60 h; 301 / 480",
         (meets("10:59", "11:59"),), (301 / 60, 1, 0, 0, 8, 30100 / 480)),
    Case("Every gap is held against two hours on its own", "9-10, 12-13, 15-16 leave 2, 2, 1; 4 / 8",
         (meets("09:00", "10:00"), meets("12:00", "13:00"), meets("15:00", "16:00")), (4, 3, 0, 0, 8, 50)),
    Case("Gaps of under two hours are no focus, however many",
         "9:30-11, 12-13:30, 15-16 leave 0.5, 1, 1.5, 1; 0 / 8",
         (meets("09:30", "11:00"), meets("12:00", "13:30"), meets("15:00", "16:00")), (0, 4, 0, 0, 8, 0)),
    Case("A day that is one meeting has no focus, which is known", "no gap; 0 / 8",
         (meets("09:00", "17:00"),), (0, 8, 0, 0, 8, 0)),
    Case("A working day of two hours can be all focus", "one gap of 2 h; 2 / 2", (), (2, 0, 0, 0, 2, 100),
         works=("09:00", "11:00")),
    Case("A working day of an hour and a half cannot", "one gap of 1.5 h; 0 / 1.5", (), (0, 0, 0, 0, 1.5, 0),
         works=("09:00", "10:30")),
    Case("Working hours begin and end where the person says", "9:30-17 is 7.5 h; 11:30-12:30 leaves 2, 4.5; 6.5 / 7.5",
         (meets("11:30", "12:30"),), (6.5, 1, 0, 0, 7.5, 650 / 7.5), works=("09:30", "17:00")),
    # Merging
    Case("Overlapping meetings are one interval", "10-12 and 11-13 are 3 h, leaving 1, 4; 4 / 8",
         (meets("10:00", "12:00"), meets("11:00", "13:00")), (4, 3, 0, 0, 8, 50)),
    Case("A meeting inside another adds nothing", "10-14 leaves 1, 3; 3 / 8",
         (meets("10:00", "14:00"), meets("11:00", "12:00")), (3, 4, 0, 0, 8, 37.5)),
    Case("The same hour twice is an hour", "11-12 leaves 2, 5; 7 / 8",
         (meets("11:00", "12:00"), meets("11:00", "12:00")), (7, 1, 0, 0, 8, 87.5)),
    Case("A meeting after one inside another is held against the longer",
         "10-14 and 14:10-15 leave 1, 10 min, 2; 2 / 8",
         (meets("10:00", "14:00"), meets("11:00", "12:00"), meets("14:10", "15:00")), (2, 290 / 60, 1, 0, 8, 25)),
    # Context switches
    Case("Back to back is a switch: the gap is of no minutes", "10-11, 11-12 leave 1, 5; 5 / 8",
         (meets("10:00", "11:00"), meets("11:00", "12:00")), (5, 2, 1, 0, 8, 62.5)),
    Case("29 minutes between meetings are a switch", "10-10:30, 10:59-12: 30 + 61 min met; leaves 1, 0:29, 5; 5 / 8",
         (meets("10:00", "10:30"), meets("10:59", "12:00")), (5, 91 / 60, 1, 0, 8, 62.5)),
    Case("30 minutes are not", "10-10:30, 11-12 leave 1, 0.5, 5; 5 / 8",
         (meets("10:00", "10:30"), meets("11:00", "12:00")), (5, 1.5, 0, 0, 8, 62.5)),
    Case("Three meetings in a row are two switches", "0:45 each from 9, 10, 11; leaves 11:45-17 = 5.25; 5.25 / 8",
         (meets("09:00", "09:45"), meets("10:00", "10:45"), meets("11:00", "11:45")), (5.25, 2.25, 2, 0, 8, 65.625)),
    Case("Overlapping meetings are no switch", "10-11 and 10:30-12 leave 1, 5; 5 / 8",
         (meets("10:00", "11:00"), meets("10:30", "12:00")), (5, 2, 0, 0, 8, 62.5)),
    Case("A block of one's own between two meetings does not part them", "10-11, alone 11-11:20, 11:20-12: a gap of 20",
         (meets("10:00", "11:00"), alone("11:00", "11:20"), meets("11:20", "12:00")), (5, 100 / 60, 1, 0, 8, 62.5)),
    Case("A declined meeting between two others makes no switch", "10-11, 12-13: a gap of 1 h; leaves 1, 1, 4; 4 / 8",
         (meets("10:00", "11:00"), meets("11:00", "12:00", answer="declined"), meets("12:00", "13:00")),
         (4, 2, 0, 0, 8, 50)),
    # What is not busy
    Case("A declined meeting takes no time", "one gap of 8 h", (meets("10:00", "12:00", answer="declined"),),
         (8, 0, 0, 0, 8, 100)),
    Case("A cancelled one neither", "one gap of 8 h", (meets("10:00", "12:00", status="cancelled"),),
         (8, 0, 0, 0, 8, 100)),
    Case("One that vanished from the calendar neither", "one gap of 8 h", (meets("10:00", "12:00", deleted=True),),
         (8, 0, 0, 0, 8, 100)),
    Case("One that shows as free neither", "one gap of 8 h", (meets("10:00", "12:00", transparency="transparent"),),
         (8, 0, 0, 0, 8, 100)),
    Case("A meeting that may be attended is busy", "11-12 leaves 2, 5; 7 / 8",
         (meets("11:00", "12:00", answer="tentative"),), (7, 1, 0, 0, 8, 87.5)),
    Case("So is one that was not answered yet", "11-12 leaves 2, 5; 7 / 8",
         (meets("11:00", "12:00", answer="needsAction"),), (7, 1, 0, 0, 8, 87.5)),
    Case("So is one that may not take place", "11-12 leaves 2, 5; 7 / 8",
         (meets("11:00", "12:00", status="tentative"),), (7, 1, 0, 0, 8, 87.5)),
    Case("An event without an end takes no time", "one gap of 8 h", (meets("12:00", "12:00"),), (8, 0, 0, 0, 8, 100)),
    # Who else is there
    Case("An appointment of one's own is busy but no meeting", "12-13 leaves 3, 4; 7 / 8",
         (alone("12:00", "13:00"),), (7, 0, 0, 0, 8, 87.5)),
    Case("Where nobody says how many come, it is busy but not known to be a meeting", "12-13 leaves 3, 4; 7 / 8",
         (Event("12:00", "13:00", people=None),), (7, 0, 0, 0, 8, 87.5)),
    Case("Two are a meeting", "12-13 leaves 3, 4; 7 / 8", (meets("12:00", "13:00", people=2),), (7, 1, 0, 0, 8, 87.5)),
    Case("A flight that a mail announced is busy", "12-14 leaves 3, 3; 6 / 8",
         (alone("12:00", "14:00", kind="fromGmail"),), (6, 0, 0, 0, 8, 75)),
    # Focus-time events
    Case("A focus block keeps nobody from focus", "one gap of 8 h", (focus("09:00", "12:00"),), (8, 0, 0, 0, 8, 100)),
    Case("A focus block between meetings is the gap between them", "11-13, 15-17 leave 2, 2; 4 / 8",
         (meets("11:00", "13:00"), focus("13:00", "15:00"), meets("15:00", "17:00")), (4, 4, 0, 0, 8, 50)),
    Case("A focus block of an hour between meetings is too short", "9-12, 13-17 leave 1; 0 / 8",
         (meets("09:00", "12:00"), focus("12:00", "13:00"), meets("13:00", "17:00")), (0, 7, 0, 0, 8, 0)),
    Case("A meeting inside a focus block breaks it", "10-11 leaves 1, 6; 6 / 8",
         (focus("09:00", "13:00"), meets("10:00", "11:00")), (6, 1, 0, 0, 8, 75)),
    Case("A focus day changes nothing", "one gap of 8 h", (focus("2026-03-03", "2026-03-04"),), (8, 0, 0, 0, 8, 100)),
    # Out of office
    Case("An afternoon away leaves the morning", "9-13 is a gap of 4; 4 / (8 - 4)", (away("13:00", "17:00"),),
         (4, 0, 0, 4, 8, 100)),
    Case("A day away leaves nothing to be divided", "8 of 8 h away", (away("00:00", "2026-03-04 00:00"),),
         (0, 0, 0, 8, 8, None)),
    Case("Days away are the same, whole", "8 of 8 h away", (away("2026-03-02", "2026-03-07"),), (0, 0, 0, 8, 8, None)),
    Case("Nobody who is away is in a meeting", "14-15 lies in 13-17 away; 9-13 is 4; 4 / 4",
         (away("13:00", "17:00"), meets("14:00", "15:00")), (4, 0, 0, 4, 8, 100)),
    Case("Of a meeting that runs into being away the first part counts", "12-13 met, 9-12 is 3; 3 / 4",
         (away("13:00", "17:00"), meets("12:00", "14:00")), (3, 1, 0, 4, 8, 75)),
    Case("An hour away at noon parts the day", "9-11 and 12-17 are 2, 5; 7 / (8 - 1)", (away("11:00", "12:00"),),
         (7, 0, 0, 1, 8, 100)),
    Case("Being away in the evening takes nothing from work", "18-20 lies outside; 8 / 8", (away("18:00", "20:00"),),
         (8, 0, 0, 0, 8, 100)),
    Case("Back-to-back meetings while away are no switch", "both lie in 13-17 away; 9-13 is 4; 4 / 4",
         (away("13:00", "17:00"), meets("13:00", "14:00"), meets("14:00", "15:00")), (4, 0, 0, 4, 8, 100)),
    # All-day events, by their type
    Case("An all-day event that shows as busy takes the day, and is no meeting of 24 hours", "no gap; 0 / 8",
         (meets("2026-03-03", "2026-03-04"),), (0, 0, 0, 0, 8, 0)),
    Case("One that shows as free takes nothing", "one gap of 8 h",
         (alone("2026-03-03", "2026-03-04", transparency="transparent"),), (8, 0, 0, 0, 8, 100)),
    Case("Where one works takes nothing", "one gap of 8 h",
         (alone("2026-03-03", "2026-03-04", kind="workingLocation"),), (8, 0, 0, 0, 8, 100)),
    Case("A birthday takes nothing", "one gap of 8 h", (alone("2026-03-03", "2026-03-04", kind="birthday"),),
         (8, 0, 0, 0, 8, 100)),
    Case("Yesterday's all-day event ends with yesterday", "one gap of 8 h", (meets("2026-03-02", "2026-03-03"),),
         (8, 0, 0, 0, 8, 100)),
    # Beyond the working hours, the day, the week
    Case("A meeting before work is a meeting, and takes no focus", "7-8 lies outside; 8 / 8",
         (meets("07:00", "08:00"),), (8, 1, 0, 0, 8, 100)),
    Case("A meeting may begin before work does", "8-10 leaves 10-17 = 7; 7 / 8", (meets("08:00", "10:00"),),
         (7, 2, 0, 0, 8, 87.5)),
    Case("Or end after it", "16-18 leaves 9-16 = 7; 7 / 8", (meets("16:00", "18:00"),), (7, 2, 0, 0, 8, 87.5)),
    Case("Of a meeting through the night each day has its part",
         "22-24 was yesterday's; 0-10 is 10 h; 10-17 = 7; 7 / 8",
         (meets("2026-03-02 22:00", "10:00"),), (7, 10, 0, 0, 8, 87.5)),
    Case("An entry of two weeks is busy on each of its days", "no gap; 0 / 8",
         (alone("2026-02-26 12:00", "2026-03-12 12:00"),), (0, 0, 0, 0, 8, 0)),
    Case("On a Saturday nobody works, but may meet", "0 h of work; nothing to divide by",
         (meets("2026-03-07 10:00", "2026-03-07 12:00"),), (0, 2, 0, 0, 0, None), day=date(2026, 3, 7)),
    Case("Who works on Sundays has focus on Sundays", "one gap of 8 h", (), (8, 0, 0, 0, 8, 100),
         day=date(2026, 3, 8), days=(1, 2, 3, 4, 7)),
    Case("A free Friday is no working day", "0 h of work", (), (0, 0, 0, 0, 0, None),
         day=date(2026, 3, 6), days=(1, 2, 3, 4)),
    Case("A holiday that nobody entered is a working day like any other", "5 May: one gap of 8 h", (),
         (8, 0, 0, 0, 8, 100), day=date(2026, 5, 5)),
    # Zones and clocks that change
    Case("A meeting lies where the person's clock has it", "15-16 UTC is 10-11 in New York; leaves 1, 6; 6 / 8",
         (meets("2026-03-03 15:00Z", "2026-03-03 16:00Z"),), (6, 1, 0, 0, 8, 75), zone=NEW_YORK),
    Case("And on the person's day", "23:30-00:30 UTC is 8:30-9:30 in Tokyo; leaves 7.5; 7.5 / 8",
         (meets("2026-03-02 23:30Z", "2026-03-03 00:30Z"),), (7.5, 1, 0, 0, 8, 93.75), zone=TOKYO),
    Case("A zone may be half an hour off", "6-7 UTC is 11:30-12:30 in Kolkata; leaves 2.5, 4.5; 7 / 8",
         (meets("2026-03-03 06:00Z", "2026-03-03 07:00Z"),), (7, 1, 0, 0, 8, 87.5), zone=KOLKATA),
    Case("The week before the clocks change, 10 o'clock is 9 UTC", "27 March: 10-11 leaves 1, 6; 6 / 8",
         (meets("2026-03-27 09:00Z", "2026-03-27 10:00Z"),), (6, 1, 0, 0, 8, 75), day=date(2026, 3, 27)),
    Case("The week after, it is 8 UTC", "30 March: 10-11 leaves 1, 6; 6 / 8",
         (meets("2026-03-30 08:00Z", "2026-03-30 09:00Z"),), (6, 1, 0, 0, 8, 75), day=date(2026, 3, 30)),
    Case("Whoever works 0 to 8 loses an hour to summer time", "29 March: 2 to 3 o'clock is not there; 7 / 7", (),
         (7, 0, 0, 0, 7, 100), day=date(2026, 3, 29), works=("00:00", "08:00"), days=EVERY_DAY),
    Case("And gets it back", "25 October: 2 to 3 o'clock comes twice; 9 / 9", (), (9, 0, 0, 0, 9, 100),
         day=date(2026, 10, 25), works=("00:00", "08:00"), days=EVERY_DAY),
    Case("A meeting across the missing hour is as long as it lasts", "1:30-3:30 is 1 h; leaves 1.5, 4.5; 4.5 / 7",
         (meets("2026-03-29 00:30Z", "2026-03-29 01:30Z"),), (4.5, 1, 0, 0, 7, 450 / 7), day=date(2026, 3, 29),
         works=("00:00", "08:00"), days=EVERY_DAY),
    Case("A gap across the missing hour is as short as it lasts", "0-1 and 3:30-8 met; 1-3:30 is 1.5 h; 0 / 7",
         (meets("2026-03-28 23:00Z", "2026-03-29 00:00Z"), meets("2026-03-29 01:30Z", "2026-03-29 06:00Z")),
         (0, 5.5, 0, 0, 7, 0), day=date(2026, 3, 29), works=("00:00", "08:00"), days=EVERY_DAY),
    Case("A gap across the hour that comes twice is as long as it lasts", "0-1 met, 3-8 met; 1-3 is 3 h; 3 / 9",
         (meets("2026-10-24 22:00Z", "2026-10-24 23:00Z"), meets("2026-10-25 02:00Z", "2026-10-25 07:00Z")),
         (3, 6, 0, 0, 9, 300 / 9), day=date(2026, 10, 25), works=("00:00", "08:00"), days=EVERY_DAY),
    Case("A day of 25 hours away is a day away", "9 of 9 h away", (away("2026-10-25", "2026-10-26"),),
         (0, 0, 0, 9, 9, None), day=date(2026, 10, 25), works=("00:00", "08:00"), days=EVERY_DAY),
    # Unknown
    Case("Of a calendar that could not be read nothing is known, whatever was read before", "unknown is never zero",
         (meets("10:00", "11:00"),), UNKNOWN, is_read=False),
)  # fmt: skip
