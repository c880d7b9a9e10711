"""What BI can see, asked of the database itself and not of our intentions."""

from typing import Any

import psycopg
from psycopg import sql

Connection = psycopg.Connection[Any]


def reachable_beyond_bi(connection: Connection) -> list[str]:
    """Relations outside ``bi`` that BI's role may select from, in whole or by column; none is right."""
    rows = connection.execute(
        """
        select schemas.nspname || '.' || relations.relname
        from pg_class as relations
        inner join pg_namespace as schemas on relations.relnamespace = schemas.oid
        where
            relations.relkind in ('r', 'v', 'm', 'p', 'f')
            and schemas.nspname not in ('bi', 'pg_catalog', 'information_schema')
            and schemas.nspname not like 'pg\\_%'
            and has_schema_privilege('roosevelt_bi', schemas.oid, 'usage')
            and has_any_column_privilege('roosevelt_bi', relations.oid, 'select')
        order by 1
        """
    )
    return [name for (name,) in rows]


def persons_in_bi(connection: Connection) -> list[str]:
    """Columns of ``bi`` that hold the pseudonym of a person; none is right.

    Args:
        connection: as a role that reads raw and ``bi``.
    """
    columns = connection.execute(
        """
        select table_name, column_name
        from information_schema.columns
        where table_schema = 'bi' and data_type in ('uuid', 'text', 'character varying') and not is_generated = 'ALWAYS'
        order by 1, 2
        """
    ).fetchall()
    return [f"bi.{table}.{column}" for table, column in columns if _holds_a_person(connection, table, column)]


def _holds_a_person(connection: Connection, table: str, column: str) -> bool:
    query = sql.SQL(
        "select exists (select 1 from {} as seen inner join raw.github_accounts as persons "
        "on seen.{}::text = persons.user_id::text)"
    ).format(sql.Identifier("bi", table), sql.Identifier(column))
    row = connection.execute(query).fetchone()
    return bool(row and row[0])
