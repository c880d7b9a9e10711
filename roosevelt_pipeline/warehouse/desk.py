"""The form's side of the database: what a token asks for, and an answer to it. It sees no table."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from roosevelt_pipeline.warehouse.doorways import Doorway
from roosevelt_pipeline.warehouse.surveys import answer_key


@dataclass(frozen=True)
class Asked:
    """What a token was given out for."""

    survey: str
    survey_user_id: UUID
    quarter: str
    closes_at: datetime
    is_open: bool

    @property
    def answer_key(self) -> str:
        return answer_key(self.survey, self.survey_user_id, self.quarter)


class Desk(Doorway):
    """Where answers to the form are dropped in."""

    purpose = "an answer was refused"

    def asked(self, token_sha: bytes) -> Asked | None:
        """What the token with this digest asks for; ``None`` if there is no such token.

        Raises:
            DatabaseError: the database cannot be used now.
        """
        row = self.use(
            lambda connection: connection.execute(
                "select survey, survey_user_id, quarter, closes_at, is_open from survey.asked(%s)", (token_sha,)
            ).fetchone()
        )
        return Asked(*row) if row else None

    def submit(self, token_sha: bytes, nps: int | None, satisfaction: int | None, sealed: bytes | None) -> bool:
        """Drop an answer in; one that has not landed yet is replaced. False if the survey has closed.

        Raises:
            DatabaseError: the database cannot be used now.
        """
        row = self.use(
            lambda connection: connection.execute(
                "select survey.submit(%s, %s, %s, %s)", (token_sha, nps, satisfaction, sealed)
            ).fetchone()
        )
        return bool(row and row[0])
