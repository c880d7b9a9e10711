"""PagerDuty to raw, where a token is set."""

from collections.abc import Iterator
from typing import Any
from uuid import UUID

import dagster as dg

from roosevelt_pipeline.defs.tables import table_metadata
from roosevelt_pipeline.settings import Settings
from roosevelt_pipeline.warehouse.connections import Role, Warehouse


@dg.asset(
    key=["raw", "pagerduty_incidents"],
    description="PagerDuty's incidents with the steps that they took. One row per incident; none without a token.",
    kinds={"pagerduty", "postgres"},
    code_version="1",
    pool="warehouse",
)
def pagerduty_incidents(
    context: dg.AssetExecutionContext,
    settings: dg.ResourceParam[Settings],
    warehouse: dg.ResourceParam[Warehouse],
) -> Iterator[Any]:
    # Delivers what landed and then fails, as for GitHub: nobody else's numbers wait for PagerDuty.
    from roosevelt_pipeline.incidents import collect_pagerduty

    report = collect_pagerduty(settings, warehouse, UUID(context.run.run_id))
    if report.skipped:
        context.log.info(report.skipped)
    yield dg.MaterializeResult(
        metadata={
            "roosevelt/skipped": report.skipped or "no",
            "roosevelt/requests": report.requests,
            "roosevelt/rows_seen": report.landed.seen,
            "roosevelt/versions_added": report.landed.versions,
            "roosevelt/rejects": report.landed.rejects,
            **table_metadata(warehouse, Role.TRANSFORM, "raw", "pagerduty_incidents"),
        }
    )
    if report.problem:
        raise dg.Failure(
            report.problem, metadata={"failures": dg.MetadataValue.json([report.problem])}, allow_retries=False
        )
