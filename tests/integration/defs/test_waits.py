"""A step that waits says so at once: in its log, and to whoever follows the run from a terminal."""

import io

import dagster as dg
from rich.console import Console

from roosevelt_pipeline.defs.raw.github import tell_waits
from roosevelt_pipeline.job_runs import Follower
from roosevelt_pipeline.runs import followed_by
from roosevelt_pipeline.terminal import Narrator


@dg.asset
def patient(context: dg.AssetExecutionContext) -> None:
    tell_waits(context)("acme/api: GitHub asks to wait (token 1)", 90)


def test_what_is_waited_for_and_until_when_is_in_the_log_and_on_the_screen():
    screen = io.StringIO()
    with dg.DagsterInstance.ephemeral() as instance:
        with followed_by(Follower(Narrator(Console(file=screen, width=200))).hear):
            run = dg.materialize([patient], instance=instance)
        logged = [entry.user_message for entry in instance.all_logs(run.run_id) if entry.step_key == "patient"]

    (told,) = [line for line in logged if line.startswith("waiting 90 s, until ")]
    assert told.endswith(" UTC: acme/api: GitHub asks to wait (token 1)")
    assert told in screen.getvalue()


def test_a_run_that_nobody_follows_waits_as_well():
    with dg.DagsterInstance.ephemeral() as instance:
        assert dg.materialize([patient], instance=instance).success
