"""Reading GitHub's objects strictly: what is missing or of the wrong kind makes a record unfit, never a crash."""

import re
from collections.abc import Callable, Iterable
from datetime import UTC, datetime
from typing import Any

from roosevelt_pipeline.privacy.identities import Person
from roosevelt_pipeline.sources.github.node_ids import number_in
from roosevelt_pipeline.warehouse.records import Record, Reject

Node = dict[str, Any]
_IS_CANONICAL = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ", re.ASCII).fullmatch  # as GitHub writes nearly all

# What may be kept of a node that did not fit. Everything else could name somebody or quote them.
_HARMLESS = frozenset(
    {
        *("__typename", "id", "databaseId", "fullDatabaseId", "number", "oid", "commitOid", "headRefOid"),
        *("state", "stateReason", "isDraft", "additions", "deletions", "changedFiles", "totalCount"),
        *("createdAt", "updatedAt", "closedAt", "mergedAt", "submittedAt", "publishedAt", "authoredDate"),
        *("committedDate", "run_attempt", "run_number", "workflow_id", "event", "status", "conclusion"),
        *("head_sha", "created_at", "updated_at", "run_started_at"),
    }
)
_PERSONS = frozenset(
    {
        *("author", "committer", "creator", "actor", "user", "mergedBy", "owner", "sender"),
        *("triggering_actor", "login", "email", "name", "members", "edges"),
    }
)


class UnfitError(ValueError):
    """A node that is not what GitHub's schema promises. The text is the reason, without values."""


# A shape that no reader foresaw is our mistake, but it must not hold up the page that it stands on.
_UNFORESEEN = (TypeError, ValueError, LookupError, AttributeError, ArithmeticError)


def sort_out(
    nodes: Iterable[Any], read: Callable[[Node], Record | None], prepare: Callable[[Node], None] = lambda _node: None
) -> tuple[list[Record], list[Reject]]:
    """Read each node; those that do not fit are set aside with the reason, scrubbed of what is personal.

    Args:
        prepare: completes a node before it is read.
    """
    records: list[Record] = []
    rejects: list[Reject] = []
    for node in nodes:
        try:
            if not isinstance(node, dict):
                raise UnfitError("not_an_object")
            prepare(node)
            record = read(node)
        except UnfitError as reason:
            rejects.append(Reject(_key_of(node), str(reason), scrubbed(node)))
        except _UNFORESEEN as defect:
            rejects.append(Reject(_key_of(node), f"unreadable: {type(defect).__name__}", scrubbed(node)))
        else:
            if record is not None:
                records.append(record)
    return records, rejects


def text(node: Node, key: str) -> str:
    """A text that must be there."""
    value = node.get(key)
    if not isinstance(value, str):
        raise UnfitError(f"missing: {key}" if value is None else f"not_text: {key}")
    return value


def optional_text(node: Node, key: str) -> str | None:
    return None if node.get(key) is None else text(node, key)


def integer(node: Node, key: str) -> int:
    """A whole number that must be there; GitHub writes large ids as text."""
    value = node.get(key)
    if value is None:
        raise UnfitError(f"missing: {key}")
    if isinstance(value, str) and len(value) < 20 and value.isascii() and value.isdigit():
        value = int(value)
    if isinstance(value, bool) or not isinstance(value, int):
        raise UnfitError(f"not_an_integer: {key}")
    if abs(value) >= 2**63:
        raise UnfitError(f"implausible_number: {key}")
    return value


def database_id(node: Node) -> int:
    """The number of an object; from its node id where GraphQL cannot say a number that large."""
    number = number_in(node.get("id")) if node.get("databaseId") is None else None
    return integer(node, "databaseId") if number is None else integer({"databaseId": number}, "databaseId")


def optional_integer(node: Node, key: str) -> int | None:
    return None if node.get(key) is None else integer(node, key)


def boolean(node: Node, key: str) -> bool:
    value = node.get(key)
    if not isinstance(value, bool):
        raise UnfitError(f"not_a_boolean: {key}")
    return value


def instant(node: Node, key: str) -> str:
    """An instant that must be there, as ISO 8601 in UTC with ``Z``, to the second."""
    value = text(node, key)
    try:
        parsed = datetime.fromisoformat(value)
        if _IS_CANONICAL(value):
            return value
        if parsed.tzinfo is None:
            raise UnfitError(f"time_without_zone: {key}")
        return f"{parsed.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}".zfill(20)
    except (ValueError, OverflowError) as error:
        raise error if isinstance(error, UnfitError) else UnfitError(f"not_a_time: {key}") from None


def optional_instant(node: Node, key: str) -> str | None:
    return None if node.get(key) is None else instant(node, key)


def inner(node: Node, key: str) -> Node:
    """An object that must be there."""
    value = node.get(key)
    if not isinstance(value, dict):
        raise UnfitError(f"missing: {key}" if value is None else f"not_an_object: {key}")
    return value


def optional_inner(node: Node, key: str) -> Node:
    """An object; empty if there is none."""
    return {} if node.get(key) is None else inner(node, key)


def items(node: Node, connection: str) -> list[Node]:
    """The nodes of a connection that must be there; GitHub leaves null what the token may not see."""
    found = inner(node, connection).get("nodes")
    if not isinstance(found, list):
        raise UnfitError(f"missing: {connection}.nodes")
    shown = [item for item in found if item is not None]
    if not all(isinstance(item, dict) for item in shown):
        raise UnfitError(f"not_an_object: {connection}.nodes")
    return shown


def person(actor: Any) -> Person | None:
    """An account as GraphQL (``databaseId``) or REST (``id``) shows it; ``None`` for one that is gone."""
    if not isinstance(actor, dict):
        return None
    account_id = actor.get("databaseId") or number_in(actor.get("id")) or actor.get("id")
    if isinstance(account_id, bool) or not isinstance(account_id, int):
        return None
    kind = actor.get("__typename") or actor.get("type")
    login = actor.get("login")
    return Person(account_id, "Bot" if kind == "Bot" else "User", (login,) if isinstance(login, str) else ())


def scrubbed(value: Any, key: str = "") -> Any:
    """What may be kept of a node: ids, numbers, times and states; nothing that names or quotes anybody."""
    if key in _PERSONS and not isinstance(value, bool | None):
        return "(removed)"
    if isinstance(value, dict):
        return {name: scrubbed(item, name) for name, item in value.items() if isinstance(name, str)}
    if isinstance(value, list):
        return [scrubbed(item) for item in value[:100]]
    if isinstance(value, str):
        return value[:100] if key in _HARMLESS else "(removed)"
    if isinstance(value, int) and abs(value) >= 2**63:
        return "(removed)"
    return value


def _key_of(node: Any) -> str | None:
    if not isinstance(node, dict):
        return None
    key = node.get("fullDatabaseId") or node.get("databaseId") or node.get("oid") or node.get("id")
    return str(key)[:100] if isinstance(key, int | str) else None
