"""What starts a run, and what follows one that failed."""

import json
from collections.abc import Iterator
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, HTTPServer
from threading import Thread

import dagster as dg
import pytest
from pydantic import SecretStr

from roosevelt_pipeline.alert_settings import AlertSettings
from roosevelt_pipeline.defs.schedules import daily
from roosevelt_pipeline.defs.sensors import github_activity, run_failures
from roosevelt_pipeline.sandbox.faults import Fault, FaultKind
from roosevelt_pipeline.settings import Settings, load_settings
from roosevelt_pipeline.warehouse.connections import Warehouse
from tests.integration.defs.conftest import House


def look(settings: Settings, cursor: str | None, instance: dg.DagsterInstance) -> dg.SensorResult | dg.SkipReason:
    assert settings.database_url is not None
    given = {"settings": settings, "warehouse_unlocked": Warehouse(settings.database_url.get_secret_value())}
    context = dg.build_sensor_context(instance=instance, cursor=cursor, resources=given)
    return github_activity(context)


@pytest.fixture
def instance() -> Iterator[dg.DagsterInstance]:
    with dg.DagsterInstance.ephemeral() as one:
        yield one


@pytest.fixture
def settings(house: House) -> Settings:
    return load_settings()


def test_a_company_never_read_is_read(settings, instance):
    result = look(settings, None, instance)

    assert len(result.run_requests) == 1
    assert set(json.loads(result.cursor)) >= {"helios-labs/search", "helios-labs/platform"}


def test_nothing_new_asks_for_nothing(settings, instance):
    seen = look(settings, None, instance).cursor

    assert isinstance(look(settings, seen, instance), dg.SkipReason)


def test_one_repository_that_moved_asks_for_one_run_and_a_doubled_tick_for_the_same(settings, instance):
    seen = json.loads(look(settings, None, instance).cursor)
    before = json.dumps(seen | {"helios-labs/search": "as it was"})

    first, again = look(settings, before, instance), look(settings, before, instance)

    assert [request.tags["roosevelt/moved"] for request in first.run_requests] == ["helios-labs/search"]
    assert first.run_requests[0].run_key == again.run_requests[0].run_key


def test_while_a_daily_run_goes_on_no_other_is_asked_for(settings, instance):
    instance.add_run(dg.DagsterRun(job_name="daily", status=dg.DagsterRunStatus.STARTED))

    assert isinstance(look(settings, None, instance), dg.SkipReason)


def test_a_company_that_was_read_already_is_not_read_again_at_the_first_look(settings, instance):
    instance.add_run(dg.DagsterRun(job_name="daily", status=dg.DagsterRunStatus.SUCCESS))

    result = look(settings, None, instance)

    assert (result.run_requests, bool(result.cursor)) == ([], True)


def test_a_github_that_does_not_answer_is_a_reason_and_no_news(settings, instance, house):
    house.github.sandbox.faults.add(Fault(".", FaultKind.STATUS, times=1, status=401))

    skipped = look(settings, None, instance)

    assert isinstance(skipped, dg.SkipReason)
    assert "GitHub was not asked" in skipped.skip_message


def test_the_schedule_runs_as_of_the_day_that_has_just_ended():
    context = dg.build_schedule_context(scheduled_execution_time=datetime(2026, 3, 29, 1, 0, tzinfo=UTC))

    request = daily(context)

    assert request.run_config == {"ops": {"policy": {"config": {"as_of": "2026-03-28"}}}}


@pytest.fixture
def slack() -> Iterator[tuple[str, list[dict]]]:
    """A webhook on loopback, and what it was told."""
    told: list[dict] = []

    class Hook(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            told.append(json.loads(self.rfile.read(int(self.headers["Content-Length"]))))
            self.send_response(200)
            self.end_headers()

        def log_message(self, *_words: object) -> None:
            pass

    server = HTTPServer(("127.0.0.1", 0), Hook)
    Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}/services/T0/B0/canary", told
    server.shutdown()
    server.server_close()


def test_a_failed_run_is_kept_and_told_once(house, settings, instance, slack):
    address, told = slack

    @dg.op
    def breaks() -> None:
        lines = ["helios-labs/search: not found <!channel>"]
        raise dg.Failure(lines[0], metadata={"failures": dg.MetadataValue.json(lines)})

    @dg.job
    def daily_copy() -> None:
        breaks()

    done = daily_copy.execute_in_process(instance=instance, raise_on_error=False)
    context = dg.build_run_status_sensor_context(
        sensor_name="run_failures",
        dagster_event=done.get_run_failure_event(),
        dagster_instance=instance,
        dagster_run=done.dagster_run,
        resources={
            "settings": settings.model_copy(update={"slack_webhook": SecretStr(address), "alerts": AlertSettings()}),
            "warehouse_unlocked": house.warehouse,
        },
    ).for_run_failure()

    run_failures(context)
    run_failures(context)

    with house.warehouse.connect() as connection:
        kept = connection.execute(
            "select run_id::text, job, steps, message, told_at is not null from delivery.run_failures"
        )
        assert kept.fetchall() == [
            (done.run_id, "daily_copy", ["breaks"], "helios-labs/search: not found <!channel>", True)
        ]
    assert [message["text"] for message in told] == [
        "Roosevelt: daily_copy failed\nhelios-labs/search: not found &lt;!channel&gt;"
    ]
