"""Which repositories the policy included when, and what GitHub's clock said then."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

import psycopg


def record_discovery(
    connection: "psycopg.Connection[Any]",
    run_id: UUID,
    found: Mapping[int, str],
    discovered_at: datetime,
    answered_at: datetime | None,
) -> None:
    """Keep that these repositories, and no others, are included now.

    Args:
        connection: as ``roosevelt_ingest``.
        found: name with owner of each repository, by its id.
        discovered_at: by our clock, as the answer came.
        answered_at: by GitHub's clock; ``None`` where that one is not to be compared with ours.
    """
    with connection.transaction():
        # Two runs at once must not both begin a period.
        connection.execute("select pg_advisory_xact_lock(hashtextextended('roosevelt inclusions', 0))")
        connection.execute(_DISCOVERY, (run_id, discovered_at, answered_at, len(found)))
        connection.execute(_END, (discovered_at, list(found)))
        connection.execute(_BEGIN, (discovered_at, list(found), list(found.values())))


_DISCOVERY = """
insert into raw.github_discoveries (run_id, discovered_at, answered_at, repositories) values (%s, %s, %s, %s)
on conflict (run_id) do nothing
"""
_END = """
update raw.github_inclusions set included_until = greatest(included_from, %s)
where included_until is null and not repository_id = any(%s::bigint[])
"""
_BEGIN = """
insert into raw.github_inclusions (repository_id, repository, included_from)
select repository_id, repository, %s from unnest(%s::bigint[], %s::text[]) as found (repository_id, repository)
on conflict (repository_id) where included_until is null do update set repository = excluded.repository
"""
