"""The governor that all processes share: its books are in PostgreSQL, each decision one short call.

Nothing is held while anybody sleeps or HTTP is under way. A process that is gone takes its
reservations with it: they belong to its session.
"""

import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import psycopg
from psycopg.rows import class_row

from roosevelt_pipeline.governor import (
    AT_ONCE,
    AT_ONCE_IN_ALL,
    REST_BURST,
    REST_PER_SECOND,
    SHORTEST_HOLD_SECONDS,
    USED_UP,
    Account,
    Permit,
    Refusal,
    Resource,
    Told,
)
from roosevelt_pipeline.warehouse.connections import DatabaseError, Role, Warehouse, first_line

BUSY = "enough requests are under way"


class SharedGovernor:
    """One session of the database, shared by the threads of a process.

    Args:
        holder: who waits, as others are told: a run, a sensor.
    """

    def __init__(self, warehouse: Warehouse, holder: str) -> None:
        self._warehouse, self._holder = warehouse, holder
        self._lock = threading.Lock()
        self._connection: psycopg.Connection[Any] | None = None

    def admit(self, account: Account, resource: Resource, points: int, lease_seconds: float) -> Permit | Refusal:
        pace = REST_PER_SECOND if resource == "core" else None
        given = (
            account.key, resource, account.label, account.host, points, lease_seconds,
            AT_ONCE[resource], AT_ONCE_IN_ALL, pace, REST_BURST,
        )  # fmt: skip
        kind, ticket, seconds, reason = self._call(_ADMIT, given)
        if kind == "granted":
            return Permit(account, resource, points, ticket)
        return Refusal(kind, seconds, reason or (USED_UP if kind == "limit" else BUSY))

    def settle(self, permit: Permit, told: Told) -> None:
        hold = told.hold
        given = (
            permit.ticket, permit.account.key, permit.resource, permit.points, _fitting(told.remaining),
            _fitting(told.quota), told.reset_seconds, told.billed, told.answered, hold and hold.reason,
            hold and hold.seconds,
            bool(hold and hold.everything), SHORTEST_HOLD_SECONDS,
        )  # fmt: skip
        self._call(_SETTLE, given)

    @contextmanager
    def waiting(self, account: Account, subject: str, reason: str, seconds: float) -> Iterator[None]:
        (number,) = self._call(_WAIT, (self._holder, account.label, subject, reason, seconds))
        try:
            yield
        finally:
            with suppress(DatabaseError):  # else it would hide why the wait ended; the row ends with its time
                self._call(_WAITED, (number,))

    def close(self) -> None:
        """End the session; what it reserved is free."""
        with self._lock:
            if self._connection is not None:
                self._connection.close()
                self._connection = None

    def __enter__(self) -> "SharedGovernor":
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _call(self, statement: bytes, given: tuple[Any, ...]) -> tuple[Any, ...]:
        """One statement, once more with a new session if the old one is gone.

        Raises:
            DatabaseError: the database cannot be used.
        """
        with self._lock:
            for is_second in (False, True):
                try:
                    cursor = self._session().execute(statement, given, prepare=True)
                    return cursor.fetchone() or ()
                except (psycopg.OperationalError, psycopg.InterfaceError) as error:
                    lost = error
                    if self._connection is None or not (self._connection.broken or self._connection.closed):
                        break
                    self._connection = None
                    if is_second:
                        break
        raise DatabaseError(f"lost the {self._warehouse}: {first_line(lost)}; check that it runs, and run again")

    def _session(self) -> "psycopg.Connection[Any]":
        if self._connection is None:
            self._connection = self._warehouse.connect(Role.INGEST, autocommit=True)
            # What a crash of the server loses here, the next answer of GitHub tells again.
            self._connection.execute("set synchronous_commit = off")
        return self._connection


@dataclass(frozen=True)
class BudgetState:
    """What is known of an account's budget now; ``remaining`` is ``None`` before GitHub told."""

    label: str
    host: str
    resource: str
    remaining: int | None
    quota: int | None
    resets_at: datetime | None
    held_until: datetime | None
    held_for: str | None
    under_way: int
    predicted_points: int
    billed_points: int
    mispriced_queries: int


@dataclass(frozen=True)
class Wait:
    """Somebody who waits."""

    holder: str
    label: str
    subject: str
    reason: str
    since: datetime
    until: datetime


def read_budgets(connection: "psycopg.Connection[Any]") -> list[BudgetState]:
    """All budgets that were used in the last day, by label."""
    with connection.cursor(row_factory=class_row(BudgetState)) as cursor:
        return cursor.execute(_BUDGETS).fetchall()


def read_waits(connection: "psycopg.Connection[Any]") -> list[Wait]:
    """Who waits now, soonest first."""
    with connection.cursor(row_factory=class_row(Wait)) as cursor:
        return cursor.execute(_WAITS).fetchall()


def _fitting(number: int | None) -> int | None:
    """A count as PostgreSQL's int holds it; no budget of GitHub's is larger."""
    return None if number is None else min(number, 2**31 - 1)


_ADMIT = b"select * from ingest.github_admit(%s, %s, %s, %s, %s, %s, %s, %s, %s, %s)"
_SETTLE = b"select ingest.github_settle(%s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s)"
_WAIT = b"""
insert into ingest.github_waits (session, holder, label, subject, reason, since, until)
values (pg_backend_pid(), %s, %s, %s, %s, clock_timestamp(), clock_timestamp() + make_interval(secs => %s))
returning wait
"""
_WAITED = b"delete from ingest.github_waits where wait = %s returning wait"
_BUDGETS = b"""
select budget.label, budget.host, budget.resource,
    case when budget.resets_at <= now() then budget.quota else budget.remaining end as remaining,
    budget.quota, budget.resets_at,
    case when budget.held_until > now() then budget.held_until end as held_until,
    case when budget.held_until > now() then budget.held_for end as held_for,
    (
        select count(*) from ingest.github_requests as request
        where request.account = budget.account and request.resource = budget.resource
            and request.expires_at > now() and request.session in (select pid from pg_stat_activity)
    ) as under_way,
    budget.predicted_points, budget.billed_points, budget.mispriced_queries
from ingest.github_budgets as budget
where budget.told_at > now() - interval '1 day' or budget.held_until > now()
order by budget.label, budget.resource
"""
_WAITS = b"""
select holder, label, subject, reason, since, until from ingest.github_waits
where until > now() and session in (select pid from pg_stat_activity)
order by until
"""
