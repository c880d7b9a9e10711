"""What each collection cost, brought and how it ended: the record that data health is judged by."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal
from uuid import UUID

import psycopg


@dataclass(frozen=True)
class StreamOutcome:
    """How reading one stream of one repository went.

    Attributes:
        repository: name with owner; ``org`` for the organisation's own streams.
        lane: the lanes that read, joined by ``+``; ``none`` if the probe said that nothing moved.
        points: what GitHub says its GraphQL answers cost.
        bytes: of answers.
        rows_seen: distinct objects on the pages; ``versions_added`` of them were new or changed.
        remote_count: how many GitHub says there are, where it says so.
        carried: open objects that the refresh lane left to the next run.
        error: what went wrong and what to do; ``None`` when complete.
    """

    repository: str
    repository_id: int | None
    stream: str
    lane: str
    started_at: datetime
    ended_at: datetime
    outcome: Literal["complete", "failed"]
    requests: int = 0
    points: int = 0
    bytes: int = 0
    rows_seen: int = 0
    versions_added: int = 0
    rejects: int = 0
    seconds_waited: float = 0.0
    remote_count: int | None = None
    carried: int = 0
    error: str | None = None


def record_outcome(connection: "psycopg.Connection[Any]", run_id: UUID, outcome: StreamOutcome) -> None:
    """Keep an outcome; a later one of the same run, repository and stream replaces it."""
    with connection.transaction():
        connection.execute(_RECORD, vars(outcome) | {"run_id": run_id})


_COLUMNS = (
    "run_id", "repository", "repository_id", "stream", "lane", "started_at", "ended_at", "outcome", "requests",
    "points", "bytes", "rows_seen", "versions_added", "rejects", "seconds_waited", "remote_count", "carried",
    "error",
)  # fmt: skip
_RECORD = f"""
insert into raw.github_collections ({", ".join(_COLUMNS)})
values ({", ".join(f"%({name})s" for name in _COLUMNS)})
on conflict (run_id, repository, stream) do update set
{", ".join(f"{name} = excluded.{name}" for name in _COLUMNS[2:])}
"""
