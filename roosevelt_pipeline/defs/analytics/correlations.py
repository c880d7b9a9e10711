"""Marts to analytics: which metrics moved together."""

from collections.abc import Iterator

import dagster as dg

from roosevelt_pipeline.defs.cadence import WEEKLY
from roosevelt_pipeline.defs.gates import leave_for_later, refuse_failed_inputs
from roosevelt_pipeline.defs.tables import table_metadata
from roosevelt_pipeline.warehouse.connections import Role, Warehouse

KEY = dg.AssetKey(["analytics", "metric_correlations"])
MOST_SIGNIFICANT_RATIO = 0.25  # of the comparisons: where more moves together, something moved the data


@dg.asset(
    key=KEY,
    deps=[
        ["marts", "fct_metric_windows"],
        ["bi", "bi__space_summary"],
        ["reference", "metric_catalog"],
        ["reference", "space_catalog"],
    ],
    kinds={"pandas", "postgres"},
    tags=WEEKLY,
    code_version="1",
    pool="warehouse",
    output_required=False,
)
def metric_correlations(
    context: dg.AssetExecutionContext, warehouse: dg.ResourceParam[Warehouse]
) -> Iterator[dg.MaterializeResult[None]]:
    """Which metrics moved together from week to week. One row per scope, pair of metrics and lag that was looked at.

    Within a scope over time, from published figures; never over persons. It does not say why, and what was not seen may
    be there all the same: `status` says of what there was not enough data.
    """
    from roosevelt_pipeline.correlations import judge_correlations
    from roosevelt_pipeline.correlations_report import report
    from roosevelt_pipeline.stats.correlations.parameters import MODEL_VERSION

    refuse_failed_inputs(context)
    looked = judge_correlations(warehouse)
    if looked is None:
        leave_for_later(context, "no week has been measured yet")
        return
    yield dg.MaterializeResult(
        metadata={
            "found": dg.MetadataValue.md(report(looked)),
            "as_of": str(looked.as_of),
            "model_version": MODEL_VERSION,
            **{f"roosevelt/{name}": count for name, count in looked.counts.items()},
            **table_metadata(warehouse, Role.ANALYTICS, *KEY.path),
        }
    )


@dg.asset_check(asset=metric_correlations)
def every_question_has_an_answer(warehouse: dg.ResourceParam[Warehouse]) -> dg.AssetCheckResult:
    """Each pair that was asked for has a row of the organisation, if only with the reason why nothing can be said."""
    from roosevelt_pipeline.correlations import unanswered

    missing = unanswered(warehouse)
    return dg.AssetCheckResult(passed=not missing, metadata={"missing": missing})


@dg.asset_check(asset=metric_correlations)
def not_everything_moves_together(warehouse: dg.ResourceParam[Warehouse]) -> dg.AssetCheckResult:
    """Few comparisons are significant: where many are, a common cause in the data (a gap, a re-import) comes first."""
    from roosevelt_pipeline.correlations import share_significant

    significant, tested = share_significant(warehouse)
    return dg.AssetCheckResult(
        passed=significant <= max(3.0, MOST_SIGNIFICANT_RATIO * tested),
        severity=dg.AssetCheckSeverity.WARN,
        metadata={"significant": significant, "tested": tested},
    )
