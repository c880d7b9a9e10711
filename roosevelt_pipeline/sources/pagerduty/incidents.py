"""A PagerDuty incident and its log entries, as they land: how it stood when, never who did what."""

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

from roosevelt_pipeline.warehouse.records import Record
from roosevelt_pipeline.warehouse.validation import iso

# What says how an incident stands. The rest (notified, assigned, annotated, escalated) is about persons.
STEPS = ("trigger", "acknowledge", "unacknowledge", "resolve", "reopen")
_SUFFIX = "_log_entry"
Node = dict[str, Any]


class Unreadable(ValueError):
    """An object without something that every incident has. Names it."""


def read_incident(node: Node, entries: Sequence[Node]) -> Record:
    """An incident as it lands, its steps oldest first.

    Raises:
        Unreadable: it is not shaped like an incident.
    """
    service = node.get("service") or {}
    reason = node.get("resolve_reason") or {}
    updated_at = instant(node, "updated_at", optional=True) or instant(node, "created_at")
    key = text(node, "id")
    payload = {
        "incident_id": key,
        "number": node["incident_number"] if isinstance(node.get("incident_number"), int) else None,
        "title": optional_text(node, "title"),
        "status": text(node, "status"),
        "urgency": optional_text(node, "urgency"),
        "priority": optional_text(node.get("priority") or {}, "summary"),
        "service_id": optional_text(service, "id"),
        "service_name": optional_text(service, "summary"),
        "created_at": instant(node, "created_at"),
        "updated_at": updated_at,
        "resolved_at": _resolved_at(node),
        "merged_into": _merged_into(reason),
        "url": optional_text(node, "html_url"),
        "events": sorted(_steps(entries), key=lambda step: step["at"] or ""),
    }
    return Record(key, payload, updated_at)


def text(node: Node, name: str) -> str:
    """A text that must be there."""
    value = optional_text(node, name)
    if not value:
        raise Unreadable(f"no {name}")
    return value


def optional_text(node: Node, name: str) -> str | None:
    value = node.get(name)
    return value if isinstance(value, str) else None


def instant(node: Node, name: str, *, optional: bool = False) -> str | None:
    """ISO 8601 in UTC with ``Z``, whatever zone the account has."""
    value = optional_text(node, name)
    if not value:
        if optional:
            return None
        raise Unreadable(f"no {name}")
    try:
        moment = datetime.fromisoformat(value)
    except ValueError:
        raise Unreadable(f"{name} is no time") from None
    return iso(moment if moment.tzinfo else moment.replace(tzinfo=UTC))


def _resolved_at(node: Node) -> str | None:
    """Older accounts' answers have no ``resolved_at``: the last change of status of what is resolved is its end."""
    if node.get("status") != "resolved":
        return None
    return instant(node, "resolved_at", optional=True) or instant(node, "last_status_change_at", optional=True)


def _merged_into(reason: Node) -> str | None:
    if reason.get("type") != "merge_resolve_reason":
        return None
    return optional_text(reason.get("incident") or {}, "id") or "unknown"


def _steps(entries: Sequence[Node]) -> list[Node]:
    named = [(text(entry, "type").removesuffix("_reference").removesuffix(_SUFFIX), entry) for entry in entries]
    return [{"type": kind, "at": instant(entry, "created_at")} for kind, entry in named if kind in STEPS]
