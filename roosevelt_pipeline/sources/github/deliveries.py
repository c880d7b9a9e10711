"""What a webhook delivery says that is worth keeping: which object to read again. Pure.

A delivery is a hint. Logins, titles, bodies and branches in it are not kept, and its facts
are not believed: the object is read again from GitHub by its id, so an old, repeated or
forged delivery can at worst cost a request.
"""

import hashlib
import hmac
import json
import re
from collections.abc import Sequence
from typing import Any

from roosevelt_pipeline.sources.github.nodes import Node, UnfitError, inner, instant, integer, text
from roosevelt_pipeline.warehouse.inbox import Hint

LARGEST_BODY = 25 * 1024 * 1024  # GitHub sends nothing larger
_DELIVERY = re.compile(r"[0-9A-Fa-f-]{8,64}")
_WORD = re.compile(r"[a-z_]{1,64}")
_NODE_ID = re.compile(r"[A-Za-z0-9_=+/-]{1,128}")

# Event: what it is about, and where in the payload that stands.
_ABOUT = {
    "pull_request": ("pull_request", "pull_request"),
    "pull_request_review": ("pull_request", "pull_request"),
    "pull_request_review_comment": ("pull_request", "pull_request"),
    "issues": ("issue", "issue"),
    "issue_comment": ("issue", "issue"),
    "deployment": ("deployment", "deployment"),
    "deployment_status": ("deployment", "deployment"),
    "release": ("release", "release"),
    "workflow_run": ("workflow_run", "workflow_run"),
}
_TEAMS = ("team", "membership", "organization")
_REPOSITORY_ACTIONS = frozenset(
    {"created", "deleted", "renamed", "transferred", "archived", "unarchived", "edited", "publicized", "privatized"}
)
USED_EVENTS = (*_ABOUT, "push", "repository", *_TEAMS)


def sign(body: bytes, secret: bytes) -> str:
    """The value of ``X-Hub-Signature-256`` for a body."""
    return "sha256=" + hmac.new(secret, body, hashlib.sha256).hexdigest()


def is_authentic(body: bytes, signature: str | None, secrets: Sequence[bytes]) -> bool:
    """Whether one of the secrets signed exactly these bytes. Takes as long whichever it was, or none."""
    given = (signature or "").encode("utf-8", "replace")
    fits = [hmac.compare_digest(given, sign(body, secret).encode()) for secret in secrets]
    return any(fits)


def parse_body(body: bytes) -> Node:
    """The payload.

    Raises:
        UnfitError: it is not a JSON object.
    """
    try:
        payload = json.loads(body)
    except (ValueError, RecursionError):
        raise UnfitError("not_json") from None
    if not isinstance(payload, dict):
        raise UnfitError("not_an_object")
    return payload


def read_delivery(event: str | None, delivery_id: str | None, payload: Node) -> Hint | None:
    """What a delivery points at; ``None`` for what we make no use of.

    Raises:
        UnfitError: a header is missing or malformed, or an event that we use does not say what it is about.
    """
    event, delivery_id = _fits(_WORD, event, "X-GitHub-Event"), _fits(_DELIVERY, delivery_id, "X-GitHub-Delivery")
    action = None if payload.get("action") is None else _fits(_WORD, payload["action"], "action")
    facts = _facts(event, action, payload)
    if facts is None:
        return None
    return Hint(delivery_id=delivery_id.lower(), event=event, action=action, **facts)


def _facts(event: str, action: str | None, payload: Node) -> dict[str, Any] | None:
    if event in _ABOUT:
        kind, key = _ABOUT[event]
        return _repository(payload) | _object(kind, inner(payload, key))
    if event == "push":
        repository = inner(payload, "repository")
        is_ours = payload.get("ref") == f"refs/heads/{text(repository, 'default_branch')}"
        return {"kind": "commits", **_repository(payload)} if is_ours and not payload.get("deleted") else None
    if event == "repository" and action in _REPOSITORY_ACTIONS:
        return {"kind": "repository", **_repository(payload)}
    return {"kind": "teams"} if event in _TEAMS else None


def _repository(payload: Node) -> dict[str, Any]:
    repository = inner(payload, "repository")
    return {"repository_id": integer(repository, "id"), "repository_node_id": _node_id(repository, "repository")}


def _object(kind: str, node: Node) -> dict[str, Any]:
    number: int | None = integer(node, "id")
    if kind == "issue" and isinstance(node.get("pull_request"), dict):
        # REST counts a pull request as an issue, with a number of its own but the pull request's node id.
        kind, number = "pull_request", None
    return {
        "kind": kind,
        "object_id": number,
        "object_node_id": _node_id(node, kind),
        "occurred_at": _occurred_at(node),
    }


def _node_id(node: Node, what: str) -> str:
    return _fits(_NODE_ID, node.get("node_id"), f"{what}.node_id")


def _occurred_at(node: Node) -> str | None:
    """When the object last changed, as far as the delivery says so; of use to people alone."""
    try:
        return instant(node, "updated_at")
    except UnfitError:
        return None


def _fits(pattern: re.Pattern[str], value: Any, name: str) -> str:
    if not isinstance(value, str) or not pattern.fullmatch(value):
        raise UnfitError(f"missing: {name}" if value is None else f"malformed: {name}")
    return value
