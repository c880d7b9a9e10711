"""The weekly job, and what becomes of repositories that leave: in raw, in the marts and among Dagster's partitions."""

import json
from datetime import UTC, datetime

import dagster as dg
import pytest

from roosevelt_pipeline.defs.schedules import weekly
from roosevelt_pipeline.runs import open_instance, run_job
from tests.integration.defs.conftest import AS_OF, House, Told

SOLD = "mobile-sdk"
RELEASES = f"select count(*) from marts.fct_deployments where repository = '{SOLD}'"


@pytest.fixture(scope="module")
def sold(lived_in: House, mended: Told) -> list[str]:
    """It sells one of its repositories. What the weekly run has to say of it."""
    store = lived_in.github.sandbox.store
    doc = next(json.loads(row["doc"]) for row in store.rows("select doc from repositories where name = ?", [SOLD]))
    store.put("repositories", doc | {"owner": "globex"})
    store.flush()
    return run_job("weekly").failures


@pytest.fixture(scope="module")
def built_without(lived_in: House, sold: list[str]) -> int:
    """The daily run after that. How many deployments the repository had had before it."""
    had = one(lived_in, RELEASES)
    assert run_job("daily", AS_OF).success
    return had


def one(house: House, query: str) -> object:
    with house.warehouse.connect() as connection:
        return connection.execute(query).fetchone()[0]


def test_the_weekly_job_sweeps_reads_calendars_and_reports_and_nothing_else(sold, lived_in):
    from roosevelt_pipeline.definitions import defs

    assert sold == []
    steps = {node.name for node in defs().resolve_job_def("weekly").nodes}
    assert steps == {"raw__github_sweeps", "delivery__data_health_reports", "calendars", "dbt"}
    assert one(lived_in, "select count(*) from raw.github_sweeps where repository = 'org' and transferred = 1") == 1


def test_a_repository_that_left_keeps_its_history_in_the_marts(built_without, lived_in):
    assert one(lived_in, RELEASES) == built_without > 0
    assert one(lived_in, "select is_gone from marts.dim_repositories where repository = 'mobile-sdk'") is True
    assert one(lived_in, "select count(*) from marts.dim_repositories where is_gone") == 1


def test_its_partition_goes_and_the_others_stay(built_without, lived_in):
    with open_instance() as instance:
        names = set(instance.get_dynamic_partitions("repositories"))

    assert f"helios-labs/{SOLD}" not in names
    assert len(names) == one(lived_in, "select count(*) from raw.github_repositories where not deleted")


def test_one_repository_can_be_swept_alone(sold, lived_in):
    outcome = run_job("weekly", partitions=["helios-labs/search"])

    swept = f"select array_agg(distinct repository) from raw.github_sweeps where run_id = '{outcome.run_id}'"
    assert (outcome.success, one(lived_in, swept)) == (True, ["helios-labs/search"])


def test_the_schedule_is_monday_two_o_clock():
    context = dg.build_schedule_context(scheduled_execution_time=datetime(2026, 3, 30, 2, tzinfo=UTC))

    assert (weekly.cron_schedule, weekly(context).run_key) == ("0 2 * * 1", "2026-03-30")
