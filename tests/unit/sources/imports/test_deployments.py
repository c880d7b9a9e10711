"""One row of somebody's export, and what lands of it."""

from datetime import UTC, datetime

import pytest

from roosevelt_pipeline.settings import DeploymentImport
from roosevelt_pipeline.sources.imports.cells import Cells
from roosevelt_pipeline.sources.imports.deployments import read_event
from roosevelt_pipeline.sources.imports.errors import Unfit

NOW = datetime(2026, 3, 2, 12, tzinfo=UTC)
ROW = {"service": "web", "environment": "production", "status": "success", "finished_at": "2026-03-01T10:00:00Z"}


def event(settings=None, /, **changes):
    return read_event(Cells(ROW | changes, settings or DeploymentImport(), NOW))


def complaint(settings=None, /, **changes):
    with pytest.raises(Unfit) as caught:
        event(settings, **changes)
    return str(caught.value)


def test_what_lands_is_what_is_documented_and_nothing_else():
    record = event(sha="ABCDEF1", deployed_by="Ada Lovelace", url="https://ada:s3cret@ci.test/42?token=x#me", id=42)

    assert record.payload == {
        "service": "web", "repository": None, "environment": "production", "id": "42", "attempt": 1,
        "sha": "abcdef1", "status": "success", "started_at": None, "finished_at": "2026-03-01T10:00:00Z",
        "url": "https://ci.test/42",
    }  # fmt: skip


@pytest.mark.parametrize(
    ("text", "instant"),
    [
        ("2026-03-01T11:30:00+01:30", "2026-03-01T10:00:00Z"),
        ("2026-03-01 10:00:00.999Z", "2026-03-01T10:00:00Z"),
        ("20260301T100000Z", "2026-03-01T10:00:00Z"),
        ("1772359200", "2026-03-01T10:00:00Z"),
        (1772359200000, "2026-03-01T10:00:00Z"),
    ],
)
def test_an_instant_may_be_written_in_many_ways_but_has_a_zone(text, instant):
    assert event(finished_at=text).payload["finished_at"] == instant


def test_a_declared_zone_holds_for_times_without_one():
    amsterdam = DeploymentImport(timezone="Europe/Amsterdam")

    assert event(amsterdam, finished_at="2026-01-01 12:00").payload["finished_at"] == "2026-01-01T11:00:00Z"
    assert event(amsterdam, finished_at="2026-03-01T10:00:00Z").payload["finished_at"] == "2026-03-01T10:00:00Z"
    # At 02:00 on 30 March 2025 the clocks there went on to 03:00.
    assert "left out by the clocks" in complaint(amsterdam, finished_at="2025-03-30 02:30")


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"finished_at": "2026-03-01T10:00:00"}, "finished_at: has no zone"),
        ({"finished_at": "01/03/2026 10:00Z"}, "finished_at: is no time"),
        ({"finished_at": "2026-03-03T12:00:01Z"}, "finished_at: lies in the future"),
        ({"finished_at": "0001-01-01T00:00:00+14:00"}, "finished_at: lies before 1990"),
        ({"finished_at": "1989-12-31T23:59:59Z"}, "finished_at: lies before 1990"),
        ({"finished_at": ""}, "finished_at: is empty, and the deployment has ended"),
        ({"status": "running"}, "started_at: is empty, and the deployment is under way"),
        ({"started_at": "2026-03-01T10:00:01Z"}, "finished_at: is before the deployment started"),
        ({"status": "green"}, "status: means nothing we know; say what it means under imports.deployments.statuses"),
        ({"status": " "}, "status: is empty"),
        ({"environment": ""}, "environment: is empty"),
        ({"service": ""}, "names neither a service nor a repository"),
        ({"sha": "v1.2.3"}, "sha: is no commit"),
        ({"sha": "abc"}, "sha: is no commit"),
        ({"attempt": "0"}, "attempt: is no whole number from 1 on"),
        ({"url": "javascript:alert(1)"}, "url: is no address"),
        ({"url": "https://[::1"}, "url: is no address"),
        ({"service": "x" * 201}, "service: is longer than 200 characters"),
        ({"service": "a\0b"}, "service: holds a control character"),
        ({"service": "B\udcfcro"}, "service: is no UTF-8"),
        ({"service": ["web"]}, "service: is neither text nor a whole number"),
        ({"service": True}, "service: is neither text nor a whole number"),
    ],
)
def test_a_row_that_does_not_fit_says_which_column_and_why(changes, said):
    assert complaint(**changes).startswith(said)


def test_a_fault_never_repeats_what_stands_in_the_cell():
    assert "Ada" not in complaint(status="Ada Lovelace") + complaint(sha="Ada Lovelace") + complaint(finished_at="Ada")


def test_columns_words_and_defaults_are_as_declared():
    theirs = DeploymentImport(
        columns={"service": "app", "status": "result.state", "finished_at": "when"},
        defaults={"environment": "live"},
        statuses={"Green": "success"},
    )
    row = {"app": "web", "result": {"state": "GREEN"}, "when": "2026-03-01T10:00:00Z", "environment": None}

    payload = read_event(Cells(row, theirs, NOW)).payload

    assert (payload["service"], payload["status"], payload["environment"]) == ("web", "success", "live")
    with pytest.raises(Unfit, match=r"^app: is longer"):
        read_event(Cells(row | {"app": "x" * 300}, theirs, NOW))


@pytest.mark.parametrize("word", ["Timed Out", "timed-out", "ERROR", "failed"])
def test_common_words_for_failure_are_known(word):
    assert event(status=word).payload["status"] == "failure"


def test_one_deployment_has_one_key_for_each_phase_however_its_outcome_is_corrected():
    started = event(id="7", status="started", started_at="2026-03-01T09:00:00Z").natural_key
    failed, mended = event(id="7", status="failed").natural_key, event(id="7", service="Web").natural_key

    assert failed == mended != started
    assert len({failed, event(id="7", attempt=2).natural_key, event(id="7", environment="staging").natural_key}) == 3


def test_without_an_id_service_environment_sha_and_time_are_the_key():
    known = event(sha="abcdef1").natural_key

    assert known == event(sha="ABCDEF1", url="https://ci.test/1").natural_key
    assert len({known, event(sha="abcdef2").natural_key, event(finished_at="2026-03-01T10:00:01Z").natural_key}) == 3
