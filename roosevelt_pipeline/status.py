"""How things stand: what runs, what ran last, how fresh the data is, how much of it there is."""

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import psycopg
from psycopg import sql

from roosevelt_pipeline import services
from roosevelt_pipeline.settings import home
from roosevelt_pipeline.supervisor import running
from roosevelt_pipeline.warehouse.embedded import running_server

if TYPE_CHECKING:
    from roosevelt_pipeline.services import Profile
    from roosevelt_pipeline.warehouse.budgets import BudgetState
    from roosevelt_pipeline.warehouse.connections import Warehouse

_COLLECTED = """
    with collected as (
        select repository, (array_agg(repository_id::text order by started_at desc))[1] as scope,
            max(ended_at) filter (where outcome = 'complete') as ended_at,
            (array_agg(outcome order by started_at desc))[1] as outcome
        from raw.github_collections group by repository
    ), lanes as (
        select scope,
            count(*) filter (where lane = 'backfill' and complete) as whole,
            count(*) filter (where lane = 'backfill') as begun,
            max(updated_at) filter (where lane = 'refresh') as refreshed_at,
            coalesce(sum((position ->> 'left')::int) filter (where lane = 'refresh'), 0) as carried,
            min(updated_at) filter (where lane = 'sweep' and complete) as swept_at
        from ingest.cursors where source = 'github' group by scope
    )
    select repository, ended_at, outcome, coalesce(whole, 0), coalesce(begun, 0), refreshed_at, coalesce(carried, 0),
        swept_at
    from collected left join lanes using (scope) order by repository
"""
_INBOX = """
    select count(*) filter (where done_at is null), min(received_at) filter (where done_at is null),
        count(*) filter (where outcome = 'given_up')
    from ingest.webhook_inbox having count(*) > 0
"""
_GIVEN_UP = """
    select kind, reason, count(*) from ingest.webhook_inbox
    where outcome = 'given_up' group by kind, reason order by 3 desc limit 5
"""
_RUNS = """
    select run_id, status, pipeline_name, start_time, end_time from runs
    order by id desc limit 5
"""
_TABLES = """
    select schemaname, tablename from pg_tables
    where schemaname in ('raw', 'marts', 'analytics') and tablename not like '%%\\_versions'
    order by schemaname, tablename
"""


def services_lines(profile: "Profile") -> Iterator[str]:
    """What runs on this machine now."""
    supervisor = running()
    if supervisor:
        yield f"supervisor   {supervisor.profile}, process {supervisor.pid}, {supervisor.web or 'starting'}"
        if supervisor.sandbox:
            yield f"sandbox      {supervisor.sandbox}"
        if supervisor.serve:
            yield f"webhooks     {supervisor.serve}"
    else:
        yield "supervisor   not running (`make demo`, `make up`)"
    if profile.is_embedded:
        server = running_server(home())
        yield f"PostgreSQL   port {server.port}, process {server.pid}" if server else "PostgreSQL   not running"


def data_lines(warehouse: "Warehouse") -> Iterator[str]:
    """Freshness per repository, then rows per table."""
    with warehouse.connect() as connection:
        as_of = _one(connection, "select as_of_date from raw.policy_parameters")
        yield f"as of        {as_of or 'no run yet'}"
        for repository, ended, outcome, *lanes in _all(connection, _COLLECTED):
            yield f"{repository:<32} {_age(ended):>16}   last: {outcome:<8}  {_lanes(*lanes)}".rstrip()
        yield from _inbox_lines(connection)
        yield ""
        for schema, table in _all(connection, _TABLES):
            query = sql.SQL("select count(*) from {}").format(sql.Identifier(schema, table))
            row = connection.execute(query).fetchone()
            yield f"{schema + '.' + table:<48} {row[0] if row else 0:>12,} rows"


def _lanes(whole: int, begun: int, refreshed: datetime | None, carried: int, swept: datetime | None) -> str:
    """How far a repository has been read: its streams' history, what is open, what may be gone."""
    if not begun:
        return ""
    left = f" ({carried:,} left to the next run)" if carried else ""
    return f"backfill {100 * whole // begun} %, refreshed {_age(refreshed)}{left}, swept {_age(swept)}"


def _inbox_lines(connection: "psycopg.Connection[Any]") -> Iterator[str]:
    """Webhooks that wait, and those that were given up, each reason once; nothing where none ever came."""
    for waiting, oldest, given_up in _all(connection, _INBOX):
        since = f", the oldest since {_age(oldest).removesuffix(' ago')}" if oldest else ""
        yield f"webhooks     {waiting} waiting{since}; {given_up} given up"
    for kind, reason, count in _all(connection, _GIVEN_UP):
        yield f"             given up {count} of {kind}: {reason}"


def github_lines(warehouse: "Warehouse") -> Iterator[str]:
    """What GitHub still allows, and who waits for what until when."""
    from roosevelt_pipeline.warehouse.budgets import read_budgets, read_waits

    with warehouse.connect() as connection:
        try:
            budgets, waits = read_budgets(connection), read_waits(connection)
        except (psycopg.errors.UndefinedTable, psycopg.errors.InvalidSchemaName):
            return
    for budget in budgets:
        yield f"GitHub       {_budget(budget)}"
    for wait in waits:
        yield f"waiting      {wait.subject}: {wait.reason}, until {wait.until:%H:%M:%S} UTC ({wait.holder})"


def _budget(one: "BudgetState") -> str:
    unit = "points" if one.resource == "graphql" else "requests"
    left = f"{unit} not told yet"
    if one.remaining is not None and one.quota is not None and one.resets_at is not None:
        left = f"{one.remaining:,} of {one.quota:,} {unit} until {one.resets_at:%H:%M} UTC"
    held = f"; held until {one.held_until:%H:%M:%S} UTC: {one.held_for}" if one.held_until else ""
    drift = f"; {one.mispriced_queries:,} queries cost other than expected" if one.mispriced_queries else ""
    return f"{one.label} at {one.host}: {left}, {one.under_way} under way{held}{drift}"


def run_lines() -> Iterator[str]:
    """The newest runs, as Dagster's storage knows them."""
    with psycopg.connect(services.dagster_storage_url()) as connection:
        for run_id, status, job, start, end in _all(connection, _RUNS):
            took = f"{end - start:.0f} s" if start and end else ""
            when = datetime.fromtimestamp(start, UTC).isoformat(" ", "minutes") if start else "not started"
            yield f"{run_id[:8]}  {job:<12} {status:<10} {when}  {took}"


def _all(connection: "psycopg.Connection[Any]", query: str) -> list[tuple[Any, ...]]:
    """The rows, or none before the tables exist."""
    try:
        with connection.transaction():
            return connection.execute(query.encode()).fetchall()
    except (psycopg.errors.UndefinedTable, psycopg.errors.InvalidSchemaName):
        return []


def _one(connection: "psycopg.Connection[Any]", query: str) -> Any:
    rows = _all(connection, query)
    return rows[0][0] if rows else None


def _age(moment: datetime | None) -> str:
    if moment is None:
        return "never"
    hours = (datetime.now(UTC) - moment).total_seconds() / 3600
    return (
        f"{hours * 60:.0f} min ago" if hours < 2 else f"{hours:.0f} h ago" if hours < 72 else f"{hours / 24:.0f} d ago"
    )
