"""A run whose process was killed: it must not look busy for ever, and the next one goes on from there."""

import os
import signal
import subprocess
import sys

import dagster as dg
import pytest

from roosevelt_pipeline.instance import RooseveltLauncher
from roosevelt_pipeline.runs import close_orphans, open_instance, run_job
from tests.integration.defs.conftest import AS_OF, House

RUN = """
import datetime
from roosevelt_pipeline.runs import run_job
hear = lambda progress: print(progress.kind, flush=True)
run_job("daily", datetime.date.fromisoformat("{as_of}"), on_event=hear)
"""


@pytest.fixture(scope="module")
def killed(house: House) -> None:
    """A daily run in a process of its own, killed while it collects."""
    command = [sys.executable, "-c", RUN.format(as_of=AS_OF.isoformat())]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True) as process:
        assert process.stdout is not None
        while "repository" not in process.stdout.readline():
            assert process.poll() is None
        with open_instance() as instance:
            assert instance.get_runs_count(dg.RunsFilter(statuses=[dg.DagsterRunStatus.STARTED])) == 1
            with pytest.MonkeyPatch.context() as patch:
                patch.setattr(RooseveltLauncher, "grace_seconds", 0.0)
                assert close_orphans(instance) == [], "a run that lives was closed"
        os.kill(process.pid, signal.SIGKILL)


def test_it_is_closed_as_failed_and_the_next_run_builds_everything(killed, monkeypatch):
    monkeypatch.setattr(RooseveltLauncher, "grace_seconds", 0.0)

    after = run_job("daily", AS_OF)

    assert after.success
    with open_instance() as instance:
        states = {run.run_id: run.status for run in instance.get_runs()}
    assert states.pop(after.run_id) is dg.DagsterRunStatus.SUCCESS
    assert list(states.values()) == [dg.DagsterRunStatus.FAILURE]
