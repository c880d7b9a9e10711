"""Google Calendar to raw, by the official client over real HTTP."""

import json
import logging
from datetime import date, datetime, timedelta

import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa

from roosevelt_pipeline.sources.calendars.errors import AccessError
from tests.integration.calendars.conftest import ADA, ADA_ID, DAY, HOUR, NOW, ada, guests, timed

MONDAY = NOW.replace(hour=9) - 7 * DAY  # of the week that has just ended


def text(moment: datetime) -> str:
    return moment.strftime("%Y-%m-%dT%H:%M:%SZ")


def test_of_an_event_its_times_and_kind_land_and_nobodys_name(world, caplog):
    caplog.set_level(logging.DEBUG)
    world.book.put(
        ADA, "one", **timed(MONDAY), summary="Salary talk", description="about Bob", location="Room 5",
        organizer={"email": "boss@acme.example"}, visibility="private", hangoutLink="https://meet.example/secret",
        attendees=[*guests("declined", "accepted"), {"email": "room5@acme.example", "resource": True}],
    )  # fmt: skip

    outcome = world.read()

    assert world.rows("select payload from raw.calendar_events") == [
        ({"event_type": "default", "status": "confirmed", "transparency": "opaque", "answer": "accepted",
          "attendees_count": 3, "is_all_day": False, "start": text(MONDAY), "end": text(MONDAY + HOUR)},)
    ]  # fmt: skip
    assert (outcome.outcome, outcome.lane, outcome.rows_seen) == ("complete", "full", 1)
    kept = world.everything() + caplog.text
    for word in ("Salary", "about Bob", "Room 5", "boss@", "meet.example", "Lovelace", "guest0", "room5@", ADA, "one@"):
        assert word not in kept.replace(world.url, ""), word


def test_titles_and_addresses_are_not_even_asked_for(world):
    world.book.put(ADA, "one", **timed(MONDAY), summary="Salary talk", attendees=guests("accepted"))
    world.read()

    (asked,) = world.asked
    fields = asked.split("fields=")[1].split("&")[0]
    for word in ("summary", "description", "location", "email", "displayName", "organizer", "creator", "hangoutLink"):
        assert word not in fields


def test_a_calendar_in_which_nothing_changed_costs_one_request(world):
    for number in range(5):
        world.book.put(ADA, f"e{number}", **timed(MONDAY + number * DAY))
    world.read()

    again = world.read()

    assert len(world.asked) == 1
    assert "syncToken=" in world.asked[0]
    assert "timeMin" not in world.asked[0]
    assert (again.lane, again.rows_seen, again.versions_added) == ("incremental", 0, 0)


def test_many_events_come_page_by_page_and_the_token_with_the_last(world):
    world.desk.most = 10
    for number in range(35):
        world.book.put(ADA, f"e{number:02}", **timed(MONDAY - number * DAY))

    world.read()

    assert len(world.asked) == 4
    assert len(world.held()) == 35
    assert world.read().lane == "incremental"


def test_what_changed_moved_or_was_deleted_is_told_by_the_next_reading(world):
    for name, place in (("stays", 0), ("moves", 1), ("goes", 2)):
        world.book.put(ADA, name, **timed(MONDAY + place * DAY))
    world.read()
    world.book.put(ADA, "moves", **timed(MONDAY + 4 * DAY))
    world.book.delete(ADA, "goes")
    world.book.put(ADA, "new", **timed(MONDAY + 3 * DAY))

    outcome = world.read()

    assert [start for start, _ in world.held()] == [text(MONDAY + place * DAY) for place in (0, 3, 4)]
    assert (outcome.lane, outcome.rows_seen, outcome.gone) == ("incremental", 3, 1)
    assert world.rows("select count(*) from raw.calendar_events_versions") == [(2,)]  # moved, and gone


def test_an_expired_token_means_that_the_calendar_is_read_whole_and_what_vanished_meanwhile_goes(world):
    world.book.put(ADA, "stays", **timed(MONDAY))
    world.book.put(ADA, "goes", **timed(MONDAY + DAY))
    world.read()
    del world.book.pages[ADA]["goes"]  # Google no longer knows that it ever was
    world.desk.epoch += 1

    outcome = world.read()

    assert [("syncToken" in asked, "timeMin" in asked) for asked in world.asked] == [(True, False), (False, True)]
    assert [start for start, _ in world.held()] == [text(MONDAY)]
    assert (outcome.lane, outcome.gone, outcome.versions_added) == ("full", 1, 1)
    assert world.read().lane == "incremental"


