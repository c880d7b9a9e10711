"""Calendars of those who take part in SPACE: times and kinds, without words."""

from collections.abc import Iterator

import dagster as dg

from roosevelt_pipeline.defs.tables import table_metadata
from roosevelt_pipeline.warehouse.connections import Role, Warehouse

TABLES = {
    "calendar_events": "Entries of participants' calendars, without titles, texts and addresses. One row per entry.",
    "calendar_events_versions": "How entries of calendars stood before. One row per earlier version.",
    "calendar_collections": "Whose calendars were read, and from when until when they are known. One row per run and "
    "person.",
}


@dg.multi_asset(
    name="calendars",
    specs=[dg.AssetSpec(["raw", name], description=text, kinds={"postgres"}) for name, text in TABLES.items()],
    pool="warehouse",
)
def calendars(warehouse: dg.ResourceParam[Warehouse]) -> Iterator[dg.MaterializeResult]:
    for name in TABLES:
        yield dg.MaterializeResult(
            asset_key=["raw", name], metadata=table_metadata(warehouse, Role.TRANSFORM, "raw", name)
        )
