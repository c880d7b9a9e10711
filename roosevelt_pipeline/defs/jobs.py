"""What runs together, and how a run treats a step that failed in part."""

from collections.abc import Collection
from datetime import date
from typing import Any

import dagster as dg

from roosevelt_pipeline.defs.cadence import IS_QUARTERLY, IS_SPACE, IS_WEEKLY
from roosevelt_pipeline.defs.delivery.alerts import KEY as ALERTS_KEY
from roosevelt_pipeline.defs.published.figures import KEY, WEEKS_DECIDED

# One process: parsing and importing cost more than two cores could win back. A step starts as
# soon as what it reads is there: collection delivers what landed and then fails by name if a
# repository did, and the marts are built all the same.
in_process = dg.in_process_executor.configured(
    {"step_dependency_config": {"require_upstream_step_success": False}}, name="in_process"
)

DAILY = """Everything, once a day: collect what is new, judge it, publish it.

`as_of` is the newest day that counts (the last complete day, UTC, if none is given); the same day gives the same
numbers whenever it is asked for. A repository that cannot be read is named at the end and fails the run, but keeps
nobody else waiting."""

WEEKLY = """What takes too long, or changes too slowly, for every day: assets with the tag `roosevelt/cadence: weekly`.

The sweep asks GitHub whether everything that is held still exists. What is gone leaves the marts with the next daily
run. The data-health report says how far the numbers can be trusted, by what the last daily run built. Calendars of
those who take part in SPACE are read, coverage and lines of code as well; SPACE is built, and what has ended is decided
about: which figures of groups may be shown. Forecasts made on past days are held against what came."""

PUBLISH = """Which figures about groups of persons may be shown, of what has ended and was not decided about yet.

The weekly job does that, too. On Monday at 02:00 UTC no week has ended in America; on Tuesday it has everywhere."""


ALERTS = """What is worth an interruption, by the data of the last daily run, which does the same at its end.

On workdays at 09:00 UTC: what opened, is still there, or is over, and has not been told."""


def run_config(
    as_of: date | None = None, repositories: tuple[str, ...] = (), steps: Collection[str] | None = None
) -> dict[str, Any]:
    """Configuration of a run: the newest day that counts, and which repositories if not all.

    Args:
        steps: those that the job has; each is told only what concerns it.
    """
    policy = {"config": {"as_of": as_of.isoformat()}} if as_of else {}
    github = {"config": {"repositories": list(repositories)}} if repositories else {}
    wanted = {"policy": policy, "github": github, "raw__github_sweeps": github}
    return {"ops": {name: config for name, config in wanted.items() if config and (steps is None or name in steps)}}


@dg.definitions
def jobs() -> dg.Definitions:
    daily = dg.define_asset_job(
        "daily", selection=dg.AssetSelection.all() - IS_WEEKLY - IS_QUARTERLY, description=DAILY
    )
    weekly = dg.define_asset_job("weekly", selection=IS_WEEKLY | IS_SPACE, description=WEEKLY)
    decided = dg.AssetSelection.assets(KEY, WEEKS_DECIDED)
    publish = dg.define_asset_job("publish", selection=decided, description=PUBLISH)
    told = dg.AssetSelection.assets(ALERTS_KEY)
    alerts = dg.define_asset_job("alerts", selection=told, description=ALERTS)
    return dg.Definitions(jobs=[daily, weekly, publish, alerts], executor=in_process)
