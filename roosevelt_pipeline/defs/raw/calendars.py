"""Calendars of those who take part in SPACE to raw: weekly what is new, or single weeks anew."""

from collections.abc import Iterator
from datetime import date, timedelta
from typing import Any
from uuid import UUID

import dagster as dg

from roosevelt_pipeline.defs.cadence import WEEKLY, WEEKS
from roosevelt_pipeline.defs.tables import table_metadata
from roosevelt_pipeline.settings import Settings
from roosevelt_pipeline.warehouse.connections import Role, Warehouse

TABLES = {
    "calendar_events": "Entries of participants' calendars, without titles, texts and addresses. One row per entry.",
    "calendar_events_versions": "How entries of calendars stood before. One row per earlier version.",
}
COLLECTIONS = dg.AssetKey(["raw", "calendar_collections"])
COMPLETE = dg.AssetCheckSpec(
    "every_calendar_was_read",
    asset=COLLECTIONS,
    description="Each participant's calendar could be read. Of those that could not, nothing new is known.",
)
_STALE = dg.FreshnessPolicy.time_window(fail_window=timedelta(days=8))


def _specs() -> list[dg.AssetSpec]:
    kinds = {"googlecalendar", "postgres"}
    common: dict[str, Any] = {
        "kinds": kinds, "skippable": True, "code_version": "1", "tags": WEEKLY, "freshness_policy": _STALE,
        "deps": [["raw", "participants"]],
    }  # fmt: skip
    state = dg.AssetSpec(
        COLLECTIONS,
        description="Whose calendars were read, and between when and when they are known. One row per run and person. "
        "Each partition is an ISO week: it can be read anew, which replaces what is held of it.",
        partitions_def=WEEKS,
        **common,
    )
    return [*(dg.AssetSpec(["raw", name], description=text, **common) for name, text in TABLES.items()), state]


@dg.multi_asset(
    name="calendars",
    specs=_specs(),
    check_specs=[COMPLETE],
    can_subset=True,
    backfill_policy=dg.BackfillPolicy.single_run(),
    pool="warehouse",
)
def calendars(
    context: dg.AssetExecutionContext,
    settings: dg.ResourceParam[Settings],
    warehouse: dg.ResourceParam[Warehouse],
) -> Iterator[Any]:
    # A calendar that its owner does not share is nobody's failure: a check names it. If none can be read, the run
    # fails.
    from roosevelt_pipeline.calendars import collect_calendars

    mondays = [date.fromisoformat(key) for key in context.partition_keys] if _is_about_weeks(context) else []
    report = collect_calendars(settings, warehouse, UUID(context.run.run_id), mondays)
    if report.skipped:
        context.log.info(report.skipped)
    for line in report.failures:
        context.log.warning(line)
    told: dict[str, Any] = {f"roosevelt/{name}": count for name, count in report.totals().items()}
    told["roosevelt/skipped"] = report.skipped or "no"
    for name in TABLES:
        if (key := dg.AssetKey(["raw", name])) in context.selected_asset_keys:
            table = table_metadata(warehouse, Role.TRANSFORM, "raw", name)
            yield dg.MaterializeResult(asset_key=key, metadata=told | table)
    if COLLECTIONS in context.selected_asset_keys:
        yield from _weeks(context, warehouse)
    if context.selected_asset_check_keys:
        yield dg.AssetCheckResult(
            asset_key=COLLECTIONS, check_name=COMPLETE.name, severity=dg.AssetCheckSeverity.WARN,
            passed=not report.failures, metadata={"failed": report.failures},
        )  # fmt: skip
    if report.problem or (report.failures and len(report.failures) == len(report.outcomes)):
        lines = [report.problem] if report.problem else report.failures
        raise dg.Failure("\n".join(lines), metadata={"failures": dg.MetadataValue.json(lines)}, allow_retries=False)


def _is_about_weeks(context: dg.AssetExecutionContext) -> bool:
    return context.has_partition_key or context.has_partition_key_range


def _weeks(context: dg.AssetExecutionContext, warehouse: Warehouse) -> Iterator[dg.AssetMaterialization]:
    """The weeks that this run came to know whole, each with the number of people."""
    from roosevelt_pipeline.warehouse.calendars import known_weeks

    with warehouse.connect(Role.INGEST) as connection:
        known = known_weeks(connection, UUID(context.run.run_id))
    asked = set(context.partition_keys) if _is_about_weeks(context) else None
    for monday, people in known:
        key = monday.isoformat()
        if WEEKS.has_partition_key(key) and (asked is None or key in asked):
            yield dg.AssetMaterialization(COLLECTIONS, partition=key, metadata={"roosevelt/people": people})
