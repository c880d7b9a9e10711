"""How much of what a run read was unfit to keep."""

from typing import Any
from uuid import UUID

import psycopg


def rejected_and_seen(connection: psycopg.Connection[Any], run_id: UUID) -> tuple[int, int]:
    """Records that a run rejected, and records that it saw."""
    row = connection.execute(
        "select coalesce(sum(rejects), 0), coalesce(sum(rows_seen), 0) from raw.github_collections where run_id = %s",
        [run_id],
    ).fetchone()
    return (int(row[0]), int(row[1])) if row else (0, 0)
