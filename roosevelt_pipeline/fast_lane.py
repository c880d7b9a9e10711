"""Webhooks, from the inbox to raw: take in what the folder holds, follow what is due, clear away the rest."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING
from uuid import UUID

from roosevelt_pipeline.settings import Settings, home

if TYPE_CHECKING:
    from roosevelt_pipeline.sources.github.delivery_files import Taken
    from roosevelt_pipeline.sources.github.hints import Followed
    from roosevelt_pipeline.warehouse.connections import Warehouse


@dataclass(frozen=True)
class Passage:
    """What one run of the fast lane did.

    Attributes:
        taken: what became of the folder's files; ``None`` where the inbox is filled by the receiver.
        cleared: old rows that were deleted from the inbox.
        left: deliveries that are due and were not reached; the next run's.
    """

    followed: "Followed"
    taken: "Taken | None" = None
    cleared: int = 0
    left: int = 0


def inbox_folder(settings: Settings) -> Path:
    """Where files are dropped."""
    return (settings.webhooks.folder or home() / "inbox").expanduser()


def waiting(settings: Settings) -> int:
    """How many deliveries, or files of them, are due now. Cheap: asked every minute.

    Raises:
        DatabaseError: the warehouse cannot be reached.
    """
    from roosevelt_pipeline.services import current_profile, resolve_warehouse
    from roosevelt_pipeline.sources.github.delivery_files import waiting_files
    from roosevelt_pipeline.warehouse.connections import Role
    from roosevelt_pipeline.warehouse.inbox import backlog

    files = len(waiting_files(inbox_folder(settings))) if settings.webhooks.inbox == "folder" else 0
    with resolve_warehouse(current_profile()).connect(Role.INGEST) as connection:
        return files + backlog(connection).due


def follow(
    settings: Settings,
    warehouse: "Warehouse",
    run_id: UUID,
    on_wait: Callable[[str, float], None] = lambda _reason, _seconds: None,
) -> Passage:
    """Follow what is due.

    Args:
        on_wait: told the reason and the seconds before each longer wait.

    Raises:
        GitHubError: nothing at all can be read (a bad token, no budget); the deliveries wait.
        DatabaseError: the warehouse is gone.
    """
    from roosevelt_pipeline.collection import github_client
    from roosevelt_pipeline.privacy.identities import IdentityVault
    from roosevelt_pipeline.privacy.keys import identity_key
    from roosevelt_pipeline.sources.github.hints import follow_hints
    from roosevelt_pipeline.warehouse.connections import Role
    from roosevelt_pipeline.warehouse.inbox import backlog, clear_away

    taken = _take_in(settings, warehouse) if settings.webhooks.inbox == "folder" else None
    vault = IdentityVault(identity_key(settings, home()))
    with github_client(settings, warehouse, f"run {str(run_id)[:8]}") as client:
        client.on_wait = on_wait
        followed = follow_hints(client, warehouse, vault, settings, run_id)
    with warehouse.connect(Role.INGEST) as connection:
        cleared = clear_away(connection, settings.webhooks.keep_days)
        return Passage(followed, taken, cleared, backlog(connection).due)


def _take_in(settings: Settings, warehouse: "Warehouse") -> "Taken":
    from roosevelt_pipeline.sources.github.delivery_files import take_in
    from roosevelt_pipeline.warehouse.connections import Role
    from roosevelt_pipeline.warehouse.inbox import put

    webhooks = settings.webhooks
    with warehouse.connect(Role.INGEST, autocommit=True) as connection:
        return take_in(
            inbox_folder(settings), settings.webhook_secrets, lambda hint: put(connection, hint),
            keep_files=webhooks.keep_files, keep_days=webhooks.keep_days,
        )  # fmt: skip
