"""The daily job, as the schedule runs it: GitHub over HTTP, PostgreSQL, dbt, Dagster's own storage."""

import os
import subprocess
import sys
from collections.abc import Iterator

import dagster as dg
import pytest
from dagster._core.definitions.automation_tick_evaluation_context import build_run_requests_with_backfill_policies
from dagster._core.definitions.events import AssetKeyPartitionKey
from dagster._core.definitions.partitions.context import partition_loading_context

from roosevelt_pipeline.runs import open_instance
from roosevelt_pipeline.settings import PROJECT_ROOT
from tests.integration.defs.conftest import AS_OF, Told

COLLECTIONS = dg.AssetKey(["raw", "github_collections"])


@pytest.fixture
def instance(mended: Told) -> Iterator[dg.DagsterInstance]:
    with open_instance() as found:
        yield found


def test_a_daily_run_succeeds_and_every_check_passes(mended):
    assert (mended.outcome.success, mended.outcome.failures) == (True, [])
    assert [one.name for one in mended.heard if one.kind == "check" and not one.passed] == []
    assert {"policy", "github", "dbt", "analytics__metric_tiers"} <= {
        one.name for one in mended.heard if one.kind == "step_ended"
    }


def test_what_is_built_says_how_many_rows_it_has_and_which_columns(instance, lived_in):
    for key in (["raw", "github_deployments"], ["marts", "fct_deployments"], ["analytics", "metric_tiers"]):
        made = instance.get_latest_materialization_event(dg.AssetKey(key)).asset_materialization
        with lived_in.warehouse.connect() as connection:
            rows = connection.execute(f"select count(*) from {key[0]}.{key[1]}").fetchone()[0]

        assert made.metadata["dagster/row_count"].value == rows > 0


def test_each_repository_shows_its_own_state(instance, lived_in):
    with lived_in.warehouse.connect() as connection:
        names = connection.execute("select payload ->> 'name_with_owner' from raw.github_repositories").fetchall()

    assert instance.get_materialized_partitions(COLLECTIONS) == {name for (name,) in names}
    assert set(instance.get_dynamic_partitions("repositories")) == {name for (name,) in names}


def test_what_would_turn_out_as_it_stands_is_left_out_and_what_stands_on_it_is_not(instance, mended, broken):
    """A view upon raw, which the run before had made; a table that reads it; and the view's test."""
    view, table = dg.AssetKey(["staging", "stg_github__pull_requests"]), dg.AssetKey(["marts", "fct_deployments"])
    last = {key: instance.get_latest_materialization_event(key) for key in (view, table)}
    tested = {
        check.check_name
        for entry in instance.all_logs(mended.outcome.run_id, of_type=dg.DagsterEventType.ASSET_CHECK_EVALUATION)
        if (check := entry.get_dagster_event().asset_check_evaluation_data).asset_key == view
    }

    assert {entry.run_id for entry in last.values()} == {mended.outcome.run_id}
    told = {key: entry.asset_materialization.metadata["status"].value for key, entry in last.items()}
    assert told == {view: "unchanged", table: "success"}
    assert "unique_stg_github__pull_requests_pull_request_id" in tested


@pytest.mark.parametrize("days", [7, 28, 90])
def test_python_and_sql_give_the_organisation_the_same_tiers(mended, lived_in, days):
    names = {
        "Deployment Frequency": "deployment_frequency_per_day",
        "Lead Time": "change_lead_time_hours",
        "Change Failure Rate": "change_failure_rate_pct",
    }
    with lived_in.warehouse.connect() as connection:
        said = connection.execute(
            "select metric, tier, status, n, edition from bi.get_dora_performance_tier(p_days => %s)", [days]
        ).fetchall()
        judged = dict(
            connection.execute(
                """
                select metric, (tier, status, n, edition)::text from analytics.metric_tiers
                where scope_type = 'organization' and window_days = %s and as_of_date = %s
                """,
                [days, AS_OF],
            ).fetchall()
        )
        expected = {
            names[metric]: connection.execute(
                "select (%s::text, %s::text, %s::bigint, %s::text)::text",
                [tier if status == "ok" else None, status, n, edition],
            ).fetchone()[0]
            for metric, tier, status, n, edition in said
            if metric in names
        }

    assert {metric: judged[metric] for metric in expected} == expected


