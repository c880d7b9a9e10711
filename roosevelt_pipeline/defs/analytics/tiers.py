"""Marts to analytics: the tier of each DORA metric, by the edition in force."""

import dagster as dg

from roosevelt_pipeline.defs.gates import refuse_failed_inputs
from roosevelt_pipeline.defs.tables import table_metadata
from roosevelt_pipeline.settings import Settings
from roosevelt_pipeline.warehouse.connections import Role, Warehouse

KEY = dg.AssetKey(["analytics", "metric_tiers"])


@dg.asset(
    key=KEY,
    deps=[["marts", "fct_metric_rolling"], ["reference", "tier_editions"]],
    kinds={"pandas", "postgres"},
    code_version="2",
    pool="warehouse",
)
def metric_tiers(
    context: dg.AssetExecutionContext, settings: dg.ResourceParam[Settings], warehouse: dg.ResourceParam[Warehouse]
) -> dg.MaterializeResult[None]:
    """Each DORA metric's tier. One row per as-of date, scope, metric and window.

    A missing tier means too few data to judge, not the lowest tier. When each changed, and from what, is in
    `analytics.metric_tier_spells`.
    """
    from roosevelt_pipeline.judgement import changed_tiers, changes_table, judge_tiers

    refuse_failed_inputs(context)
    counts = judge_tiers(warehouse, settings.metrics.tier_edition)
    changed = changed_tiers(warehouse)
    return dg.MaterializeResult(
        metadata={
            "edition": settings.metrics.tier_edition,
            **{f"roosevelt/{tier.lower().replace(' ', '_')}": count for tier, count in counts.items()},
            "roosevelt/tiers_changed": len(changed),
            "changes": dg.MetadataValue.md(changes_table(changed)),
            **table_metadata(warehouse, Role.ANALYTICS, *KEY.path),
        }
    )
