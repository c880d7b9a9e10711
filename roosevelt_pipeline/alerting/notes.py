"""What is told without being an alert: failed runs, the monthly page, the weekly review; by the same outbox."""

import json
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal
from uuid import uuid5

import psycopg

from roosevelt_pipeline.alert_settings import Severity
from roosevelt_pipeline.alerting.messages import NAMESPACE, is_usable
from roosevelt_pipeline.settings import Settings

Name = Literal["failures", "summary", "review"]


@dataclass(frozen=True)
class Note:
    """Something to tell once.

    Attributes:
        key: what makes it the same news, as a run's id or a month.
        html: for channels that show pages.
    """

    name: Name
    key: str
    severity: Severity
    title: str
    text: str
    html: str | None = None


def write_note(
    connection: "psycopg.Connection[Any]", settings: Settings, note: Note, now: datetime, *, is_dry_run: bool
) -> int:
    """Put a note into the outbox, once for each route that takes it. The caller commits.

    Returns:
        how many routes it goes to, whether or not it was written before.
    """
    routes = [one for one in settings.alerts.routes if note.name in one.notes and is_usable(settings, one)]
    content: dict[str, Any] = {
        "kind": "note", "rule": note.name, "severity": note.severity, "title": note.title, "text": note.text,
        "html": note.html, "day": now.date(), "items": [], "says": "", "owner": None, "runbook": None,
    }  # fmt: skip
    for route in routes:
        message_id = uuid5(NAMESPACE, f"{route.name}|{note.name}|{note.key}")
        connection.execute(
            """
            insert into delivery.alert_messages (
                message_id, route, channel, kind, rule, severity, dedup_key, content, state, next_at, made_at,
                settled_at
            ) values (%s, %s, %s, 'note', %s, %s, %s, %s, %s, %s, %s, %s)
            on conflict (message_id) do nothing
            """,
            [message_id, route.name, route.channel, note.name, note.severity, message_id.hex,
             json.dumps(content, default=str), "dry_run" if is_dry_run else "waiting", now, now,
             now if is_dry_run else None],
        )  # fmt: skip
    return len(routes)


def is_enabled(connection: "psycopg.Connection[Any]") -> bool:
    """Whether alerts were turned on."""
    row = connection.execute("select enabled_at is not null from delivery.alert_switch").fetchone()
    return bool(row and row[0])
