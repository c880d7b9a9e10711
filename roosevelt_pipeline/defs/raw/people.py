"""Who takes part in SPACE, and what they answered: by pseudonym alone."""

from collections.abc import Iterator

import dagster as dg

from roosevelt_pipeline.defs.tables import table_metadata
from roosevelt_pipeline.warehouse.connections import Role, Warehouse

TABLES = {
    "participants": "Who takes part in SPACE and since when; nobody by default. One row per person and period.",
    "people_settings": "Zone, working hours and days of those who take part. One row per participant.",
    "survey_answers": "Scores of the quarterly survey, without the text. One row per respondent and quarter.",
    "survey_invitations": "Who was asked when. One row per person and quarter.",
}


@dg.multi_asset(
    name="participation",
    specs=[dg.AssetSpec(["raw", name], description=text, kinds={"postgres"}) for name, text in TABLES.items()],
    pool="warehouse",
)
def participation(warehouse: dg.ResourceParam[Warehouse]) -> Iterator[dg.MaterializeResult]:
    # These tables are written when people decide or answer; a run only says what they hold by then.
    for name in TABLES:
        yield dg.MaterializeResult(
            asset_key=["raw", name], metadata=table_metadata(warehouse, Role.TRANSFORM, "raw", name)
        )
