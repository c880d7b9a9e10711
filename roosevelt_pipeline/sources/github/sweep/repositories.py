"""Repositories that the organisation no longer lists: asked for by id, because a name may be somebody else's now.

One that belongs to another owner was transferred, which is certain. One that is not found was
deleted, or hidden from the token; GitHub does not say which. It is named as an error, and
counts as gone if it is still missing a sweep later: a permission that was lost can be given
back within the week. What was read of it stays as it is.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta

from roosevelt_pipeline.sources.github.nodes import Node
from roosevelt_pipeline.sources.github.repositories import Repository
from roosevelt_pipeline.sources.github.session import Session
from roosevelt_pipeline.sources.github.sweep.presence import Whereabouts, ask_presence
from roosevelt_pipeline.sources.github.sweep.streams import Findings, SuspiciousError, batches, marked
from roosevelt_pipeline.warehouse.held import HeldRow, held_objects, held_rows
from roosevelt_pipeline.warehouse.landing import Cursor

BELIEVED_AFTER = timedelta(days=6)  # the next weekly sweep, whatever hour it runs at


def sweep_repositories(session: Session, listed: Sequence[Repository], findings: Findings) -> None:
    """Tombstone the repositories that left.

    Args:
        listed: all that the organisation shows, also those that the policy leaves out.

    Raises:
        SuspiciousError: some are missing for the first time; they are named.
    """
    organization = str(session.settings.github.organization)
    if not listed:
        raise SuspiciousError(f"{organization} shows no repository at all, so none is taken for gone")
    held = [one for one in held_objects(session.connection, session.stream, session.scope) if not one.deleted]
    shown = {one.node_id for one in listed}
    absent = [one.node_id for one in held if one.node_id not in shown]
    findings.held, findings.asked = len(held), len(absent)

    def is_ours(node: Node) -> bool:
        return str((node.get("owner") or {}).get("login")).lower() == organization.lower()

    places: dict[str, Whereabouts] = {}
    now = listed[0].observed_at
    for batch in batches(absent):
        found, now = ask_presence(session.client, batch, is_ours, f"organisation {organization}", listed[0].node_id)
        places |= found
    doubted = _land(session, places, now, findings)
    if doubted:
        names = ", ".join(str(row.payload["name_with_owner"]) for row in doubted)
        raise SuspiciousError(
            f"{names}: not found, by name or by id: deleted, or hidden from the token; let the token see it, "
            "or leave it: what the next weekly sweep does not find either counts as gone"
        )


def _land(session: Session, places: Mapping[str, Whereabouts], now: datetime, findings: Findings) -> list[HeldRow]:
    """Land the tombstones and remember what is missing; those that are not believed yet."""
    before: dict[str, str] = session.cursor("sweep").position.get("missing", {})
    missing = {one: before.get(one, now.isoformat()) for one, place in places.items() if place == "not_found"}
    believed = {one for one, first in missing.items() if now - datetime.fromisoformat(first) >= BELIEVED_AFTER}
    rows = held_rows(session.connection, session.stream, session.scope, places)
    gone = [row for row in rows if places[row.node_id] == "transferred" or row.node_id in believed]
    waiting = {one: first for one, first in missing.items() if one not in believed}
    done = Cursor("sweep", {"missing": waiting}, now, complete=True)
    session.land([marked(row, places[row.node_id]) for row in gone], [], now, done, lane="sweep")
    findings.count(places[row.node_id] for row in gone)
    return [row for row in rows if row.node_id in waiting]
