"""No asset is made from tables that failed their own tests, whichever run tested them, or that were never made."""

from collections.abc import Sequence

import dagster as dg
from dagster._check import CheckError
from dagster._core.storage.asset_check_execution_record import AssetCheckExecutionRecordStatus

# What Dagster calls the job of assets that somebody has chosen in its UI.
IMPLICIT_JOBS = ("__ASSET_JOB", "__ephemeral_asset_job__")
_BAD = (AssetCheckExecutionRecordStatus.FAILED,)


def refuse_failed_inputs(context: dg.AssetExecutionContext) -> None:
    """Stop here if the newest result of a blocking check on something that this asset reads is a failure.

    Dagster itself holds back what is downstream within one step's run only when a step has to
    succeed as a whole, which ours need not.

    Raises:
        Failure: names the checks.
    """
    newest = context.instance.event_log_storage.get_latest_asset_check_execution_by_key(_blocking_checks(context))
    failed = sorted(f"{'/'.join(k.asset_key.path)}: {k.name}" for k, found in newest.items() if found.status in _BAD)
    if failed:
        lines = [f"not made, because {name} failed" for name in failed]
        raise dg.Failure("\n".join(lines), metadata={"failures": dg.MetadataValue.json(lines)}, allow_retries=False)


def leave_for_later(context: dg.AssetExecutionContext, reason: str) -> None:
    """Go without an asset that nothing is there for yet: a job of ours goes on, and tells; a choice by hand is refused.

    Raises:
        Failure: somebody has chosen these assets, and would take success for assets that were made.
    """
    if context.run.job_name in IMPLICIT_JOBS:
        raise dg.Failure(f"{reason}; run the daily job first", allow_retries=False)
    context.log.info(f"left for the next daily run: {reason}")


def _blocking_checks(context: dg.AssetExecutionContext) -> Sequence[dg.AssetCheckKey]:
    try:
        graph = context.repository_def.asset_graph
    except CheckError:  # a run from the command line has the job alone, which is enough
        graph = context.job_def.asset_layer.asset_graph
    parents = {parent for key in context.selected_asset_keys for parent in graph.get(key).parent_keys}
    return [key for key in graph.asset_check_keys if key.asset_key in parents and graph.get(key).blocking]
