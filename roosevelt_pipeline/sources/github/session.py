"""Reading one stream of one repository: what it needs at hand, and how a page of it lands."""

import hashlib
import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import psycopg

from roosevelt_pipeline.privacy.identities import IdentityVault
from roosevelt_pipeline.settings import Settings
from roosevelt_pipeline.sources.github.client import GitHubClient
from roosevelt_pipeline.sources.github.repositories import Repository
from roosevelt_pipeline.warehouse.landing import Cursor, Landed, land_page, read_cursor, save_cursor
from roosevelt_pipeline.warehouse.records import Record, Reject

OVERLAP = timedelta(minutes=10)  # what becomes visible late, or is stamped by another of GitHub's clocks
ORGANIZATION_SCOPE = "org"


@dataclass
class Session:
    """One stream of one repository, or of the organisation, while it is being read.

    Attributes:
        repository: ``None`` for streams of the organisation.
        landed: what the pages have brought so far.
        lanes: which lanes have read, in order.
        carried: objects that the refresh lane leaves to the next run.
    """

    client: GitHubClient
    connection: "psycopg.Connection[Any]"
    vault: IdentityVault
    settings: Settings
    run_id: UUID
    stream: str
    repository: Repository | None = None
    on_page: Callable[[int], None] = lambda _seen: None
    landed: Landed = field(default_factory=Landed)
    lanes: list[str] = field(default_factory=list)
    carried: int = 0

    @property
    def scope(self) -> str:
        return self.repository.scope if self.repository else ORGANIZATION_SCOPE

    @property
    def subject(self) -> str:
        """What is being read, for messages."""
        return self.repository.name_with_owner if self.repository else "the organisation"

    @property
    def place(self) -> dict[str, Any]:
        """Where the repository is, as variables of a query."""
        assert self.repository is not None
        return {"owner": self.repository.owner, "name": self.repository.name}

    @property
    def observed_at(self) -> datetime:
        """The present, by the clock of GitHub's answer to the probe."""
        assert self.repository is not None
        return self.repository.observed_at

    @property
    def mark(self) -> str | None:
        """What the probe says of this stream now; ``None`` if it could not tell."""
        return self.repository.marks.get(self.stream) if self.repository else None

    @property
    def newest_at(self) -> datetime | None:
        """The newest change that the probe saw in this stream."""
        value = self.repository.newest_at.get(self.stream) if self.repository else None
        return datetime.fromisoformat(value) if value else None

    @property
    def read_since(self) -> str | None:
        """The instant before which history is left out, ISO 8601 with ``Z``."""
        day = self.settings.github.read_since
        return f"{day.isoformat()}T00:00:00Z" if day else None

    def cursor(self, lane: str) -> Cursor:
        """Where the lane stopped."""
        return read_cursor(self.connection, self.stream, self.scope, lane)

    def policy(self, **choices: Any) -> str:
        """A fingerprint of the settings that decide what lands; if it changes, history is read again."""
        bots = self.settings.bots
        chosen = choices | {"since": self.read_since, "bots": [sorted(bots.patterns), sorted(bots.accounts)]}
        return hashlib.sha256(json.dumps(chosen, sort_keys=True, default=list).encode()).hexdigest()[:16]

    def land(
        self,
        records: Sequence[Record],
        rejects: Sequence[Reject],
        observed_at: datetime,
        *cursors: Cursor,
        lane: str,
    ) -> Landed:
        """Land a page, with its persons made pseudonymous, and move the cursors: all, or nothing."""
        landed = land_page(
            self.connection,
            self.stream,
            self.scope,
            records,
            observed_at,
            self.run_id,
            cursors=cursors,
            rejects=rejects,
            nameless=lambda page: self.vault.pseudonymise(self.connection, page, self.settings.bots, observed_at),
        )
        self._note(lane)
        self.landed += landed
        self.on_page(self.landed.seen)
        return landed

    def save(self, *cursors: Cursor, lane: str | None = None) -> None:
        """Move cursors where no page lands."""
        with self.connection.transaction():
            for cursor in cursors:
                save_cursor(self.connection, self.stream, self.scope, cursor, self.run_id)
        if lane:
            self._note(lane)

    def _note(self, lane: str) -> None:
        if lane not in self.lanes:
            self.lanes.append(lane)
