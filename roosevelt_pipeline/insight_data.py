"""What insights are asked of: deployments by day and hour, weeks and changes of each scope, and their events' keys."""

from collections.abc import Iterator
from datetime import date, timedelta
from typing import Any

import numpy as np
import psycopg
from psycopg import sql

from roosevelt_pipeline.anomalies import LEFT_OUT
from roosevelt_pipeline.metric_series import directed_metrics, records
from roosevelt_pipeline.metric_weeks import read_weeks
from roosevelt_pipeline.stats.insights.changes import Changes
from roosevelt_pipeline.stats.insights.parameters import BLOCK_HOURS, STAGES, Parameters
from roosevelt_pipeline.stats.insights.questions import Finding, Question, Scope
from roosevelt_pipeline.stats.insights.weekdays import Deployments
from roosevelt_pipeline.stats.insights.weeks import Weeks
from roosevelt_pipeline.warehouse.frames import read_frame

MOST_KEYS = 25

# An event stands for its service, its team and the organisation; the hour is that of the place where it was deployed.
_PLACED = """
    with deployments as (
        select
            events.service,
            events.team,
            events.item_id,
            events.own_date - date '1970-01-01' as day,
            extract(hour from events.happened_at at time zone coalesce(services.time_zone, 'UTC')) as hour,
            events.happened_at,
            events.change_failure_rate_pct as is_failed
        from marts.fct_metric_events as events
        left join marts.dim_services as services
            on events.service = services.service
        where
            events.item_type = 'deployment' and events.change_failure_rate_pct is not null
            and events.home_date > %(since)s - 2 and events.own_date > %(since)s
    ),

    organization as (
        select scope from marts.fct_metric_days where scope_type = 'organization' limit 1
    ),

    placed as (
        select 'service' as scope_type, service as scope, deployments.* from deployments where service is not null
        union all
        select 'team', team, deployments.* from deployments where team is not null
        union all
        select 'organization', organization.scope, deployments.* from deployments cross join organization
    )
"""
_BLOCK = f"width_bucket(hour, array{list(BLOCK_HOURS)}::numeric[])"
_DEPLOYMENTS = sql.SQL(
    _PLACED
    + f""",

    counted as (
        select
            scope_type, scope, day, {_BLOCK} as block,
            count(*) as trials,
            count(*) filter (where is_failed) as failed
        from placed
        group by scope_type, scope, day, {_BLOCK}
    )

    select
        scope_type, scope,
        array_agg(day order by day, block) as day,
        array_agg(block order by day, block) as block,
        array_agg(trials::double precision order by day, block) as trials,
        array_agg(failed::double precision order by day, block) as failed
    from counted
    group by scope_type, scope
    order by scope_type, scope
    """
)
_PLACED_CHANGES = """
    with changes as (
        select
            changes.service, changes.team, changes.service || '/' || changes.change_id as item_id,
            changes.deployed_at as happened_at,
            ((changes.deployed_at at time zone 'UTC')::date - date '1970-01-05') / 7 as week,
            changes.lead_time_hours, changes.coding_time_hours, changes.pickup_time_hours, changes.review_time_hours,
            changes.delivery_time_hours, sizes.lines_changed_count as pull_request_size,
            sizes.review_comments_count as review_comments
        from marts.fct_changes as changes
        left join marts.fct_pull_request_sizes as sizes
            on changes.change_id = sizes.change_id
        where
            not changes.is_bot and not changes.is_first_deployment
            and changes.deployed_at > %(since)s and changes.deployed_at < %(until)s
    ),

    organization as (
        select scope from marts.fct_metric_days where scope_type = 'organization' limit 1
    ),

    placed as (
        select 'service' as scope_type, service as scope, changes.* from changes
        union all
        select 'team', team, changes.* from changes where team is not null
        union all
        select 'organization', organization.scope, changes.* from changes cross join organization
    )
"""
_LISTS = ("lead_time_hours", *STAGES, "pull_request_size", "review_comments")
_CHANGES = sql.SQL(
    _PLACED_CHANGES
    + f"""
    select
        scope_type, scope,
        array_agg(week order by happened_at, item_id) as week,
        array_agg(service order by happened_at, item_id) as services,
        {", ".join(f"array_agg({one}::double precision order by happened_at, item_id) as {one}" for one in _LISTS)}
    from placed
    group by scope_type, scope
    order by scope_type, scope
    """
)
_KEYS = {
    "weekday_failures": f"{_PLACED} select item_id, happened_at, count(*) over () as items from placed "
                        "where is_failed and mod(day + 3, 7) = %(part)s",
    "deployment_window": f"{_PLACED} select item_id, happened_at, count(*) over () as items from placed "
                         f"where 7 * {_BLOCK} + mod(day + 3, 7) = %(part)s",
    "pull_request_size": f"{_PLACED_CHANGES} select item_id, happened_at, count(*) over () as items from placed "
                         "where lead_time_hours > 0 and pull_request_size >= %(part)s",
    "review_comments": f"{_PLACED_CHANGES} select item_id, happened_at, count(*) over () as items from placed "
                       "where lead_time_hours > 0 and review_comments >= %(part)s",
}  # fmt: skip
_ITEMS = """
    select item_id, happened_at, count(*) over () as items
    from marts.fct_metric_items as placed
    where metric = %(metric)s and metric_date between %(first)s and %(last)s
"""
_NEWEST_OF = " and scope_type = %(scope_type)s and scope = %(scope)s order by happened_at desc, item_id limit %(most)s"


