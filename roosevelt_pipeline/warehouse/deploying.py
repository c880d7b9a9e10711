"""What raw already knows of what may deploy: runs whose jobs are to be read, heads whose commits are missing."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

import psycopg

Connection = psycopg.Connection[Any]


@dataclass(frozen=True)
class RunHead:
    """What must be known of a workflow run in order to ask for its jobs.

    Attributes:
        version: of its row; a greater one landed later.
        check_suite: node id of the suite whose check runs are its jobs; ``None`` where it was not told.
    """

    version: int
    run_id: int
    workflow_name: str | None
    workflow_path: str | None
    check_suite: str | None


def changed_runs(connection: Connection, scope: str, since_version: int, most: int) -> list[RunHead]:
    """Attempts of workflow runs that landed after a version, oldest version first, up to so many.

    Pages of one stream and scope land one after another, so no smaller version turns up later.
    """
    rows = connection.execute(
        """
        select version_id, (payload ->> 'run_id')::bigint, payload ->> 'workflow_name', payload ->> 'workflow_path',
               payload ->> 'check_suite_node_id'
        from raw.github_workflow_runs
        where scope = %s and version_id > %s and not deleted
        order by version_id
        limit %s
        """,
        (scope, since_version, most),
    )
    return [RunHead(*row) for row in rows]


def runs_with_unfinished_jobs(connection: Connection, scope: str, since: datetime) -> list[RunHead]:
    """Runs created at or after ``since`` of which a known job had not ended."""
    rows = connection.execute(
        """
        select max(version_id), (payload ->> 'run_id')::bigint, max(payload ->> 'workflow_name'),
               max(payload ->> 'workflow_path'), max(payload ->> 'check_suite_node_id')
        from raw.github_workflow_runs
        where scope = %(scope)s and not deleted and (payload ->> 'created_at')::timestamptz >= %(since)s
          and payload ->> 'run_id' in (
              select payload ->> 'run_id' from raw.github_workflow_jobs
              where scope = %(scope)s and not deleted and payload ->> 'status' <> 'completed')
        group by 2
        order by 2
        """,
        {"scope": scope, "since": since},
    )
    return [RunHead(*row) for row in rows]


def unknown_heads(connection: Connection, scope: str) -> list[str]:
    """Commits that branches were pushed to and tags point to, but that have not landed; newest first."""
    rows = connection.execute(
        """
        with heads as (
            select payload ->> 'after_oid' as oid, payload ->> 'pushed_at' as headed_at
            from raw.github_pushes
            where scope = %(scope)s and not deleted and payload ->> 'type' <> 'branch_deletion'
            union all
            select payload ->> 'oid', coalesce(payload ->> 'tagged_at', payload ->> 'committed_at')
            from raw.github_tags
            where scope = %(scope)s and not deleted
        )
        select oid
        from heads
        where not exists (select 1 from raw.github_commits where natural_key = %(scope)s || ':' || heads.oid)
        group by oid
        order by max(headed_at) desc nulls last, oid
        """,
        {"scope": scope},
    )
    return [oid for (oid,) in rows]
