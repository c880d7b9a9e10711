"""Jobs run from the command line: the same as Dagster would run, in this process, seen in its UI."""

import re
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from datetime import date
from typing import Any, Literal

import dagster as dg
from dagster._core.definitions.job_base import InMemoryJob
from dagster._core.execution.api import execute_run_iterator
from dagster._core.instance.ref import InstanceRef
from dagster._core.launcher import WorkerStatus
from dagster._core.remote_origin import (
    ManagedGrpcPythonEnvCodeLocationOrigin,
    RemoteJobOrigin,
    RemoteRepositoryOrigin,
)
from dagster._core.types.loadable_target_origin import LoadableTargetOrigin

from roosevelt_pipeline.instance import artifacts_folder
from roosevelt_pipeline.settings import PROJECT_ROOT

CODE_LOCATION = "roosevelt"


@dataclass(frozen=True)
class Progress:
    """Something that a person who follows a run would like to hear.

    Attributes:
        kind: another run must end first; a step began, ended or failed; an asset or a repository is there; a check
            said something.
        name: of the step, asset (``marts/fct_changes``), repository or check.
        rows: rows of an asset, where they were counted.
        passed: what a check said.
        text: why a step failed, what it waits for, what a repository brought.
    """

    kind: Literal["waiting", "step_started", "step_ended", "step_failed", "asset", "repository", "check"]
    name: str
    rows: int | None = None
    passed: bool | None = None
    text: str = ""


@dataclass(frozen=True)
class RunOutcome:
    """How a run ended.

    Attributes:
        success: every step succeeded, and with them every repository.
        failures: a line for each thing that failed; a repository is named first in its line.
    """

    success: bool
    run_id: str
    failures: list[str]
    seconds: float


def run_job(
    job: str,
    as_of: date | None = None,
    partitions: Sequence[str] | None = None,
    on_event: Callable[[Progress], None] | None = None,
) -> RunOutcome:
    """Run a job to its end in this process.

    Args:
        job: its name in Dagster.
        as_of: newest day that counts; the last complete day if not given.
        partitions: repositories (names with owner) to collect; all if not given.
        on_event: is told what happens, in order.

    Raises:
        ValueError: there is no such job.
        KeyboardInterrupt: stopped by the person; the run is closed as failed before.
    """
    from roosevelt_pipeline.definitions import defs
    from roosevelt_pipeline.defs.jobs import run_config

    definitions = defs()
    names = sorted(one.name for one in definitions.jobs or ())
    if job not in names:
        raise ValueError(f"no job {job!r}; there are: {', '.join(names)}")
    resolved = definitions.resolve_job_def(job)
    started = time.monotonic()
    failures: list[str] = []
    _tell_if_waiting(on_event)
    with open_instance() as instance:
        close_orphans(instance)
        run = instance.create_run_for_job(
            resolved,
            run_config=run_config(as_of, tuple(partitions or ()), {node.name for node in resolved.nodes}),
            tags={"roosevelt/started_by": "command line"},
            remote_job_origin=_origin(job),
        )
        try:
            with followed_by(on_event):
                for event in execute_run_iterator(InMemoryJob(resolved), run, instance):
                    if event.is_step_failure:
                        failures += reasons_of(event)
                    elif event.is_failure and not failures:
                        failures.append(_first_line(event.message or "the run failed"))
                    if on_event and (progress := _progress(event)):
                        on_event(progress)
        except dg.DagsterExecutionInterruptedError:
            raise KeyboardInterrupt from None
        ended = instance.get_run_by_id(run.run_id)
    success = bool(ended and ended.status is dg.DagsterRunStatus.SUCCESS)
    return RunOutcome(success, run.run_id, failures, time.monotonic() - started)


@contextmanager
def followed_by(on_event: Callable[[Progress], None] | None) -> Iterator[None]:
    """Let the steps that this thread executes inside the block tell what happens within them."""
    before = _FOLLOWER.set(on_event)
    try:
        yield
    finally:
        _FOLLOWER.reset(before)


def follower() -> Callable[[Progress], None]:
    """Who follows the run that this thread executes, to be told at once what Dagster tells at a step's end."""
    return _FOLLOWER.get() or (lambda _progress: None)


_OWN_CLASS = re.compile(r"^roosevelt_pipeline\.[\w.]+: ")
_FOLLOWER: ContextVar[Callable[[Progress], None] | None] = ContextVar("follower", default=None)


