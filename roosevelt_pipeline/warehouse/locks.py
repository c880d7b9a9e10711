"""One writer at a time, whoever started it: a lock that lives exactly as long as its process."""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import psycopg

from roosevelt_pipeline.warehouse.connections import DatabaseError, Warehouse

_KEY = "hashtextextended('roosevelt writer', 0)"
_POLL_SECONDS = 1.0


@contextmanager
def writer_lock(
    warehouse: Warehouse, holder: str, *, patience_seconds: float, on_wait: Callable[[str], None]
) -> Iterator[None]:
    """Hold the warehouse's writer lock. The server frees it the moment this process is gone.

    The run queue keeps Dagster's own runs apart; this keeps them apart from runs that a
    person starts, and from another machine's.

    Args:
        holder: who holds it, as others are told that wait for it (a run's id).
        patience_seconds: how long to wait for another holder.
        on_wait: called once, with a sentence, if there is something to wait for.

    Raises:
        DatabaseError: another holder kept it for longer than that.
    """
    connection = warehouse.connect(autocommit=True, application_name=_session_name(holder))
    try:
        deadline = time.monotonic() + patience_seconds
        told = False
        while not _try(connection):
            if time.monotonic() >= deadline:
                raise DatabaseError(f"{_other(connection)} has been writing for too long; stop it, or wait for it")
            if not told:
                on_wait(f"{_other(connection)} is writing; waiting for it to end")
                told = True
            time.sleep(_POLL_SECONDS)
        yield
    finally:
        connection.close()


def is_alive(warehouse: Warehouse, holder: str) -> bool:
    """Whether a process is there that holds the lock, or waits for it, under this name."""
    with warehouse.connect(autocommit=True) as connection:
        row = connection.execute(
            "select 1 from pg_stat_activity where application_name = %s and datname = current_database()",
            [_session_name(holder)],
        ).fetchone()
        return row is not None


def who_writes(warehouse: Warehouse) -> str | None:
    """The holder of the writer lock, in words; ``None`` if nobody writes."""
    with warehouse.connect(autocommit=True) as connection:
        row = connection.execute(_HOLDER).fetchone()
        return _named(row) if row else None


def _session_name(holder: str) -> str:
    return f"roosevelt writer {holder}"[:63]  # PostgreSQL would cut it there


def _try(connection: psycopg.Connection[Any]) -> bool:
    row = connection.execute(f"select pg_try_advisory_lock({_KEY})").fetchone()
    return bool(row and row[0])


def _other(connection: psycopg.Connection[Any]) -> str:
    return _named(connection.execute(_HOLDER).fetchone())


def _named(row: tuple[str] | None) -> str:
    return f"run {row[0].removeprefix('roosevelt writer ')}" if row and row[0] else "another run"


_HOLDER = f"""
select activity.application_name
from pg_locks as locks
inner join pg_stat_activity as activity using (pid)
where
    locks.locktype = 'advisory'
    and locks.granted
    and locks.database = (select oid from pg_database where datname = current_database())
    and (locks.classid::bigint << 32) | locks.objid::bigint = {_KEY}
"""
