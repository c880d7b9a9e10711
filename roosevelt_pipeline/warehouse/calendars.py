"""What the warehouse knows of calendars: who takes part, what is held, and what reading came to."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal
from uuid import UUID

import psycopg

Connection = psycopg.Connection[Any]


@dataclass(frozen=True)
class CalendarOutcome:
    """How reading the calendars of one person went.

    Attributes:
        lane: ``full``, ``incremental``, or ``week`` where one week was asked for.
        known_from, known_until: between them everything has landed; ``None`` if reading failed.
        gone: entries that a calendar no longer has.
        error: what went wrong and what to do, naming nobody; ``None`` when complete.
    """

    user_id: UUID
    lane: Literal["full", "incremental", "week"]
    started_at: datetime
    ended_at: datetime
    outcome: Literal["complete", "failed"]
    known_from: datetime | None = None
    known_until: datetime | None = None
    requests: int = 0
    rows_seen: int = 0
    versions_added: int = 0
    gone: int = 0
    rejects: int = 0
    error: str | None = None


@dataclass(frozen=True)
class Held:
    """An entry that is held and not deleted; times are ISO 8601 in UTC."""

    key: str
    starts: str
    ends: str
    is_all_day: bool


def taking_part_since(connection: Connection) -> dict[UUID, datetime]:
    """Who takes part now, under every surrogate, and since when without a break."""
    rows = connection.execute(
        """
        with periods as (
            select coalesce(people.canonical_user_id, participants.user_id) as person,
                   range_agg(tstzrange(participants.started_at, participants.ended_at)) as spans
            from raw.participants left join raw.people using (user_id)
            group by 1
        ), going_on as (
            select periods.person, lower(pieces.span) as since
            from periods cross join lateral unnest(periods.spans) as pieces (span)
            where upper_inf(pieces.span)
        )
        select coalesce(people.user_id, going_on.person), going_on.since
        from going_on left join raw.people on people.canonical_user_id = going_on.person
        """
    )
    return dict(rows.fetchall())


def held_between(connection: Connection, scope: str, kind: str, since: str, until: str) -> list[Held]:
    """Entries of a person's calendar of one kind that touch a time; both its ends as ISO 8601 in UTC."""
    rows = connection.execute(
        """
        select natural_key, payload ->> 'start', payload ->> 'end', (payload ->> 'is_all_day')::boolean
        from raw.calendar_events
        where scope = %s and not deleted and natural_key like %s
          and payload ->> 'end' >= %s and payload ->> 'start' < %s
        """,
        (scope, f"{kind}:%", since, until),
    )
    return [Held(*row) for row in rows]


def record_outcome(connection: Connection, run_id: UUID, outcome: CalendarOutcome) -> None:
    """Keep an outcome."""
    connection.execute(_RECORD, vars(outcome) | {"run_id": run_id})


def known_weeks(connection: Connection, run_id: UUID) -> list[tuple[Any, int]]:
    """ISO weeks, by their Mondays, that a run came to know whole, and of how many people."""
    rows = connection.execute(
        """
        select weeks.monday::date, count(distinct read.user_id)
        from raw.calendar_collections as read
        cross join lateral generate_series(
            date_trunc('week', read.known_from at time zone 'UTC'), read.known_until at time zone 'UTC', '7 days'
        ) as weeks (monday)
        where read.run_id = %s and read.outcome = 'complete'
          and weeks.monday at time zone 'UTC' >= read.known_from - interval '1 day'
          and (weeks.monday + interval '7 days') at time zone 'UTC' <= read.known_until + interval '1 day'
        group by 1
        order by 1
        """,
        (run_id,),
    )
    return rows.fetchall()


_COLUMNS = (
    "run_id", "user_id", "lane", "started_at", "ended_at", "outcome", "known_from", "known_until", "requests",
    "rows_seen", "versions_added", "gone", "rejects", "error",
)  # fmt: skip
_RECORD = f"""
insert into raw.calendar_collections ({", ".join(_COLUMNS)})
values ({", ".join(f"%({name})s" for name in _COLUMNS)})
on conflict (run_id, user_id, started_at) do nothing
"""
