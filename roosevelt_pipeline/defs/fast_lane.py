"""The fast lane: what GitHub tells of its own accord is in raw a minute later.

Numbers are as of the last complete day, so nothing downstream is made anew for it: the next
daily run does that, and finds raw up to date. What lands is shown as an observation and not
as a materialization, which would promise that everything has been read.
"""

from typing import Any
from uuid import UUID

import dagster as dg

from roosevelt_pipeline.defs.raw.github import tell_waits
from roosevelt_pipeline.fast_lane import Passage, follow, waiting
from roosevelt_pipeline.settings import Settings
from roosevelt_pipeline.warehouse.connections import DatabaseError, Warehouse

SECONDS_BETWEEN_LOOKS = 60
BUSY = [dg.DagsterRunStatus.QUEUED, dg.DagsterRunStatus.STARTING, dg.DagsterRunStatus.STARTED]


@dg.op(pool="warehouse", description="Reads again what GitHub's webhooks pointed at.")
def follow_webhooks(
    context: dg.OpExecutionContext, settings: dg.ResourceParam[Settings], warehouse: dg.ResourceParam[Warehouse]
) -> None:
    passage = follow(settings, warehouse, UUID(context.run.run_id), tell_waits(context))
    followed = passage.followed
    for stream, landed in followed.landed.items():
        if landed.seen:
            said = {"roosevelt/rows_seen": landed.seen, "roosevelt/versions_added": landed.versions}
            context.log_event(dg.AssetObservation(["raw", stream], metadata=said))
    for reason in sorted(followed.reasons):
        context.log.warning(f"put off: {reason}")
    for name, reason in sorted((passage.taken.rejected if passage.taken else {}).items()):
        context.log.warning(f"{name} was not taken in: {reason}")
    context.add_output_metadata(_metadata(passage))


@dg.job(name="fast_lane", description="Webhooks to raw: what they point at is read again by its id, and nothing else.")
def fast_lane() -> None:
    follow_webhooks()


@dg.sensor(
    name="webhook_inbox",
    job_name="fast_lane",
    minimum_interval_seconds=SECONDS_BETWEEN_LOOKS,
    default_status=dg.DefaultSensorStatus.RUNNING,
    description="Looks whether webhooks wait to be followed, and asks for a run if so. Does nothing where no secret "
    "and no folder is set.",
)
def webhook_inbox(
    context: dg.SensorEvaluationContext, settings: dg.ResourceParam[Settings]
) -> dg.RunRequest | dg.SkipReason:
    if not settings.takes_webhooks:
        return dg.SkipReason("webhooks are not set up (docs/operating.md)")
    if context.instance.get_runs_count(dg.RunsFilter(job_name="fast_lane", statuses=BUSY)):
        return dg.SkipReason("a run is following them already")
    try:
        due = waiting(settings)
    except DatabaseError as error:
        return dg.SkipReason(str(error))
    # Without a run key: what could not be followed is due once more under the same number.
    return dg.RunRequest(tags={"roosevelt/due": str(due)}) if due else dg.SkipReason("nothing is due")


def _metadata(passage: Passage) -> dict[str, Any]:
    followed, costs = passage.followed, passage.followed.costs
    return {
        **{f"roosevelt/{outcome}": count for outcome, count in sorted(followed.outcomes.items())},
        **{
            f"roosevelt/files_{outcome}": n
            for outcome, n in sorted(passage.taken.counts.items() if passage.taken else ())
        },
        "roosevelt/requests": costs.requests,
        "roosevelt/points": costs.points,
        "roosevelt/seconds_waited": round(costs.seconds_waited, 3),
        "roosevelt/versions_added": sum(landed.versions for landed in followed.landed.values()),
        "roosevelt/rejects": sum(landed.rejects for landed in followed.landed.values()),
        "roosevelt/still_due": passage.left,
        "roosevelt/cleared": passage.cleared,
    }
