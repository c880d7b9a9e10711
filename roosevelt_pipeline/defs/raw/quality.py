"""How good the code is, as far as it can be measured: coverage of tests, and lines. Weekly."""

from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import TYPE_CHECKING, Any
from uuid import UUID

import dagster as dg

from roosevelt_pipeline.defs.cadence import WEEKLY
from roosevelt_pipeline.defs.tables import table_metadata
from roosevelt_pipeline.settings import Settings
from roosevelt_pipeline.warehouse.connections import Role, Warehouse

if TYPE_CHECKING:
    from roosevelt_pipeline.quality import Collected


def _measured(name: str, description: str, collector: str) -> dg.AssetsDefinition:
    """A table of measures, which delivers what landed and then fails by name: one repository holds nobody else up.

    Args:
        collector: of `roosevelt_pipeline.quality`, which is loaded when it is needed.
    """

    @dg.asset(
        key=["raw", name],
        description=description,
        kinds={"github", "postgres"},
        code_version="1",
        tags=WEEKLY,
        freshness_policy=dg.FreshnessPolicy.time_window(fail_window=timedelta(days=8)),
        pool="warehouse",
    )
    def measured(
        context: dg.AssetExecutionContext, settings: dg.ResourceParam[Settings], warehouse: dg.ResourceParam[Warehouse]
    ) -> Iterator[Any]:
        from roosevelt_pipeline import quality

        yield from _delivered(context, settings, warehouse, getattr(quality, collector), name)

    return measured


coverage_reports = _measured(
    "coverage_reports",
    "How much of the code tests reach, from artifacts, Codecov and dropped files. One row per report.",
    "collect_coverage",
)
repository_lines = _measured(
    "repository_lines",
    "Lines of code, counted in a checkout or estimated. One row per repository, method and day.",
    "collect_lines",
)


def _delivered(
    context: dg.AssetExecutionContext,
    settings: Settings,
    warehouse: Warehouse,
    collect: "Callable[[Settings, Warehouse, UUID], Collected]",
    table: str,
) -> Iterator[Any]:
    collected = collect(settings, warehouse, UUID(context.run.run_id))
    for line in collected.skipped:
        context.log.info(line)
    landed = collected.landed
    yield dg.MaterializeResult(
        metadata={
            "roosevelt/rows_seen": landed.seen,
            "roosevelt/versions_added": landed.versions,
            "roosevelt/rejects": landed.rejects,
            **table_metadata(warehouse, Role.TRANSFORM, "raw", table),
        }
    )
    if collected.failures:
        lines = collected.failures
        raise dg.Failure("\n".join(lines), metadata={"failures": dg.MetadataValue.json(lines)}, allow_retries=False)
