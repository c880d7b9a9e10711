"""The warehouse's shape, brought up to date: each file of ``ddl/`` once, in order, in one transaction."""

import hashlib
import re
from collections.abc import Iterator
from dataclasses import dataclass
from importlib.resources import files
from importlib.resources.abc import Traversable
from typing import Any

import psycopg

from roosevelt_pipeline.warehouse.connections import DatabaseError, Warehouse, first_line, preflight
from roosevelt_pipeline.warehouse.roles import ensure_roles
from roosevelt_pipeline.warehouse.streams import IMPORTED, STREAMS

_DDL = files("roosevelt_pipeline.warehouse") / "ddl"
_LOCK = "select pg_advisory_xact_lock(hashtextextended('roosevelt migrations', 0))"
_LEDGER = """
    create schema if not exists ingest authorization roosevelt_owner;
    set local role roosevelt_owner;
    create table if not exists ingest.migrations (
        name text primary key,
        checksum text not null,
        applied_at timestamptz not null default now()
    );
    grant usage on schema ingest to roosevelt_ingest;
    grant select on ingest.migrations to roosevelt_ingest;
    reset role;
"""


@dataclass(frozen=True)
class Migration:
    """A step of the schema. Its name orders it; its checksum pins it once it has been applied."""

    name: str
    text: str

    @property
    def checksum(self) -> str:
        """Of the statements alone: a comment may be mended later."""
        bare = re.sub(r"--[^\n]*", "", self.text)
        return hashlib.sha256(" ".join(bare.split()).encode()).hexdigest()


def migrations() -> list[Migration]:
    """All steps, in the order in which they are applied: the numbered files, the streams, then what needs them."""
    return [*_numbered(_DDL), *_streams(), *_numbered(_DDL / "streams")]


def migrate(warehouse: Warehouse) -> list[str]:
    """Bring a database up to date. Running it again changes nothing.

    All steps that are missing are applied in one transaction under one lock: a second
    migration waits and then finds nothing to do, a killed one leaves nothing behind.

    Returns:
        the names of the steps applied, in order.

    Raises:
        DatabaseError: the database cannot be used, a step fails, or a step that was applied
            has changed since.
    """
    preflight(warehouse)
    with warehouse.connect(autocommit=True) as connection:
        ensure_roles(connection)
        with connection.transaction():
            connection.execute(_LOCK)
            connection.execute(_LEDGER)
            return _apply_missing(connection, migrations())


def pending(warehouse: Warehouse) -> list[str]:
    """Names of the steps that ``migrate`` would apply."""
    with warehouse.connect(autocommit=True) as connection:
        known = connection.execute("select to_regclass('ingest.migrations')").fetchone()
        applied = _applied(connection) if known and known[0] else {}
    return [step.name for step in migrations() if step.name not in applied]


def _numbered(folder: Traversable) -> Iterator[Migration]:
    for file in sorted(folder.iterdir(), key=lambda file: file.name):
        if file.name.endswith(".sql"):
            yield Migration(file.name.removesuffix(".sql"), file.read_text(encoding="utf-8"))


def _streams() -> Iterator[Migration]:
    template = (_DDL / "stream.sql.template").read_text(encoding="utf-8")
    for stream in (*STREAMS, *IMPORTED):
        yield Migration(f"stream {stream}", template.replace("{stream}", stream))


def _apply_missing(connection: "psycopg.Connection[Any]", steps: list[Migration]) -> list[str]:
    applied = _applied(connection)
    for step in steps:
        if applied.get(step.name, step.checksum) != step.checksum:
            raise DatabaseError(
                f"migration {step.name!r} has changed since it was applied to this database; "
                f"restore its text and put the change into a new file of ddl/"
            )
    missing = [step for step in steps if step.name not in applied]
    for step in missing:
        _apply(connection, step)
    return [step.name for step in missing]


def _apply(connection: "psycopg.Connection[Any]", step: Migration) -> None:
    try:
        connection.execute(step.text.encode())
        connection.execute("set local role roosevelt_owner")
        connection.execute("insert into ingest.migrations (name, checksum) values (%s, %s)", (step.name, step.checksum))
        connection.execute("reset role")
    except psycopg.Error as error:
        raise DatabaseError(f"migration {step.name!r} failed and nothing was changed: {first_line(error)}") from error


def _applied(connection: "psycopg.Connection[Any]") -> dict[str, str]:
    return dict(connection.execute("select name, checksum from ingest.migrations").fetchall())
