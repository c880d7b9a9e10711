"""Answers and their sealed texts in the warehouse."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import psycopg

from roosevelt_pipeline.warehouse.landing import Landed, land_page, lock_stream
from roosevelt_pipeline.warehouse.records import Record, Reject
from roosevelt_pipeline.warehouse.validation import iso

Connection = psycopg.Connection[Any]
STREAM, SCOPE = "survey_answers", "org"


@dataclass(frozen=True)
class SealedAnswer:
    """An answer as it lands.

    Attributes:
        survey_date: day of the answer, ISO 8601.
        sealed: the text, sealed for ``key``.
    """

    survey: str
    survey_user_id: UUID
    quarter: str
    survey_date: str
    answered_at: datetime
    nps_score: int | None
    satisfaction_score: int | None
    sealed: bytes | None = None

    @property
    def key(self) -> str:
        return answer_key(self.survey, self.survey_user_id, self.quarter)

    @property
    def record(self) -> Record:
        payload = {
            "survey": self.survey,
            "survey_user_id": str(self.survey_user_id),
            "survey_date": self.survey_date,
            "quarter": self.quarter,
            "nps_score": self.nps_score,
            "satisfaction_score": self.satisfaction_score,
        }
        return Record(self.key, payload, iso(self.answered_at))


def answer_key(survey: str, survey_user_id: UUID, quarter: str) -> str:
    """Of all answers of a person and quarter the latest counts, so they share a key."""
    return f"{survey}|{survey_user_id}|{quarter}"


def land_answers(
    connection: Connection,
    answers: Sequence[SealedAnswer],
    now: datetime,
    run_id: UUID,
    keep_feedback: timedelta,
    *,
    rejects: Sequence[Reject] = (),
    source: str,
) -> Landed:
    """Land answers, oldest first, and their texts, in the caller's transaction.

    The text of an answer goes with it: a later answer without one takes the earlier one's away.
    """
    lock_stream(connection, STREAM, SCOPE)
    newest = {one.key: one for one in sorted(answers, key=lambda one: one.answered_at)}
    landed = land_page(
        connection, STREAM, SCOPE, [one.record for one in newest.values()], now, run_id, rejects=rejects, source=source
    )
    _keep_texts(connection, list(newest.values()), now, keep_feedback)
    return landed


def delete_old_feedback(connection: Connection, now: datetime) -> int:
    """Delete texts whose time is over. Returns how many."""
    return connection.execute("delete from survey.feedback where delete_after <= %s", (now,)).rowcount


def take_submissions(connection: Connection, limit: int) -> list[SealedAnswer]:
    """Take answers to the form out of the door, oldest first, in the caller's transaction."""
    rows = connection.execute(
        """
        delete from survey.submissions
        where id in (select id from survey.submissions order by id limit %s for update skip locked)
        returning survey, survey_user_id, quarter, submitted_at, nps_score, satisfaction_score, sealed
        """,
        (limit,),
    ).fetchall()
    return [
        SealedAnswer(survey, user_id, quarter, at.date().isoformat(), at, nps, satisfaction, sealed)
        for survey, user_id, quarter, at, nps, satisfaction, sealed in rows
    ]


def latest_response(connection: Connection, now: datetime) -> tuple[str, int, int] | None:
    """Of the newest survey that has closed: its quarter, how many were asked, how many of them answered.

    ``None`` if none has closed yet.
    """
    row = connection.execute(
        """
        select asked.quarter, count(*), count(answer.natural_key)
        from raw.survey_invitations as asked
        left join raw.survey_answers as answer
            on answer.natural_key = concat_ws('|', asked.survey, asked.survey_user_id, asked.quarter)
        where asked.closes_at <= %s
        group by asked.quarter
        order by asked.quarter desc
        limit 1
        """,
        (now,),
    ).fetchone()
    return (str(row[0]), int(row[1]), int(row[2])) if row else None


def _keep_texts(connection: Connection, answers: list[SealedAnswer], now: datetime, keep: timedelta) -> None:
    connection.execute(
        _FORGET_TEXTS, {"keys": [one.key for one in answers], "at": [iso(one.answered_at) for one in answers]}
    )
    written = [one for one in answers if one.sealed is not None and one.answered_at + keep > now]
    with connection.cursor() as cursor:
        cursor.executemany(
            _KEEP_TEXT,
            [
                (one.key, one.survey_user_id, one.sealed, iso(one.answered_at), one.answered_at + keep)
                for one in written
            ],
        )


# Of answers that a newer one has replaced, or that come again.
_FORGET_TEXTS = """
delete from survey.feedback as text
using unnest(%(keys)s::text[], %(at)s::timestamptz[]) as answer (key, at)
where text.answer_key = answer.key and text.written_at <= answer.at
"""

# Only that of the answer that counts.
_KEEP_TEXT = """
insert into survey.feedback as known (answer_key, survey_user_id, sealed, written_at, delete_after)
select given.*
from (values (%s, %s::uuid, %s::bytea, %s::timestamptz, %s::timestamptz))
    as given (answer_key, survey_user_id, sealed, written_at, delete_after)
inner join raw.survey_answers as answer
    on answer.natural_key = given.answer_key and answer.source_updated_at <= given.written_at
on conflict (answer_key) do nothing
"""
