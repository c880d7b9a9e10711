"""From a webhook to a run that follows it: sensor, job, and what Dagster shows of it."""

import json

import dagster as dg
import pytest
from pydantic import SecretStr

from roosevelt_pipeline.definitions import defs
from roosevelt_pipeline.defs.fast_lane import webhook_inbox
from roosevelt_pipeline.sandbox.deliveries import Delivery, deliveries
from roosevelt_pipeline.sandbox.store import Store
from roosevelt_pipeline.settings import Settings, WebhookSettings, load_settings
from tests.integration.defs.conftest import House
from tests.support.door import SECRET, open_door


@pytest.fixture
def instance():
    with dg.DagsterInstance.ephemeral() as one:
        yield one


@pytest.fixture
def settings(house: House, monkeypatch) -> Settings:
    monkeypatch.setenv("GITHUB_WEBHOOK_SECRET", SECRET)
    return load_settings()


@pytest.fixture
def releases(played: Store) -> list[Delivery]:
    """What GitHub would have sent if the releases had come just now."""
    before = played.copy()
    for row in played.rows("select id from releases"):
        before.remove("releases", row["id"])
    return list(deliveries(before, played))


def look(settings: Settings, instance: dg.DagsterInstance) -> dg.RunRequest | dg.SkipReason:
    return webhook_inbox(dg.build_sensor_context(instance=instance, resources={"settings": settings}))


def run(instance: dg.DagsterInstance) -> dg.ExecuteInProcessResult:
    return defs().resolve_job_def("fast_lane").execute_in_process(instance=instance, raise_on_error=False)


def test_a_delivery_asks_for_a_run_which_lands_it_and_then_nothing_is_due(house, settings, instance, releases):
    assert look(settings, instance).skip_message == "nothing is due"
    with open_door(house.warehouse) as door:
        for one in releases:
            assert one.send(door.address, SECRET) == 202

    assert look(settings, instance).tags == {"roosevelt/due": str(len(releases))}
    done = run(instance)

    assert done.success
    assert look(settings, instance).skip_message == "nothing is due"
    with house.warehouse.connect() as connection:
        assert connection.execute("select count(*) from raw.github_releases").fetchone() == (len(releases),)
    observed = {
        event.asset_key.to_user_string(): event.asset_observation_data.asset_observation.metadata
        for event in done.all_events
        if event.event_type_value == "ASSET_OBSERVATION"
    }
    assert observed["raw/github_releases"]["roosevelt/versions_added"].value == len(releases)
    assert not [event for event in done.all_events if event.event_type_value == "ASSET_MATERIALIZATION"]
    (output,) = [event for event in done.all_events if event.event_type_value == "STEP_OUTPUT"]
    assert output.event_specific_data.metadata["roosevelt/landed"].value == len(releases)


def test_while_a_run_follows_them_no_other_is_asked_for(settings, instance):
    instance.add_run(dg.DagsterRun(job_name="fast_lane", status=dg.DagsterRunStatus.STARTED))

    assert look(settings, instance).skip_message == "a run is following them already"


def test_where_webhooks_are_not_set_up_nothing_is_asked(house, instance):
    assert "not set up" in look(load_settings(), instance).skip_message


def test_files_in_a_folder_ask_for_a_run_as_well(house, settings, instance, releases, tmp_path, monkeypatch):
    (tmp_path / "one.json").write_text(
        json.dumps({"headers": releases[0].headers(SECRET), "body": releases[0].body.decode()})
    )
    (tmp_path / "two.json").write_text("{}")
    webhooks = WebhookSettings(inbox="folder", folder=tmp_path)
    assert look(settings.model_copy(update={"webhooks": webhooks}), instance).tags == {"roosevelt/due": "2"}
    monkeypatch.setenv("ROOSEVELT_WEBHOOKS__INBOX", "folder")
    monkeypatch.setenv("ROOSEVELT_WEBHOOKS__FOLDER", str(tmp_path))

    done = run(instance)

    (output,) = [event for event in done.all_events if event.event_type_value == "STEP_OUTPUT"]
    metadata = {name: value.value for name, value in output.event_specific_data.metadata.items()}
    assert (metadata["roosevelt/files_accepted"], metadata["roosevelt/files_rejected"]) == (1, 1)
    assert sorted(path.name for path in tmp_path.rglob("*.*")) == ["two.json", "two.json.reason"]


def test_a_token_that_is_not_valid_fails_the_run_and_the_deliveries_wait(
    house, settings, instance, releases, monkeypatch
):
    monkeypatch.setenv("GITHUB_TOKEN", "expired")
    fresh = Delivery(releases[0].event, releases[0].payload)
    with open_door(house.warehouse) as door:
        assert fresh.send(door.address, SECRET) == 202

    done = run(instance)

    assert not done.success
    assert isinstance(look(settings, instance), dg.SkipReason)  # not at once again
    with house.warehouse.connect() as connection:
        rows = connection.execute("select attempts, outcome from ingest.webhook_inbox where done_at is null")
        assert rows.fetchall() == [(0, None)]


def test_secrets_stand_in_no_configuration(settings):
    assert isinstance(settings.github_webhook_secret, SecretStr)
    assert SECRET not in repr(settings)
