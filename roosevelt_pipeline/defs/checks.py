"""What must hold beyond dbt's own tests."""

from uuid import UUID

import dagster as dg

from roosevelt_pipeline.warehouse.connections import Role, Warehouse

MOST_REJECTED_RATIO = 0.01  # more than one record in a hundred is no longer bad luck


@dg.asset_check(asset=["raw", "rejected_records"])
def few_records_were_rejected(
    context: dg.AssetCheckExecutionContext, warehouse: dg.ResourceParam[Warehouse]
) -> dg.AssetCheckResult:
    """Of what this run read, hardly anything was unfit to keep. Each reject stands in the table with its reason."""
    from roosevelt_pipeline.warehouse.rejects import rejected_and_seen

    with warehouse.connect(Role.TRANSFORM) as connection:
        rejected, seen = rejected_and_seen(connection, UUID(context.op_execution_context.run.run_id))
    return dg.AssetCheckResult(
        passed=rejected <= MOST_REJECTED_RATIO * seen,
        severity=dg.AssetCheckSeverity.WARN,
        metadata={"rejected_count": rejected, "seen_count": seen},
    )


@dg.asset_check(asset=["bi", "bi__dora_metrics"], additional_deps=[["bi", "bi__changes"], ["bi", "bi__incidents"]])
def bi_sees_no_person(warehouse: dg.ResourceParam[Warehouse]) -> dg.AssetCheckResult:
    """BI's role reads nothing outside its schema, and no column there holds a person's pseudonym."""
    from roosevelt_pipeline.warehouse.exposure import persons_in_bi, reachable_beyond_bi

    with warehouse.connect(Role.TRANSFORM) as connection:
        reachable, persons = reachable_beyond_bi(connection), persons_in_bi(connection)
    return dg.AssetCheckResult(
        passed=not reachable and not persons, metadata={"reachable": reachable, "persons": persons}
    )


@dg.asset_check(asset=["analytics", "metric_tiers"])
def tiers_are_present(warehouse: dg.ResourceParam[Warehouse]) -> dg.AssetCheckResult:
    """The organisation has a row for each tiered metric and window: nothing was judged by silence."""
    from roosevelt_pipeline.judgement import missing_judgements

    missing = missing_judgements(warehouse)
    return dg.AssetCheckResult(passed=not missing, metadata={"missing": missing})
