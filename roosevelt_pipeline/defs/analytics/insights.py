"""Marts to analytics: what is worth telling."""

import dagster as dg

from roosevelt_pipeline.defs.gates import refuse_failed_inputs
from roosevelt_pipeline.defs.tables import table_metadata
from roosevelt_pipeline.warehouse.connections import Role, Warehouse

KEY = dg.AssetKey(["analytics", "insights"])
MOST_TOLD_RATIO = 2.0  # of the scopes: what tells more on one day is not read


@dg.asset(
    key=KEY,
    deps=[
        ["analytics", "metric_forecasts"],
        ["marts", "dim_services"],
        ["marts", "fct_changes"],
        ["marts", "fct_metric_days"],
        ["marts", "fct_metric_events"],
        ["marts", "fct_metric_items"],
        ["marts", "fct_metric_windows"],
        ["marts", "fct_pull_request_sizes"],
        ["reference", "metric_catalog"],
    ],
    kinds={"pandas", "postgres"},
    code_version="1",
    pool="warehouse",
)
def insights(context: dg.AssetExecutionContext, warehouse: dg.ResourceParam[Warehouse]) -> dg.MaterializeResult[None]:
    """What is worth telling, in sentences with their tests. One row per day and insight that was found on it.

    No row does not mean that there is nothing: `analytics.insight_questions` says of which questions it does.
    """
    from roosevelt_pipeline.insights import find_insights
    from roosevelt_pipeline.insights_report import report
    from roosevelt_pipeline.stats.insights.parameters import MODEL_VERSION

    refuse_failed_inputs(context)
    told = find_insights(warehouse)
    return dg.MaterializeResult(
        metadata={
            "told": dg.MetadataValue.md(report(told)),
            "as_of": str(told.as_of),
            "model_version": MODEL_VERSION,
            **{f"roosevelt/{name}": count for name, count in told.counts.items()},
            **table_metadata(warehouse, Role.ANALYTICS, *KEY.path),
        }
    )


@dg.asset_check(asset=insights)
def every_scope_was_asked_about(warehouse: dg.ResourceParam[Warehouse]) -> dg.AssetCheckResult:
    """Each service, team and organisation that was measured for a week has an answer, if only a reason for none."""
    from roosevelt_pipeline.insights import unasked

    missing = unasked(warehouse)
    return dg.AssetCheckResult(passed=not missing, metadata={"missing": missing})


@dg.asset_check(asset=insights)
def few_are_told_at_once(warehouse: dg.ResourceParam[Warehouse]) -> dg.AssetCheckResult:
    """One day tells no more than two insights a scope: where it does, doubt the data first."""
    from roosevelt_pipeline.insights import told_today

    told, scopes = told_today(warehouse)
    return dg.AssetCheckResult(
        passed=told <= max(10.0, MOST_TOLD_RATIO * scopes),
        severity=dg.AssetCheckSeverity.WARN,
        metadata={"told": told, "scopes": scopes},
    )