def read_deployments(
    connection: "psycopg.Connection[Any]", newest: date, parameters: Parameters
) -> Iterator[tuple[Scope, Deployments]]:
    """A year of each scope's deployments, counted."""
    rows = read_frame(connection, _DEPLOYMENTS, {"since": newest - timedelta(days=parameters.failure_days)})
    for one in records(rows):
        day, block = (np.array(one[name], dtype=np.int64) for name in ("day", "block"))
        trials, failed = (np.array(one[name], dtype=float) for name in ("trials", "failed"))
        yield Scope(one["scope_type"], one["scope"]), Deployments(day, block, trials, failed)


def read_metrics(
    connection: "psycopg.Connection[Any]", newest: date, parameters: Parameters
) -> Iterator[tuple[Scope, Weeks]]:
    """As many weeks of each metric that has a direction as questions look back."""
    since = newest - timedelta(weeks=2 + max(parameters.change_weeks, parameters.trend_weeks))
    for metric in directed_metrics(connection, LEFT_OUT):
        law = metric["law"]
        unit = str(metric["unit"]).removesuffix(" per day") if law == "count" else str(metric["unit"])
        for one in records(read_weeks(connection, metric["metric"], law, since)):
            lists = [np.array(one[name], dtype=float) for name in ("value", "n")]
            yield (
                Scope(one["scope_type"], one["scope"]),
                Weeks(metric["metric"], metric["label"], law, unit, metric["direction"] == "higher_is_better",
                      np.array(one["at"], dtype=np.int64), *lists),
            )  # fmt: skip


def read_changes(
    connection: "psycopg.Connection[Any]", newest: date, parameters: Parameters
) -> Iterator[tuple[Scope, Changes]]:
    """Half a year of each scope's changes that reached production."""
    for one in records(read_frame(connection, _CHANGES, _period(newest, parameters.change_days))):
        lists = {name: np.array(one[name], dtype=float) for name in _LISTS}
        sizes = {kind: lists[kind] for kind in ("pull_request_size", "review_comments")}
        stages = np.stack([lists[stage] for stage in STAGES], axis=1)
        week, service = np.array(one["week"], dtype=np.int64), np.unique(one["services"], return_inverse=True)[1]
        yield Scope(one["scope_type"], one["scope"]), Changes(week, service, lists["lead_time_hours"], sizes, stages)


def _period(newest: date, days: int) -> dict[str, date]:
    return {"since": newest - timedelta(days=days), "until": newest + timedelta(days=1)}


def read_evidence(
    connection: "psycopg.Connection[Any]", question: Question, finding: Finding, newest: date, parameters: Parameters
) -> dict[str, Any]:
    """Keys of the newest events behind a finding, and how many there are."""
    days = (
        parameters.failure_days
        if question.kind in ("weekday_failures", "deployment_window")
        else parameters.change_days
    )
    asked = {
        **_period(newest, days), "part": finding.part, "metric": opened_metric(question), "first": finding.first,
        "last": finding.last, "scope_type": question.of.scope_type, "scope": question.of.scope, "most": MOST_KEYS,
    }  # fmt: skip
    query = _KEYS.get(question.kind, _ITEMS) + _NEWEST_OF
    found = read_frame(connection, sql.SQL(query), asked)
    return {"items": int(found["items"].iloc[0]) if len(found) else 0, "newest": found["item_id"].tolist()}


def opened_metric(question: Question) -> str:
    """The metric whose events they are: of a bottleneck the stage."""
    finding = question.finding
    return finding.subject if question.kind == "bottleneck" and finding else question.metric
