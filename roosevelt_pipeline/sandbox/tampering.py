"""The true answer, tampered with: objects missing, doubled or unlike what the schema promises. Pure."""

from collections import deque
from collections.abc import Callable
from datetime import timedelta
from email.utils import format_datetime, parsedate_to_datetime
from typing import Any

from roosevelt_pipeline.sandbox.faults import Fault, FaultKind

Headers = dict[str, str]


def tampered(fault: Fault, document: Any, headers: Headers, before: Any) -> Any:
    """Change an answer's document and headers in place, or give what takes the document's place.

    Args:
        before: the document of the page before this one; the same page if it is the first.
    """
    page = items_of(document)
    if fault.kind is FaultKind.EMPTY:
        page.clear()
        headers.pop("link", None)
        _end(document)
    elif fault.kind is FaultKind.REPEAT:
        return before
    elif fault.kind is FaultKind.DUPLICATE:
        page[:0] = items_of(before)[-1:]
    elif fault.kind is FaultKind.SLIP:
        del page[fault.item or 0 : (fault.item or 0) + 1]
    elif fault.kind is FaultKind.MUTATE:
        for item in page if fault.item is None else page[fault.item : fault.item + 1]:
            for path, value in fault.change.items():
                _place(item, path, lambda holder, key, value=value: holder.__setitem__(key, value))  # type: ignore[misc]
            for path in fault.without:
                _place(item, path, lambda holder, key: holder.__delitem__(key))
    return document


def retold(fault: Fault, headers: Headers) -> None:
    """Change an answer's headers in place."""
    if fault.kind is FaultKind.CLOCK:
        true = parsedate_to_datetime(headers["date"])
        headers["date"] = format_datetime(true + timedelta(seconds=fault.seconds), usegmt=True)
    for name, value in fault.headers.items():
        headers.pop(name.lower(), None)
        if value is not None:
            headers[name.lower()] = value


def items_of(document: Any) -> list[Any]:
    """The list that an answer is a page of, itself; an answer that is one object counts as a list of it."""
    if isinstance(document, list):
        return document
    connection = _connection(document)
    if connection is not None:
        return next(connection[name] for name in ("nodes", "edges") if isinstance(connection.get(name), list))
    lists = [value for value in document.values() if isinstance(value, list)] if "data" not in document else []
    return lists[0] if lists and "total_count" in document else [document]


def _connection(document: dict[str, Any]) -> dict[str, Any] | None:
    """The outermost connection of a GraphQL answer."""
    waiting = deque([document.get("data")])
    while waiting:
        value = waiting.popleft()
        if isinstance(value, dict):
            if any(isinstance(value.get(name), list) for name in ("nodes", "edges")):
                return value
            waiting.extend(value.values())
    return None


def _end(document: Any) -> None:
    connection = _connection(document) if isinstance(document, dict) else None
    if connection and "pageInfo" in connection:
        connection["pageInfo"] |= {"hasNextPage": False, "endCursor": None}


def _place(item: Any, path: str, act: Callable[[Any, Any], None]) -> None:
    """Go along a dotted path and act on its end; a path that leads nowhere changes nothing."""
    *way, last = (int(part) if part.isdigit() else part for part in path.split("."))
    try:
        for part in way:
            item = item[part]
        act(item, last)
    except (KeyError, IndexError, TypeError):
        return
