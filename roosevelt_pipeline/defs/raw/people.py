"""Who takes part in SPACE: by pseudonym alone."""

from collections.abc import Iterator
from typing import Any

import dagster as dg

from roosevelt_pipeline.defs.tables import table_metadata
from roosevelt_pipeline.settings import Settings
from roosevelt_pipeline.warehouse.connections import Role, Warehouse

PEOPLE = {
    "participants": "Who takes part in SPACE and since when; nobody by default. One row per person and period.",
    "people_settings": "Zone, working hours and days of those who take part. One row per participant.",
}


@dg.multi_asset(
    name="people",
    specs=[
        dg.AssetSpec(["raw", name], description=text, kinds={"python", "postgres"}) for name, text in PEOPLE.items()
    ],
    pool="warehouse",
)
def people(
    context: dg.AssetExecutionContext,
    settings: dg.ResourceParam[Settings],
    warehouse: dg.ResourceParam[Warehouse],
) -> Iterator[Any]:
    # What was kept of people for long enough goes first.
    # Delivers what there is and then fails, if the directory cannot be read: nobody else's numbers wait for it.
    from roosevelt_pipeline.people import PeopleReport, follow_people, forget_outlived
    from roosevelt_pipeline.sources.github.errors import GitHubError
    from roosevelt_pipeline.sources.people.directory import DirectoryError

    outlived = forget_outlived(settings, warehouse)
    problem = None
    try:
        report = follow_people(settings, warehouse)
    except (DirectoryError, GitHubError) as error:
        report, problem = PeopleReport(skipped=str(error)), str(error)
    for line in report.faults:
        context.log.warning(line)
    told: dict[str, Any] = {
        "roosevelt/skipped": report.skipped or "no",
        "roosevelt/listed": report.listed,
        "roosevelt/begun": report.changes.begun,
        "roosevelt/ended": report.changes.ended,
        "roosevelt/rows_deleted": report.changes.rows_deleted,
        "roosevelt/rows_outlived": sum(outlived.values()),
        "roosevelt/outlived": dg.MetadataValue.json(outlived),
        "roosevelt/faults": len(report.faults),
    }
    for name in PEOPLE:
        yield dg.MaterializeResult(
            asset_key=["raw", name], metadata=told | table_metadata(warehouse, Role.TRANSFORM, "raw", name)
        )
    if problem:
        raise dg.Failure(problem, metadata={"failures": dg.MetadataValue.json([problem])}, allow_retries=False)
