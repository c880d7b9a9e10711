"""Connections: GitHub's rules for ``first`` and ``last``, key-set and positional cursors."""

import base64
import binascii
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from graphql import GraphQLResolveInfo

from roosevelt_pipeline.sandbox.graphql_api.context import Context, GitHubError
from roosevelt_pipeline.sandbox.node_ids import cursor, parse_cursor
from roosevelt_pipeline.sandbox.records import Doc, Query

LARGEST_PAGE = 100
Arguments = dict[str, Any]


@dataclass(slots=True)
class Page:
    """What a connection answers. Its total is counted only if it is asked for."""

    nodes: list[Any]
    cursor_of: Callable[[int], str]
    has_next: bool
    has_previous: bool
    total: Callable[[], int]
    edge_facts: list[Doc] | None = None
    updated_at: str | None = None


@dataclass(slots=True)
class Window:
    """The part of a list that a connection asks for."""

    size: int
    from_end: bool
    after: str | None
    before: str | None


def window(info: GraphQLResolveInfo, arguments: Arguments) -> Window:
    """Read a connection's arguments.

    Raises:
        GitHubError: neither or both of first and last, or a number outside 1 to 100.
    """
    name, first, last = info.field_name, arguments.get("first"), arguments.get("last")
    if first is None and last is None:
        message = f"You must provide a `first` or `last` value to properly paginate the `{name}` connection."
        raise GitHubError("MISSING_PAGINATION_BOUNDARIES", message)
    if first is not None and last is not None:
        message = f"Passing both `first` and `last` to paginate the `{name}` connection is not supported."
        raise GitHubError("UNSUPPORTED_PAGINATION_BOUNDARIES", message)
    side, size = ("first", first) if first is not None else ("last", last)
    assert size is not None
    if size > LARGEST_PAGE:
        message = f"Requesting {size} records on the `{name}` connection exceeds the `{side}` limit of 100 records."
        raise GitHubError("EXCESSIVE_PAGINATION", message)
    if size < 1:
        raise GitHubError("INVALID_PAGINATION", f"`{side}` on the `{name}` connection cannot be less than one.")
    return Window(size, side == "last", arguments.get("after") or None, arguments.get("before") or None)


def database_page(
    info: GraphQLResolveInfo, arguments: Arguments, query: Query, prepare: Callable[[Doc], Doc] | None = None
) -> Page:
    """A page of a stored collection, by key-set: it neither skips nor repeats while others are written."""
    asked = window(info, arguments)
    context: Context = info.context
    width = 1 if query.order == "id" else 2
    rows = context.records.keyset(
        query, asked.size + 1, after=_key(asked.after, width), before=_key(asked.before, width), reverse=asked.from_end
    )
    more = len(rows) > asked.size
    if more:
        rows = rows[1:] if asked.from_end else rows[:-1]
    return Page(
        nodes=[prepare(doc) if prepare else doc for _, doc in rows],
        cursor_of=lambda at: cursor(*rows[at][0]),
        has_next=bool(asked.before) if asked.from_end else more,
        has_previous=more if asked.from_end else bool(asked.after),
        total=lambda: context.records.count(query),
    )


def list_page(info: GraphQLResolveInfo, arguments: Arguments, items: Sequence[Any]) -> Page:
    """A page of a list that its parent holds; cursors are positions, as GitHub's are there."""
    asked = window(info, arguments)
    start = _position(asked.after) if asked.after else 0
    end = _position(asked.before) - 1 if asked.before else len(items)
    if asked.from_end:
        start = max(start, end - asked.size)
    else:
        end = min(end, start + asked.size)
    end = max(start, end)
    return Page(
        nodes=list(items[start:end]),
        cursor_of=lambda at: base64.b64encode(str(start + at + 1).encode()).decode(),
        has_next=end < len(items),
        has_previous=start > 0,
        total=lambda: len(items),
    )


def invalid_cursor(text: str) -> GitHubError:
    return GitHubError("INVALID_CURSOR_ARGUMENTS", f"`{text}` does not appear to be a valid cursor.")


def _key(text: str | None, width: int) -> list[Any] | None:
    if text is None:
        return None
    key = parse_cursor(text)
    if key is None or len(key) != width:
        raise invalid_cursor(text)
    return key


def _position(text: str) -> int:
    try:
        return int(base64.b64decode(text, validate=True))
    except (ValueError, binascii.Error):
        raise invalid_cursor(text) from None


# How the fields of every ...Connection, ...Edge and PageInfo type are answered.
CONNECTION_FIELDS: dict[str, Callable[[Page], Any]] = {
    "nodes": lambda page: page.nodes,
    "edges": lambda page: [(page, at) for at in range(len(page.nodes))],
    "pageInfo": lambda page: page,
    "totalCount": lambda page: page.total(),
    "filteredCount": lambda page: page.total(),
    "pageCount": lambda page: len(page.nodes),
    "updatedAt": lambda page: page.updated_at,
}
EDGE_FIELDS: dict[str, Callable[[tuple[Page, int]], Any]] = {
    "node": lambda edge: edge[0].nodes[edge[1]],
    "cursor": lambda edge: edge[0].cursor_of(edge[1]),
}
PAGE_INFO_FIELDS: dict[str, Callable[[Page], Any]] = {
    "hasNextPage": lambda page: page.has_next,
    "hasPreviousPage": lambda page: page.has_previous,
    "startCursor": lambda page: page.cursor_of(0) if page.nodes else None,
    "endCursor": lambda page: page.cursor_of(len(page.nodes) - 1) if page.nodes else None,
}
