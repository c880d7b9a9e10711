"""What raw holds of a stream, for those who ask whether it still exists."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import psycopg
from psycopg import sql

Connection = psycopg.Connection[Any]


@dataclass(frozen=True, slots=True)
class Held:
    """An object that the source can be asked about; of several rows (attempts of a run) all are deleted, or none."""

    node_id: str
    deleted: bool


@dataclass(frozen=True, slots=True)
class HeldRow:
    """A row of raw."""

    natural_key: str
    node_id: str
    payload: dict[str, Any]
    deleted: bool


def held_objects(connection: Connection, stream: str, scope: str, since: datetime | None = None) -> list[Held]:
    """Objects of a scope with their node ids, in their order; only those created at or after ``since``."""
    rows = connection.execute(
        sql.SQL(
            """
            select payload ->> 'node_id' as node_id, bool_and(deleted)
            from {}
            where scope = %(scope)s and payload ? 'node_id'
              and (%(since)s::timestamptz is null or (payload ->> 'created_at')::timestamptz >= %(since)s)
            group by 1
            order by (payload ->> 'node_id') collate "C"
            """
        ).format(sql.Identifier("raw", stream)),
        {"scope": scope, "since": since},
    )
    return [Held(*row) for row in rows]


def held_rows(connection: Connection, stream: str, scope: str, node_ids: Collection[str]) -> list[HeldRow]:
    """The rows of some objects of a scope."""
    rows = connection.execute(
        sql.SQL(
            """
            select natural_key, payload ->> 'node_id', payload, deleted
            from {}
            where scope = %s and payload ->> 'node_id' = any (%s)
            order by natural_key
            """
        ).format(sql.Identifier("raw", stream)),
        (scope, list(node_ids)),
    )
    return [HeldRow(*row) for row in rows]


def last_swept(connection: Connection) -> dict[str, datetime]:
    """When the oldest whole sweep of each scope began; those never swept whole are missing."""
    rows = connection.execute(
        "select scope, min(watermark) from ingest.cursors where lane = 'sweep' group by scope "
        "having count(*) = count(watermark)"
    )
    return dict(rows.fetchall())
