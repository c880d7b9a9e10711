"""roosevelt.toml to raw: the choices that models and functions read, and the as-of date."""

from collections.abc import Iterator
from datetime import UTC, datetime
from uuid import UUID

import dagster as dg
from pydantic import Field

from roosevelt_pipeline.defs.tables import table_metadata
from roosevelt_pipeline.settings import Settings, last_complete_day
from roosevelt_pipeline.warehouse.connections import Role, Warehouse

TABLES = {
    "policy_parameters": "The as-of date and every threshold of roosevelt.toml. One row per warehouse.",
    "policy_services": "Services that roosevelt.toml declares. One row per service.",
    "policy_owners": "Which team owns a service since when, as declared. One row per service and owner.",
    "policy_owner_history": "When the team of a service was seen to change. One row per service and change.",
    "policy_teams": "Teams that roosevelt.toml declares. One row per team.",
    "policy_deployment_rules": "How deployments are recognised; the first that matches holds. One row per rule.",
    "policy_words": "What words of other systems mean. One row per system, kind and word.",
    "policy_severities": "Which labels make an incident how severe, worst first. One row per severity.",
}


class AsOf(dg.Config):
    """The newest day that counts."""

    as_of: str | None = Field(
        None, description="YYYY-MM-DD; the last complete day (UTC) if empty.", pattern=r"^\d{4}-\d{2}-\d{2}$"
    )


@dg.multi_asset(
    name="policy",
    specs=[dg.AssetSpec(["raw", name], description=text, kinds={"toml", "postgres"}) for name, text in TABLES.items()],
    pool="warehouse",
    op_tags={"dagster/priority": "1"},  # first, as it takes no time and says what the rest is for
)
def policy(
    context: dg.AssetExecutionContext,
    config: AsOf,
    settings: dg.ResourceParam[Settings],
    warehouse: dg.ResourceParam[Warehouse],
) -> Iterator[dg.MaterializeResult]:
    from roosevelt_pipeline.warehouse.policy import write_policy

    as_of = datetime.fromisoformat(config.as_of).date() if config.as_of else last_complete_day(datetime.now(UTC).date())
    with warehouse.connect(Role.INGEST) as connection:
        write_policy(connection, settings, as_of, UUID(context.run.run_id))
    for name in TABLES:
        yield dg.MaterializeResult(
            asset_key=["raw", name],
            metadata={"as_of": as_of.isoformat(), **table_metadata(warehouse, Role.INGEST, "raw", name)},
        )
