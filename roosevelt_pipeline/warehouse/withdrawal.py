"""What leaves the warehouse when somebody stops taking part in SPACE."""

from collections.abc import Collection
from typing import Any
from uuid import UUID

import psycopg
from psycopg import sql

from roosevelt_pipeline.warehouse.personal_tables import SPACE_TABLES


def remove_withdrawn(connection: "psycopg.Connection[Any]", user_ids: Collection[UUID]) -> dict[str, int]:
    """Delete what SPACE holds about persons, under all surrogates that each has had, in the caller's transaction.

    The record that they took part, and until when, stays: it shows that what was read, was read with consent.

    Args:
        user_ids: any surrogate of each person.

    Returns:
        number of rows that were deleted, by table.
    """
    persons, respondents = surrogates_of(connection, user_ids)
    deleted = {}
    for one in SPACE_TABLES:
        surrogates = persons if one.carries == "person" else respondents
        statement = sql.SQL("delete from {} where {} = any (%s)").format(
            sql.Identifier(one.schema, one.table), sql.SQL(one.person)
        )
        deleted[f"{one.schema}.{one.table}"] = connection.execute(statement, (surrogates,)).rowcount
    # What was published of groups stays as it was, and that somebody was in them; who that was, goes.
    connection.execute("select published.forget_member(one) from unnest(%s::uuid[]) as one", (respondents,))
    return deleted


def surrogates_of(connection: "psycopg.Connection[Any]", user_ids: Collection[UUID]) -> tuple[list[UUID], list[UUID]]:
    """All surrogates of persons, by any one of each; and these with those that their answers ever carried."""
    row = connection.execute(
        """
        with persons as (
            select alias.user_id
            from raw.people as asked
            inner join raw.people as alias on alias.canonical_user_id = asked.canonical_user_id
            where asked.user_id = any (%(ids)s)
        ), respondents as (
            select survey_user_id
            from raw.participants inner join persons using (user_id)
            where survey_user_id is not null
        )
        select array(select user_id from persons),
               array(select user_id from persons union select survey_user_id from respondents)
        """,
        {"ids": list(user_ids)},
    ).fetchone()
    assert row is not None
    return row[0], row[1]
