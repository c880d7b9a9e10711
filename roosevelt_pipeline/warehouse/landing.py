"""Records to raw: page, rejects and cursor in one transaction, idempotently.

A page is compared with the newest versions by content, under an advisory lock for its
stream and scope. What changed moves its old version to ``_versions``. A page that tells an
older state never moves anything back; where the source tells no time of change, or the same,
neither does one that was observed earlier. A newer time of change counts whatever the clocks
of the two answers say.
"""

import hashlib
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import cache
from typing import Any
from uuid import UUID

import psycopg
from psycopg import sql
from psycopg.types.json import Jsonb

from roosevelt_pipeline.warehouse.records import Record, Reject
from roosevelt_pipeline.warehouse.validation import LONGEST_KEY, Prepared, canonical, prepare, storable

Connection = psycopg.Connection[Any]


@dataclass(frozen=True)
class Cursor:
    """Where reading a stream stopped.

    Attributes:
        lane: ``backfill``, ``incremental``, ``refresh`` or ``sweep``.
        position: whatever the lane needs in order to go on; opaque here.
        watermark: everything up to this instant of the source has landed.
        complete: the lane has nothing left to read.
    """

    lane: str
    position: dict[str, Any] = field(default_factory=dict)
    watermark: datetime | None = None
    complete: bool = False


@dataclass(frozen=True)
class Landed:
    """What a page brought: distinct objects seen, versions added, records or parts rejected."""

    seen: int = 0
    versions: int = 0
    rejects: int = 0

    def __add__(self, other: "Landed") -> "Landed":
        return Landed(self.seen + other.seen, self.versions + other.versions, self.rejects + other.rejects)


def lock_stream(connection: Connection, stream: str, scope: str) -> None:
    """Keep other writers of this stream and scope waiting until the transaction ends."""
    connection.execute("select pg_advisory_xact_lock(hashtextextended(%s, 0))", (f"{stream}|{scope}",))


def land_page(
    connection: Connection,
    stream: str,
    scope: str,
    records: Iterable[Record],
    observed_at: datetime,
    run_id: UUID,
    *,
    cursor: Cursor | None = None,
    cursors: Sequence[Cursor] = (),
    rejects: Sequence[Reject] = (),
    nameless: Callable[[Iterable[Record]], Iterable[Record]] | None = None,
    source: str = "github",
) -> Landed:
    """Land a page and move its cursors: all, or nothing.

    Args:
        connection: as ``roosevelt_ingest``. Inside an open transaction the page becomes a part of it.
        stream: name of the raw table.
        scope: repository id as text, or ``org``.
        records: of duplicates the newest lands.
        observed_at: when the source answered, by its own clock.
        run_id: the run that does this.
        cursor: where to go on after this page; further ones in ``cursors``.
        rejects: what the source's module could not read.
        nameless: takes the persons out of the records, inside the transaction (see ``privacy.identities``).
    """
    with connection.transaction():
        lock_stream(connection, stream, scope)
        # A source's clock may be off, and so may ours: what is past by either is past.
        fitting, unfit = _sift(nameless(records) if nameless else records, max(observed_at, datetime.now(UTC)))
        unfit.extend(rejects)
        versions = _land(connection, stream, scope, fitting, observed_at, run_id) if fitting else 0
        if unfit:
            _keep_rejects(connection, (source, stream, scope), unfit, observed_at, run_id)
        for moved in (*cursors, *([cursor] if cursor else [])):
            save_cursor(connection, stream, scope, moved, run_id, source=source)
    return Landed(len(fitting), versions, len(unfit))


def read_cursor(connection: Connection, stream: str, scope: str, lane: str, *, source: str = "github") -> Cursor:
    """Where the lane stopped; an empty cursor if it never began."""
    row = connection.execute(
        "select position, watermark, complete from ingest.cursors "
        "where source = %s and stream = %s and scope = %s and lane = %s",
        (source, stream, scope, lane),
    ).fetchone()
    return Cursor(lane, *row) if row else Cursor(lane)


def save_cursor(
    connection: Connection, stream: str, scope: str, cursor: Cursor, run_id: UUID, *, source: str = "github"
) -> None:
    """Write a cursor, in the caller's transaction."""
    connection.execute(
        _SAVE_CURSOR,
        (source, stream, scope, cursor.lane, Jsonb(cursor.position), cursor.watermark, cursor.complete, run_id),
    )