def test_what_recurs_for_ever_is_laid_out_so_far_ahead_and_read_anew_before_that_comes_near(world):
    world.book.put(ADA, "standup", **timed(MONDAY - 280 * DAY), recurrence=["RRULE:FREQ=WEEKLY;BYDAY=MO"])
    world.options = {"weeks_back": 4, "weeks_ahead": 5}

    world.read()
    first = world.held()
    assert (first[0][0] >= text(MONDAY - 28 * DAY), first[-1][0]) == (True, "2026-04-13T09:00:00Z")
    world.later(weeks=2)
    assert (world.read().lane, world.held()) == ("incremental", first)

    world.later(weeks=2)
    assert world.read().lane == "full"
    assert world.held()[-1][0] == "2026-05-11T09:00:00Z"
    assert world.held()[0] == first[0]  # what lies before the window stays


def test_ten_o_clock_stays_ten_o_clock_when_the_clocks_change(world):
    world.book.put(ADA, "standup", **timed(MONDAY, 0.5), recurrence=["RRULE:FREQ=WEEKLY;BYDAY=MO;COUNT=4"])

    world.read()

    assert [start for start, _ in world.held()] == [
        "2026-03-09T09:00:00Z", "2026-03-16T09:00:00Z", "2026-03-23T09:00:00Z", "2026-03-30T08:00:00Z",
    ]  # fmt: skip


def test_a_new_series_without_end_does_not_come_for_ever(world):
    world.read()
    world.desk.most = 3
    world.book.put(ADA, "standup", **timed(MONDAY, 0.5), recurrence=["RRULE:FREQ=DAILY"])

    outcome = world.read()

    assert outcome.lane == "full"  # 400 occurrences in pages of three are more than changes may take
    assert [start for start, _ in world.held()][-1] <= text(NOW + timedelta(weeks=8))


def test_one_occurrence_may_be_moved_and_another_left_out(world):
    series = timed(MONDAY, 0.5)
    world.book.put(ADA, "standup", **series, recurrence=["RRULE:FREQ=DAILY;COUNT=3"])
    world.read()
    for number, change in ((1, timed(MONDAY + DAY + 5 * HOUR, 0.5)), (2, {"status": "cancelled"})):
        mark = (MONDAY + number * DAY).strftime("%Y%m%dT%H%M%SZ")
        original = {"originalStartTime": timed(MONDAY + number * DAY)["start"]}
        world.book.put(ADA, f"standup_{mark}", recurringEventId="standup", **series | original | change)

    world.read()

    assert [start for start, _ in world.held()] == [text(MONDAY), text(MONDAY + DAY + 5 * HOUR)]


def test_nothing_from_before_somebody_agreed_is_asked_for(world):
    world.book.put(ADA, "before", **timed(MONDAY))
    world.book.put(ADA, "after", **timed(MONDAY + 3 * DAY))

    outcome = world.read(ada(since=MONDAY + 2 * DAY))

    assert [start for start, _ in world.held()] == [text(MONDAY + 3 * DAY)]
    assert outcome.known_from == MONDAY + 2 * DAY


def test_of_a_time_in_which_one_did_not_take_part_nothing_is_asked_for_later(world):
    world.read(ada(since=NOW - 30 * DAY))
    world.book.put(ADA, "between", **timed(MONDAY))

    outcome = world.read(ada(since=MONDAY + 2 * DAY))  # stopped, and began anew

    assert (outcome.lane, outcome.known_from, world.held()) == ("full", MONDAY + 2 * DAY, [])


def test_what_is_known_ends_when_google_answered(world):
    outcome = world.read()

    assert (outcome.known_from, outcome.known_until) == (NOW - 60 * DAY, world.book.now)


def test_a_calendar_that_is_not_shared_fails_alone_and_says_what_to_do(world):
    world.desk.unshared.add(ADA)

    outcome = world.read()

    assert (outcome.outcome, outcome.known_from) == ("failed", None)
    assert "share it" in outcome.error
    assert world.rows("select outcome, user_id from raw.calendar_collections") == [("failed", ADA_ID)]


@pytest.mark.parametrize("refusal", [(403, "rateLimitExceeded"), (429, "rateLimitExceeded"), (503, "backendError")])
def test_a_refusal_that_passes_is_waited_for_and_one_that_stays_is_told(world, refusal):
    world.book.put(ADA, "one", **timed(MONDAY))
    world.desk.refusals = [refusal] * 2
    assert world.read().outcome == "complete"

    world.desk.refusals = [refusal] * 3
    assert world.read().outcome == "failed"
    assert len(world.asked) == 3  # the first try and two more
    assert world.read().outcome == "complete"


