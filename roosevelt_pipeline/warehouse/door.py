"""What other systems have posted and no run has landed yet."""

from datetime import datetime
from typing import Any

import psycopg
from psycopg.rows import dict_row

Connection = psycopg.Connection[Any]


def take_posted(connection: Connection, most: int) -> list[dict[str, Any]]:
    """Take the oldest events out of the door, in the caller's transaction: they stay if it fails.

    Args:
        connection: as ``roosevelt_ingest``.
    """
    with connection.cursor(row_factory=dict_row) as cursor:
        rows = cursor.execute(_TAKE, (most,)).fetchall()
    return sorted(rows, key=lambda row: row["event_number"])


def clock(connection: Connection) -> datetime:
    """What time it is for the database, which is one clock for all machines that import."""
    row = connection.execute("select clock_timestamp()").fetchone()
    assert row is not None
    return row[0]


_TAKE = """
delete from ingest.deployment_events
where event_number in (select event_number from ingest.deployment_events order by event_number limit %s)
returning event_number, service, repository, environment, id, attempt, sha, status, started_at, finished_at, url
"""
