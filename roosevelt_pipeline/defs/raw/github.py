"""GitHub to raw: one step that reads everything new, repository by repository."""

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any
from uuid import UUID

import dagster as dg
from dagster._core.events import AssetMaterializationPlannedData, DagsterEvent
from pydantic import Field

from roosevelt_pipeline.collection import collect
from roosevelt_pipeline.collection_costs import living_rows, repositories_table, streams_table, totals
from roosevelt_pipeline.defs.tables import table_metadata
from roosevelt_pipeline.settings import Settings
from roosevelt_pipeline.warehouse.connections import Role, Warehouse

if TYPE_CHECKING:
    from roosevelt_pipeline.warehouse.collections import StreamOutcome

STREAMS = {
    "github_repositories": "Repositories that the patterns include. One row per repository.",
    "github_teams": "Teams of the organisation. One row per team.",
    "github_team_members": "Who is in which team, pseudonymous. One row per team and member.",
    "github_pull_requests": "Pull requests with commits' dates, reviews and timeline. One row per pull request.",
    "github_review_comments": "Comments in reviews of code, without their texts. One row per comment.",
    "github_commits": "History of the default branch, with parents. One row per repository and commit.",
    "github_deployments": "Deployments with all their statuses. One row per deployment.",
    "github_workflow_runs": "Runs of workflows, re-runs included. One row per run and attempt.",
    "github_workflow_jobs": "Jobs that deploy by the policy's patterns. One row per execution of a job.",
    "github_issues": "Issues with an incident label, and what happened to them. One row per issue.",
    "github_releases": "Releases. One row per release.",
    "github_tags": "Tags, where they deploy, and the commits that they point to. One row per tag.",
    "github_pushes": "Pushes and merges to branches that deploy, besides the default one. One row per push.",
}
ALONGSIDE = {
    "github_accounts": "Accounts without names, and which of them are machines. One row per pseudonym.",
    "people": "Pseudonyms and the person each stands for, once aliases are merged. One row per pseudonym.",
    "github_team_members_versions": "Who was in which team before. One row per version.",
    "github_tags_versions": "Where tags pointed before, and what else was told of them. One row per version.",
    "rejected_records": "Records that could not be kept, with the reason. One row per record and reason.",
    "github_discoveries": "Which runs asked what repositories there are, by both clocks. One row per run.",
    "github_inclusions": "When the policy included which repository. One row per repository and period.",
    "ingest_cursors": "Where reading stopped. One row per stream, repository and lane.",
}
COLLECTIONS = dg.AssetKey(["raw", "github_collections"])
REPOSITORIES = dg.DynamicPartitionsDefinition(name="repositories")
COMPLETE = dg.AssetCheckSpec(
    "every_repository_was_collected",
    asset=COLLECTIONS,
    description="Each repository of the run was read to its end, in all streams. Those that were not are named.",
)


class What(dg.Config):
    """Which repositories, where a run is not about one partition."""

    repositories: list[str] = Field([], description="Names with owner; every repository of the policy if empty.")


def _specs() -> list[dg.AssetSpec]:
    kinds = {"github", "postgres"}
    specs = [
        dg.AssetSpec(["raw", name], description=text, kinds=kinds, skippable=True, code_version="1")
        for name, text in (STREAMS | ALONGSIDE).items()
    ]
    state = dg.AssetSpec(
        COLLECTIONS,
        description="What reading cost and brought. One row per run, repository and stream. Each partition is a "
        "repository: its state stands here, and it can be collected alone.",
        kinds=kinds,
        skippable=True,
        code_version="1",
        partitions_def=REPOSITORIES,
    )
    return [*specs, state]


@dg.multi_asset(
    name="github",
    specs=_specs(),
    check_specs=[COMPLETE],
    can_subset=True,
    backfill_policy=dg.BackfillPolicy.single_run(),
    pool="warehouse",
)
def github(
    context: dg.AssetExecutionContext,
    config: What,
    settings: dg.ResourceParam[Settings],
    warehouse: dg.ResourceParam[Warehouse],
) -> Iterator[Any]:
    # Delivers what landed, and fails at the end by name if a repository did not land whole.
    streams = _streams(context.selected_asset_keys)
    names = list(context.partition_keys) if _is_partitioned(context) else config.repositories
    failed: dict[str, list[str]] = {}
    outcomes: list[StreamOutcome] = []
    is_whole = settings.github.read_since is None
    reports = collect(
        settings,
        warehouse,
        UUID(context.run.run_id),
        names=names,
        streams=streams,
        announce=_announce(context, is_whole_policy=not names),
        on_wait=tell_waits(context),
    )
    for report in reports:
        outcomes += report.outcomes
        failed |= {report.name: report.failures} if report.failures else {}
        if report.is_repository and not report.failures and COLLECTIONS in context.selected_asset_keys:
            costs = _costs(warehouse, report.outcomes, streams_table, is_whole=is_whole)
            yield dg.AssetMaterialization(COLLECTIONS, partition=report.name, metadata=costs)
    yield from _results(context, warehouse, outcomes, failed, is_whole=is_whole)
    if failed:
        lines = [f"{name}: {'; '.join(reasons)}" for name, reasons in failed.items()]
        raise dg.Failure("\n".join(lines), metadata={"failures": dg.MetadataValue.json(lines)}, allow_retries=False)


