"""Answers from wherever they come to raw: only those of people who take part, each text sealed first."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import psycopg

from roosevelt_pipeline.privacy.identities import IdentityVault
from roosevelt_pipeline.privacy.sealing import SurveyKeys
from roosevelt_pipeline.settings import Settings
from roosevelt_pipeline.sources.surveys.answers import Answer
from roosevelt_pipeline.surveys.windows import window_of
from roosevelt_pipeline.warehouse.heads import known_keys
from roosevelt_pipeline.warehouse.invitations import note_told
from roosevelt_pipeline.warehouse.participants import hold_participants, respondents, still_taking_part
from roosevelt_pipeline.warehouse.records import Reject
from roosevelt_pipeline.warehouse.surveys import STREAM, SealedAnswer, answer_key, land_answers, take_submissions

PAGE = 1_000


@dataclass
class Tally:
    """What became of answers. Each that was read is one of the other six.

    Attributes:
        unanswered: rows that only say that somebody was asked.
        not_participating: of people who do not take part, or whom nobody knows. Nothing of them is kept.
    """

    read: int = 0
    new: int = 0
    changed: int = 0
    unchanged: int = 0
    rejected: int = 0
    unanswered: int = 0
    not_participating: int = 0
    ignored_columns: list[str] = field(default_factory=list)


class Lander:
    """Lands answers, page by page."""

    def __init__(
        self,
        connection: "psycopg.Connection[Any]",
        vault: IdentityVault,
        keys: SurveyKeys,
        settings: Settings,
        run_id: UUID,
        source: str,
    ) -> None:
        self.connection, self.vault, self.keys, self.settings = connection, vault, keys, settings
        self.run_id, self.source = run_id, source
        self.tally = Tally()

    def land(self, answers: Sequence[Answer], rejects: Sequence[Reject] = ()) -> None:
        """Land a page of answers as told by persons' identities; of one person the latest counts."""
        with self.connection.transaction():
            hold_participants(self.connection)
            known = self.vault.find(self.connection, [one.respondent for one in answers]) if answers else {}
            asked = [(known[one.respondent], one.answered_on) for one in answers if one.respondent in known]
            carried = respondents(self.connection, asked) if asked else {}
            fitting = [
                (one, carried[known[one.respondent], one.answered_on])
                for one in answers
                if one.respondent in known and (known[one.respondent], one.answered_on) in carried
            ]
            self.tally.not_participating += len(answers) - len(fitting)
            self.tally.unanswered += sum(not one.is_answered for one, _ in fitting)
            self._note_invitations(fitting)
            self._land([self._sealed(one, respondent) for one, respondent in fitting if one.is_answered], rejects)

    def land_submissions(self) -> None:
        """Land what the form took in; who has opted out since is left out."""
        while True:
            with self.connection.transaction():
                hold_participants(self.connection)
                taken = take_submissions(self.connection, PAGE)
                if not taken:
                    return
                present = still_taking_part(self.connection, {one.survey_user_id for one in taken})
                fitting = [one for one in taken if one.survey_user_id in present]
                self.tally.read += len(taken)
                self.tally.not_participating += len(taken) - len(fitting)
                self._land(fitting, ())

    def _note_invitations(self, told: Sequence[tuple[Answer, UUID]]) -> None:
        """Who was asked by the system that wrote the file: without them nobody knows who did not answer."""
        surveys = self.settings.surveys
        asked = [
            (respondent, str(one.quarter), one.invited_at, window_of(one.quarter, surveys).closes_at)
            for one, respondent in told
            if one.invited_at is not None
        ]
        if asked:
            note_told(self.connection, surveys.name, asked)

    def _sealed(self, answer: Answer, survey_user_id: UUID) -> SealedAnswer:
        survey, quarter = self.settings.surveys.name, str(answer.quarter)
        text = answer.feedback
        return SealedAnswer(
            survey, survey_user_id, quarter, answer.answered_on.isoformat(), answer.answered_at,
            answer.nps_score, answer.satisfaction_score,
            self.keys.seal(text, answer_key(survey, survey_user_id, quarter)) if text else None,
        )  # fmt: skip

    def _land(self, answers: Sequence[SealedAnswer], rejects: Sequence[Reject]) -> None:
        now, keep = datetime.now(UTC), timedelta(days=self.settings.surveys.feedback_days)
        keys = {one.key for one in answers}
        before = known_keys(self.connection, STREAM, keys)
        landed = land_answers(self.connection, answers, now, self.run_id, keep, rejects=rejects, source=self.source)
        new = len(keys) - len(before)
        self.tally.new += new
        self.tally.changed += landed.versions - new
        self.tally.unchanged += len(answers) - landed.versions
        self.tally.rejected += len(rejects)
