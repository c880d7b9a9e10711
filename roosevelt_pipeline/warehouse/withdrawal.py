"""What leaves the warehouse when somebody stops taking part in SPACE: every table that holds rows about participants.

A source that stores anything about participants adds its tables here, grants their deletion
to ``roosevelt_ingest`` in its DDL, and gets opting out, and its test, for nothing.
"""

from collections.abc import Collection
from dataclasses import dataclass
from typing import Any, Literal
from uuid import UUID

import psycopg
from psycopg import sql


@dataclass(frozen=True)
class PersonalTable:
    """A table with rows about participants.

    Attributes:
        person: SQL that gives a row's surrogate, as uuid.
        carries: whose surrogate it is: the person's own, or the one that the person's answers carry.
    """

    schema: str
    table: str
    person: str
    carries: Literal["person", "respondent"]


# Tables of all streams, in which the scope is a person where the stream is calendars.
_OF_CALENDARS = "(case when stream = 'calendar_events' then scope::uuid end)"

SPACE_TABLES = (
    PersonalTable("raw", "survey_answers", "(payload ->> 'survey_user_id')::uuid", "respondent"),
    PersonalTable("raw", "survey_answers_versions", "(payload ->> 'survey_user_id')::uuid", "respondent"),
    PersonalTable("survey", "submissions", "survey_user_id", "respondent"),
    PersonalTable("survey", "feedback", "survey_user_id", "respondent"),
    PersonalTable("survey", "invitations", "survey_user_id", "respondent"),
    PersonalTable("raw", "people_settings", "user_id", "person"),
    PersonalTable("raw", "calendar_events", "scope::uuid", "person"),
    PersonalTable("raw", "calendar_events_versions", "scope::uuid", "person"),
    PersonalTable("raw", "calendar_collections", "user_id", "person"),
    PersonalTable("raw", "rejected_records", _OF_CALENDARS, "person"),
    PersonalTable("ingest", "cursors", _OF_CALENDARS, "person"),
)


def remove_withdrawn(connection: "psycopg.Connection[Any]", user_ids: Collection[UUID]) -> dict[str, int]:
    """Delete what SPACE holds about persons, under all surrogates that each has had, in the caller's transaction.

    The record that they took part, and until when, stays: it shows that what was read, was read with consent.

    Args:
        user_ids: any surrogate of each person.

    Returns:
        number of rows that were deleted, by table.
    """
    persons, respondents = _surrogates(connection, user_ids)
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


def _surrogates(connection: "psycopg.Connection[Any]", user_ids: Collection[UUID]) -> tuple[list[UUID], list[UUID]]:
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
