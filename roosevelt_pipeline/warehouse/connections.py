"""Connections to the warehouse: who connects, as what, and what must be true before it is of use."""

import contextlib
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

import psycopg
from psycopg import sql
from psycopg.conninfo import conninfo_to_dict

OLDEST_SERVER = 15


class Role(StrEnum):
    """What a connection may do. Each is a PostgreSQL group role, made by the migrations."""

    OWNER = "roosevelt_owner"
    INGEST = "roosevelt_ingest"
    RECEIVER = "roosevelt_receiver"
    TRANSFORM = "roosevelt_transform"
    ANALYTICS = "roosevelt_analytics"
    BI = "roosevelt_bi"
    EVENTS = "roosevelt_events"


class DatabaseError(RuntimeError):
    """The database cannot be used. The message says why and what to do; it holds no password."""


@dataclass(frozen=True)
class Warehouse:
    """A database that holds, or will hold, the warehouse.

    Attributes:
        url: a libpq address (``postgresql://...``); secret, because it may hold a password.
    """

    url: str = field(repr=False)

    def __str__(self) -> str:
        parts = self._parts()
        return f"database {parts.get('dbname') or parts.get('user', '')!s} on {parts.get('host', 'the default socket')}"

    def connect(self, role: Role | None = None, **kwargs: Any) -> "psycopg.Connection[Any]":
        """Open a connection, in UTC, and take on a role.

        Args:
            role: what the connection may do; the connecting user's own rights if ``None``.
            kwargs: further arguments of ``psycopg.connect``.

        Raises:
            DatabaseError: the database cannot be reached, or the user may not take on the role.
        """
        self._parts()
        autocommit = kwargs.pop("autocommit", False)
        try:
            connection = psycopg.connect(self.url, autocommit=True, **(_ENDURANCE | kwargs))
        except psycopg.OperationalError as error:
            raise DatabaseError(
                f"cannot connect to the {self}: {first_line(error)}; check that it runs and that DATABASE_URL is right"
            ) from None
        try:
            connection.execute("set time zone 'UTC'")
            with contextlib.suppress(psycopg.Error):  # not on every platform; frees a dead client's locks at once
                connection.execute("set client_connection_check_interval = '1s'")
            if role is not None:
                _take_on(connection, role)
            connection.autocommit = autocommit
        except BaseException:
            connection.close()
            raise
        return connection

    def dbt_environment(self) -> dict[str, str]:
        """The address in parts, as dbt's profile reads it. The host may be a folder of sockets."""
        parts = self._parts()
        return {
            "ROOSEVELT_PG_HOST": str(parts.get("host", "localhost")),
            "ROOSEVELT_PG_PORT": str(parts.get("port", "5432")),
            "ROOSEVELT_PG_USER": str(parts.get("user", "postgres")),
            "ROOSEVELT_PG_PASSWORD": str(parts.get("password", "")),
            "ROOSEVELT_PG_DBNAME": str(parts.get("dbname") or parts.get("user", "postgres")),
            "ROOSEVELT_PG_SSLMODE": str(parts.get("sslmode", "prefer")),
        }

    def _parts(self) -> dict[str, Any]:
        try:
            return conninfo_to_dict(self.url)
        except psycopg.ProgrammingError:
            # libpq quotes the part that it did not understand, which may be the password.
            raise DatabaseError(
                "DATABASE_URL is not a PostgreSQL address; it reads postgresql://user:password@host:5432/database, "
                "with special characters of the password percent-encoded"
            ) from None


def preflight(warehouse: Warehouse) -> None:
    """Check that migrations could run: reachable, new enough, writable, with the rights to build.

    Raises:
        DatabaseError: one of these is not so.
    """
    with warehouse.connect(autocommit=True) as connection:
        version = connection.info.server_version // 10_000
        if version < OLDEST_SERVER:
            raise DatabaseError(f"the {warehouse} is PostgreSQL {version}; {OLDEST_SERVER} or newer is needed")
        user, read_only, may_create, exists = _standing(connection)
        if read_only:
            raise DatabaseError(
                f"the {warehouse} is read-only (a replica, or default_transaction_read_only is on); name its primary"
            )
        if not may_create and not exists:
            raise DatabaseError(
                f"user {user} may not create schemas in the {warehouse}; an administrator must run: "
                f'grant create on database "{connection.info.dbname}" to "{user}";'
            )


def first_line(error: BaseException) -> str:
    """The first line of an error's text, without its class and position."""
    return (str(error).strip().splitlines() or [type(error).__name__])[0]


def _standing(connection: "psycopg.Connection[Any]") -> tuple[str, bool, bool, bool]:
    row = connection.execute(
        "select current_user, pg_is_in_recovery() or current_setting('transaction_read_only')::boolean, "
        "has_database_privilege(current_database(), 'CREATE'), exists ("
        # Not to_regclass(), which is refused to a user who may not use the schema.
        "select from pg_tables where schemaname = 'ingest' and tablename = 'migrations')"
    ).fetchone()
    assert row is not None
    return row


def _take_on(connection: "psycopg.Connection[Any]", role: Role) -> None:
    try:
        connection.execute(sql.SQL("set role {}").format(sql.Identifier(role)))
        if role is Role.BI:
            connection.execute("set search_path = bi")
    except (psycopg.errors.InvalidParameterValue, psycopg.errors.UndefinedObject):
        raise DatabaseError(f"role {role} does not exist yet; run `roosevelt db migrate`") from None
    except psycopg.errors.InsufficientPrivilege:
        user = connection.info.user
        raise DatabaseError(
            f'user {user} may not act as {role}; an administrator must run: grant {role} to "{user}";'
        ) from None


# A vanished peer is noticed in seconds: keep-alives while idle, tcp_user_timeout while a reply is unacknowledged.
_ENDURANCE: dict[str, Any] = {
    "application_name": "roosevelt",
    "connect_timeout": 10,
    "keepalives": 1,
    "keepalives_idle": 10,
    "keepalives_interval": 5,
    "keepalives_count": 3,
    "tcp_user_timeout": 20_000,
}
