"""What assets are given: plain objects, made when a run needs them and not before.

The wrappers hold no address and no secret, and what they make knows nothing of Dagster.
"""

from collections.abc import Iterator
from contextlib import contextmanager

import dagster as dg

from roosevelt_pipeline.settings import Settings
from roosevelt_pipeline.warehouse.connections import Warehouse

LONGEST_WAIT_SECONDS = 3 * 3600.0


class SettingsResource(dg.ConfigurableResource[Settings]):
    """roosevelt.toml and the environment, read anew for each run."""

    @contextmanager
    def yield_for_execution(self, context: dg.InitResourceContext) -> Iterator[Settings]:
        from roosevelt_pipeline.services import reachable_settings

        with reachable_settings(start=context.run is not None) as settings:
            yield settings


class WarehouseResource(dg.ConfigurableResource[Warehouse]):
    """DATABASE_URL's database, else the embedded server's: checked, migrated, and nobody else's while a run writes."""

    is_exclusive: bool = True

    @contextmanager
    def yield_for_execution(self, context: dg.InitResourceContext) -> Iterator[Warehouse]:
        from roosevelt_pipeline.services import current_profile, prepare_warehouse
        from roosevelt_pipeline.warehouse.locks import writer_lock

        warehouse, _ = prepare_warehouse(current_profile())
        if not self.is_exclusive:
            yield warehouse
            return
        holder = context.run.run_id if context.run else "without a number"
        with writer_lock(
            warehouse, holder, patience_seconds=LONGEST_WAIT_SECONDS, on_wait=lambda text: _say(context, text)
        ):
            yield warehouse


def _say(context: dg.InitResourceContext, text: str) -> None:
    if context.log:
        context.log.info(text)


@dg.definitions
def resources() -> dg.Definitions:
    # None is nested in another: Dagster would make, and lock, a warehouse for each place it stands in.
    return dg.Definitions(
        resources={
            "settings": SettingsResource(),
            "warehouse": WarehouseResource(),
            "warehouse_unlocked": WarehouseResource(is_exclusive=False),
        }
    )
