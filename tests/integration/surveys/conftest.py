"""People who take part, a warehouse, and the ways in which answers reach it."""

import os
import time
from pathlib import Path
from uuid import uuid4

import pytest

from roosevelt_pipeline.people import follow_people, open_vault
from roosevelt_pipeline.privacy.keys import survey_key
from roosevelt_pipeline.privacy.sealing import SurveyKeys
from roosevelt_pipeline.settings import Settings, home
from roosevelt_pipeline.surveys.collection import collect_answers
from roosevelt_pipeline.surveys.files import import_answers
from roosevelt_pipeline.surveys.inbox import format_of
from roosevelt_pipeline.warehouse.connections import Role
from tests.support.people import emptied

DIRECTORY = """
github_id,emails,survey,slack,time_zone,team,opted_in,link_survey
11,anouk@acme.org,,U0000ANOUK,Europe/Amsterdam,web,2026-01-01,
12,bram@acme.org,BR-12,U00000BRAM,Europe/Amsterdam,web,2026-01-01,yes
13,carol@acme.org,,,America/New_York,api,2026-01-01,
14,dave@acme.org,,,Europe/Amsterdam,api,,
""".lstrip()


class Office:
    """A directory of four people, of whom three take part, and a warehouse."""

    def __init__(self, warehouse, folder: Path, **surveys):
        self.warehouse, self.folder = warehouse, folder
        (folder / "people.csv").write_text(DIRECTORY, encoding="utf-8")
        self.inbox = folder / "inbox"
        self.inbox.mkdir()
        self.settings = Settings(
            people={"directory": folder / "people.csv"}, surveys={"inbox": self.inbox, "feedback_days": 3650} | surveys
        )
        follow_people(self.settings, warehouse)

    def drop(self, name, text, encoding="utf-8"):
        path = self.inbox / name
        path.write_bytes(text if isinstance(text, bytes) else text.encode(encoding))
        os.utime(path, (time.time() - 60, time.time() - 60))
        return path

    def collect(self):
        return collect_answers(self.settings, self.warehouse, uuid4())

    def import_(self, text, **more):
        path = self.folder / "answers.csv"
        path.write_text(text, encoding="utf-8")
        told = []
        columns = more.pop("columns", None) or format_of(self.settings, path.name)
        return import_answers(self.settings, self.warehouse, str(path), columns, on_reject=told.append, **more), told

    def rows(self, query, *values):
        with self.warehouse.connect(autocommit=True) as connection:
            return connection.execute(query, values).fetchall()

    def scores(self):
        """What counts: quarter, day and scores, in order."""
        return self.rows(
            "select payload ->> 'quarter', payload ->> 'survey_date', (payload ->> 'nps_score')::int, "
            "(payload ->> 'satisfaction_score')::int from raw.survey_answers order by payload ->> 'nps_score'"
        )

    def texts(self):
        """What was written, opened with the key."""
        keys = SurveyKeys(survey_key(self.settings, home()))
        return [keys.unseal(sealed, key) for key, sealed in self.rows("select answer_key, sealed from survey.feedback")]

    def surrogate(self, provider, number):
        with self.warehouse.connect(Role.INGEST) as connection:
            return open_vault(self.settings, connection).find(connection, [(provider, number)])[provider, number]


@pytest.fixture
def office(warehouse, tmp_path, monkeypatch):
    monkeypatch.setenv("ROOSEVELT_HOME", str(tmp_path / "home"))
    return Office(emptied(warehouse), tmp_path)


@pytest.fixture
def new_office(warehouse, tmp_path, monkeypatch):
    """An office with settings of its own for surveys."""
    monkeypatch.setenv("ROOSEVELT_HOME", str(tmp_path / "home"))
    return lambda **surveys: Office(emptied(warehouse), tmp_path, **surveys)
