"""The weekly page: what was told, what interrupted nobody, and what readers made of it."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from uuid import UUID

from roosevelt_pipeline.alerting.accuracy import as_markdown, read_accuracy
from roosevelt_pipeline.alerting.notes import Note, is_enabled, write_note
from roosevelt_pipeline.settings import Settings
from roosevelt_pipeline.warehouse.connections import Role, Warehouse

_MOST_LISTED = 50
_ALERTS = """
    select severity, rule, scope_type || ' ' || scope, said, opened_date, ended_date, state
    from delivery.alerts
    where opened_date < %s and coalesce(ended_date, 'infinity') >= %s
    order by severity, opened_date desc, scope
"""


@dataclass(frozen=True)
class Review:
    """The page of a week."""

    week: date
    opened: int
    judged: int
    actionable: int
    body: str


def review_week(warehouse: Warehouse, settings: Settings, run_id: UUID, now: datetime) -> Review:
    """Make the page of the last week that has ended, keep it, and put it into the outbox once."""
    monday = now.date() - timedelta(days=now.weekday() + 7)
    accuracy = read_accuracy(warehouse, now)
    with warehouse.connect(Role.ANALYTICS) as connection, connection.transaction():
        rows = connection.execute(_ALERTS, [monday + timedelta(days=7), monday]).fetchall()
        opened = sum(row[4] >= monday for row in rows)
        lines = [
            f"- {row[0]}, {row[1]} in {row[2]}: {row[3]} ({row[4]} to {row[5] or 'now'}, {row[6]})" for row in rows
        ]
        more = [f"- and {len(lines) - _MOST_LISTED} more"] if len(lines) > _MOST_LISTED else []
        listed = "\n".join(lines[:_MOST_LISTED] + more) or "No alert was open."
        body = f"# Alerts of the week of {monday}\n\n{listed}\n\n## What they were worth\n\n{as_markdown(accuracy)}"
        made = Review(
            monday, opened, sum(one.judged for one in accuracy), sum(one.actionable for one in accuracy), body
        )
        connection.execute(
            """
            insert into delivery.alert_reviews values (%s, %s, %s, %s, %s, %s, %s)
            on conflict (week_date) do update set
                made_at = excluded.made_at, run_id = excluded.run_id, opened_count = excluded.opened_count,
                judged_count = excluded.judged_count, actionable_count = excluded.actionable_count, body = excluded.body
            """,
            [monday, now, run_id, made.opened, made.judged, made.actionable, body],
        )
        note = Note("review", str(monday), "info", f"Alerts of the week of {monday}", body)
        write_note(connection, settings, note, now, is_dry_run=not is_enabled(connection))
    return made
