"""Focus time as the warehouse works it out, held against days worked by hand."""

from datetime import date, timedelta

import pytest

from tests.integration.calendars.focus_cases import CASES, TUESDAY, Case, alone, meets
from tests.integration.calendars.raw_rows import AS_OF, UNTIL, collect, fill, measures, person
from tests.support.pipeline import MODELS_ONLY, dbt_build, rows

MODEL = ("--select", "+int_person_days__focused", *MODELS_ONLY)
MEASURES = "select * from intermediate.int_person_days__focused"


@pytest.fixture(scope="module")
def built(new_warehouse, tmp_path_factory):
    """All cases in one warehouse, built by one dbt run."""
    warehouse = new_warehouse()
    fill(warehouse, CASES)
    dbt_build(warehouse, tmp_path_factory.mktemp("target"), *MODEL)
    return warehouse


@pytest.fixture(scope="module")
def said(built):
    return {
        (user_id, row["local_date"]): values for row in rows(built, MEASURES) for user_id, values in measures([row])
    }


@pytest.mark.parametrize("number", range(len(CASES)), ids=lambda number: CASES[number].sentence)
def test_a_day_is_measured_as_by_hand(said, number):
    case = CASES[number]

    found = said[person(number), case.day]

    assert found == pytest.approx(case.expected, abs=1e-3), f"{case.sentence}: {case.arithmetic}"


def test_there_are_enough_of_them():
    assert len(CASES) >= 60
    assert len({case.sentence for case in CASES}) == len(CASES)


def test_of_the_day_on_which_one_agreed_nothing_is_told_and_the_first_whole_day_is_the_next(said):
    days = sorted(day for user_id, day in said if user_id == person(0))

    assert (days[0].isoformat(), days[-1].isoformat()) == ("2026-02-02", "2026-11-01")  # 1 February began at 23:00 UTC


MOVES, STAYS, GOES, CLOSES = map(person, range(4))
BUSY = (meets("11:00", "12:00"), alone("2026-03-17 12:00", "2026-03-17 13:00"))
LATER = AS_OF + timedelta(days=7)


@pytest.fixture(scope="module")
def week_later(new_warehouse, tmp_path_factory):
    """A week passes: of one person entries move and vanish, one takes part no longer, one closes a calendar.

    What had been made, what was made by the increment, and what building everything anew made.
    """
    warehouse, target = new_warehouse(), tmp_path_factory.mktemp("target")
    fill(warehouse, [Case(name, "", BUSY, ()) for name in ("moves", "stays", "goes", "closes")])
    dbt_build(warehouse, target, *MODEL)
    before = made(warehouse)
    with warehouse.connect() as connection, connection.cursor() as cursor:
        cursor.execute(_KEEP_PAST)
        cursor.execute(_MOVE, {"key": f"{MOVES}:0"})
        cursor.execute(_VANISH, {"key": f"{MOVES}:1"})
        cursor.execute("delete from raw.participants where user_id = %s", [GOES])
        cursor.execute("update raw.policy_parameters set as_of_date = %s", [LATER])
        for user_id in (MOVES, STAYS, CLOSES):
            collect(cursor, user_id, is_complete=user_id != CLOSES, until=UNTIL + timedelta(days=7))
    dbt_build(warehouse, target, *MODEL)
    after = made(warehouse)
    dbt_build(warehouse, target, *MODEL, "--full-refresh")
    return before, after, made(warehouse)


def test_what_moved_is_made_anew_where_it_stood_and_where_it_stands_and_nothing_else(week_later):
    before, after, _ = week_later
    old = {key for key in after if key in before}

    others = {key for key in old if after[key]["focus_hours"] != before[key]["focus_hours"]}
    assert others == {(MOVES, TUESDAY), (MOVES, date(2026, 3, 10)), (MOVES, date(2026, 3, 17))}
    # A day on either side as well, because zones are not looked at before.
    anew = {key for key in old if after[key]["xmin"] != before[key]["xmin"]}
    assert anew == {(MOVES, date(2026, 3, day)) for day in (2, 3, 4, 9, 10, 11, 16, 17, 18)}


def test_an_increment_leaves_what_building_everything_anew_leaves(week_later):
    _, after, anew = week_later
    bookkeeping = {"xmin", "made_at_version"}

    assert after.keys() == anew.keys()
    assert [key for key in after if any(after[key][n] != anew[key][n] for n in after[key].keys() - bookkeeping)] == []


def test_a_calendar_that_is_no_longer_shared_is_unknown_from_then_on_and_what_was_known_stays(week_later):
    _, after, _ = week_later
    friday, next_friday = AS_OF - timedelta(days=2), LATER - timedelta(days=2)

    assert [after[CLOSES, day]["focus_hours"] for day in (friday, next_friday)] == [8, None]
    assert [after[STAYS, day]["focus_hours"] for day in (friday, next_friday)] == [8, 8]


def test_who_no_longer_takes_part_leaves_nothing_behind(week_later):
    before, after, _ = week_later

    assert {user_id for user_id, _ in before} - {user_id for user_id, _ in after} == {GOES}


def made(warehouse):
    query = "select *, xmin::text from intermediate.int_person_days__focused"
    return {(row["user_id"], row["local_date"]): row for row in rows(warehouse, query)}


_KEEP_PAST = """
insert into raw.calendar_events_versions
select natural_key, scope, payload, content_sha, source_updated_at, first_seen_at, observed_at, deleted, run_id,
       version_id, now()
from raw.calendar_events
"""
_MOVE = """
update raw.calendar_events
set payload = payload || '{"start": "2026-03-10T10:00:00Z", "end": "2026-03-10T11:00:00Z"}',
    version_id = nextval('raw.version_ids')
where natural_key = %(key)s
"""
_VANISH = """
update raw.calendar_events set deleted = true, version_id = nextval('raw.version_ids') where natural_key = %(key)s
"""
