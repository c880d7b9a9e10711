"""Everything that the warehouse holds about one person, whichever table it is in: by looking through all of them."""

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import psycopg
from psycopg import sql

# The proof of who somebody is, and digests of content: they say nothing to anybody without a key.
_SECRET = {"bytea"}


@dataclass(frozen=True)
class HeldTable:
    """Rows of one table in which a surrogate of the person stands.

    Attributes:
        holds: what one of its rows is, as far as the database says.
    """

    name: str
    holds: str | None
    rows: list[dict[str, Any]]


def held_about(connection: "psycopg.Connection[Any]", surrogates: Collection[UUID]) -> Iterator[HeldTable]:
    """The tables that hold a row in which one of the surrogates stands, wherever in it; views show the same again.

    Every table is read: a list of those that hold persons would be forgotten for the next one.
    """
    wanted = [f"%{one}%" for one in surrogates]
    for schema, table, holds, columns in connection.execute(_TABLES, {"secret": list(_SECRET)}).fetchall():
        shown = sql.SQL(", ").join(map(sql.Identifier, columns))
        query = sql.SQL(
            "select to_jsonb(shown) from (select {} from {} as held where held::text like any (%s)) as shown"
        )
        found = connection.execute(query.format(shown, sql.Identifier(schema, table)), (wanted,)).fetchall()
        if found:
            yield HeldTable(f"{schema}.{table}", holds, [row for (row,) in found])


def sealed_texts(connection: "psycopg.Connection[Any]", surrogates: Collection[UUID]) -> list[tuple[str, bytes]]:
    """Texts of a person, each with the key of the answer that it is sealed for, landed or still at the door."""
    rows = connection.execute(
        """
        select answer_key, sealed from survey.feedback where survey_user_id = any (%(ids)s)
        union all
        select concat_ws('|', survey, survey_user_id, quarter), sealed from survey.submissions
        where survey_user_id = any (%(ids)s) and sealed is not null
        order by 1
        """,
        {"ids": list(surrogates)},
    )
    return [(key, bytes(sealed)) for key, sealed in rows]


def persons_among(connection: "psycopg.Connection[Any]", ids: Collection[str]) -> set[str]:
    """Which of these ids are surrogates of anybody."""
    rows = connection.execute("select user_id::text from vault.persons where user_id = any (%s::uuid[])", (list(ids),))
    return {user_id for (user_id,) in rows}


_TABLES = """
select namespace.nspname, class.relname, obj_description(class.oid, 'pg_class'),
       array_agg(attribute.attname order by attribute.attnum)
from pg_class as class
inner join pg_namespace as namespace on namespace.oid = class.relnamespace
inner join pg_attribute as attribute on attribute.attrelid = class.oid
where class.relkind in ('r', 'm') and namespace.nspname !~ '^(pg_|information_schema$)'
  and attribute.attnum > 0 and not attribute.attisdropped
  and format_type(attribute.atttypid, null) <> all (%(secret)s)
group by namespace.nspname, class.relname, class.oid
order by namespace.nspname, class.relname
"""
