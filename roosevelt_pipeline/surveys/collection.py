"""Answers from all ways in to raw: the form, the inbox, and Google's form."""

from dataclasses import dataclass, field
from datetime import UTC, datetime
from uuid import UUID

from roosevelt_pipeline.people import open_vault
from roosevelt_pipeline.privacy.keys import survey_key
from roosevelt_pipeline.privacy.sealing import SurveyKeys
from roosevelt_pipeline.settings import Settings, home
from roosevelt_pipeline.sources.surveys.errors import FormsError
from roosevelt_pipeline.surveys.inbox import take_in_files
from roosevelt_pipeline.surveys.landing import Lander, Tally
from roosevelt_pipeline.warehouse.connections import Role, Warehouse
from roosevelt_pipeline.warehouse.landing import Cursor, read_cursor, save_cursor
from roosevelt_pipeline.warehouse.surveys import STREAM, delete_old_feedback

GOOGLE = "google_forms"


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
    if settings.surveys.google_form:
        try:
            collected.add(_read_google_form(settings, warehouse, run_id))
        except FormsError as error:
            collected.problem = str(error)
    for report in take_in_files(settings, warehouse):
        collected.files += 1
        collected.add(report.tally)
        if not report.is_done:
            reason = report.problem or f"{report.name}: {report.tally.rejected} rows were rejected"
            collected.notes.append(f"{reason}; see the report beside it in rejected")
    return collected


def _read_google_form(settings: Settings, warehouse: Warehouse, run_id: UUID) -> Tally:
    """Responses since the newest that has landed. Where reading ends early, the next one begins at the same place.

    Raises:
        FormsError: the form cannot be read. What came before has landed.
    """
    from roosevelt_pipeline.sources.google_access import forms_credentials
    from roosevelt_pipeline.sources.surveys.google_forms import read_responses

    credentials, form = forms_credentials(settings), settings.surveys.google_form or ""
    with warehouse.connect(Role.INGEST, autocommit=True) as connection:
        vault, keys = open_vault(settings, connection), SurveyKeys(survey_key(settings, home()))
        lander = Lander(connection, vault, keys, settings, run_id, GOOGLE)
        cursor = read_cursor(connection, STREAM, form, "incremental", source=GOOGLE)
        newest = cursor.position.get("since")
        for page in read_responses(credentials, settings.surveys, newest):
            lander.tally.read += len(page.answers) + len(page.rejects)
            lander.land(page.answers, page.rejects)
            newest = max((one for one in (newest, page.newest_at) if one), default=None, key=datetime.fromisoformat)
        if newest:
            done = Cursor("incremental", {"since": newest}, datetime.fromisoformat(newest), complete=True)
            save_cursor(connection, STREAM, form, done, run_id, source=GOOGLE)
    return lander.tally
