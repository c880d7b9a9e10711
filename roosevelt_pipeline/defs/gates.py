"""No asset is made from tables that failed their own tests, whichever run tested them."""

from collections.abc import Sequence

import dagster as dg
from dagster._check import CheckError
from dagster._core.storage.asset_check_execution_record import AssetCheckExecutionRecordStatus

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


def _blocking_checks(context: dg.AssetExecutionContext) -> Sequence[dg.AssetCheckKey]:
    try:
        graph = context.repository_def.asset_graph
    except CheckError:  # a run from the command line has the job alone, which is enough
        graph = context.job_def.asset_layer.asset_graph
    parents = graph.get(context.asset_key).parent_keys
    return [key for key in graph.asset_check_keys if key.asset_key in parents and graph.get(key).blocking]
