"""Who is asked in a quarter, and what became of each message. Claimed before it is sent, settled after."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal
from uuid import UUID

import psycopg
from psycopg import sql

Connection = psycopg.Connection[Any]
Kind = Literal["invitation", "reminder"]
MOST_ATTEMPTS = 10


@dataclass(frozen=True)
class Invitation:
    """One person's, of one quarter."""

    survey: str
    survey_user_id: UUID
    quarter: str
    channel: str
    token_sha: bytes
    closes_at: datetime


def enlist(connection: Connection, invitations: Sequence[Invitation]) -> int:
    """Note who is to be asked; who is noted already stays as it is. Returns how many are new."""
    columns = ("survey", "survey_user_id", "quarter", "channel", "token_sha", "closes_at")
    given = {name: [getattr(one, name) for one in invitations] for name in columns}
    return connection.execute(_ENLIST, given).rowcount


def note_told(connection: Connection, survey: str, told: Sequence[tuple[UUID, str, datetime, datetime]]) -> int:
    """Note invitations that another system sent: respondent, quarter, when, and when it closes."""
    with connection.cursor() as cursor:
        cursor.executemany(
            "insert into survey.invitations "
            "(survey, survey_user_id, quarter, channel, closes_at, invited_at, invitation) "
            "values (%s, %s, %s, 'other', %s, %s, 'sent') on conflict do nothing",
            [(survey, user_id, quarter, closes_at, at) for user_id, quarter, at, closes_at in told],
        )
        return max(cursor.rowcount, 0)


def due(connection: Connection, survey: str, quarter: str, remind_before: datetime) -> dict[UUID, tuple[Kind, bytes]]:
    """Who is to get which message now, with the digest of the token: not asked yet, or asked and silent.

    Args:
        remind_before: who was invited before this instant and has not answered is reminded.
    """
    rows = connection.execute(
        """
        select survey_user_id, case when invited_at is null then 'invitation' else 'reminder' end, token_sha
        from survey.invitations as asked
        where survey = %(survey)s and quarter = %(quarter)s and given_up_at is null and token_sha is not null
          and (invited_at is null or (invited_at < %(before)s and reminded_at is null))
          and not exists (select from survey.submissions as answer
                          where (answer.survey, answer.survey_user_id, answer.quarter)
                              = (asked.survey, asked.survey_user_id, asked.quarter))
          and not exists (select from raw.survey_answers as answer
                          where answer.natural_key = concat_ws('|', asked.survey, asked.survey_user_id, asked.quarter))
        order by survey_user_id
        """,
        {"survey": survey, "quarter": quarter, "before": remind_before},
    )
    return {user_id: (kind, bytes(token_sha)) for user_id, kind, token_sha in rows}


def claim(connection: Connection, key: tuple[str, UUID, str], kind: Kind, now: datetime) -> bool:
    """Take it on to send this message. False if it was taken on before, by this run or any other."""
    at = sql.Identifier("invited_at" if kind == "invitation" else "reminded_at")
    state = sql.Identifier(kind)
    done = connection.execute(
        sql.SQL(
            "update survey.invitations set {at} = %s, {state} = 'claimed' "
            "where (survey, survey_user_id, quarter) = (%s, %s, %s) and {at} is null and given_up_at is null"
        ).format(at=at, state=state),
        (now, *key),
    )
    return done.rowcount == 1


def settle(connection: Connection, key: tuple[str, UUID, str], kind: Kind) -> None:
    """The message has arrived."""
    connection.execute(
        sql.SQL(
            "update survey.invitations set {state} = 'sent', problem = null "
            "where (survey, survey_user_id, quarter) = (%s, %s, %s)"
        ).format(state=sql.Identifier(kind)),
        key,
    )


def give_back(
    connection: Connection,
    key: tuple[str, UUID, str],
    kind: Kind,
    reason: str,
    now: datetime,
    *,
    is_final: bool = False,
    counts: bool = True,
) -> None:
    """The message has certainly not arrived: it is sent in a later run, unless that would end alike.

    Args:
        counts: whether it was this person's fault; after some tries nobody tries again.
    """
    at = sql.Identifier("invited_at" if kind == "invitation" else "reminded_at")
    connection.execute(
        sql.SQL(
            "update survey.invitations set {at} = null, {state} = null, attempts = attempts + %s, problem = %s, "
            "given_up_at = case when %s or attempts + %s >= %s then %s::timestamptz end "
            "where (survey, survey_user_id, quarter) = (%s, %s, %s)"
        ).format(at=at, state=sql.Identifier(kind)),
        (int(counts), reason, is_final, int(counts), MOST_ATTEMPTS, now, *key),
    )


# Not somebody who was asked in this quarter under another surrogate, before the terms changed.
_ENLIST = """
with given as (
    select *
    from unnest(%(survey)s::text[], %(survey_user_id)s::uuid[], %(quarter)s::text[], %(channel)s::text[],
                %(token_sha)s::bytea[], %(closes_at)s::timestamptz[])
        as one (survey, survey_user_id, quarter, channel, token_sha, closes_at)
), answering as materialized (
    select distinct people.canonical_user_id as person, period.survey_user_id
    from raw.participants as period inner join raw.people using (user_id)
    where period.survey_user_id is not null
), asked as materialized (
    select answering.person, known.survey, known.quarter
    from survey.invitations as known inner join answering using (survey_user_id)
)
insert into survey.invitations (survey, survey_user_id, quarter, channel, token_sha, closes_at)
select given.survey, given.survey_user_id, given.quarter, given.channel, given.token_sha, given.closes_at
from given
where not exists (
    select
    from answering inner join asked using (person)
    where answering.survey_user_id = given.survey_user_id
      and asked.survey = given.survey and asked.quarter = given.quarter
)
on conflict do nothing
"""
