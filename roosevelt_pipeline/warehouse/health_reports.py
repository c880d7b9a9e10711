"""Data-health reports, kept: what was known when."""

from collections.abc import Mapping
from datetime import date, datetime
from uuid import UUID

import psycopg


def keep_report(
    connection: psycopg.Connection,
    run_id: UUID,
    as_of: date,
    made_at: datetime,
    counts: Mapping[str, int],
    body: str,
) -> None:
    """Keep a report; a second of the same run replaces it.

    Args:
        counts: findings by severity: ``error``, ``warning``, ``note``, ``unknown``.
        body: Markdown.
    """
    connection.execute(
        """
        insert into delivery.data_health_reports
            (run_id, as_of_date, made_at, errors, warnings, notes, unknowns, body)
        values (%s, %s, %s, %s, %s, %s, %s, %s)
        on conflict (run_id) do update set
            as_of_date = excluded.as_of_date, made_at = excluded.made_at, errors = excluded.errors,
            warnings = excluded.warnings, notes = excluded.notes, unknowns = excluded.unknowns, body = excluded.body
        """,
        (run_id, as_of, made_at, counts["error"], counts["warning"], counts["note"], counts["unknown"], body),
    )
    connection.commit()
