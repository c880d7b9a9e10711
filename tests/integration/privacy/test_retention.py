"""What goes because its time is over, worked by hand. It is noon on Monday 1 June 2026, and 90 days are kept.

90 days before is noon on Tuesday 3 March. The first whole week of which everything is there is that of Monday 9 March.
"""

import json
import uuid
from datetime import UTC, date, datetime, time, timedelta

import pytest

from roosevelt_pipeline.people import forget_outlived
from roosevelt_pipeline.settings import PrivacySettings, Settings
from roosevelt_pipeline.warehouse.connections import Role
from roosevelt_pipeline.warehouse.people_settings import Days
from roosevelt_pipeline.warehouse.personal_tables import SPACE_TABLES
from roosevelt_pipeline.warehouse.policy import write_policy
from tests.support.pipeline import MODELS_ONLY, dbt_build, rows

NOW = datetime(2026, 6, 1, 12, tzinfo=UTC)
RUN = uuid.UUID(int=1)
ADA = uuid.UUID(int=7)
EVENTS = {  # when each ends, and whether it stays
    "day 91": ("2026-03-02T12:00:00Z", False),
    "a second too old": ("2026-03-03T11:59:59Z", False),
    "day 90": ("2026-03-03T12:00:00Z", True),
    "day 89": ("2026-03-04T12:00:00Z", True),
    "tomorrow": ("2026-06-02T10:00:00Z", True),
}
QUARTERS = {"2025-Q3": False, "2025-Q4": False, "2026-Q1": True, "2026-Q2": True}  # 2025-Q4 ended 152 days ago


def event(key: str, ends: str) -> list[object]:
    payload = {
        "event_type": "default", "status": "confirmed", "transparency": "opaque", "answer": None, "is_all_day": False,
        "attendees_count": 2, "start": f"{ends[:11]}00:00:00Z", "end": ends,
    }  # fmt: skip
    return [key, str(ADA), json.dumps(payload), RUN]


@pytest.fixture
def office(fresh_warehouse):
    warehouse = fresh_warehouse
    with warehouse.connect(Role.OWNER) as connection:
        connection.execute("insert into vault.persons (user_id) values (%s)", [ADA])
        connection.execute(
            "insert into raw.participants (user_id, started_at, survey_user_id, text_version, channel) "
            "values (%s, '2025-07-01', %s, '1', 'directory')", [ADA, ADA],
        )  # fmt: skip
        days = Days("UTC", time(9), time(17), (1, 2, 3, 4, 5))
        connection.execute(
            "insert into raw.people_settings "
            "(user_id, time_zone, workday_start, workday_end, working_days, observed_at) "
            "values (%s, %s, %s, %s, %s, '2025-07-01')",
            [ADA, days.time_zone, days.workday_start, days.workday_end, list(days.working_days)],
        )
        for key, (ends, _) in EVENTS.items():
            connection.execute(
                "insert into raw.calendar_events (natural_key, scope, payload, content_sha, first_seen_at, "
                "observed_at, run_id) values (%s, %s, %s, '', '2026-05-01', '2026-05-01', %s)", event(key, ends),
            )  # fmt: skip
        for key, ends, replaced in (
            ("old place", "2026-03-01T10:00:00Z", "2026-05-01"),
            ("old version", "2026-06-20T10:00:00Z", "2026-03-01"),
            ("new version", "2026-06-20T10:00:00Z", "2026-05-01"),
        ):
            connection.execute(
                "insert into raw.calendar_events_versions (natural_key, scope, payload, content_sha, first_seen_at, "
                "observed_at, deleted, run_id, version_id, replaced_at) values (%s, %s, %s, '', '2026-01-01', "
                "'2026-01-01', false, %s, nextval('raw.version_ids'), %s)", [*event(key, ends), replaced],
            )  # fmt: skip
        for since, until in (("2025-12-01", "2026-03-01"), ("2026-02-01", "2026-05-31 22:00Z")):
            connection.execute(
                "insert into raw.calendar_collections (run_id, user_id, lane, started_at, ended_at, outcome, "
                "known_from, known_until, requests, rows_seen, versions_added, gone, rejects) "
                "values (gen_random_uuid(), %s, 'full', %s, %s, 'complete', %s, %s, 1, 1, 1, 0, 0)",
                [ADA, until, until, since, until],
            )
        for quarter in QUARTERS:
            payload = {"survey": "s", "survey_user_id": str(ADA), "survey_date": "2025-09-01", "quarter": quarter,
                       "nps_score": 9, "satisfaction_score": 4}  # fmt: skip
            connection.execute(
                "insert into raw.survey_answers (natural_key, scope, payload, content_sha, first_seen_at, observed_at, "
                "run_id) values (%s, 'org', %s, '', '2026-04-01', '2026-04-01', %s)",
                [quarter, json.dumps(payload), RUN],
            )  # fmt: skip
            connection.execute(
                "insert into survey.invitations (survey, survey_user_id, quarter, channel, closes_at, invited_at, "
                "invitation, noted_at) values ('s', %s, %s, 'slack', '2025-09-01', '2025-09-01', 'sent', "
                "'2025-09-01')", [ADA, quarter],
            )  # fmt: skip
        connection.execute(
            """insert into published.space_figures (figure, dimension, scope_type, scope, period, period_start,
            period_end, value, unit, n, status, definition_version, decided_at, run_id)
            values ('commits_count', 'activity', 'team', 'red', 'week', '2025-09-01', '2025-09-08', 42, 'commits', 5,
            'ok', 1, '2025-09-09', %s)""",
            [RUN],
        )
    with warehouse.connect(Role.INGEST) as connection:
        write_policy(connection, Settings(), date(2026, 5, 31), RUN)
    return warehouse


