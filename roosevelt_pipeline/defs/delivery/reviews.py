"""Alerts and their verdicts to delivery: the weekly page, kept, shown and sent."""

from datetime import UTC, datetime, timedelta
from uuid import UUID

import dagster as dg

from roosevelt_pipeline.defs.cadence import WEEKLY
from roosevelt_pipeline.defs.delivery.alerts import KEY as ALERTS
from roosevelt_pipeline.defs.tables import table_metadata
from roosevelt_pipeline.settings import Settings
from roosevelt_pipeline.warehouse.connections import Role, Warehouse

KEY = dg.AssetKey(["delivery", "alert_reviews"])
TARGET_RATIO = 0.8


@dg.asset(
    key=KEY,
    deps=[ALERTS],
    kinds={"python", "postgres"},
    code_version="1",
    tags=WEEKLY,
    freshness_policy=dg.FreshnessPolicy.time_window(fail_window=timedelta(days=8)),
    pool="warehouse",
)
def alert_reviews(
    context: dg.AssetExecutionContext, settings: dg.ResourceParam[Settings], warehouse: dg.ResourceParam[Warehouse]
) -> dg.MaterializeResult[None]:
    """The alerts of the last week, and how good each rule is by its verdicts. One row per week."""
    from roosevelt_pipeline.alerting.outbox import deliver
    from roosevelt_pipeline.alerting.reviews import review_week

    made = review_week(warehouse, settings, UUID(context.run.run_id), datetime.now(UTC))
    deliver(warehouse, settings, seconds=60)
    return dg.MaterializeResult(
        metadata={
            "page": dg.MetadataValue.md(made.body),
            "roosevelt/judged": made.judged,
            "roosevelt/actionable": made.actionable,
            **table_metadata(warehouse, Role.ANALYTICS, *KEY.path),
        }
    )


@dg.asset_check(asset=alert_reviews)
def most_alerts_are_worth_it(warehouse: dg.ResourceParam[Warehouse]) -> dg.AssetCheckResult:
    """More than four of five judged alerts were actionable; below five verdicts nothing is claimed."""
    with warehouse.connect(Role.ANALYTICS) as connection:
        row = connection.execute(
            "select judged_count, actionable_count from delivery.alert_reviews order by week_date desc limit 1"
        ).fetchone()
    judged, actionable = row or (0, 0)
    return dg.AssetCheckResult(
        passed=judged < 5 or actionable > TARGET_RATIO * judged,
        severity=dg.AssetCheckSeverity.WARN,
        metadata={"judged": judged, "actionable": actionable},
    )
