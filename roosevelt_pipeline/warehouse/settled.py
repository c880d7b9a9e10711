"""Relations that need not be made again: those that stand as the dbt project, as it is now, made them."""

from collections.abc import Iterable
from typing import Any

import psycopg


def settle(connection: psycopg.Connection[Any], project: str, relations: Iterable[str]) -> None:
    """Note that these (``schema.name``) were made by this state of the project. Those that there are not are left out.

    Args:
        project: the project's digest.
    """
    connection.execute(
        """
        insert into intermediate.settled (relation, relation_oid, project)
        select name, to_regclass(name), %s from unnest(%s::text[]) as made (name) where to_regclass(name) is not null
        on conflict (relation) do update set relation_oid = excluded.relation_oid, project = excluded.project
        """,
        (project, sorted(relations)),
    )


def settled(connection: psycopg.Connection[Any], project: str) -> set[str]:
    """Those (``schema.name``) that this state of the project made, and that still stand."""
    rows = connection.execute(
        "select relation from intermediate.settled where project = %s and relation_oid = to_regclass(relation)",
        (project,),
    )
    return {relation for (relation,) in rows}