def keys(warehouse, table, column="natural_key"):
    return {row[column] for row in rows(warehouse, f"select {column} from {table}")}


def test_events_answers_and_invitations_go_on_their_day_and_not_before(office):
    deleted = forget_outlived(Settings(), office, NOW)

    assert keys(office, "raw.calendar_events") == {key for key, (_, stays) in EVENTS.items() if stays}
    assert keys(office, "raw.calendar_events_versions") == {"new version"}
    assert keys(office, "raw.survey_answers") == {quarter for quarter, stays in QUARTERS.items() if stays}
    assert keys(office, "survey.invitations", "quarter") == {quarter for quarter, stays in QUARTERS.items() if stays}
    assert {table: count for table, count in deleted.items() if count} == {
        "raw.calendar_events": 2, "raw.calendar_events_versions": 2, "raw.calendar_collections": 1,
        "raw.survey_answers": 2, "survey.invitations": 2,
    }  # fmt: skip


@pytest.mark.parametrize(
    ("table", "at"),
    [
        ("raw.survey_answers", "observed_at = '2026-05-18 12:00Z'"),
        ("survey.invitations", "noted_at = '2026-05-18 12:00Z'"),
    ],
)
def test_a_quarter_of_which_anything_came_in_within_two_weeks_stays_whole_until_they_are_over(office, table, at):
    """So that groups can be told of a history that was imported: by half of its answers they would be told wrongly."""
    quarter = "payload ->> 'quarter'" if table == "raw.survey_answers" else "quarter"
    with office.connect(Role.OWNER) as connection:
        connection.execute(f"update {table} set {at} where {quarter} = '2025-Q3'".encode())

    forget_outlived(Settings(), office, NOW)
    stays = {"2025-Q3", "2026-Q1", "2026-Q2"}
    assert keys(office, "raw.survey_answers") == keys(office, "survey.invitations", "quarter") == stays

    forget_outlived(Settings(), office, NOW + timedelta(seconds=1))
    stays = {"2026-Q1", "2026-Q2"}
    assert keys(office, "raw.survey_answers") == keys(office, "survey.invitations", "quarter") == stays


def test_once_more_deletes_nothing_more(office):
    forget_outlived(Settings(), office, NOW)

    assert sum(forget_outlived(Settings(), office, NOW).values()) == 0


def test_who_takes_part_and_what_was_told_of_groups_stay(office):
    forget_outlived(Settings(), office, NOW)

    assert len(rows(office, "select 1 from raw.participants")) == 1
    assert len(rows(office, "select 1 from raw.people_settings")) == 1
    assert rows(office, "select value from published.space_figures") == [{"value": 42}]


def test_how_long_is_a_setting(office):
    longer = Settings(privacy=PrivacySettings(keep_days=365))

    assert forget_outlived(longer, office, NOW)["raw.calendar_events"] == 0
    assert keys(office, "raw.survey_answers") == set(QUARTERS)


def test_days_that_are_too_long_ago_leave_the_models_and_no_day_is_taken_for_a_free_one(office, tmp_path):
    """Before Monday 9 March nothing is told of a person; a day of which an event may be gone is not known."""
    select = ("--select", "stg_policy__parameters", "stg_people__*", "stg_calendars__*", "int_calendar_events__judged",
              "int_person_days__expected", "int_person_days__focused")  # fmt: skip
    longer = Settings(privacy=PrivacySettings(keep_days=120))
    with office.connect(Role.INGEST) as connection:
        write_policy(connection, longer, date(2026, 5, 31), RUN)
    forget_outlived(Settings(), office, NOW)
    dbt_build(office, tmp_path, *MODELS_ONLY, *select)
    days = "select min(local_date) as day from intermediate.int_person_days__focused"
    # The policy still said 120 days, and 1 February is that long ago; but of 3 March only the afternoon is known.
    assert rows(office, days)[0]["day"] == date(2026, 2, 9)
    assert rows(office, f"{days} where is_known")[0]["day"] == date(2026, 3, 4)

    with office.connect(Role.INGEST) as connection:
        write_policy(connection, Settings(), date(2026, 5, 31), RUN)
    dbt_build(office, tmp_path, *MODELS_ONLY, *select)
    every = "select min(local_date) as day, bool_and(is_known) as known from intermediate.int_person_days__focused"
    assert rows(office, every)[0] == {"day": date(2026, 3, 9), "known": False}  # 31 May: read until 22:00
    assert rows(office, f"{every} where local_date < '2026-05-31'")[0]["known"] is True


def test_each_table_about_participants_says_when_its_rows_are_over_or_that_they_are_about_now():
    lasting = {f"{one.schema}.{one.table}" for one in SPACE_TABLES if one.is_over is None}

    assert lasting == {"survey.submissions", "survey.feedback", "raw.people_settings", "ingest.cursors"}
