"""Tables and frames: how small tables reach Python and come back."""

from collections.abc import Iterable
from typing import Any

import pandas as pd
import psycopg
from psycopg import sql


def read_frame(connection: psycopg.Connection, query: sql.SQL | sql.Composed, parameters: Any = None) -> pd.DataFrame:
    """The rows of a query as a frame, in the query's order.

    Numerics come as floats, missing values as NaN or NaT, instants with their zone.
    """
    with connection.cursor() as cursor:
        cursor.execute(query, parameters)
        names = [column.name for column in cursor.description or ()]
        return pd.DataFrame(cursor.fetchall(), columns=names)


def replace_rows(
    connection: psycopg.Connection, schema: str, table: str, frame: pd.DataFrame, *, where: dict[str, Any]
) -> int:
    """Make ``frame`` the only rows of a table that match ``where``: delete and append in one transaction.

    The table's shape, grants and dependents stay: they belong to its DDL, never to a frame.

    Args:
        frame: its columns are columns of the table, in any order. NaN and NaT become NULL.
        where: column to value; empty replaces the whole table.

    Returns:
        How many rows there are now.
    """
    target = sql.Identifier(schema, table)
    clauses = [sql.SQL("{} = {}").format(sql.Identifier(name), sql.Literal(value)) for name, value in where.items()]
    condition = sql.SQL(" where ") + sql.SQL(" and ").join(clauses) if clauses else sql.SQL("")
    with connection.transaction():
        connection.execute(sql.SQL("delete from {}").format(target) + condition)
        append_rows(connection, schema, table, frame)
    return len(frame)


def append_rows(connection: psycopg.Connection, schema: str, table: str, frame: pd.DataFrame) -> None:
    """Add the rows of ``frame``, whose columns are columns of the table, in any order. NaN and NaT become NULL."""
    columns = sql.SQL(", ").join(map(sql.Identifier, frame.columns))
    statement = sql.SQL("copy {} ({}) from stdin").format(sql.Identifier(schema, table), columns)
    with connection.cursor() as cursor, cursor.copy(statement) as copy:
        for row in _rows(frame):
            copy.write_row(row)


def _rows(frame: pd.DataFrame) -> Iterable[list[Any]]:
    plain = frame.astype(object).where(frame.notna(), None)
    return plain.to_numpy().tolist()
