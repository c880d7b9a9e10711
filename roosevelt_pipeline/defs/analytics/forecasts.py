"""Marts to analytics: what is to be expected, and whether forecasts have deserved to be shown."""

from collections.abc import Iterator

import dagster as dg

from roosevelt_pipeline.defs.cadence import WEEKLY
from roosevelt_pipeline.defs.gates import leave_for_later, refuse_failed_inputs
from roosevelt_pipeline.defs.tables import table_metadata
from roosevelt_pipeline.settings import Settings
from roosevelt_pipeline.warehouse.connections import Role, Warehouse

KEY = dg.AssetKey(["analytics", "metric_forecasts"])
BACKTESTS = dg.AssetKey(["analytics", "metric_forecast_backtests"])
_MEASURED = [["marts", "fct_metric_days"], ["marts", "fct_metric_windows"], ["reference", "metric_catalog"]]

# Of 0.80. The series of one organisation share their ups and downs, so a good method's coverage strays by some percent
# from quarter to quarter; beyond this the method is at fault, or something has happened to all of them.
LEAST_COVERAGE, MOST_COVERAGE = 0.70, 0.90
LEAST_JUDGED = 10  # series and grains: over fewer the mean says nothing


@dg.asset(
    key=BACKTESTS,
    deps=_MEASURED,
    kinds={"pandas", "postgres"},
    tags=WEEKLY,
    code_version="1",
    pool="warehouse",
    output_required=False,
)
def metric_forecast_backtests(
    context: dg.AssetExecutionContext, settings: dg.ResourceParam[Settings], warehouse: dg.ResourceParam[Warehouse]
) -> Iterator[dg.MaterializeResult[None]]:
    """How forecasts made on past days compare with what came. One row per series, grain and method.

    The model is shown only where its row is better than that of the seasonal naive forecast.
    """
    from roosevelt_pipeline.forecasts import backtest_metrics, calibration
    from roosevelt_pipeline.forecasts_report import backtest_report, calibration_metadata
    from roosevelt_pipeline.metric_weeks import is_measured
    from roosevelt_pipeline.stats.forecasts.parameters import MODEL_VERSION

    refuse_failed_inputs(context)
    with warehouse.connect(Role.ANALYTICS) as connection:
        if not is_measured(connection):
            leave_for_later(context, "no day has been measured yet")
            return
    rows = backtest_metrics(warehouse, settings)
    told = calibration_metadata(calibration(warehouse))
    yield dg.MaterializeResult(
        metadata={
            "found": dg.MetadataValue.md(backtest_report(rows)),
            "model_version": MODEL_VERSION,
            **{f"roosevelt/{name}": value for name, value in told.items()},
            **table_metadata(warehouse, Role.ANALYTICS, *BACKTESTS.path),
        }
    )


@dg.asset(
    key=KEY,
    deps=[*_MEASURED, ["reference", "tier_editions"], BACKTESTS],
    kinds={"pandas", "postgres"},
    code_version="1",
    pool="warehouse",
)
def metric_forecasts(
    context: dg.AssetExecutionContext, settings: dg.ResourceParam[Settings], warehouse: dg.ResourceParam[Warehouse]
) -> dg.MaterializeResult[None]:
    """What the next 90 days and 12 or 13 weeks are expected to hold. One row per metric, scope and day or week ahead.

    Where the model was not better in the last backtest, last week again is shown, and `method` says so. When a better
    tier is reached, and with which probability, is in `analytics.metric_tier_forecasts`; why a series has no forecast,
    in `analytics.metric_forecast_series`.
    """
    from roosevelt_pipeline.forecasts import forecast_metrics
    from roosevelt_pipeline.forecasts_report import report
    from roosevelt_pipeline.stats.forecasts.parameters import MODEL_VERSION

    refuse_failed_inputs(context)
    found = forecast_metrics(warehouse, settings)
    return dg.MaterializeResult(
        metadata={
            "found": dg.MetadataValue.md(report(found)),
            "as_of": str(found.as_of),
            "model_version": MODEL_VERSION,
            **{f"roosevelt/{name}": count for name, count in found.counts.items()},
            **table_metadata(warehouse, Role.ANALYTICS, *KEY.path),
        }
    )


@dg.asset_check(asset=metric_forecast_backtests)
def intervals_hold_what_they_say(warehouse: dg.ResourceParam[Warehouse]) -> dg.AssetCheckResult:
    """Between p10 and p90 lay about eight of ten values that came, over the series for which the model is shown."""
    from roosevelt_pipeline.forecasts import calibration
    from roosevelt_pipeline.forecasts_report import calibration_metadata

    found = calibration(warehouse)
    is_known = found.coverage is not None and found.better >= LEAST_JUDGED
    return dg.AssetCheckResult(
        passed=not is_known or LEAST_COVERAGE <= (found.coverage or 0.0) <= MOST_COVERAGE,
        severity=dg.AssetCheckSeverity.WARN,
        metadata=calibration_metadata(found),
    )


@dg.asset_check(asset=metric_forecasts)
def every_metric_was_forecast(warehouse: dg.ResourceParam[Warehouse]) -> dg.AssetCheckResult:
    """For each metric that has a direction the organisation has a forecast, or a reason why not."""
    from roosevelt_pipeline.forecasts import unforecast

    missing = unforecast(warehouse)
    return dg.AssetCheckResult(passed=not missing, metadata={"missing": missing})
