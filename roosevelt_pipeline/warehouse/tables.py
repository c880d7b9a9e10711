"""What a table is: its columns as the database has them, and how many rows it holds."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import psycopg
from psycopg import sql


@dataclass(frozen=True)
class Column:
    """One column: its name, its type as PostgreSQL writes it, and the comment its DDL gave it."""

    name: str
    type: str
    description: str | None


def count_rows(connection: psycopg.Connection[Any], schema: str, table: str) -> int:
    """How many rows a table holds, exactly."""
    row = connection.execute(sql.SQL("select count(*) from {}").format(sql.Identifier(schema, table))).fetchone()
    return int(row[0]) if row else 0


def missing_relations(connection: psycopg.Connection[Any], names: Sequence[str]) -> list[str]:
    """Which of these tables and views (``schema.name``) there are not."""
    rows = connection.execute(
        "select name from unnest(%s::text[]) as asked (name) where to_regclass(name) is null order by name",
        (list(names),),
    )
    return [name for (name,) in rows]


def columns_of(connection: psycopg.Connection[Any], schema: str, table: str) -> list[Column]:
    """The columns of a table or view, in order; none if there is no such table."""
    rows = connection.execute(
        """
        select attname, format_type(atttypid, atttypmod), col_description(attrelid, attnum)
        from pg_attribute
        where attrelid = to_regclass(%s) and attnum > 0 and not attisdropped
        order by attnum
        """,
        (f'"{schema}"."{table}"',),
    )
    return [Column(*row) for row in rows]
