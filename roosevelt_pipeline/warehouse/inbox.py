"""The inbox of webhook deliveries: dropped in by a receiver that may do nothing else, followed up by ingestion."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Literal
from uuid import UUID

import psycopg

from roosevelt_pipeline.warehouse.doorways import Doorway

Connection = psycopg.Connection[Any]
Kind = Literal["pull_request", "issue", "deployment", "release", "workflow_run", "commits", "repository", "teams"]
Outcome = Literal["landed", "gone", "unwanted", "given_up"]
REMOVALS = frozenset({("issues", "deleted"), ("issues", "transferred"), ("release", "deleted")})
LONGEST_PAUSE = timedelta(hours=6)


@dataclass(frozen=True)
class Hint:
    """What a delivery says: something of this kind, with these ids, may have changed. It names nobody.

    Attributes:
        delivery_id: GitHub's number of the delivery, which a repetition shares.
        repository_id: ``None`` for what belongs to the organisation.
        object_id: number of the object; ``None`` where the delivery does not tell it.
        occurred_at: when the object changed, as the delivery has it.
        id, attempts: of the row, once it stands in the inbox.
    """

    delivery_id: str
    event: str
    action: str | None
    kind: Kind
    repository_id: int | None = None
    repository_node_id: str | None = None
    object_id: int | None = None
    object_node_id: str | None = None
    occurred_at: str | None = None
    id: int = 0
    attempts: int = 0

    @property
    def claims_removal(self) -> bool:
        """Whether it says that the object is gone. GitHub is asked all the same."""
        return (self.event, self.action) in REMOVALS


@dataclass(frozen=True)
class Backlog:
    """How full the inbox is.

    Attributes:
        waiting: deliveries that wait for their first look or the next.
        due: those of them whose time has come.
        oldest_seconds: age of the oldest that waits; ``None`` if none does.
        given_up: deliveries that could not be followed, until they are cleared away.
    """

    waiting: int
    due: int
    oldest_seconds: float | None
    given_up: int


def put(connection: Connection, hint: Hint) -> bool:
    """Drop a hint in. False if its delivery has been here before; that changes nothing."""
    # Without a conflict target, because naming one needs the right to read.
    done = connection.execute(_PUT, [getattr(hint, name) for name in _FACTS])
    return done.rowcount == 1


def due_hints(connection: Connection, limit: int) -> list[Hint]:
    """The hints whose time has come, oldest first."""
    names = (*_FACTS[:-1], "id", "attempts")
    rows = connection.execute(
        f"select {', '.join(names)} from ingest.webhook_inbox where done_at is null and due_at <= now() "
        "order by id limit %s".encode(),
        (limit,),
    )
    return [Hint(**dict(zip(names, row, strict=True))) for row in rows]


def settle(connection: Connection, ids: Collection[int], outcome: Outcome, run_id: UUID) -> None:
    """Note that hints have been followed, in the transaction that landed what they pointed at."""
    connection.execute(
        "update ingest.webhook_inbox set done_at = now(), outcome = %s, reason = null, run_id = %s "
        "where id = any (%s) and done_at is null",
        (outcome, run_id, list(ids)),
    )


def try_later(
    connection: Connection, ids: Collection[int], reason: str, most_attempts: int, run_id: UUID
) -> tuple[int, int]:
    """Note that hints could not be followed: again after 1, 2, 4 ... minutes, and given up in the end.

    Returns:
        how many will be tried again, and how many were given up. What is settled already is left alone.
    """
    rows = connection.execute(
        """
        update ingest.webhook_inbox set
            attempts = attempts + 1,
            due_at = now() + least(%(longest)s, interval '1 minute' * power(2, least(attempts, 20))),
            done_at = case when attempts + 1 >= %(most)s then now() end,
            outcome = case when attempts + 1 >= %(most)s then 'given_up' end,
            reason = %(reason)s,
            run_id = %(run_id)s
        where id = any (%(ids)s) and done_at is null
        returning done_at is not null
        """,
        {"longest": LONGEST_PAUSE, "most": most_attempts, "reason": reason, "run_id": run_id, "ids": list(ids)},
    ).fetchall()
    given_up = sum(over for (over,) in rows)
    return len(rows) - given_up, given_up


def postpone(connection: Connection, pause: timedelta) -> None:
    """Let everything that is due wait, without counting it as an attempt: nothing at all can be read now."""
    connection.execute(
        "update ingest.webhook_inbox set due_at = now() + %s where done_at is null and due_at <= now()", (pause,)
    )


def clear_away(connection: Connection, days: int) -> int:
    """Delete what was settled so many days ago. A repetition from before is followed once more, which does no harm."""
    return connection.execute(
        "delete from ingest.webhook_inbox where done_at < now() - %s", (timedelta(days=days),)
    ).rowcount


def backlog(connection: Connection) -> Backlog:
    row = connection.execute(
        """
        select
            count(*) filter (where done_at is null),
            count(*) filter (where done_at is null and due_at <= now()),
            extract(epoch from now() - min(received_at) filter (where done_at is null))::float,
            count(*) filter (where outcome = 'given_up')
        from ingest.webhook_inbox
        """
    ).fetchone()
    assert row is not None
    return Backlog(*row)


class Letterbox(Doorway):
    """Where the receiver of webhooks drops them in."""

    purpose = "the inbox refused a delivery"

    def put(self, hint: Hint) -> bool:
        """Drop a hint in; see `put`.

        Raises:
            DatabaseError: the database cannot be used now.
        """
        return bool(self.use(lambda connection: put(connection, hint)))


_FACTS: Sequence[str] = (
    "delivery_id", "event", "action", "kind", "repository_id", "repository_node_id", "object_id", "object_node_id",
    "occurred_at",
)  # fmt: skip
_PUT = (
    f"insert into ingest.webhook_inbox ({', '.join(_FACTS)}) "
    f"values ({', '.join(['%s'] * (len(_FACTS) - 1))}, %s::timestamptz) on conflict do nothing"
).encode()
