"""What each weekly sweep asked, found gone and gave back: one row per run, repository and stream."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal
from uuid import UUID

import psycopg


@dataclass(frozen=True)
class SweepOutcome:
    """How sweeping one stream of one repository went.

    Attributes:
        repository: name with owner; ``org`` for the repositories themselves.
        held: objects in raw that were not deleted before.
        asked: ids asked for; none where GitHub's count agrees with ours.
        gone: not found any more; ``transferred`` belong to another repository or owner now;
            ``revived`` had been taken for gone and answer again.
        error: what went wrong and what to do; ``None`` when complete.
    """

    repository: str
    repository_id: int | None
    stream: str
    started_at: datetime
    ended_at: datetime
    outcome: Literal["complete", "failed"]
    requests: int = 0
    points: int = 0
    held: int = 0
    asked: int = 0
    gone: int = 0
    transferred: int = 0
    revived: int = 0
    error: str | None = None


def record_sweep(connection: "psycopg.Connection[Any]", run_id: UUID, outcome: SweepOutcome) -> None:
    """Keep an outcome; a later one of the same run, repository and stream replaces it."""
    with connection.transaction():
        connection.execute(_RECORD, vars(outcome) | {"run_id": run_id})


_COLUMNS = (
    "run_id", "repository", "repository_id", "stream", "started_at", "ended_at", "outcome", "requests", "points",
    "held", "asked", "gone", "transferred", "revived", "error",
)  # fmt: skip
_RECORD = f"""
insert into raw.github_sweeps ({", ".join(_COLUMNS)})
values ({", ".join(f"%({name})s" for name in _COLUMNS)})
on conflict (run_id, repository, stream) do update set
{", ".join(f"{name} = excluded.{name}" for name in _COLUMNS[2:])}
"""
