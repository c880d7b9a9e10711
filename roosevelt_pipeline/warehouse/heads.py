"""What raw already knows: the questions that reading a source asks of it."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import psycopg
from psycopg import sql

Connection = psycopg.Connection[Any]
STANDING = 3  # deployments of an environment that are asked for however old they are


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


def some_node_ids(connection: Connection, stream: str, scope: str, but: Collection[str], limit: int = 3) -> list[str]:
    """Node ids of a few living objects of the scope, of the youngest, other than those with these keys."""
    rows = connection.execute(
        sql.SQL(
            "select payload ->> 'node_id' from {} where scope = %s and not deleted and payload ? 'node_id' "
            "and natural_key <> all (%s) order by first_seen_at desc, natural_key desc limit %s"
        ).format(sql.Identifier("raw", stream)),
        (scope, list(but), limit),
    )
    return [node_id for (node_id,) in rows]


@dataclass(frozen=True, slots=True)
class Candidate:
    """An object that may have changed since it was read.

    Attributes:
        key: its number; greater ones are younger.
        updated_at: the source's time of the change that we know, where it tells.
        is_open: whether it is sure to change once more.
    """

    key: int
    node_id: str
    updated_at: str = ""
    is_open: bool = False


def unsettled_deployments(connection: Connection, scope: str, since: datetime) -> list[Candidate]:
    """Deployments that may still change, newest first.

    Those without a final status that were created at or after ``since``; and those that stand
    until a later one of their environment makes them inactive, but of the older ones only the
    last of each environment, because where GitHub deactivates nothing they all stand for ever.
    """
    rows = connection.execute(
        """
        with living as (
            select natural_key::bigint as key, payload ->> 'node_id' as node_id, payload ->> 'state' as state,
                   (payload ->> 'created_at')::timestamptz >= %(since)s as is_recent,
                   row_number() over (
                       partition by payload ->> 'environment', payload ->> 'state' in ('ACTIVE', 'SUCCESS')
                       order by payload ->> 'created_at' desc
                   ) as place
            from raw.github_deployments
            where scope = %(scope)s and not deleted
        )
        select key, node_id
        from living
        where (state in ('IN_PROGRESS', 'PENDING', 'QUEUED', 'WAITING') and is_recent)
           or (state in ('ACTIVE', 'SUCCESS') and (is_recent or place <= %(standing)s))
        order by key desc
        """,
        {"scope": scope, "since": since, "standing": STANDING},
    )
    return [Candidate(*row) for row in rows]


def open_issues(connection: Connection, scope: str) -> list[Candidate]:
    """Incidents that have not been closed, newest first."""
    rows = connection.execute(
        """
        select natural_key::bigint, payload ->> 'node_id'
        from raw.github_issues
        where scope = %s and not deleted and payload ->> 'state' = 'OPEN'
        order by 1 desc
        """,
        (scope,),
    )
    return [Candidate(*row) for row in rows]


def recent_runs(connection: Connection, scope: str, since: datetime) -> list[Candidate]:
    """Workflow runs created at or after ``since``, each by its newest attempt, newest first.

    A run is open until it has completed. An open one that changed in the very second in which
    it was read may have changed once more in that second: its time does not tell, and is empty.
    """
    rows = connection.execute(
        """
        select distinct on ((payload ->> 'run_id')::bigint)
            (payload ->> 'run_id')::bigint, payload ->> 'node_id',
            case
                when payload ->> 'status' = 'completed' or observed_at > source_updated_at + interval '1 second'
                    then payload ->> 'updated_at'
                else ''
            end,
            payload ->> 'status' is distinct from 'completed'
        from raw.github_workflow_runs
        where scope = %s and not deleted and payload ? 'node_id' and (payload ->> 'created_at')::timestamptz >= %s
        order by (payload ->> 'run_id')::bigint desc, (payload ->> 'run_attempt')::int desc
        """,
        (scope, since),
    )
    return [Candidate(*row) for row in rows]


def runs_that_lack_attempts(connection: Connection, scope: str, since: datetime) -> dict[int, dict[str, Any]]:
    """Workflow runs created at or after ``since`` of which fewer attempts have landed than there were: the newest's
    payload by run id.
    """
    rows = connection.execute(
        """
        select distinct on (run_id) run_id, payload
        from (
            select
                (payload ->> 'run_id')::bigint as run_id,
                (payload ->> 'run_attempt')::int as run_attempt,
                count(*) over (partition by payload ->> 'run_id') as landed,
                payload
            from raw.github_workflow_runs
            where scope = %s and not deleted and (payload ->> 'created_at')::timestamptz >= %s
        ) as attempts
        where landed < run_attempt
        order by run_id, run_attempt desc
        """,
        (scope, since),
    )
    return dict(rows.fetchall())


def completed_attempts(connection: Connection, keys: Collection[str]) -> set[str]:
    """Those of the attempts of workflow runs that have landed and can no longer change."""
    rows = connection.execute(
        "select natural_key from raw.github_workflow_runs "
        "where natural_key = any (%s) and payload ->> 'status' = 'completed'",
        (list(keys),),
    )
    return {key for (key,) in rows}


def last_changes(connection: Connection, stream: str, keys: Collection[str]) -> dict[str, str]:
    """When those of the keys that have landed, and are not deleted, were last changed by their source's word."""
    rows = connection.execute(
        sql.SQL(
            "select natural_key, payload ->> 'updated_at' from {} where natural_key = any (%s) and not deleted"
        ).format(sql.Identifier("raw", stream)),
        (list(keys),),
    )
    return dict(rows.fetchall())


def unsettled_incidents(connection: Connection, since: datetime) -> list[str]:
    """Ids of PagerDuty incidents that are open, or were resolved at or after ``since``, oldest first."""
    rows = connection.execute(
        """
        select natural_key
        from raw.pagerduty_incidents
        where not deleted
          and (payload ->> 'status' <> 'resolved' or (payload ->> 'resolved_at')::timestamptz >= %s)
        order by payload ->> 'created_at', natural_key
        """,
        (since,),
    )
    return [key for (key,) in rows]
