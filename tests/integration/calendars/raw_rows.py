"""Cases as rows of raw: a participant for each, whose calendar holds that case's events."""

import json
import uuid
from collections.abc import Iterable, Iterator
from datetime import UTC, date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from roosevelt_pipeline.settings import GitHubSettings, PrivacySettings, Settings
from roosevelt_pipeline.warehouse.connections import Role, Warehouse
from roosevelt_pipeline.warehouse.policy import write_policy
from tests.integration.calendars.focus_cases import Case, Event

RUN = uuid.UUID(int=1)
SINCE, UNTIL = datetime(2026, 2, 1, tzinfo=UTC), datetime(2026, 11, 2, 12, tzinfo=UTC)
AS_OF = date(2026, 11, 1)


def person(number: int) -> uuid.UUID:
    return uuid.UUID(int=0xCA1E_0000 + number)


def fill(warehouse: Warehouse, cases: Iterable[Case]) -> None:
    """Fill an empty raw with participants, their settings, calendars and what reading them came to."""
    cases = list(cases)
    with warehouse.connect(Role.OWNER) as connection, connection.cursor() as cursor:
        for number, case in enumerate(cases):
            cursor.execute(
                "insert into raw.participants (user_id, started_at, text_version, channel) "
                "values (%s, %s, 'test', 'command')",
                [person(number), SINCE],
            )
            cursor.execute(
                "insert into raw.people_settings "
                "(user_id, time_zone, workday_start, workday_end, working_days, observed_at) "
                "values (%s, %s, %s, %s, %s, %s)",
                [person(number), case.zone, *case.works, list(case.days), SINCE],
            )
        for number, case in enumerate(cases):
            collect(cursor, person(number), is_complete=case.is_read)
            put(cursor, person(number), case)
    with warehouse.connect(Role.INGEST) as connection:
        kept = PrivacySettings(keep_days=365)  # the cases lie in spring and autumn
        write_policy(connection, Settings(github=GitHubSettings(organization="acme"), privacy=kept), AS_OF, RUN)


def collect(cursor: Any, user_id: uuid.UUID, *, is_complete: bool, until: datetime = UNTIL) -> None:
    """A run that read the person's calendar, or could not."""
    cursor.execute(
        "insert into raw.calendar_collections (run_id, user_id, lane, started_at, ended_at, outcome, known_from, "
        "known_until, requests, rows_seen, versions_added, gone, rejects, error) "
        "values (%s, %s, 'full', %s, %s, %s, %s, %s, 1, 0, 0, 0, 0, %s)",
        [uuid.uuid4(), user_id, until, until, "complete" if is_complete else "failed", SINCE if is_complete else None,
         until if is_complete else None, None if is_complete else "not shared"],
    )  # fmt: skip


def put(cursor: Any, user_id: uuid.UUID, case: Case) -> None:
    for place, event in enumerate(case.events):
        cursor.execute(
            "insert into raw.calendar_events "
            "(natural_key, scope, payload, content_sha, first_seen_at, observed_at, deleted, run_id) "
            "values (%s, %s, %s, '', %s, %s, %s, %s)",
            [f"{user_id}:{place}", str(user_id), json.dumps(payload(event, case)), UNTIL, UNTIL, event.deleted, RUN],
        )


def payload(event: Event, case: Case) -> dict[str, Any]:
    return {
        "event_type": event.kind,
        "status": event.status,
        "transparency": event.transparency,
        "answer": event.answer,
        "attendees_count": event.people,
        "is_all_day": event.is_all_day,
        "start": instant(event.begins, case),
        "end": instant(event.ends, case),
    }


def instant(text: str, case: Case) -> str:
    """ISO 8601 in UTC of what a case writes; of a day its midnight, whatever the zone."""
    if ":" not in text:
        return f"{text}T00:00:00Z"
    if text.endswith("Z"):
        return text.replace(" ", "T").replace("Z", ":00Z")
    wall = datetime.fromisoformat(text if " " in text else f"{case.day} {text}").replace(tzinfo=ZoneInfo(case.zone))
    return wall.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def measures(rows: Iterable[dict[str, Any]]) -> Iterator[tuple[uuid.UUID, tuple[Any, ...]]]:
    names = (
        "focus_hours",
        "meeting_hours",
        "context_switches",
        "out_of_office_hours",
        "working_hours",
        "deep_work_pct",
    )
    for row in rows:
        yield row["user_id"], tuple(None if row[name] is None else float(row[name]) for name in names)
