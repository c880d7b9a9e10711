"""Failed runs, kept where a person can look them up and told once to where they listen."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

import psycopg

_LONGEST_MESSAGE = 2000


@dataclass(frozen=True)
class RunFailure:
    """One failed run.

    Attributes:
        failed_at: aware.
        steps: the steps that failed.
        message: why, in words.
    """

    run_id: UUID
    job: str
    failed_at: datetime
    steps: Sequence[str]
    message: str


def record_failure(connection: psycopg.Connection, failure: RunFailure) -> bool:
    """Keep a failure. True while nobody has been told of it; a second report changes nothing."""
    row = connection.execute(
        """
        insert into delivery.run_failures (run_id, job, failed_at, steps, message) values (%s, %s, %s, %s, %s)
        on conflict (run_id) do update set job = excluded.job
        returning told_at is null
        """,
        (failure.run_id, failure.job, failure.failed_at, list(failure.steps), failure.message[:_LONGEST_MESSAGE]),
    ).fetchone()
    connection.commit()
    return bool(row and row[0])


def mark_told(connection: psycopg.Connection, run_id: UUID, told_at: datetime) -> None:
    """Note that the outbox has the message, in the transaction that put it there."""
    connection.execute("update delivery.run_failures set told_at = %s where run_id = %s", (told_at, run_id))
    connection.commit()
