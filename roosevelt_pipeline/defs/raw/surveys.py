"""The quarterly survey: answers to raw, and what starts it when a file arrives."""

import hashlib
from collections.abc import Iterator
from typing import Any
from uuid import UUID

import dagster as dg

from roosevelt_pipeline.defs.tables import table_metadata
from roosevelt_pipeline.settings import Settings
from roosevelt_pipeline.warehouse.connections import Role, Warehouse

ANSWERS = dg.AssetKey(["raw", "survey_answers"])
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


@dg.asset(
    key=["raw", "survey_invitations"],
    description="Who was asked when. One row per person and quarter.",
    kinds={"python", "postgres"},
    code_version="1",
    pool="warehouse",
)
def survey_invitations(warehouse: dg.ResourceParam[Warehouse]) -> dg.MaterializeResult[None]:
    # The table is written when invitations are sent; a run only says how many there are by then.
    return dg.MaterializeResult(metadata=table_metadata(warehouse, Role.TRANSFORM, "raw", "survey_invitations"))


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
    return dg.Definitions(assets=[survey_answers, survey_invitations], jobs=[job], sensors=[survey_files])
