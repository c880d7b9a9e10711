"""Assets of what other systems tell, as Dagster runs them."""

from datetime import UTC, datetime, timedelta

import dagster as dg
import pytest
from pydantic import SecretStr

from roosevelt_pipeline.defs.raw.imports import deployment_events, imported_incidents
from roosevelt_pipeline.defs.raw.pagerduty import pagerduty_incidents
from roosevelt_pipeline.sandbox.pagerduty import TOKEN, PagerDuty, served
from roosevelt_pipeline.settings import PagerDutySettings, Settings
from roosevelt_pipeline.warehouse.connections import Role

NOW = datetime.now(UTC)


@pytest.fixture
def run(fresh_warehouse):
    def run(asset, settings=None):
        resources = {"warehouse": fresh_warehouse, "settings": settings or Settings()}
        result = dg.materialize([asset], resources=resources, raise_on_error=False)
        (event,) = result.asset_materializations_for_node(asset.node_def.name)
        return result.success, {name: value.value for name, value in event.metadata.items()}

    return run


def pagerduty(url, token=TOKEN):
    at = PagerDutySettings(api_url=url, read_since=(NOW - timedelta(days=100)).date())
    return Settings(pagerduty=at, pagerduty_token=SecretStr(token))


def test_without_a_token_pagerduty_is_skipped_and_shown_as_such(run):
    success, metadata = run(pagerduty_incidents)

    assert success
    assert metadata["roosevelt/skipped"] == "PAGERDUTY_TOKEN is not set, so PagerDuty was not read"
    assert metadata["dagster/row_count"] == 0


def test_with_a_token_the_asset_says_what_reading_cost_and_brought(run):
    account = PagerDuty(NOW)
    account.trigger("P1", NOW - timedelta(days=1))
    with served(account) as url:
        success, metadata = run(pagerduty_incidents, pagerduty(url))

    assert success
    assert (metadata["roosevelt/skipped"], metadata["roosevelt/rows_seen"]) == ("no", 1)
    assert metadata["roosevelt/requests"] == len(account.requests)
    assert metadata["dagster/row_count"] == 1


def test_a_pagerduty_that_refuses_fails_the_step_after_it_delivered_what_there_is(run):
    with served(PagerDuty(NOW)) as url:
        success, metadata = run(pagerduty_incidents, pagerduty(url, token="wrong"))

    assert not success
    assert metadata["dagster/row_count"] == 0


def test_a_run_takes_in_what_was_posted_and_shows_what_was_imported(run, fresh_warehouse):
    with fresh_warehouse.connect(Role.EVENTS, autocommit=True) as poster:
        poster.execute(
            "insert into ingest.deployment_events (repository, environment, status, finished_at) "
            "values ('web', 'production', 'success', '2026-03-02T10:00:00Z')"
        )

    assert run(deployment_events)[1]["posted"] == 1
    assert run(deployment_events)[1]["posted"] == 0
    assert run(imported_incidents)[1]["dagster/row_count"] == 0