def _sift(records: Iterable[Record], now: datetime) -> tuple[list[Prepared], list[Reject]]:
    newest: dict[str, Prepared] = {}
    unfit: list[Reject] = []
    for record in records:
        prepared, rejected = prepare(record, now)
        unfit.extend(rejected)
        if prepared is None:
            continue
        rival = newest.get(prepared.natural_key)
        if rival is None or (prepared.source_updated_at or "") >= (rival.source_updated_at or ""):
            newest[prepared.natural_key] = prepared
    return list(newest.values()), unfit


def _land(
    connection: Connection, stream: str, scope: str, page: list[Prepared], observed_at: datetime, run_id: UUID
) -> int:
    row = connection.execute(
        _landing_statement(stream),
        {
            "keys": [one.natural_key for one in page],
            "shas": [one.content_sha for one in page],
            "updated": [one.source_updated_at for one in page],
            "deleted": [one.deleted for one in page],
            "payloads": [one.payload for one in page],
            "scope": scope,
            "observed_at": observed_at,
            "run_id": run_id,
        },
    ).fetchone()
    assert row is not None
    return int(row[0])


def _keep_rejects(
    connection: Connection, where: tuple[str, str, str], rejects: list[Reject], observed_at: datetime, run_id: UUID
) -> None:
    with connection.cursor() as cursor:
        cursor.executemany(
            "insert into raw.rejected_records "
            "(source, stream, scope, natural_key, reason, record, run_id, rejected_at) "
            "values (%s, %s, %s, %s, %s, %s, %s, %s) on conflict do nothing",
            [
                (*where, _key_of(reject), reject.reason, Jsonb(storable(reject.record)), run_id, observed_at)
                for reject in rejects
            ],
        )


def _key_of(reject: Reject) -> str:
    own = reject.natural_key or hashlib.sha256(canonical(storable(reject.record)).encode()).hexdigest()
    return str(storable(own))[:LONGEST_KEY]


@cache
def _landing_statement(stream: str) -> sql.Composed:
    return sql.SQL(_LAND).format(head=sql.Identifier("raw", stream), past=sql.Identifier("raw", f"{stream}_versions"))


_LAND = """
with incoming as (
    select *
    from unnest(%(keys)b::text[], %(shas)b::bytea[], %(updated)b::text[]::timestamptz[], %(deleted)b::boolean[],
                %(payloads)b::text[]) as page (natural_key, content_sha, source_updated_at, deleted, payload)
), changed as (
    select i.natural_key, i.deleted, h.version_id as replaces,
           coalesce(i.content_sha, h.content_sha) as content_sha,
           coalesce(i.payload::jsonb, h.payload) as payload,
           coalesce(i.source_updated_at, h.source_updated_at) as source_updated_at
    from incoming as i left join {head} as h on h.natural_key = i.natural_key
    where (h.natural_key is null and i.payload is not null)
       or ((i.content_sha <> h.content_sha or h.deleted <> i.deleted)
           and (i.source_updated_at > h.source_updated_at
                or (%(observed_at)s >= h.observed_at
                    and (i.source_updated_at is null or h.source_updated_at is null
                         or i.source_updated_at = h.source_updated_at))))
), replaced as (
    insert into {past}
        (natural_key, scope, payload, content_sha, source_updated_at, first_seen_at, observed_at, deleted, run_id,
         version_id, replaced_at)
    select h.natural_key, h.scope, h.payload, h.content_sha, h.source_updated_at, h.first_seen_at, h.observed_at,
           h.deleted, h.run_id, h.version_id, %(observed_at)s
    from {head} as h inner join changed on h.version_id = changed.replaces
    on conflict (version_id) do nothing
), moved as (
    insert into {head}
        (natural_key, scope, payload, content_sha, source_updated_at, first_seen_at, observed_at, deleted, run_id)
    select natural_key, %(scope)s, payload, content_sha, source_updated_at, %(observed_at)s, %(observed_at)s, deleted,
           %(run_id)s
    from changed
    order by natural_key
    on conflict (natural_key) do update set
        scope = excluded.scope, payload = excluded.payload, content_sha = excluded.content_sha,
        source_updated_at = excluded.source_updated_at, observed_at = excluded.observed_at,
        deleted = excluded.deleted, run_id = excluded.run_id, version_id = excluded.version_id
    returning 1
)
select count(*) from moved
"""

_SAVE_CURSOR = """
insert into ingest.cursors (source, stream, scope, lane, position, watermark, complete, run_id)
values (%s, %s, %s, %s, %s, %s, %s, %s)
on conflict (source, stream, scope, lane) do update set
    position = excluded.position, watermark = excluded.watermark, complete = excluded.complete,
    run_id = excluded.run_id, updated_at = excluded.updated_at
"""
