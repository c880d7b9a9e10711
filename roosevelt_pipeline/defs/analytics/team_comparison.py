"""Marts to analytics: how a team stands among those that take part, for that team alone."""

from collections.abc import Iterator

import dagster as dg

from roosevelt_pipeline.defs.cadence import WEEKLY
from roosevelt_pipeline.defs.gates import leave_for_later, refuse_failed_inputs
from roosevelt_pipeline.defs.tables import table_metadata
from roosevelt_pipeline.settings import Settings
from roosevelt_pipeline.warehouse.connections import Role, Warehouse

KEY = dg.AssetKey(["analytics", "team_comparison"])


@dg.asset(
    key=KEY,
    deps=[
        ["marts", "dim_team_members"],
        ["marts", "fct_metric_rolling"],
        ["bi", "bi__space_summary"],
        ["reference", "metric_catalog"],
    ],
    kinds={"pandas", "postgres"},
    tags=WEEKLY,
    code_version="1",
    pool="warehouse",
    output_required=False,
)
def team_comparison(
    context: dg.AssetExecutionContext, settings: dg.ResourceParam[Settings], warehouse: dg.ResourceParam[Warehouse]
) -> Iterator[dg.MaterializeResult[None]]:
    """A team's own value against the middle half of the teams that take part. One row per team that does, and metric.

    What it sees of each other team is in `analytics.team_comparison_values`, by letters that are its own.
    """
    from roosevelt_pipeline.team_comparison import compare_teams
    from roosevelt_pipeline.team_comparison_report import report

    refuse_failed_inputs(context)
    compared = compare_teams(warehouse, settings)
    if compared is None:
        leave_for_later(context, "nothing has been measured yet")
        return
    yield dg.MaterializeResult(
        metadata={
            "found": dg.MetadataValue.md(report(compared)),
            "roosevelt/compared": int((compared.positions["status"] == "ok").sum()),
            "roosevelt/suppressed": int((compared.positions["status"] == "suppressed").sum()),
            "roosevelt/too_small": len(compared.too_small),
            **table_metadata(warehouse, Role.ANALYTICS, *KEY.path),
        }
    )


@dg.asset_check(asset=team_comparison)
def nobody_is_told_too_much(warehouse: dg.ResourceParam[Warehouse]) -> dg.AssetCheckResult:
    """No metric is compared over fewer than five teams, and no letter is a team's name."""
    from roosevelt_pipeline.team_comparison import told_too_much

    found = told_too_much(warehouse)
    return dg.AssetCheckResult(passed=not found, metadata={"found": found})
