"""The quarterly survey: answers to raw, and what starts it when a file arrives."""

import hashlib
from collections.abc import Iterator
from datetime import UTC, timedelta
from typing import Any
from uuid import UUID

import dagster as dg
from pydantic import Field

from roosevelt_pipeline.defs.cadence import IS_QUARTERLY, QUARTERLY
from roosevelt_pipeline.defs.tables import table_metadata
from roosevelt_pipeline.settings import Settings
from roosevelt_pipeline.warehouse.connections import Role, Warehouse

ANSWERS = dg.AssetKey(["raw", "survey_answers"])
INVITATIONS = dg.AssetKey(["raw", "survey_invitations"])
SECONDS_BETWEEN_LOOKS = 60


@dg.asset(
    key=ANSWERS,
    deps=[["raw", "participants"]],
    description="Scores of the quarterly survey, without the text. One row per respondent and quarter.",
    kinds={"python", "postgres"},
    code_version="1",
    pool="warehouse",
)
def survey_answers(
    context: dg.AssetExecutionContext,
    settings: dg.ResourceParam[Settings],
    warehouse: dg.ResourceParam[Warehouse],
) -> Iterator[Any]:
    # What the form took in, files of the inbox and Google's form; delivers what landed and fails by name if one did.
    from roosevelt_pipeline.surveys.collection import collect_answers

    collected = collect_answers(settings, warehouse, UUID(context.run.run_id))
    for line in collected.notes:
        context.log.warning(line)
    tally = collected.tally
    yield dg.MaterializeResult(
        metadata={
            "roosevelt/files": collected.files,
            "roosevelt/read": tally.read,
            "roosevelt/new": tally.new,
            "roosevelt/changed": tally.changed,
            "roosevelt/rejects": tally.rejected,
            "roosevelt/not_participating": tally.not_participating,
            "roosevelt/texts_deleted": collected.texts_deleted,
            "roosevelt/notes": dg.MetadataValue.json(collected.notes),
            **table_metadata(warehouse, Role.TRANSFORM, *ANSWERS.path),
        }
    )
    if collected.problem:
        raise dg.Failure(
            collected.problem, metadata={"failures": dg.MetadataValue.json([collected.problem])}, allow_retries=False
        )


class Sending(dg.Config):
    """How invitations are sent."""

    dry_run: bool = Field(False, description="Count who would be asked and reminded; send nothing.")


@dg.asset(
    key=INVITATIONS,
    description="Who was asked when. One row per person and quarter.",
    kinds={"slack", "postgres"},
    code_version="1",
    tags=QUARTERLY,
    freshness_policy=dg.FreshnessPolicy.time_window(fail_window=timedelta(days=100)),
    pool="warehouse",
)
def survey_invitations(
    context: dg.AssetExecutionContext,
    config: Sending,
    settings: dg.ResourceParam[Settings],
    warehouse: dg.ResourceParam[Warehouse],
) -> Iterator[Any]:
    # Invites and reminds whoever is due. A second run asks nobody again; messages that were not sent fail it by reason.
    from roosevelt_pipeline.surveys.inviting import send_invitations

    report = send_invitations(settings, warehouse, dry_run=config.dry_run)
    lines = report.lines(dry_run=config.dry_run)
    context.log.info("\n".join(lines))
    yield dg.MaterializeResult(
        metadata={
            "roosevelt/skipped": report.skipped or "no",
            "roosevelt/invited": report.invited,
            "roosevelt/reminded": report.reminded,
            "roosevelt/unreachable": report.unreachable,
            "roosevelt/unknown": report.unknown,
            "roosevelt/failed": report.failed,
            **table_metadata(warehouse, Role.TRANSFORM, *INVITATIONS.path),
        }
    )
    if report.failed:
        raise dg.Failure("\n".join(lines), metadata={"failures": dg.MetadataValue.json(lines)}, allow_retries=False)


@dg.schedule(
    job_name="surveys",
    cron_schedule="0 9 * * 1-5",
    execution_timezone="UTC",
    default_status=dg.DefaultScheduleStatus.RUNNING,
    description="Weekdays at 09:00 UTC while a quarter's survey is open: each run asks whoever was not asked yet, and "
    "reminds whoever is due.",
)
def surveys_open(
    context: dg.ScheduleEvaluationContext, settings: dg.ResourceParam[Settings]
) -> dg.RunRequest | dg.SkipReason:
    from roosevelt_pipeline.surveys.inviting import why_not

    now = context.scheduled_execution_time.astimezone(UTC)
    reason = why_not(settings, now)
    return dg.SkipReason(reason) if reason else dg.RunRequest(run_key=now.date().isoformat())


@dg.sensor(
    name="survey_files",
    job_name="survey_answers",
    minimum_interval_seconds=SECONDS_BETWEEN_LOOKS,
    default_status=dg.DefaultSensorStatus.RUNNING,
    description="Asks for a run when files of answers lie in the inbox. A run takes in all that wait, so a missed or "
    "doubled tick does no harm.",
)
def survey_files(settings: dg.ResourceParam[Settings]) -> dg.RunRequest | dg.SkipReason:
    from roosevelt_pipeline.surveys.inbox import inbox_folder, waiting_files

    waiting = waiting_files(settings)
    if not waiting:
        return dg.SkipReason(f"nothing waits in {inbox_folder(settings)}")
    seen = [(path.name, path.stat().st_mtime_ns) for path in waiting]
    return dg.RunRequest(run_key=hashlib.sha256(repr(seen).encode()).hexdigest()[:16])


@dg.definitions
def surveys() -> dg.Definitions:
    job = dg.define_asset_job(
        "survey_answers",
        selection=dg.AssetSelection.assets(ANSWERS),
        description="Takes in answers that wait: of the form, of files, of Google's form. The marts follow daily.",
    )
    invitations = dg.define_asset_job(
        "surveys",
        selection=IS_QUARTERLY,
        description="Asks those who take part in SPACE how work is going: an invitation, and one reminder.",
    )
    return dg.Definitions(
        assets=[survey_answers, survey_invitations],
        jobs=[job, invitations],
        schedules=[surveys_open],
        sensors=[survey_files],
    )
