"""A run whose process was killed: it must not look busy for ever, and the next one goes on from there."""

import os
import signal
import subprocess
import sys
from dataclasses import dataclass

import dagster as dg
import pytest

from roosevelt_pipeline.instance import RooseveltLauncher
from roosevelt_pipeline.runs import RunOutcome, close_orphans, open_instance, run_job
from tests.integration.defs.conftest import AS_OF, House, Told

RUN = """
import datetime
from roosevelt_pipeline.runs import run_job
hear = lambda progress: print(progress.kind, flush=True)
run_job("daily", datetime.date.fromisoformat("{as_of}"), on_event=hear)
"""


DIGEST = """select count(*), md5(coalesce(string_agg(t::text, ';' order by t::text), '')) from {}."{}" as t"""
SCHEMAS = ("staging", "intermediate", "marts", "bi", "analytics", "reference")
# One row per run, by what they are; what is made of them must not change.
RECORDS_OF_RUNS = {
    "staging.stg_github__collections",
    "staging.stg_github__discoveries",
    "intermediate.builds",
    "intermediate.changed_keys",
    "intermediate.views",
}


@pytest.fixture(scope="package")
def killed(lived_in: House, mended: Told) -> str:
    """A daily run in a process of its own, killed while it collects. Returns its id."""
    command = [sys.executable, "-c", RUN.format(as_of=AS_OF.isoformat())]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True) as process:
        assert process.stdout is not None
        while "repository" not in process.stdout.readline():
            assert process.poll() is None
        with open_instance() as instance:
            (run_id,) = [run.run_id for run in instance.get_runs(dg.RunsFilter(statuses=[dg.DagsterRunStatus.STARTED]))]
            with pytest.MonkeyPatch.context() as patch:
                patch.setattr(RooseveltLauncher, "grace_seconds", 0.0)
                assert close_orphans(instance) == [], "a run that lives was closed"
        os.kill(process.pid, signal.SIGKILL)
    return run_id


@dataclass(frozen=True)
class Resumed:
    """The run after the killed one, and what each table held before either."""

    outcome: RunOutcome
    before: dict[str, str]


@pytest.fixture(scope="package")
def resumed(lived_in: House, killed: str, digests_before: dict[str, str]) -> Resumed:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(RooseveltLauncher, "grace_seconds", 0.0)
        return Resumed(run_job("daily", AS_OF), digests_before)


@pytest.fixture(scope="package")
def digests_before(lived_in: House, mended: Told) -> dict[str, str]:
    return digests(lived_in)


def digests(house: House) -> dict[str, str]:
    """A digest of each table's rows in any order."""
    with house.warehouse.connect() as connection:
        tables = connection.execute(
            "select table_schema, table_name from information_schema.tables where table_schema = any(%s) order by 1, 2",
            [list(SCHEMAS)],
        ).fetchall()
        return {
            f"{schema}.{table}": str(connection.execute(DIGEST.format(schema, table)).fetchone())
            for schema, table in tables
            if f"{schema}.{table}" not in RECORDS_OF_RUNS
        }


def test_it_is_closed_as_failed_and_the_next_run_succeeds(killed, resumed):
    assert resumed.outcome.success
    with open_instance() as instance:
        states = {run.run_id: run.status for run in instance.get_runs()}
    assert states[resumed.outcome.run_id] is dg.DagsterRunStatus.SUCCESS
    assert states[killed] is dg.DagsterRunStatus.FAILURE


def test_neither_of_them_changes_a_number_since_nothing_new_has_happened(resumed, lived_in):
    assert len(resumed.before) > 60
    assert digests(lived_in) == resumed.before
