"""Marts and findings to delivery: the monthly page, kept and shown."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from uuid import UUID

import dagster as dg

from roosevelt_pipeline.defs.cadence import WEEKLY
from roosevelt_pipeline.defs.gates import leave_for_later, refuse_failed_inputs
from roosevelt_pipeline.defs.tables import table_metadata
from roosevelt_pipeline.settings import Settings
from roosevelt_pipeline.warehouse.connections import Role, Warehouse

KEY = dg.AssetKey(["delivery", "executive_summaries"])


@dg.asset(
    key=KEY,
    deps=[
        ["analytics", "insights"],
        ["analytics", "metric_anomalies"],
        ["analytics", "metric_tiers"],
        ["marts", "dora_weekly"],
        ["marts", "fct_metric_days"],
        ["marts", "fct_metric_events"],
        ["marts", "fct_metric_rolling"],
        ["reference", "tier_editions"],
    ],
    kinds={"python", "postgres"},
    code_version="2",
    tags=WEEKLY,
    freshness_policy=dg.FreshnessPolicy.time_window(fail_window=timedelta(days=8)),
    pool="warehouse",
    output_required=False,
)
def executive_summaries(
    context: dg.AssetExecutionContext, settings: dg.ResourceParam[Settings], warehouse: dg.ResourceParam[Warehouse]
) -> Iterator[dg.MaterializeResult[None]]:
    """A page about the last month that has ended: text, numbers, three charts. One row per month.

    Each weekly run makes the last month's page anew, since late data still come in; what is older stays as it was.
    It is sent once, when it is made first, where alerts are turned on.
    """
    from roosevelt_pipeline.alerting.notes import Note, is_enabled, write_note
    from roosevelt_pipeline.alerting.outbox import deliver
    from roosevelt_pipeline.executive_summary import summarise
    from roosevelt_pipeline.reporting.summaries import as_html, as_markdown

    refuse_failed_inputs(context)
    now = datetime.now(UTC)
    summary = summarise(warehouse, UUID(context.run.run_id), now)
    if summary is None:
        leave_for_later(context, "no month has ended of which anything was observed")
        return
    page = Note("summary", f"{summary.month:%Y-%m}", "info", summary.title, as_markdown(summary), as_html(summary))
    with warehouse.connect(Role.ANALYTICS) as connection:
        write_note(connection, settings, page, now, is_dry_run=not is_enabled(connection))
    deliver(warehouse, settings, seconds=60)
    yield dg.MaterializeResult(
        metadata={
            "page": dg.MetadataValue.md(as_markdown(summary)),
            "month": f"{summary.month:%Y-%m}",
            **table_metadata(warehouse, Role.ANALYTICS, *KEY.path),
        }
    )


@dg.asset_check(asset=executive_summaries)
def the_page_tells_what_the_marts_hold(warehouse: dg.ResourceParam[Warehouse]) -> dg.AssetCheckResult:
    """The newest page counts as many deployments as the events now do; where late ones came in, make it anew."""
    from roosevelt_pipeline.executive_summary import deployments_told_and_held

    told, held = deployments_told_and_held(warehouse)
    return dg.AssetCheckResult(
        passed=told == held,
        severity=dg.AssetCheckSeverity.WARN,
        metadata={"told": told, "held": held},
    )