def _streams(selected: Collection[dg.AssetKey]) -> list[str]:
    """The streams whose assets are selected; all, if only the state of repositories is."""
    return [name for name in STREAMS if dg.AssetKey(["raw", name]) in selected] or list(STREAMS)


def _is_partitioned(context: dg.AssetExecutionContext) -> bool:
    return context.has_partition_key or context.has_partition_key_range


def _announce(context: dg.AssetExecutionContext, *, is_whole_policy: bool) -> Callable[[list[str]], None]:
    """Tells Dagster which repositories a run without partitions is about, so that one that fails shows as failed.

    A run about all of them also takes away the partitions of those that the organisation no
    longer has, or the policy no longer includes; if one returns, so does its history here.
    """

    def announce(names: list[str]) -> None:
        if _is_partitioned(context) or COLLECTIONS not in context.selected_asset_keys:
            return
        partitions = str(REPOSITORIES.name)
        if names and is_whole_policy:
            for name in set(context.instance.get_dynamic_partitions(partitions)) - set(names):
                context.log.info(f"{name} is no longer in the organisation or the policy; its partition goes")
                context.instance.delete_dynamic_partition(partitions, name)
        context.instance.add_dynamic_partitions(partitions, names)
        step = context.op_execution_context.get_step_execution_context().step.key
        for name in names:
            planned = AssetMaterializationPlannedData(COLLECTIONS, partition=name, partitions_subset=None)
            event = DagsterEvent.build_asset_materialization_planned_event(context.job_name, step, planned)
            context.instance.report_dagster_event(event, context.run.run_id)

    return announce


def tell_waits(context: dg.AssetExecutionContext | dg.OpExecutionContext) -> Callable[[str, float], None]:
    """Tells the step's log, and whoever follows the run from a terminal, what is waited for and until when."""
    from roosevelt_pipeline.runs import Progress, follower

    follow = follower()

    def tell(reason: str, seconds: float) -> None:
        until = datetime.now(UTC) + timedelta(seconds=seconds)
        text = f"waiting {seconds:.0f} s, until {until:%H:%M:%S} UTC: {reason}"
        context.log.info(text)
        follow(Progress("waiting", "github", text=text))

    return tell


def _results(
    context: dg.AssetExecutionContext,
    warehouse: Warehouse,
    outcomes: Sequence["StreamOutcome"],
    failed: dict[str, list[str]],
    *,
    is_whole: bool,
) -> Iterator[dg.MaterializeResult | dg.AssetCheckResult]:
    for name in STREAMS | ALONGSIDE:
        if (key := dg.AssetKey(["raw", name])) in context.selected_asset_keys:
            theirs = [one for one in outcomes if one.stream == name]
            costs = _costs(warehouse, theirs, repositories_table, is_whole=is_whole) if theirs else {}
            table = table_metadata(warehouse, Role.TRANSFORM, "raw", name)
            yield dg.MaterializeResult(asset_key=key, metadata=costs | table)
    if context.selected_asset_check_keys:
        yield dg.AssetCheckResult(
            asset_key=COLLECTIONS, check_name=COMPLETE.name, passed=not failed, metadata={"failed": sorted(failed)}
        )


def _costs(
    warehouse: Warehouse,
    outcomes: Sequence["StreamOutcome"],
    table: Callable[[Sequence["StreamOutcome"], Mapping[tuple[str, str], int]], str],
    *,
    is_whole: bool,
) -> dict[str, Any]:
    """Numbers that Dagster plots over the runs, and a table for whoever looks at this one.

    Args:
        is_whole: whether all of history is read, so that GitHub's counts should be ours.
    """
    with warehouse.connect(Role.TRANSFORM) as connection:
        living = living_rows(connection, outcomes) if is_whole else {}
    numbers = {f"roosevelt/{name}": value for name, value in totals(outcomes, living).items()}
    return {**numbers, "collected": dg.MetadataValue.md(table(outcomes, living))}