def test_the_run_has_its_home_in_the_code_location_and_no_secret_in_it(instance, mended, lived_in):
    run = instance.get_run_by_id(mended.outcome.run_id)
    origin = run.remote_job_origin.repository_origin

    assert (origin.code_location_origin.location_name, origin.repository_name) == ("roosevelt", "__repository__")
    secrets = (lived_in.warehouse.url, os.environ["GITHUB_TOKEN"])
    events = "".join(entry.to_json() for entry in instance.all_logs(mended.outcome.run_id))
    for text in (str(run), events, str(instance.get_ref())):
        assert not any(secret in text for secret in secrets)


def test_another_process_finds_the_runs_without_being_told_an_address(mended, lived_in):
    environment = {**os.environ, "DAGSTER_HOME": str(PROJECT_ROOT)}
    command = [sys.executable, "-m", "dagster", "run", "list", "--limit", "5"]
    done = subprocess.run(command, capture_output=True, text=True, env=environment, cwd=PROJECT_ROOT, check=False)

    assert mended.outcome.run_id in done.stdout, done.stderr[-2000:]


def test_one_repository_can_be_collected_alone(instance, mended):
    from roosevelt_pipeline.definitions import defs

    one, *_others = sorted(instance.get_dynamic_partitions("repositories"))
    definitions = defs()
    job = definitions.resolve_implicit_global_asset_job_def().get_subset(asset_selection={COLLECTIONS})
    done = job.execute_in_process(
        instance=instance, partition_key=one, resources=definitions.resources, raise_on_error=False
    )

    made = [
        event.step_materialization_data.materialization.partition
        for event in done.all_events
        if event.is_step_materialization
    ]
    assert (done.success, made) == (True, [one])


def test_each_stream_tells_what_it_cost_and_that_nothing_is_missing(instance, lived_in):
    made = instance.get_latest_materialization_event(dg.AssetKey(["raw", "github_deployments"])).asset_materialization
    told = {name.removeprefix("roosevelt/"): value.value for name, value in made.metadata.items()}
    with lived_in.warehouse.connect() as connection:
        living = connection.execute("select count(*) from raw.github_deployments where not deleted").fetchone()[0]

    assert told["remote_count"] == told["our_count"] == living > 0
    assert {"requests", "points", "bytes", "rows_seen", "versions_added", "rejects", "seconds_waited"} <= told.keys()
    assert "| helios-labs/storefront |" in told["collected"]


def test_a_backfill_over_all_repositories_is_one_run(instance, mended):
    from roosevelt_pipeline.definitions import defs

    definitions = defs()
    names = instance.get_dynamic_partitions("repositories")
    with partition_loading_context(dynamic_partitions_store=instance):  # as the daemon does
        requests = build_run_requests_with_backfill_policies(
            asset_partitions=[AssetKeyPartitionKey(COLLECTIONS, name) for name in names],
            asset_graph=definitions.resolve_asset_graph(),
            dynamic_partitions_store=instance,
        )

    assert len(requests) == 1 < len(names)
    job = definitions.resolve_implicit_global_asset_job_def().get_subset(asset_selection={COLLECTIONS})
    done = job.execute_in_process(
        instance=instance, tags=requests[0].tags, resources=definitions.resources, raise_on_error=False
    )
    made = [
        event.step_materialization_data.materialization.partition
        for event in done.all_events
        if event.is_step_materialization
    ]
    assert (done.success, sorted(made)) == (True, sorted(names))
