"""What runs together, and how a run treats a step that failed in part."""

from datetime import date
from typing import Any

import dagster as dg

# One process: parsing and importing cost more than two cores could win back. A step starts as
# soon as what it reads is there: collection delivers what landed and then fails by name if a
# repository did, and the marts are built all the same.
in_process = dg.in_process_executor.configured(
    {"step_dependency_config": {"require_upstream_step_success": False}}, name="in_process"
)

DESCRIPTION = """Everything, once a day: collect what is new, judge it, publish it.

`as_of` is the newest day that counts (the last complete day, UTC, if none is given); the same day gives the same
numbers whenever it is asked for. A repository that cannot be read is named at the end and fails the run, but keeps
nobody else waiting."""


def run_config(as_of: date | None = None, repositories: tuple[str, ...] = ()) -> dict[str, Any]:
    """Configuration of a run: the newest day that counts, and which repositories if not all."""
    policy = {"config": {"as_of": as_of.isoformat()}} if as_of else {}
    github = {"config": {"repositories": list(repositories)}} if repositories else {}
    return {"ops": {name: config for name, config in (("policy", policy), ("github", github)) if config}}


@dg.definitions
def jobs() -> dg.Definitions:
    daily = dg.define_asset_job("daily", selection=dg.AssetSelection.all(), description=DESCRIPTION)
    return dg.Definitions(jobs=[daily], executor=in_process)
