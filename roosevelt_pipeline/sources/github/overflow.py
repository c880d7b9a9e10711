"""Nested lists that did not fit on their object's page, read to their end."""

from typing import Any

from roosevelt_pipeline.sources.github.client import GitHubClient
from roosevelt_pipeline.sources.github.nodes import Node


def drain(client: GitHubClient, query: str, node: Node, lists: tuple[str, ...], subject: str) -> None:
    """Complete the cut lists of an object in place: one request for up to 100 more of each.

    Args:
        query: has a flag ``<list>`` and a cursor ``<list>After`` for each of ``lists``.
    """
    while cut := [name for name in lists if _is_cut(node.get(name))]:
        variables: dict[str, Any] = {"id": node["id"]} | {name: name in cut for name in lists}
        variables |= {f"{name}After": node[name]["pageInfo"]["endCursor"] for name in cut}
        more = client.graphql(query, variables, subject=subject).data.get("node") or {}
        for name in cut:
            _append(node[name], more.get(name))


def drain_one(client: GitHubClient, query: str, node: Node, name: str, subject: str, rows: str = "nodes") -> None:
    """The same for an object with a single nested list, whose query has one cursor ``after``."""
    while _is_cut(node.get(name)):
        variables = {"id": node["id"], "after": node[name]["pageInfo"]["endCursor"]}
        more = client.graphql(query, variables, subject=subject).data.get("node") or {}
        _append(node[name], more.get(name), rows)


def _is_cut(connection: Any) -> bool:
    return isinstance(connection, dict) and bool((connection.get("pageInfo") or {}).get("hasNextPage"))


def _append(connection: Node, more: Any, rows: str = "nodes") -> None:
    """An object that vanished in between keeps what was read of it."""
    if not isinstance(more, dict):
        connection["pageInfo"] = {"hasNextPage": False, "endCursor": None}
        return
    connection[rows] = (connection.get(rows) or []) + (more.get(rows) or [])
    connection["pageInfo"] = more["pageInfo"]
