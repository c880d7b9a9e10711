"""One repository that GitHub does not give: it is named, and nobody waits for it."""

import dagster as dg
import pytest

from roosevelt_pipeline.data_health import Health, as_markdown, read_health
from roosevelt_pipeline.runs import RunOutcome, open_instance, run_job
from roosevelt_pipeline.sandbox.faults import Fault, FaultKind
from tests.integration.defs.conftest import AS_OF, House

BROKEN = "helios-labs/search"
COLLECTIONS = dg.AssetKey(["raw", "github_collections"])


@pytest.fixture(scope="module")
def outcome(house: House) -> RunOutcome:
    house.github.sandbox.faults.add(Fault(rf"/repos/{BROKEN}/actions", FaultKind.STATUS, times=10_000, status=404))
    return run_job("daily", AS_OF)


def test_the_run_fails_for_that_one_alone_and_names_it(outcome):
    assert not outcome.success
    assert [line.split(":")[0] for line in outcome.failures] == [BROKEN]


def test_the_marts_of_the_others_are_built_and_judged(outcome, house):
    with house.warehouse.connect() as connection:
        services = connection.execute("select distinct service from marts.fct_deployments").fetchall()
        judged = connection.execute("select count(*) from analytics.metric_tiers").fetchone()

    assert {"storefront", "checkout", "ledger"} <= {service for (service,) in services}
    assert judged[0] > 0


def test_its_partition_stays_unmaterialized_and_shows_as_failed(outcome):
    with open_instance() as instance:
        made = instance.get_materialized_partitions(COLLECTIONS)
        tried = {
            event.event_log_entry.dagster_event.event_specific_data.partition
            for event in instance.event_log_storage.get_event_records(
                dg.EventRecordsFilter(dg.DagsterEventType.ASSET_MATERIALIZATION_PLANNED, asset_key=COLLECTIONS)
            )
        }

    assert BROKEN not in made
    assert tried - made - {None} == {BROKEN}


def failures(health: Health | None) -> list[tuple[str, str]]:
    assert health is not None
    return [(one.scope, one.subject) for one in health.of("error") if one.check == "collection_failed"]


def test_data_health_names_it_as_wrong_and_the_weekly_run_keeps_the_report(outcome, house):
    health = read_health(house.warehouse)

    assert failures(health) == [("search", "github_workflow_runs")]
    assert health.is_bad(AS_OF)
    run_job("weekly")
    with house.warehouse.connect() as connection:
        kept = connection.execute("select as_of_date, errors, body from delivery.data_health_reports").fetchone()
    assert kept[:2] == (AS_OF, health.counts["error"])
    # The run's own day is months after the company's, which the report says.
    assert kept[2].splitlines()[0] == as_markdown(health, AS_OF).splitlines()[0]
    assert "Nothing was built for" in kept[2]


def test_once_github_gives_it_again_the_next_run_succeeds(outcome, house):
    house.github.sandbox.faults.clear()

    assert run_job("daily", AS_OF).success
    assert failures(read_health(house.warehouse)) == []
