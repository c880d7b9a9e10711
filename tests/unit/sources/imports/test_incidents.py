"""One incident of somebody's export, and what lands of it."""

from datetime import UTC, datetime

import pytest

from roosevelt_pipeline.settings import IncidentImport, MetricSettings
from roosevelt_pipeline.sources.imports.cells import Cells
from roosevelt_pipeline.sources.imports.errors import Unfit
from roosevelt_pipeline.sources.imports.incidents import read_incident, severities

NOW = datetime(2026, 3, 2, 12, tzinfo=UTC)
ROW = {"service": "web", "id": 17, "opened_at": "2026-03-01T10:00:00Z"}
WORDS = severities(MetricSettings().severity_labels)


def incident(settings=None, /, **changes):
    return read_incident(Cells(ROW | changes, settings or IncidentImport(), NOW, WORDS))


def complaint(**changes):
    with pytest.raises(Unfit) as caught:
        incident(**changes)
    return str(caught.value)


def test_of_texts_the_title_alone_lands():
    record = incident(title="Checkout is down", description="Ada called", assignee="Ada", postmortem="...")

    assert record.natural_key == '["17"]'
    assert record.payload == {
        "incident_id": "17", "service": "web", "repository": None, "title": "Checkout is down", "severity": None,
        "status": "open", "opened_at": "2026-03-01T10:00:00Z", "acknowledged_at": None, "resolved_at": None,
        "reopened_count": 0, "is_external": False, "deployment_id": None, "sha": None, "pull_request": None,
        "url": None,
    }  # fmt: skip


@pytest.mark.parametrize(
    ("given", "status"),
    [
        ({}, "open"),
        ({"resolved_at": "2026-03-01T11:00:00Z"}, "resolved"),
        ({"resolved_at": "2026-03-01T11:00:00Z", "status": "Reopened"}, "open"),
        ({"status": "duplicate"}, "duplicate"),
        ({"status": "Won't fix"}, "not_planned"),
        ({"status": "acknowledged"}, "open"),
    ],
)
def test_how_an_incident_stands_is_told_or_follows_from_its_end(given, status):
    assert incident(**given).payload["status"] == status


@pytest.mark.parametrize(
    ("word", "severity"),
    [("SEV1", "critical"), ("p2", "high"), ("Low", "low"), ("severity:medium", "medium"), ("", None)],
)
def test_severities_are_those_of_the_policy_by_name_or_label(word, severity):
    assert incident(severity=word).payload["severity"] == severity


def test_declared_words_come_first():
    theirs = IncidentImport(severities={"P1": "low"}, statuses={"gone": "resolved"})

    payload = incident(theirs, severity="p1", status="Gone", resolved_at="2026-03-01T11:00:00Z").payload

    assert (payload["severity"], payload["status"]) == ("low", "resolved")


def test_an_incident_closed_before_it_was_opened_lands_for_the_models_to_judge():
    assert incident(resolved_at="2026-03-01T09:00:00Z").payload["resolved_at"] == "2026-03-01T09:00:00Z"


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"opened_at": ""}, "opened_at: is empty"),
        ({"status": "closed"}, "resolved_at: is empty, and the incident is resolved"),
        (
            {"severity": "awful"},
            "severity: means nothing we know; say what it means under imports.incidents.severities",
        ),
        ({"external": "perhaps"}, "external: means nothing we know; say what it means"),
        ({"pull_request": "#12"}, "pull_request: is no whole number from 1 on"),
        ({"reopened_count": "-1"}, "reopened_count: is no whole number from 0 on"),
        ({"service": None}, "names neither a service nor a repository"),
        ({"sha": "HEAD"}, "sha: is no commit"),
        ({"title": "x" * 501}, "title: is longer than 500 characters"),
    ],
)
def test_a_row_that_does_not_fit_says_which_column_and_why(changes, said):
    assert complaint(**changes).startswith(said)


def test_without_an_id_the_service_and_the_instant_are_the_key():
    assert incident(id=None).natural_key == incident(id="", service="WEB").natural_key
    assert incident(id=None).natural_key != incident(id=None, opened_at="2026-03-01T10:00:01Z").natural_key