def test_a_refusal_that_no_waiting_helps_is_not_repeated(world):
    world.desk.refusals = [(403, "forbidden")]

    assert world.read().outcome == "failed"
    assert len(world.asked) == 1


def test_consent_that_was_withdrawn_is_told(world):
    world.desk.revoked = True

    assert "refresh token anew" in world.read().error


def test_a_week_can_be_read_anew_and_leaves_the_rest_and_the_place_alone(world):
    for number in range(14):
        world.book.put(ADA, f"e{number:02}", **timed(MONDAY - 7 * DAY + number * DAY))
    world.read()
    del world.book.pages[ADA]["e02"], world.book.pages[ADA]["e09"]

    outcome = world.read(monday=MONDAY.date())

    assert len(world.asked) == 1
    assert (outcome.lane, outcome.gone, len(world.held())) == ("week", 1, 13)  # of the week before nothing was asked
    assert outcome.known_from == datetime.fromisoformat("2026-03-08T23:00:00Z")
    assert outcome.known_until == datetime.fromisoformat("2026-03-15T23:00:00Z")
    world.read(monday=MONDAY.date())
    assert world.rows("select count(*) from raw.calendar_events") == [(14,)]
    assert world.read().lane == "incremental"


def test_all_day_events_keep_their_days_and_their_kind(world):
    world.book.put(ADA, "away", start={"date": "2026-03-09"}, end={"date": "2026-03-11"}, eventType="outOfOffice")

    world.read()

    assert world.rows("select payload -> 'is_all_day', payload ->> 'event_type' from raw.calendar_events") == [
        (True, "outOfOffice")
    ]
    assert world.held() == [("2026-03-09T00:00:00Z", "2026-03-11T00:00:00Z")]


def test_an_event_that_makes_no_sense_is_set_aside_and_the_others_land(world):
    world.book.put(ADA, "odd", start={"dateTime": text(MONDAY)}, end={"date": "2026-03-12"}, summary="Secret")
    world.book.put(ADA, "fine", **timed(MONDAY))

    outcome = world.read()

    assert (outcome.outcome, outcome.rejects, len(world.held())) == ("complete", 1, 1)
    assert world.rows("select source, stream, reason, record from raw.rejected_records") == [
        (
            "google_calendar",
            "calendar_events",
            "unreadable: one of start and end is a day and the other is a time",
            None,
        )
    ]


def test_another_calendar_of_the_same_person_takes_the_place_of_the_first(world):
    world.book.put(ADA, "one", **timed(MONDAY))
    world.read()
    world.book.put("new@acme.example", "two", **timed(MONDAY + DAY))

    world.read(ada(google="new@acme.example"))

    assert [start for start, _ in world.held()] == [text(MONDAY + DAY)]


def test_after_the_identity_key_was_renewed_nothing_is_held_twice(world):
    world.book.put(ADA, "one", **timed(MONDAY))
    world.read()
    world.key += b"n" * 32

    assert world.read().lane == "full"
    assert [start for start, _ in world.held()] == [text(MONDAY)]


def test_a_service_account_reads_in_the_name_of_each_person(world, tmp_path):
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    world.desk.service_key = key.public_key().public_bytes(
        serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
    ).decode()  # fmt: skip
    file = tmp_path / "key.json"
    private = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    file.write_text(json.dumps({
        "type": "service_account", "client_email": "roosevelt@project.example", "private_key": private.decode(),
        "private_key_id": "1", "token_uri": f"{world.url}/calendar/token",
    }))  # fmt: skip
    world.desk.unshared.add(ADA)  # nobody but she herself may read it
    world.book.put(ADA, "one", **timed(MONDAY))

    assert world.read(google_calendar_service_account_file=file).outcome == "complete"
    nobody = world.read(ada(google="nobody@acme.example"), google_calendar_service_account_file=file)
    assert (nobody.outcome, "nobody@" in nobody.error) == ("failed", False)
    world.desk.revoked = True
    with pytest.raises(AccessError, match="administrator"):
        world.read(google_calendar_service_account_file=file)


def test_a_week_before_one_took_part_is_not_read(world):
    outcome = world.read(monday=date(2025, 3, 3))

    assert (outcome.outcome, world.asked) == ("failed", [])
