"""People and surveys as Dagster runs them."""

import os
import time
from datetime import UTC, datetime
from uuid import uuid4

import dagster as dg
import pytest
from pydantic import SecretStr

from roosevelt_pipeline.defs.checks import (
    enough_people_answer,
    every_row_of_the_directory_is_used,
    no_file_waits_to_be_mended,
)
from roosevelt_pipeline.defs.raw.people import people
from roosevelt_pipeline.defs.raw.surveys import survey_answers, survey_files, survey_invitations, surveys_open
from roosevelt_pipeline.settings import Settings
from roosevelt_pipeline.warehouse.connections import Role
from roosevelt_pipeline.warehouse.invitations import note_told

HEADER = "emails,opted_in\n"


@pytest.fixture
def site(fresh_warehouse, tmp_path, monkeypatch):
    monkeypatch.setenv("ROOSEVELT_HOME", str(tmp_path))
    (tmp_path / "surveys").mkdir()
    (tmp_path / "people.csv").write_text(f"{HEADER}a@acme.org,2026-01-01\nb@acme.org,soon\n", encoding="utf-8")
    return Settings(people={"directory": tmp_path / "people.csv"})


@pytest.fixture
def run(fresh_warehouse):
    def run(settings, *assets):
        resources = {"warehouse": fresh_warehouse, "settings": settings}
        result = dg.materialize(list(assets), resources=resources, raise_on_error=False)
        events = result.asset_materializations_for_node(assets[-1].node_def.name)
        return result.success, {name: value.value for name, value in events[0].metadata.items()}

    return run


def test_a_run_follows_the_directory_and_counts_rows_that_it_cannot_use(site, run):
    success, metadata = run(site, people)

    assert success
    assert (metadata["roosevelt/listed"], metadata["roosevelt/begun"], metadata["roosevelt/faults"]) == (1, 1, 1)
    assert metadata["dagster/row_count"] == 1


def test_a_directory_that_cannot_be_read_fails_the_step_and_changes_nothing(site, run, tmp_path, fresh_warehouse):
    run(site, people)
    (tmp_path / "people.csv").unlink()

    success, metadata = run(site, people)

    assert not success
    assert "No such file" in metadata["roosevelt/skipped"]
    assert metadata["dagster/row_count"] == 1


def drop(folder, name="a.csv"):
    path = folder / "surveys" / name
    path.write_text("respondent,answered_at,nps_score\na@acme.org,2026-03-02,9\nb@acme.org,2026-03-02,12\n")
    os.utime(path, (time.time() - 60, time.time() - 60))


def test_a_file_in_the_inbox_asks_for_a_run_and_a_run_takes_it_in(site, run, tmp_path):
    assert isinstance(survey_files(settings=site), dg.SkipReason)
    drop(tmp_path)

    first, again = survey_files(settings=site), survey_files(settings=site)
    assert first.run_key == again.run_key

    run(site, people)
    success, metadata = run(site, survey_answers)
    assert success
    assert (metadata["roosevelt/files"], metadata["roosevelt/new"], metadata["roosevelt/rejects"]) == (1, 1, 1)
    assert isinstance(survey_files(settings=site), dg.SkipReason)


def test_a_file_that_was_rejected_is_a_warning_until_it_is_gone(site, run, tmp_path):
    drop(tmp_path)
    run(site, survey_answers)

    warned = no_file_waits_to_be_mended(settings=site)
    for path in (tmp_path / "surveys" / "rejected").iterdir():
        path.unlink()

    assert (warned.passed, warned.metadata["count"].value) == (False, 1)
    assert no_file_waits_to_be_mended(settings=site).passed


def test_a_row_of_the_directory_that_cannot_be_used_is_a_warning(site, tmp_path):
    warned = every_row_of_the_directory_is_used(settings=site)
    (tmp_path / "people.csv").write_text(f"{HEADER}a@acme.org,2026-01-01\n", encoding="utf-8")

    assert (warned.passed, warned.metadata["count"].value) == (False, 1)
    assert every_row_of_the_directory_is_used(settings=site).passed


def test_invitations_without_a_channel_are_skipped_and_shown_as_such(site, run):
    success, metadata = run(site, survey_invitations)

    assert success
    assert metadata["roosevelt/skipped"] == "surveys.channel is not set, so nobody is asked"


def asking(site):
    surveys = Settings(surveys={"channel": "slack", "address": "https://s.example"}).surveys
    return site.model_copy(update={"surveys": surveys, "slack_bot_token": SecretStr("xoxb-1")})


@pytest.mark.parametrize(("day", "runs"), [(1, True), (21, True), (22, False)])
def test_the_schedule_asks_for_runs_while_a_survey_is_open(site, day, runs):
    context = dg.build_schedule_context(scheduled_execution_time=datetime(2026, 7, day, 9, tzinfo=UTC))

    answer = surveys_open(context, settings=asking(site))

    assert isinstance(answer, dg.RunRequest if runs else dg.SkipReason)


@pytest.mark.parametrize(("asked", "answered", "passes"), [(0, 0, True), (4, 0, True), (6, 1, False), (6, 2, True)])
def test_a_survey_that_hardly_anybody_answered_is_a_warning(fresh_warehouse, asked, answered, passes):
    closed = datetime(2026, 1, 22, tzinfo=UTC)
    persons = [uuid4() for _ in range(asked)]
    with fresh_warehouse.connect(Role.INGEST, autocommit=True) as connection:
        note_told(connection, "q", [(person, "2026-Q1", closed, closed) for person in persons])
        for person in persons[:answered]:
            connection.execute(
                "insert into raw.survey_answers values "
                "(%s, 'org', '{}', '', null, now(), now(), false, gen_random_uuid())",
                (f"q|{person}|2026-Q1",),
            )

    assert enough_people_answer(fresh_warehouse).passed is passes
