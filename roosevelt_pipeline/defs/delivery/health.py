"""Marts to delivery: the data-health report, kept and shown."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from uuid import UUID

import dagster as dg

from roosevelt_pipeline.defs.cadence import WEEKLY
from roosevelt_pipeline.defs.gates import leave_for_later, refuse_failed_inputs
from roosevelt_pipeline.defs.tables import table_metadata
from roosevelt_pipeline.warehouse.connections import Role, Warehouse

KEY = dg.AssetKey(["delivery", "data_health_reports"])


@dg.asset(
    key=KEY,
    deps=[["bi", "bi__data_health"], ["bi", "bi__data_health_checks"], ["bi", "bi__metric_rolling"]],
    kinds={"python", "postgres"},
    code_version="1",
    tags=WEEKLY,
    freshness_policy=dg.FreshnessPolicy.time_window(fail_window=timedelta(days=8)),
    pool="warehouse",
    output_required=False,
)
def data_health_reports(
    context: dg.AssetExecutionContext, warehouse: dg.ResourceParam[Warehouse]
) -> Iterator[dg.MaterializeResult[None]]:
    """What is wrong with the data, what to do about it, and what is fine. One row per report."""
    from roosevelt_pipeline.data_health import as_markdown, read_health
    from roosevelt_pipeline.warehouse.health_reports import keep_report

    refuse_failed_inputs(context)
    health = read_health(warehouse, Role.ANALYTICS)
    if health is None:
        leave_for_later(context, "there is nothing to report on yet")
        return
    now = datetime.now(UTC)
    report = as_markdown(health, now.date())
    with warehouse.connect(Role.ANALYTICS) as connection:
        keep_report(connection, UUID(context.run.run_id), health.as_of, now, health.counts, report)
    yield dg.MaterializeResult(
        metadata={
            "report": dg.MetadataValue.md(report),
            **{f"roosevelt/{severity}s": count for severity, count in health.counts.items()},
            **table_metadata(warehouse, Role.ANALYTICS, *KEY.path),
        }
    )
