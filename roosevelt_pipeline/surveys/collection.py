"""Answers from all ways in to raw: the form, the inbox, and Google's form."""

from dataclasses import dataclass, field
from datetime import UTC, datetime
from uuid import UUID

from roosevelt_pipeline.people import open_vault
from roosevelt_pipeline.privacy.keys import survey_key
from roosevelt_pipeline.privacy.sealing import SurveyKeys
from roosevelt_pipeline.settings import Settings, home
from roosevelt_pipeline.surveys.inbox import take_in_files
from roosevelt_pipeline.surveys.landing import Lander, Tally
from roosevelt_pipeline.warehouse.connections import Role, Warehouse
from roosevelt_pipeline.warehouse.surveys import delete_old_feedback


@dataclass
class Collected:
    """What came in, and what went because its time was over.

    Attributes:
        notes: a line for each file that somebody must mend.
        problem: why a way in could not be read at all.
    """

    tally: Tally = field(default_factory=Tally)
    files: int = 0
    texts_deleted: int = 0
    notes: list[str] = field(default_factory=list)
    problem: str | None = None

    def add(self, tally: Tally) -> None:
        for name in ("read", "new", "changed", "unchanged", "rejected", "unanswered", "not_participating"):
            setattr(self.tally, name, getattr(self.tally, name) + getattr(tally, name))


def collect_answers(settings: Settings, warehouse: Warehouse, run_id: UUID) -> Collected:
    """Land what has come in since the last time. One way in that fails stops none of the others.

    Raises:
        DatabaseError: the warehouse cannot be used.
        SecretKeyError: there is no usable key.
    """
    collected = Collected()
    with warehouse.connect(Role.INGEST, autocommit=True) as connection:
        vault, keys = open_vault(settings, connection), SurveyKeys(survey_key(settings, home()))
        door = Lander(connection, vault, keys, settings, run_id, "form")
        door.land_submissions()
        collected.add(door.tally)
        collected.texts_deleted = delete_old_feedback(connection, datetime.now(UTC))
    for report in take_in_files(settings, warehouse):
        collected.files += 1
        collected.add(report.tally)
        if not report.is_done:
            reason = report.problem or f"{report.name}: {report.tally.rejected} rows were rejected"
            collected.notes.append(f"{reason}; see the report beside it in rejected")
    return collected
