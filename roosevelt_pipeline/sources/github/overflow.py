"""Nested lists that did not fit on their object's page, read to their end."""

from typing import Any

from roosevelt_pipeline.sources.github.client import GitHubClient
from roosevelt_pipeline.sources.github.nodes import Node, UnfitError, inner, text
from roosevelt_pipeline.sources.github.paging import never_empty, page_of

_GONE = frozenset({"NOT_FOUND"})


def drain(client: GitHubClient, query: str, node: Node, lists: tuple[str, ...], subject: str) -> None:
    """Complete the cut lists of an object in place: one request for up to 100 more of each.

    Args:
        query: has a flag ``<list>`` and a cursor ``<list>After`` for each of ``lists``.

    Raises:
        UnfitError: the object does not say which one it is, or how its lists go on.
        GitHubError: see its subclasses; also when the lists do not advance.
    """
    while cut := [name for name in lists if _is_cut(node, name)]:
        variables: dict[str, Any] = {"id": text(node, "id")} | {name: name in cut for name in lists}
        variables |= {f"{name}After": _end(node, name) for name in cut}
        more = client.graphql(query, variables, subject=subject, tolerated=_GONE).data.get("node") or {}
        for name in cut:
            _append(node[name], more.get(name), subject)


def drain_one(client: GitHubClient, query: str, node: Node, name: str, subject: str, rows: str = "nodes") -> None:
    """The same for an object with a single nested list, whose query has one cursor ``after``."""
    while _is_cut(node, name):
        variables = {"id": text(node, "id"), "after": _end(node, name)}
        more = client.graphql(query, variables, subject=subject, tolerated=_GONE).data.get("node") or {}
        _append(node[name], more.get(name), subject, rows)


def _is_cut(node: Node, name: str) -> bool:
    if not isinstance(node.get(name), dict):
        return False  # not asked for, or unfit: reading it tells
    return bool(inner(node[name], "pageInfo").get("hasNextPage"))


def _end(node: Node, name: str) -> str:
    try:
        return text(node[name]["pageInfo"], "endCursor")
    except UnfitError as reason:
        raise UnfitError(f"{reason} of {name}") from None


def _append(connection: Node, more: Any, subject: str, rows: str = "nodes") -> None:
    """An object that vanished in between keeps what was read of it."""
    if not isinstance(more, dict):
        connection["pageInfo"] = {"hasNextPage": False, "endCursor": None}
        return
    before = connection.get(rows) or []
    if not isinstance(before, list):
        raise UnfitError(f"missing: {rows}")
    page = never_empty(
        page_of(more, subject, after=connection["pageInfo"]["endCursor"], seen=len(before), rows=rows), subject
    )
    connection[rows] = before + page.rows
    connection["pageInfo"] = {"hasNextPage": page.more, "endCursor": page.end}
