"""What leaves the warehouse because its time is over. What was made of it for groups stays."""

from datetime import datetime, timedelta
from typing import Any

import psycopg
from psycopg import sql

from roosevelt_pipeline.warehouse.personal_tables import SPACE_TABLES
from roosevelt_pipeline.warehouse.validation import iso

# Two weekly runs, each of which may decide what is told of a quarter: answers of long ago that came in late wait for
# that.
UNDECIDED_DAYS = 14


def kept_since(now: datetime, days: int) -> datetime:
    """What ended before this instant is about persons for too long."""
    return now - timedelta(days=days)


def remove_outlived(connection: "psycopg.Connection[Any]", now: datetime, days: int) -> dict[str, int]:
    """Delete what is about persons and has ended more than so many days ago, in the caller's transaction.

    Of calendars it is then known only from that instant on, so that a day without its events is not taken for a free
    one. Answers about long ago that came in lately stay until groups can have been told of them. Running it again
    deletes nothing more.

    Returns:
        number of rows that were deleted, by table.
    """
    before = kept_since(now, days)
    instant = {"before": before, "before_text": iso(before), "landed": now - timedelta(days=UNDECIDED_DAYS)}
    deleted = {}
    for one in SPACE_TABLES:
        if one.is_over is None:
            continue
        statement = sql.SQL("delete from {} where {}").format(
            sql.Identifier(one.schema, one.table), sql.SQL(one.is_over)
        )
        deleted[f"{one.schema}.{one.table}"] = connection.execute(statement, instant).rowcount
    connection.execute(
        "update raw.calendar_collections set known_from = %(before)s where known_from < %(before)s", instant
    )
    return deleted
