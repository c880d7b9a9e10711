"""iCalendar feeds to raw, over real HTTP."""

from datetime import timedelta
from zoneinfo import ZoneInfo

import pytest

from roosevelt_pipeline.sources.calendars.errors import CalendarError
from roosevelt_pipeline.sources.calendars.feed_entries import Unfit, read_feed
from roosevelt_pipeline.sources.calendars.owners import Window
from tests.integration.calendars.conftest import ADA, BOB, DAY, HOUR, NOW, ada, guests, timed
from tests.integration.calendars.test_google import MONDAY, text

AMSTERDAM = ZoneInfo("Europe/Amsterdam")
WINDOW = Window(NOW - 28 * DAY, NOW + 28 * DAY)


@pytest.fixture
def feed(world):
    """The owner of a feed instead of a Google calendar."""
    return ada(ical=world.url + world.desk.feed_path(ADA))


def test_of_a_feed_times_and_kind_land_and_nobodys_name(world, feed):
    world.book.put(ADA, "one", **timed(MONDAY), summary="Salary talk", description="about Bob", location="Room 5",
                   attendees=[*guests("declined", "accepted", own="tentative"),
                              {"email": "room5@acme.example", "resource": True}])  # fmt: skip

    outcome = world.read(feed)

    assert world.rows("select payload from raw.calendar_events") == [
        ({"event_type": "default", "status": "confirmed", "transparency": "opaque", "answer": "tentative",
          "attendees_count": 3, "is_all_day": False, "start": text(MONDAY), "end": text(MONDAY + HOUR)},)
    ]  # fmt: skip
    assert (outcome.outcome, outcome.lane, outcome.requests) == ("complete", "full", 1)
    kept = world.everything()
    for word in ("Salary", "about Bob", "Room 5", "Lovelace", "guest0", ADA, "calendars.example", "basic.ics"):
        assert word not in kept, word


def test_a_feed_that_is_as_it_was_costs_a_request_and_nothing_else(world, feed):
    world.book.put(ADA, "one", **timed(MONDAY))
    world.read(feed)
    world.later(days=7)

    again = world.read(feed)

    assert (again.lane, again.requests, again.rows_seen) == ("incremental", 1, 0)
    assert again.known_until == world.book.now  # and what was known is known a week longer


def test_what_changed_or_vanished_from_a_feed_does_so_here(world, feed):
    world.book.put(ADA, "goes", **timed(MONDAY))
    world.book.put(ADA, "stays", **timed(MONDAY + DAY))
    world.read(feed)
    world.book.delete(ADA, "goes")
    world.book.put(ADA, "stays", **timed(MONDAY + DAY, hours=2))

    outcome = world.read(feed)

    assert world.held() == [(text(MONDAY + DAY), text(MONDAY + DAY + 2 * HOUR))]
    assert (outcome.lane, outcome.gone) == ("full", 1)


def test_what_recurs_is_laid_out_with_its_exceptions_at_the_hour_of_its_zone(world, feed):
    series = timed(MONDAY - 280 * DAY - HOUR, 0.5)  # 10 o'clock in summer, so 10 o'clock ever after
    world.book.put(ADA, "standup", **series, recurrence=["RRULE:FREQ=WEEKLY;BYDAY=MO"])
    moved, cancelled = (timed(MONDAY + days * DAY)["start"] for days in (0, 7))
    world.book.put(ADA, "standup_moved", recurringEventId="standup", originalStartTime=moved,
                   **timed(MONDAY + 3 * HOUR, 0.5))  # fmt: skip
    world.book.put(ADA, "standup_off", recurringEventId="standup", originalStartTime=cancelled, status="cancelled",
                   **timed(MONDAY + 7 * DAY, 0.5))  # fmt: skip
    world.options = {"weeks_back": 2, "weeks_ahead": 4}

    world.read(feed)

    assert [start for start, _ in world.held()] == [
        "2026-03-02T09:00:00Z", "2026-03-09T12:00:00Z", "2026-03-23T09:00:00Z", "2026-03-30T08:00:00Z",
        "2026-04-06T08:00:00Z",
    ]  # fmt: skip


def test_the_window_of_a_feed_moves_on_though_its_server_says_that_nothing_changed(world, feed):
    world.book.put(ADA, "standup", **timed(MONDAY, 0.5), recurrence=["RRULE:FREQ=WEEKLY;BYDAY=MO"])
    world.options = {"weeks_ahead": 4}
    world.read(feed)
    last = world.held()[-1]
    world.later(weeks=3)

    assert world.read(feed).lane == "full"
    assert world.held()[-1] > last


