"""Marts to published: figures about groups of persons, once they have passed the gate."""

from collections.abc import Iterator
from datetime import date
from typing import Any
from uuid import UUID

import dagster as dg

from roosevelt_pipeline.defs.cadence import WEEKLY, WEEKS
from roosevelt_pipeline.defs.gates import refuse_failed_inputs
from roosevelt_pipeline.defs.tables import table_metadata
from roosevelt_pipeline.settings import Settings
from roosevelt_pipeline.warehouse.connections import Role, Warehouse

KEY = dg.AssetKey(["published", "space_figures"])
WEEKS_DECIDED = dg.AssetKey(["published", "space_weeks"])


def _specs() -> list[dg.AssetSpec]:
    common: dict[str, Any] = {
        "deps": [["marts", "space_candidates"], ["marts", "space_contributors"]], "kinds": {"numpy", "postgres"},
        "tags": WEEKLY, "skippable": True, "code_version": "1",
    }  # fmt: skip
    return [
        dg.AssetSpec(
            KEY,
            description="What may be known of groups of persons. One row per figure, group and period that the gate "
            "has decided about, once and for ever.",
            **common,
        ),
        dg.AssetSpec(
            WEEKS_DECIDED,
            description="Of which weeks the gate has decided. One row per week, which is a partition, in which periods "
            "ended: a run without one decides about all that has ended since.",
            partitions_def=WEEKS,
            **common,
        ),
    ]


@dg.multi_asset(
    name="space_figures",
    specs=_specs(),
    can_subset=True,
    backfill_policy=dg.BackfillPolicy.single_run(),
    pool="warehouse",
)
def space_figures(
    context: dg.AssetExecutionContext, settings: dg.ResourceParam[Settings], warehouse: dg.ResourceParam[Warehouse]
) -> Iterator[Any]:
    # Periods that were decided about stay as they are, so a second run of a week finds nothing to do. What stands on
    # the table is made whether or not something can be added to it.
    try:
        yield from _decided(context, settings, warehouse)
    except Exception:
        yield from _table(context, warehouse)
        raise
    yield from _table(context, warehouse)


def _decided(
    context: dg.AssetExecutionContext, settings: Settings, warehouse: Warehouse
) -> Iterator[dg.AssetMaterialization]:
    """Decides, and tells of each week."""
    from roosevelt_pipeline.publishing import publish

    refuse_failed_inputs(context)
    asked = context.has_partition_key or context.has_partition_key_range
    weeks: dict[str, dict[str, int]] = {key: {} for key in context.partition_keys} if asked else {}
    mondays = [date.fromisoformat(key) for key in sorted(weeks)] if asked else None
    for released in publish(warehouse, settings.privacy, UUID(context.run.run_id), mondays):
        context.log.info(f"{released.period.name} from {released.period.start}: {released.counts}")
        counts = weeks.setdefault(released.period.last_monday.isoformat(), {})
        for name, count in released.counts.items():
            counts[name] = counts.get(name, 0) + count
    for partition, counts in weeks.items():
        if not WEEKS.has_partition_key(partition):
            continue  # from before the first partition; decided about all the same
        numbers = {f"roosevelt/{name}": count for name, count in ({"published": 0} | counts).items()}
        yield dg.AssetMaterialization(WEEKS_DECIDED, partition=partition, metadata=numbers)


def _table(context: dg.AssetExecutionContext, warehouse: Warehouse) -> Iterator[dg.MaterializeResult[None]]:
    if KEY in context.selected_asset_keys:
        yield dg.MaterializeResult(asset_key=KEY, metadata=table_metadata(warehouse, Role.ANALYTICS, *KEY.path))
