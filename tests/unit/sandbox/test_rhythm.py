from datetime import UTC, date, datetime

from roosevelt_pipeline.sandbox.rhythm import (
    AMSTERDAM,
    HOUR,
    NEW_YORK,
    activity_share,
    after_working,
    day_number,
    is_working_day,
    iso,
    office_hours,
)


def instant(text: str) -> int:
    return int(datetime.fromisoformat(text).astimezone(UTC).timestamp())


def test_an_instant_is_written_as_github_writes_it():
    assert iso(instant("2026-03-02T09:15:00+00:00")) == "2026-03-02T09:15:00Z"


def test_the_office_opens_at_nine_by_the_clock_on_its_wall():
    opens, closes = office_hours(NEW_YORK, day_number(date(2026, 7, 1)))

    assert (iso(opens), iso(closes)) == ("2026-07-01T13:00:00Z", "2026-07-01T21:30:00Z")


def test_the_clock_changes_with_the_season():
    assert iso(office_hours(AMSTERDAM, day_number(date(2026, 3, 27)))[0]) == "2026-03-27T08:00:00Z"
    assert iso(office_hours(AMSTERDAM, day_number(date(2026, 3, 30)))[0]) == "2026-03-30T07:00:00Z"


def test_work_left_on_friday_evening_goes_on_on_monday_morning():
    friday = instant("2026-06-05T17:00:00+02:00")

    assert after_working(AMSTERDAM, friday, HOUR) == instant("2026-06-08T09:30:00+02:00")


def test_a_holiday_is_skipped_where_it_is_one():
    wednesday = instant("2026-11-25T17:00:00-05:00")

    assert after_working(NEW_YORK, wednesday, HOUR) == instant("2026-11-30T09:30:00-05:00")
    assert is_working_day(AMSTERDAM, day_number(date(2026, 11, 26)))


def test_weekends_and_the_days_around_christmas_are_quiet():
    wednesday, saturday, lull = (day_number(date(2026, *day)) for day in ((9, 2), (9, 5), (12, 22)))

    shares = [activity_share(AMSTERDAM, day) for day in (wednesday, lull, saturday)]
    assert shares == sorted(shares, reverse=True)
    assert shares[0] == 1