def test_a_person_may_have_both_and_is_known_where_both_are(world):
    world.book.put(ADA, "one", **timed(MONDAY))
    world.book.put(BOB, "two", **timed(MONDAY + DAY))
    both = ada(google=ADA, ical=world.url + world.desk.feed_path(BOB))

    assert (world.read(both).outcome, len(world.held())) == ("complete", 2)
    world.desk.unshared.add(BOB)
    assert world.read(both).outcome == "failed"
    assert len(world.held()) == 2  # what was read stays, but nothing new is known


@pytest.mark.parametrize(("refusal", "tries"), [((503, "x"), 3), ((404, "x"), 1), ((403, "x"), 1)])
def test_a_feed_that_is_refused_is_told_and_its_address_is_not(world, feed, refusal, tries):
    world.desk.refusals = [refusal] * 3

    outcome = world.read(feed)

    assert (outcome.outcome, len(world.asked)) == ("failed", tries)
    assert "http" not in outcome.error.replace("https://", "")


def test_a_feed_over_an_open_line_is_refused_before_it_is_asked_for(world):
    outcome = world.read(ada(ical="http://calendars.example/ada.ics"))

    assert (outcome.outcome, outcome.requests) == ("failed", 0)


def test_a_feed_without_end_is_not_read_to_its_end(world, feed):
    for number in range(1200):
        world.book.put(ADA, f"e{number}", **timed(MONDAY), description="x" * 1000)
    world.options = {"feed_most_megabytes": 1}

    assert "larger than" in world.read(feed).error


def read(*lines, addresses=frozenset({ADA})):
    """The entries of a feed with one event of these lines."""
    text = "\r\n".join(("BEGIN:VCALENDAR", "VERSION:2.0", "PRODID:x", "BEGIN:VEVENT", "UID:1", *lines, "END:VEVENT",
                        "END:VCALENDAR", ""))  # fmt: skip
    return list(read_feed(text.encode(), WINDOW, AMSTERDAM, addresses))


def test_what_is_no_feed_is_said_to_be_none():
    with pytest.raises(CalendarError, match="no iCalendar"):
        list(read_feed(b"<html>Sign in, Ada</html>", WINDOW, AMSTERDAM, frozenset()))


@pytest.mark.parametrize(
    "rule", ["FREQ=SECONDLY", "FREQ=MINUTELY;INTERVAL=5", "FREQ=SOMETIMES", "FREQ=DAILY;UNTIL=never"]
)
def test_a_series_that_recurs_too_often_or_in_no_way_is_set_aside(rule):
    (found,) = read("DTSTART:20260309T090000Z", "DTEND:20260309T100000Z", f"RRULE:{rule}", "SUMMARY:Secret")

    assert isinstance(found, Unfit)
    assert "Secret" not in found.reason


def test_a_time_without_a_zone_is_the_persons_own():
    (found,) = read("DTSTART:20260309T090000", "DTEND:20260309T100000")

    assert text(found.entry.begins) == "2026-03-09T08:00:00Z"


def test_an_event_without_an_end_takes_no_time_and_a_day_without_one_takes_the_day():
    (timed_one,) = read("DTSTART:20260309T090000Z")
    (day,) = read("DTSTART;VALUE=DATE:20260309")

    assert timed_one.entry.begins == timed_one.entry.ends
    assert day.entry.ends - day.entry.begins == timedelta(days=1)


@pytest.mark.parametrize(
    ("lines", "expected"),
    [
        (["TRANSP:TRANSPARENT"], ("default", "transparent")),
        (["X-MICROSOFT-CDO-BUSYSTATUS:OOF"], ("outOfOffice", "opaque")),
        (["X-MICROSOFT-CDO-BUSYSTATUS:FREE", "TRANSP:OPAQUE"], ("default", "transparent")),
        (["X-MICROSOFT-CDO-BUSYSTATUS:WORKINGELSEWHERE"], ("workingLocation", "transparent")),
        (["X-MICROSOFT-CDO-BUSYSTATUS:TENTATIVE"], ("default", "opaque")),
        ([], ("default", "opaque")),
    ],
)
def test_how_an_entry_shows_is_taken_from_whoever_says_most(lines, expected):
    (found,) = read("DTSTART:20260309T090000Z", "DTEND:20260309T100000Z", *lines)

    assert (found.entry.event_type, found.entry.transparency) == expected


def test_who_is_invited_counts_and_a_feed_that_names_nobody_does_not_say():
    times = ("DTSTART:20260309T090000Z", "DTEND:20260309T100000Z")
    (meeting,) = read(*times, "ORGANIZER:mailto:boss@acme.example", f"ATTENDEE;PARTSTAT=DECLINED:mailto:{ADA}",
                      "ATTENDEE;CUTYPE=ROOM:mailto:room@acme.example")  # fmt: skip
    (silent,) = read(*times)

    assert (meeting.entry.attendees_count, meeting.entry.answer) == (2, "declined")
    assert (silent.entry.attendees_count, silent.entry.answer) == (None, None)
