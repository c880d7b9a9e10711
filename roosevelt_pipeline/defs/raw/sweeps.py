"""GitHub to raw, weekly: what was deleted or moved away becomes a tombstone."""

from datetime import timedelta
from uuid import UUID

import dagster as dg
from pydantic import Field

from roosevelt_pipeline.defs.cadence import WEEKLY
from roosevelt_pipeline.defs.raw.github import tell_waits
from roosevelt_pipeline.defs.tables import table_metadata
from roosevelt_pipeline.settings import Settings
from roosevelt_pipeline.warehouse.connections import Role, Warehouse

KEY = dg.AssetKey(["raw", "github_sweeps"])
STREAMS = ("repositories", "pull_requests", "review_comments", "deployments", "workflow_runs", "issues", "releases")


class Which(dg.Config):
    """Which repositories are swept."""

    repositories: list[str] = Field([], description="Names with owner; every repository of the policy if empty.")


@dg.asset(
    key=KEY,
    deps=[["raw", f"github_{stream}"] for stream in STREAMS],
    kinds={"github", "postgres"},
    code_version="1",
    tags=WEEKLY,
    freshness_policy=dg.FreshnessPolicy.time_window(fail_window=timedelta(days=8)),
    pool="warehouse",
)
def github_sweeps(
    context: dg.AssetExecutionContext,
    config: Which,
    settings: dg.ResourceParam[Settings],
    warehouse: dg.ResourceParam[Warehouse],
) -> dg.MaterializeResult[None]:
    """What GitHub no longer has. One row per run, repository and stream that was swept.

    Objects that are gone or belong elsewhere are marked in their raw tables; the next build leaves them out.
    """
    from roosevelt_pipeline.sweeping import failures, sweep, totals

    outcomes = []
    run_id, on_wait = UUID(context.run.run_id), tell_waits(context)
    for name, swept in sweep(settings, warehouse, run_id, config.repositories, on_wait):
        outcomes += swept
        context.log.info(f"{name}: {totals(swept)}")
    metadata = {f"roosevelt/{name}": count for name, count in totals(outcomes).items()}
    if lines := failures(outcomes):
        raise dg.Failure("\n".join(lines), metadata={"failures": dg.MetadataValue.json(lines)}, allow_retries=False)
    return dg.MaterializeResult(metadata={**metadata, **table_metadata(warehouse, Role.INGEST, *KEY.path)})
