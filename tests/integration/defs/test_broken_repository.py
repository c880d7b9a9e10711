"""One repository that GitHub does not give: it is named, and nobody waits for it."""

import dagster as dg

from roosevelt_pipeline.data_health import Health, as_markdown, read_health
from roosevelt_pipeline.runs import open_instance
from tests.integration.defs.conftest import AS_OF, BROKEN

COLLECTIONS = dg.AssetKey(["raw", "github_collections"])


def test_the_run_fails_for_that_one_alone_and_names_it(broken):
    assert not broken.success
    assert [line.split(":")[0] for line in broken.failures] == [BROKEN]


def test_the_marts_of_the_others_are_built_and_judged(broken, lived_in):
    with lived_in.warehouse.connect() as connection:
        services = connection.execute("select distinct service from marts.fct_deployments").fetchall()
        judged = connection.execute("select count(*) from analytics.metric_tiers").fetchone()

    assert {"storefront", "checkout", "ledger"} <= {service for (service,) in services}
    assert judged[0] > 0


def test_its_partition_stays_unmaterialized_and_shows_as_failed(broken):
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


def test_data_health_names_it_as_wrong_and_its_report_is_kept(broken, lived_in):
    from roosevelt_pipeline.definitions import defs

    health = read_health(lived_in.warehouse)

    assert failures(health) == [("search", "github_workflow_runs")]
    assert health.is_bad(AS_OF)
    report = dg.AssetKey(["delivery", "data_health_reports"])
    job = defs().resolve_implicit_global_asset_job_def().get_subset(asset_selection={report})
    with open_instance() as instance:
        assert job.execute_in_process(instance=instance).success
    with lived_in.warehouse.connect() as connection:
        kept = connection.execute("select as_of_date, errors, body from delivery.data_health_reports").fetchone()
    assert kept[:2] == (AS_OF, health.counts["error"])
    # The run's own day is months after the company's, which the report says.
    assert kept[2].splitlines()[0] == as_markdown(health, AS_OF).splitlines()[0]
    assert "Nothing was built for" in kept[2]


def test_once_github_gives_it_again_the_next_run_succeeds(mended, lived_in):
    assert mended.outcome.success
    assert failures(read_health(lived_in.warehouse)) == []
