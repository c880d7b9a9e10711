"""What other systems tell: posted events leave the door and land; what was imported from files is shown."""

from uuid import UUID

import dagster as dg

from roosevelt_pipeline.defs.tables import table_metadata
from roosevelt_pipeline.warehouse.connections import Role, Warehouse


@dg.asset(
    key=["raw", "deployment_events"],
    description="Deployments that other systems tell, posted or imported from files. One row per deployment and phase.",
    kinds={"python", "postgres"},
    code_version="1",
    pool="warehouse",
)
def deployment_events(
    context: dg.AssetExecutionContext, warehouse: dg.ResourceParam[Warehouse]
) -> dg.MaterializeResult[None]:
    from roosevelt_pipeline.imports import land_posted_events

    with warehouse.connect(Role.INGEST, autocommit=True) as connection:
        landed = land_posted_events(connection, UUID(context.run.run_id))
    table = table_metadata(warehouse, Role.TRANSFORM, "raw", "deployment_events")
    return dg.MaterializeResult(
        metadata={"posted": landed.seen, "versions_added": landed.versions, "rejected": landed.rejects, **table}
    )


@dg.asset(
    key=["raw", "imported_incidents"],
    description="Incidents that `roosevelt import incidents` brought in. One row per incident.",
    kinds={"python", "postgres"},
    code_version="1",
    pool="warehouse",
)
def imported_incidents(warehouse: dg.ResourceParam[Warehouse]) -> dg.MaterializeResult[None]:
    # Files land when somebody imports them; a run only says how many incidents there are by then.
    return dg.MaterializeResult(metadata=table_metadata(warehouse, Role.TRANSFORM, "raw", "imported_incidents"))
