"""Jobs from the command line: what a person hears while one runs, and of how it ended."""

import re
import time
from collections import Counter
from collections.abc import Sequence
from datetime import date
from typing import TYPE_CHECKING

from roosevelt_pipeline.terminal import Narrator

if TYPE_CHECKING:
    from roosevelt_pipeline.runs import Progress, RunOutcome

_PART = re.compile(r"_\d+$")  # Dagster splits a step in parts where another one lies between
_STEPS = {
    "policy": "reading the policy",
    "github": "collecting from GitHub",
    "dbt": "building marts with dbt",
    "space_figures": "deciding what may be told of groups",
    "raw__github_sweeps": "asking GitHub what is gone",
}


class UnknownJobError(ValueError):
    """There is no such job. The message names those that there are."""


class Follower:
    """Turns a run's events into a line per repository and per step."""

    def __init__(self, narrator: Narrator) -> None:
        self._narrator = narrator
        self._assets: Counter[str] = Counter()
        self._checks: Counter[bool] = Counter()
        self._started: dict[str, float] = {}
        self._repositories = 0

    def hear(self, event: "Progress") -> None:
        match event.kind:
            case "waiting":
                self._narrator.note(f"  {event.text}")
            case "step_started":
                self._started[event.name] = time.monotonic()
                self._assets.clear()
                self._checks.clear()
                self._repositories = 0
                self._narrator.working_on(_STEPS.get(_PART.sub("", event.name), event.name) + " ...")
            case "repository":
                self._repositories += 1
                self._narrator.done(f"  {event.name}{f': {event.text}' if event.text else ''}")
            case "asset":
                self._assets[event.name.split("/")[0]] += 1
                self._narrator.working_on(event.name)
            case "check":
                self._checks[bool(event.passed)] += 1
                if event.passed is False:
                    self._narrator.failed(f"  check {event.name}")
            case "step_ended" if self._assets or self._repositories:
                self._narrator.done(f"{event.name}{self._summary()}", self._seconds(event.name))
            case "step_failed":
                self._narrator.failed(f"{event.name}{self._summary()}")

    def _summary(self) -> str:
        parts = [f"{self._repositories} repositories"] if self._repositories else []
        parts += [f"{count} {layer}" for layer, count in self._assets.items()]
        for passed, verdict in ((True, "passed"), (False, "failed")):
            if count := self._checks[passed]:
                parts.append(f"{count} check{'s' if count > 1 else ''} {verdict}")
        return f": {', '.join(parts)}" if parts else ""

    def _seconds(self, step: str) -> float | None:
        started = self._started.get(step)
        return None if started is None else time.monotonic() - started


def run(job: str, narrator: Narrator, as_of: date | None, repositories: Sequence[str] = ()) -> "RunOutcome":
    """Run a job in this process and tell the narrator about it.

    Raises:
        UnknownJobError: there is no such job.
        KeyboardInterrupt: the user, or the system, asked for an end; the run is closed.
    """
    with narrator.busy(f"loading {job} ..."):
        from dagster import DagsterExecutionInterruptedError  # seconds of imports

        from roosevelt_pipeline.runs import run_job

        try:
            outcome = run_job(job, as_of, list(repositories) or None, Follower(narrator).hear)
        except DagsterExecutionInterruptedError:
            raise KeyboardInterrupt from None
        except ValueError as error:
            if not str(error).startswith("no job"):
                raise
            raise UnknownJobError(str(error)) from None
    for failure in outcome.failures:
        narrator.failed(failure)
    if outcome.success:
        narrator.done(f"{job} is done, run {outcome.run_id[:8]}", outcome.seconds)
    else:
        narrator.failed(
            f"{job} failed, run {outcome.run_id[:8]}; what landed before stays, and the next run goes on there"
        )
    return outcome
