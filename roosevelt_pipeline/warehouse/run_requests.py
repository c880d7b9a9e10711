"""Runs that somebody asked for in SQL, by `refresh_dora_summary()` or `aggregate_space_metrics()`."""

from typing import Any

import psycopg

KEEP_DAYS = 90


def newest_open_request(connection: "psycopg.Connection[Any]", job: str) -> int | None:
    """The number of the newest request for a job that no run has answered; ``None`` if there is none."""
    row = connection.execute(
        "select max(request_number) from delivery.run_requests where job = %s and taken_at is null", [job]
    ).fetchone()
    return row[0] if row else None


def mark_taken(connection: "psycopg.Connection[Any]", job: str, newest: int) -> int:
    """Note that a run answers a job's requests up to ``newest``, and forget old ones. Returns how many it answers."""
    with connection.transaction():
        taken = connection.execute(
            "update delivery.run_requests set taken_at = now() "
            "where job = %s and request_number <= %s and taken_at is null",
            [job, newest],
        ).rowcount
        connection.execute(
            "delete from delivery.run_requests where taken_at < now() - make_interval(days => %s)", [KEEP_DAYS]
        )
    return taken
