"""What raw already knows: the questions that reading a source asks of it."""

from collections.abc import Collection
from datetime import datetime
from typing import Any

import psycopg
from psycopg import sql

Connection = psycopg.Connection[Any]


def known_keys(connection: Connection, stream: str, keys: Collection[str]) -> set[str]:
    """Those of the keys whose objects have landed."""
    rows = connection.execute(
        sql.SQL("select natural_key from {} where natural_key = any (%s)").format(sql.Identifier("raw", stream)),
        (list(keys),),
    )
    return {key for (key,) in rows}


def living_keys(connection: Connection, stream: str, scope: str) -> set[str]:
    """Keys of the scope's objects that are not deleted."""
    rows = connection.execute(
        sql.SQL("select natural_key from {} where scope = %s and not deleted").format(sql.Identifier("raw", stream)),
        (scope,),
    )
    return {key for (key,) in rows}


def unsettled_deployments(connection: Connection, scope: str, since: datetime, *, standing: bool) -> list[str]:
    """Node ids of deployments that may still change, newest first.

    Those without a final status that were created at or after ``since``; and, if ``standing``,
    those that stand until a later one of their environment makes them inactive.
    """
    rows = connection.execute(
        """
        select payload ->> 'node_id'
        from raw.github_deployments
        where scope = %(scope)s and not deleted
          and ((payload ->> 'state' in ('IN_PROGRESS', 'PENDING', 'QUEUED', 'WAITING')
                and (payload ->> 'created_at')::timestamptz >= %(since)s)
               or (%(standing)s and payload ->> 'state' in ('ACTIVE', 'SUCCESS')))
        order by payload ->> 'created_at' desc
        """,
        {"scope": scope, "since": since, "standing": standing},
    )
    return [node_id for (node_id,) in rows]


def completed_attempts(connection: Connection, keys: Collection[str]) -> set[str]:
    """Those of the attempts of workflow runs that have landed and can no longer change."""
    rows = connection.execute(
        "select natural_key from raw.github_workflow_runs "
        "where natural_key = any (%s) and payload ->> 'status' = 'completed'",
        (list(keys),),
    )
    return {key for (key,) in rows}


def unfinished_runs(connection: Connection, scope: str, since: datetime) -> list[int]:
    """Ids of workflow runs of which a known attempt had not completed, created at or after ``since``."""
    rows = connection.execute(
        """
        select distinct (payload ->> 'run_id')::bigint
        from raw.github_workflow_runs
        where scope = %s and not deleted and payload ->> 'status' <> 'completed'
          and (payload ->> 'created_at')::timestamptz >= %s
        order by 1
        """,
        (scope, since),
    )
    return [run_id for (run_id,) in rows]
