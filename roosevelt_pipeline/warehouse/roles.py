"""Group roles of least privilege, and the login for BI tools.

Roles belong to the server, not to one database: two databases share them, and two migrations
may want to make them at the same moment.
"""

import time
from typing import Any

import psycopg
from psycopg import sql

from roosevelt_pipeline.warehouse.connections import DatabaseError, Role

READER = "roosevelt_reader"

_ANOTHER_DID_IT = (psycopg.errors.DuplicateObject, psycopg.errors.UniqueViolation)
_COLLISIONS = ("tuple concurrently updated", "tuple concurrently deleted")


def ensure_roles(connection: "psycopg.Connection[Any]") -> None:
    """Make the group roles that are missing and let the connecting user act as each.

    Args:
        connection: in autocommit mode.

    Raises:
        DatabaseError: the user may not; the message holds the SQL for an administrator.
    """
    try:
        for role in Role:
            _again_after_collision(_create, connection, role)
        for role in Role:
            _again_after_collision(_join, connection, role)
    except psycopg.errors.InsufficientPrivilege:
        raise DatabaseError(_request_to_administrator(connection)) from None


def ensure_reader(connection: "psycopg.Connection[Any]", password: str) -> None:
    """Make the login for BI tools, which sees the schema ``bi`` alone, or give it this password.

    Args:
        connection: in autocommit mode, after the migrations.
        password: sent as a SCRAM verifier, so that no server log can show it.

    Raises:
        DatabaseError: the user may not create roles.
    """
    verifier = connection.pgconn.encrypt_password(password.encode(), READER.encode(), b"scram-sha-256").decode()
    name = sql.Identifier(READER)
    try:
        if not _exists(connection, READER):
            connection.execute(sql.SQL("create role {} login").format(name))
        connection.execute(sql.SQL("alter role {} login password {}").format(name, sql.Literal(verifier)))
        connection.execute(sql.SQL("alter role {} set search_path = bi").format(name))
        connection.execute(sql.SQL("alter role {} set default_transaction_read_only = on").format(name))
        connection.execute(sql.SQL("grant {} to {}").format(sql.Identifier(Role.BI), name))
    except psycopg.errors.InsufficientPrivilege:
        raise DatabaseError(
            f"user {connection.info.user} may not make the login {READER}; an administrator must run: "
            f"create role {READER} login in role {Role.BI}; alter role {READER} set search_path = bi;"
        ) from None


def _create(connection: "psycopg.Connection[Any]", role: Role) -> None:
    if _exists(connection, role):
        return
    try:
        connection.execute(sql.SQL("create role {} nologin").format(sql.Identifier(role)))
    except _ANOTHER_DID_IT:
        return
    if role is Role.BI:
        connection.execute(sql.SQL("alter role {} set search_path = bi").format(sql.Identifier(role)))


def _join(connection: "psycopg.Connection[Any]", role: Role) -> None:
    newer = connection.info.server_version >= 160_000
    row = connection.execute("select pg_has_role(%s, %s)", (role, "SET" if newer else "MEMBER")).fetchone()
    if row and row[0]:
        return
    options = "with inherit true, set true" if newer else ""
    connection.execute(sql.SQL(f"grant {{}} to current_user {options}").format(sql.Identifier(role)))


def _exists(connection: "psycopg.Connection[Any]", name: str) -> bool:
    return connection.execute("select from pg_roles where rolname = %s", (name,)).fetchone() is not None


def _again_after_collision(act: Any, connection: "psycopg.Connection[Any]", role: Role) -> None:
    for attempt in range(5):
        try:
            return act(connection, role)
        except psycopg.errors.InternalError_ as error:
            if attempt == 4 or not any(text in str(error) for text in _COLLISIONS):
                raise
            time.sleep(0.05 * 2**attempt)


def _request_to_administrator(connection: "psycopg.Connection[Any]") -> str:
    user = connection.info.user
    missing = [role for role in Role if not _exists(connection, role)]
    creations = "".join(f"create role {role} nologin; " for role in missing)
    names = ", ".join(Role)
    return (
        f"user {user} may neither create roles nor act as {names}. "
        f'An administrator must run: alter role "{user}" createrole; or: {creations}grant {names} to "{user}";'
    )
