"""What must hold beyond dbt's own tests."""

from datetime import UTC, datetime
from uuid import UUID

import dagster as dg

from roosevelt_pipeline.settings import Settings
from roosevelt_pipeline.warehouse.connections import Role, Warehouse

LEAST_ANSWERED_RATIO = 1 / 3
FEWEST_ASKED = 5  # a rate of fewer says nothing, and more about persons than it should
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


@dg.asset_check(asset=["raw", "survey_answers"])
def enough_people_answer(warehouse: dg.ResourceParam[Warehouse]) -> dg.AssetCheckResult:
    """A third or more of those answered who were asked in the newest survey that has closed: fewer say little."""
    from roosevelt_pipeline.warehouse.surveys import latest_response

    with warehouse.connect(Role.TRANSFORM) as connection:
        found = latest_response(connection, datetime.now(UTC))
    quarter, asked, answered = found or ("none", 0, 0)
    return dg.AssetCheckResult(
        passed=asked < FEWEST_ASKED or answered >= LEAST_ANSWERED_RATIO * asked,
        severity=dg.AssetCheckSeverity.WARN,
        metadata={"quarter": quarter, "asked_count": asked, "answered_count": answered},
    )


@dg.asset_check(asset=["raw", "survey_answers"])
def no_file_waits_to_be_mended(settings: dg.ResourceParam[Settings]) -> dg.AssetCheckResult:
    """No file of answers lies in rejected. Beside each that does, a report names row and column."""
    from roosevelt_pipeline.surveys.inbox import rejected_files

    found = [path.name for path in rejected_files(settings)]
    return dg.AssetCheckResult(
        passed=not found, severity=dg.AssetCheckSeverity.WARN, metadata={"files": found, "count": len(found)}
    )


@dg.asset_check(asset=["raw", "participants"])
def every_row_of_the_directory_is_used(settings: dg.ResourceParam[Settings]) -> dg.AssetCheckResult:
    """Each row of the directory of people could be read. Faults name row and column, and nobody."""
    from roosevelt_pipeline.sources.people.directory import directory_path, read_directory

    path = directory_path(settings)
    faults = read_directory(settings).faults if path and path.exists() else []
    return dg.AssetCheckResult(
        passed=not faults, severity=dg.AssetCheckSeverity.WARN, metadata={"faults": faults[:50], "count": len(faults)}
    )


@dg.asset_check(asset=["bi", "bi__data_health"])
def every_repository_is_fresh(warehouse: dg.ResourceParam[Warehouse]) -> dg.AssetCheckResult:
    """Each repository of the policy was read to its end within the two days before the as-of date ended."""
    return _none_of(warehouse, "collection_stale")


@dg.asset_check(asset=["bi", "bi__data_health"])
def counts_agree(warehouse: dg.ResourceParam[Warehouse]) -> dg.AssetCheckResult:
    """We hold no fewer pull requests, deployments and releases than GitHub counts, and not many more."""
    return _none_of(warehouse, "count_differs")


def _none_of(warehouse: Warehouse, name: str) -> dg.AssetCheckResult:
    """Passes unless data health has an error or a warning of this check: what a note says needs nobody."""
    from roosevelt_pipeline.data_health import read_health

    health = read_health(warehouse, Role.ANALYTICS)
    found = [one for one in health.findings if one.check == name] if health else []
    bad = [f"{one.scope} {one.subject}".strip() for one in found if one.severity in ("error", "warning")]
    return dg.AssetCheckResult(passed=not bad, severity=dg.AssetCheckSeverity.WARN, metadata={"found": bad})


@dg.asset_check(asset=["analytics", "metric_tiers"])
def tiers_are_present(warehouse: dg.ResourceParam[Warehouse]) -> dg.AssetCheckResult:
    """The organisation has a row for each tiered metric and window: nothing was judged by silence."""
    from roosevelt_pipeline.judgement import missing_judgements

    missing = missing_judgements(warehouse)
    return dg.AssetCheckResult(passed=not missing, metadata={"missing": missing})
