"""Marts to analytics: what is out of the ordinary."""

import dagster as dg

from roosevelt_pipeline.defs.gates import refuse_failed_inputs
from roosevelt_pipeline.defs.tables import table_metadata
from roosevelt_pipeline.settings import Settings
from roosevelt_pipeline.warehouse.connections import Role, Warehouse

KEY = dg.AssetKey(["analytics", "metric_anomalies"])
MOST_NEW_ALERTS_RATIO = 0.05  # of the series; on one day more is a fault of the data sooner than of the teams


@dg.asset(
    key=KEY,
    deps=[["marts", "fct_metric_days"], ["reference", "metric_catalog"]],
    kinds={"pandas", "postgres"},
    code_version="1",
    pool="warehouse",
)
def metric_anomalies(
    context: dg.AssetExecutionContext, settings: dg.ResourceParam[Settings], warehouse: dg.ResourceParam[Warehouse]
) -> dg.MaterializeResult[None]:
    """What is too improbable to be chance and large enough to act on. One row per incident of a metric and scope.

    No row does not mean that all is ordinary: `analytics.metric_anomaly_series` says of which series it does.
    """
    from roosevelt_pipeline.anomalies import judge_anomalies
    from roosevelt_pipeline.anomalies_report import report
    from roosevelt_pipeline.stats.anomalies.parameters import MODEL_VERSION

    refuse_failed_inputs(context)
    found = judge_anomalies(warehouse, settings)
    return dg.MaterializeResult(
        metadata={
            "found": dg.MetadataValue.md(report(found)),
            "as_of": str(found.as_of),
            "model_version": MODEL_VERSION,
            **{f"roosevelt/{name}": count for name, count in found.counts.items()},
            **table_metadata(warehouse, Role.ANALYTICS, *KEY.path),
        }
    )


@dg.asset_check(asset=metric_anomalies)
def alerts_are_rare(warehouse: dg.ResourceParam[Warehouse]) -> dg.AssetCheckResult:
    """On the newest day hardly any series raised an alert: where many do at once, doubt the data first."""
    from roosevelt_pipeline.anomalies import newly_raised

    raised, judged = newly_raised(warehouse)
    return dg.AssetCheckResult(
        passed=raised <= max(1.0, MOST_NEW_ALERTS_RATIO * judged),
        severity=dg.AssetCheckSeverity.WARN,
        metadata={"new_alerts": raised, "series_judged": judged},
    )


@dg.asset_check(asset=metric_anomalies)
def every_metric_was_searched(warehouse: dg.ResourceParam[Warehouse]) -> dg.AssetCheckResult:
    """The organisation has a state for each metric that has a direction: nothing was found ordinary by silence."""
    from roosevelt_pipeline.anomalies import unsearched

    missing = unsearched(warehouse)
    return dg.AssetCheckResult(passed=not missing, metadata={"missing": missing})