def close_orphans(instance: dg.DagsterInstance) -> list[str]:
    """Fail the runs that say they are going on though their process is gone. Returns their ids.

    The daemon does so too, where one runs; without one they would look busy for ever.
    """
    closed = []
    for record in instance.get_run_records(dg.RunsFilter(statuses=[dg.DagsterRunStatus.STARTED])):
        health = instance.run_launcher.check_run_worker_health(record.dagster_run)
        if health.status is WorkerStatus.FAILED:
            instance.report_run_failed(record.dagster_run, health.msg)
            closed.append(record.dagster_run.run_id)
    return closed


def _tell_if_waiting(on_event: Callable[[Progress], None] | None) -> None:
    from roosevelt_pipeline.services import current_profile, resolve_warehouse
    from roosevelt_pipeline.warehouse.locks import who_writes

    if on_event and (writer := who_writes(resolve_warehouse(current_profile()))):
        on_event(Progress("waiting", writer, text=f"{writer} is writing; waiting for it to end"))


@contextmanager
def open_instance() -> Iterator[dg.DagsterInstance]:
    """The instance of this machine: ``DAGSTER_HOME``'s, else the project's own ``dagster.yaml``."""
    folder = artifacts_folder()
    folder.mkdir(parents=True, exist_ok=True)
    configured = (folder / "dagster.yaml").exists()
    ref = InstanceRef.from_dir(str(folder), config_dir=str(folder if configured else PROJECT_ROOT))
    with dg.DagsterInstance.from_ref(ref) as instance:
        yield instance


def _origin(job: str) -> RemoteJobOrigin:
    """Where the UI finds the job's definition, as ``workspace.yaml`` names it; without it a run has no home there."""
    target = LoadableTargetOrigin(executable_path=sys.executable, module_name="roosevelt_pipeline.definitions")
    location = ManagedGrpcPythonEnvCodeLocationOrigin(target, location_name=CODE_LOCATION)
    return RemoteJobOrigin(RemoteRepositoryOrigin(location, "__repository__"), job)


def reasons_of(event: dg.DagsterEvent) -> list[str]:
    """Why a step failed: the lines that it gave itself, else the first line of its error."""
    data = event.step_failure_data
    given = (data.user_failure_data.metadata or {}).get("failures") if data.user_failure_data else None
    if given is not None:
        lines: Any = given.value
        return [str(line) for line in lines or ()]
    error: Any = data.error
    while error is not None and error.cause is not None:
        error = error.cause
    return [f"{event.step_key}: {_first_line(error.message if error else event.message or '')}"]


def _brought(made: dg.AssetMaterialization) -> str:
    costs = {name: made.metadata.get(f"roosevelt/{name}") for name in ("versions_added", "requests")}
    words = [f"{float(str(cost.value)):,.0f} {name}" for name, cost in costs.items() if cost]
    return ", ".join(words).replace("versions_added", "new or changed")


def _first_line(text: str) -> str:
    """Without the class of our own errors, whose messages say what is the matter.

    >>> _first_line("roosevelt_pipeline.sources.github.errors.TokenError: the token is expired\\n")
    'the token is expired'
    """
    return _OWN_CLASS.sub("", (text.strip().splitlines() or [""])[0])


def told_once(lines: Sequence[str]) -> list[str]:
    """Reasons without those that another one ends with, and each once.

    >>> told_once(["github: the token is expired", "the token is expired", "github: the token is expired"])
    ['github: the token is expired']
    """
    each = list(dict.fromkeys(lines))
    return [one for one in each if not any(other != one and other.endswith(one) for other in each)]


def _progress(event: dg.DagsterEvent) -> Progress | None:
    step = event.step_key or ""
    if event.is_step_start:
        return Progress("step_started", step)
    if event.is_step_success:
        return Progress("step_ended", step)
    if event.is_step_failure:
        return Progress("step_failed", step, text="; ".join(reasons_of(event)))
    if event.is_step_materialization:
        made = event.step_materialization_data.materialization
        if made.partition and made.asset_key.path[-1] != "github_collections":
            return None  # a week of many, all of one asset
        if made.partition:
            return Progress("repository", made.partition, text=_brought(made))
        rows = made.metadata.get("dagster/row_count")
        return Progress("asset", "/".join(made.asset_key.path), rows=int(str(rows.value)) if rows else None)
    if event.event_type is dg.DagsterEventType.ASSET_CHECK_EVALUATION:
        said = event.asset_check_evaluation_data
        return Progress("check", f"{'/'.join(said.asset_key.path)}: {said.check_name}", passed=said.passed)
    return None
