"""How the days of participants are laid out: a row for each of them, deleted with their participation."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, time
from typing import Any
from uuid import UUID

import psycopg

Connection = psycopg.Connection[Any]


@dataclass(frozen=True)
class Days:
    """How a person's days are laid out."""

    time_zone: str
    workday_start: time
    workday_end: time
    working_days: tuple[int, ...]
    country: str | None = None
    team: str | None = None


def write_days(connection: Connection, days_of: Mapping[UUID, Days], usual: Days, now: datetime) -> int:
    """A row of settings for each participant, and none for anybody else, in the caller's transaction.

    Args:
        days_of: days by the person's lasting surrogate, of those whom the directory lists.
        usual: those of everybody else, until a directory knows better.

    Returns:
        how many take part.
    """
    taking_part = connection.execute(
        "select period.user_id, coalesce(people.canonical_user_id, period.user_id) "
        "from raw.participants as period left join raw.people using (user_id) where period.ended_at is null"
    ).fetchall()
    rows = []
    for user_id, person in taking_part:
        days = days_of.get(person, usual)
        rows.append((user_id, days, person in days_of))
    connection.execute(
        "delete from raw.people_settings where not user_id = any (%s)", ([user_id for user_id, _, _ in rows],)
    )
    with connection.cursor() as cursor:
        cursor.executemany(
            _WRITE_DAYS,
            [
                {
                    "user_id": user_id,
                    "is_listed": is_listed,
                    "now": now,
                    **vars(days) | {"working_days": list(days.working_days)},
                }
                for user_id, days, is_listed in rows
            ],
        )
    return len(rows)


# Settings of people whom this reading does not list are only made, not changed: the next whole reading knows better.
_WRITE_DAYS = """
insert into raw.people_settings as known
    (user_id, time_zone, workday_start, workday_end, working_days, country, team, observed_at)
values (%(user_id)s, %(time_zone)s, %(workday_start)s, %(workday_end)s, %(working_days)s, %(country)s, %(team)s,
        %(now)s)
on conflict (user_id) do update set
    time_zone = excluded.time_zone, workday_start = excluded.workday_start, workday_end = excluded.workday_end,
    working_days = excluded.working_days, country = excluded.country, team = excluded.team,
    observed_at = excluded.observed_at
where %(is_listed)s
  and (known.time_zone, known.workday_start, known.workday_end, known.working_days, known.country, known.team)
      is distinct from
      (excluded.time_zone, excluded.workday_start, excluded.workday_end, excluded.working_days, excluded.country,
       excluded.team)
"""
