"""Which nodes of the dbt project a build may leave out, because they would turn out as they stand.

A third of the nodes are seeds and views upon raw, which change with the project and not with the data, and each costs
dbt some 30 ms. A view that reads a model's table is not among them: PostgreSQL drops it with the table, whenever that
is made anew.
"""

import json
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from functools import cache
from graphlib import TopologicalSorter
from typing import Any

from roosevelt_pipeline.dbt_manifest import ensure_manifest
from roosevelt_pipeline.warehouse.connections import Role, Warehouse
from roosevelt_pipeline.warehouse.settled import settle, settled


def leave_out(warehouse: Warehouse, project: str) -> dict[str, str]:
    """Seeds and views that stand as the project says: their relations (``schema.name``) by their ids, and after all
    that they read.

    Args:
        project: its digest, taken before dbt reads it, lest what somebody writes meanwhile is taken for what was made.
    """
    with warehouse.connect(Role.TRANSFORM) as connection:
        standing = settled(connection, project)
    found: dict[str, str] = {}
    for node, one in _lasting().items():
        if one.relation in standing and one.upper <= found.keys():
            found[node] = one.relation
    return found


def without(nodes: Collection[str]) -> list[str]:
    """What to tell dbt, which builds everything else, so that it leaves these out and still tests them.

    Tests are selected by themselves then, and not as belonging to what they test.
    """
    return ["--exclude", " ".join(map(name_of, nodes)), "--indirect-selection", "empty"] if nodes else []


def name_of(node: str) -> str:
    """The name in an id such as ``model.roosevelt.dim_teams``."""
    return node.split(".")[2]


def note_made(warehouse: Warehouse, project: str, nodes: Collection[str] | None = None) -> None:
    """Note what a build of this state of the project has made, by ids, or that it made everything. What data can change
    is passed over.
    """
    made = [one.relation for node, one in _lasting().items() if nodes is None or node in nodes]
    with warehouse.connect(Role.TRANSFORM) as connection:
        settle(connection, project, made)


@dataclass(frozen=True)
class Lasting:
    """A seed, or a view that data cannot change.

    Attributes:
        relation: its ``schema.name``.
        upper: ids of those that it reads.
    """

    relation: str
    upper: frozenset[str]


@cache
def _lasting() -> dict[str, Lasting]:
    return lasting(json.loads(ensure_manifest().read_text(encoding="utf-8"))["nodes"])


def lasting(nodes: Mapping[str, Mapping[str, Any]]) -> dict[str, Lasting]:
    """Seeds, and views that stand on nothing but sources, seeds and such views, by their ids: each after those that it
    reads.
    """
    upper = {node: one["depends_on"].get("nodes", []) for node, one in nodes.items()}
    found: dict[str, Lasting] = {}
    for node in TopologicalSorter({node: set(uppers) & nodes.keys() for node, uppers in upper.items()}).static_order():
        one, made = nodes[node], nodes[node]["config"].get("materialized")
        lasts = made == "view" and all(each in found or each.startswith("source.") for each in upper[node])
        if made == "seed" or lasts:
            found[node] = Lasting(f"{one['schema']}.{one['alias']}", frozenset(upper[node]) & found.keys())
    return found
