"""What starts or follows a run because something happened."""

import hashlib
import json
from collections.abc import Iterator
from datetime import UTC, datetime
from uuid import UUID

import dagster as dg

from roosevelt_pipeline.collection import probe
from roosevelt_pipeline.settings import Settings
from roosevelt_pipeline.warehouse.connections import Role, Warehouse

MINUTES_BETWEEN_PROBES = 10
BUSY = [dg.DagsterRunStatus.QUEUED, dg.DagsterRunStatus.STARTING, dg.DagsterRunStatus.STARTED]


@dg.sensor(
    name="github_activity",
    job_name="daily",
    minimum_interval_seconds=60 * MINUTES_BETWEEN_PROBES,
    default_status=dg.DefaultSensorStatus.RUNNING,
    description="Asks GitHub cheaply whether any repository moved, and for a run if one did. What moved is the "
    "run's business: it reads on from its cursors, so a missed or doubled tick does no harm.",
)
def github_activity(
    context: dg.SensorEvaluationContext,
    settings: dg.ResourceParam[Settings],
    warehouse_unlocked: dg.ResourceParam[Warehouse],
) -> dg.SensorResult | dg.SkipReason:
    from roosevelt_pipeline.sources.github.errors import GitHubError

    if _runs(context, BUSY):
        return dg.SkipReason("a daily run is waiting or going on; it reads what is new")
    try:
        now = probe(settings, warehouse_unlocked)
    except GitHubError as error:
        return dg.SkipReason(f"GitHub was not asked: {error}")  # a run would say so too, and fail
    cursor = json.dumps(now, sort_keys=True)
    if context.cursor is None and _runs(context, [dg.DagsterRunStatus.SUCCESS]):
        return dg.SensorResult(skip_reason=f"{len(now)} repositories, seen for the first time here", cursor=cursor)
    seen: dict[str, str] = json.loads(context.cursor or "{}")
    moved = sorted(name for name, mark in now.items() if seen.get(name) != mark)
    if not moved:
        return dg.SkipReason(f"nothing moved in {len(now)} repositories")
    # A tick that is done twice after a crash has the same key, and Dagster starts one run.
    key = hashlib.sha256(cursor.encode()).hexdigest()[:16]
    return dg.SensorResult(run_requests=[dg.RunRequest(key, tags={"roosevelt/moved": _few(moved)})], cursor=cursor)


def _runs(context: dg.SensorEvaluationContext, statuses: list[dg.DagsterRunStatus]) -> int:
    return context.instance.get_runs_count(dg.RunsFilter(job_name="daily", statuses=statuses))


@dg.run_failure_sensor(
    name="run_failures",
    minimum_interval_seconds=30,
    default_status=dg.DefaultSensorStatus.RUNNING,
    description="Keeps each failed run in delivery.run_failures and tells the routes that take failures.",
)
def run_failures(
    context: dg.RunFailureSensorContext,
    settings: dg.ResourceParam[Settings],
    warehouse_unlocked: dg.ResourceParam[Warehouse],
) -> None:
    from roosevelt_pipeline.alerting.notes import Note, write_note
    from roosevelt_pipeline.alerting.outbox import deliver
    from roosevelt_pipeline.runs import told_once
    from roosevelt_pipeline.warehouse.run_failures import RunFailure, mark_told, record_failure

    run, now = context.dagster_run, datetime.now(UTC)
    reasons = list(_reasons(context))
    lines = told_once([line for _, told in reasons for line in told])
    failure = RunFailure(UUID(run.run_id), run.job_name, now, [step for step, _ in reasons], "\n".join(lines))
    context.log.error(f"run {run.run_id} of {run.job_name} failed: {failure.message}")
    with warehouse_unlocked.connect(Role.ANALYTICS) as connection:
        note = Note("failures", run.run_id, "critical", f"Roosevelt: {run.job_name} failed", failure.message)
        if record_failure(connection, failure) and write_note(connection, settings, note, now, is_dry_run=False):
            mark_told(connection, failure.run_id, now)
    deliver(warehouse_unlocked, settings, seconds=20)


def _reasons(context: dg.RunFailureSensorContext) -> Iterator[tuple[str, list[str]]]:
    from roosevelt_pipeline.runs import reasons_of

    events = context.get_step_failure_events()
    for event in events:
        yield event.step_key or "", reasons_of(event)
    if not events:
        yield "", [context.failure_event.message or "the run failed before its first step"]


def _few(names: list[str]) -> str:
    """Names for a tag: enough to recognise, never a list without end."""
    return ", ".join(names[:5]) + (f" and {len(names) - 5} more" if len(names) > 5 else "")
