"""Findings to delivery: what is worth an interruption, kept, and sent through the outbox."""

from collections.abc import Iterator
from datetime import UTC, datetime

import dagster as dg

from roosevelt_pipeline.defs.gates import leave_for_later, refuse_failed_inputs
from roosevelt_pipeline.defs.tables import table_metadata
from roosevelt_pipeline.settings import Settings
from roosevelt_pipeline.warehouse.connections import Role, Warehouse

KEY = dg.AssetKey(["delivery", "alerts"])
SECONDS_IN_RUN, SECONDS_IN_TICK = 120, 25


@dg.asset(
    key=KEY,
    deps=[
        ["analytics", "metric_anomalies"],
        ["analytics", "metric_forecasts"],
        ["bi", "bi__space_summary"],
        ["marts", "fct_metric_days"],
        ["marts", "fct_metric_windows"],
        ["reference", "metric_catalog"],
    ],
    kinds={"python", "postgres"},
    code_version="1",
    pool="warehouse",
    output_required=False,
)
def alerts(
    context: dg.AssetExecutionContext, settings: dg.ResourceParam[Settings], warehouse: dg.ResourceParam[Warehouse]
) -> Iterator[dg.MaterializeResult[None]]:
    """What the rules of roosevelt.toml found. One row per alert, from its opening to its end.

    Figures of SPACE are read as they were last published. Until `roosevelt alerts enable` nothing is sent.
    """
    from roosevelt_pipeline.alerting.evaluation import evaluate
    from roosevelt_pipeline.alerting.messages import summary
    from roosevelt_pipeline.alerting.outbox import deliver

    refuse_failed_inputs(context)
    found = evaluate(warehouse, settings, datetime.now(UTC))
    if found.day is None:
        leave_for_later(context, "nothing was measured yet")
        return
    tries = deliver(warehouse, settings, seconds=SECONDS_IN_RUN)
    yield dg.MaterializeResult(
        metadata={
            "told": dg.MetadataValue.md(summary(found.news) or "nothing new"),
            "as_of": str(found.day),
            "is_dry_run": found.is_dry_run,
            **{f"roosevelt/{name}": count for name, count in (found.counts | tries).items()},
            **table_metadata(warehouse, Role.ANALYTICS, *KEY.path),
        }
    )


@dg.asset_check(asset=alerts)
def no_message_was_given_up(warehouse: dg.ResourceParam[Warehouse]) -> dg.AssetCheckResult:
    """Each message arrived or is still tried; `roosevelt alerts retry` sends what was given up again."""
    from roosevelt_pipeline.alerting.outbox import given_up

    lost = given_up(warehouse)
    return dg.AssetCheckResult(passed=not lost, severity=dg.AssetCheckSeverity.WARN, metadata={"given_up": lost})


@dg.asset_check(asset=alerts)
def scopes_of_rules_exist(
    settings: dg.ResourceParam[Settings], warehouse: dg.ResourceParam[Warehouse]
) -> dg.AssetCheckResult:
    """Each scope that a rule names was measured once; a slip in a name would keep the rule silent for ever."""
    from roosevelt_pipeline.alerting.scopes import unknown_scopes

    with warehouse.connect(Role.ANALYTICS) as connection:
        unknown = [line for lines in unknown_scopes(connection, settings).values() for line in lines]
    return dg.AssetCheckResult(
        passed=not unknown, severity=dg.AssetCheckSeverity.WARN, metadata={"unknown": "; ".join(unknown)}
    )


@dg.sensor(
    name="alert_outbox",
    minimum_interval_seconds=60,
    default_status=dg.DefaultSensorStatus.RUNNING,
    description="Sends what waits in delivery.alert_messages: what could not be sent at once, and what quiet hours "
    "held back. It starts no run.",
)
def alert_outbox(
    settings: dg.ResourceParam[Settings], warehouse_unlocked: dg.ResourceParam[Warehouse]
) -> dg.SkipReason:
    from roosevelt_pipeline.alerting.outbox import deliver

    tries = deliver(warehouse_unlocked, settings, seconds=SECONDS_IN_TICK)
    return dg.SkipReason(", ".join(f"{kind}: {count}" for kind, count in tries.items()) or "nothing is due")
