"""Whether objects that we hold still exist: asked by id, with a witness that must be found in the same answer.

GitHub answers null for an object that was deleted and for one that the token may no longer
see. The witness has just been listed, so an answer in which it is missing tells nothing of
the others.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

from roosevelt_pipeline.sources.github.client import GitHubClient
from roosevelt_pipeline.sources.github.errors import PermissionMissingError, UnavailableError
from roosevelt_pipeline.sources.github.nodes import Node
from roosevelt_pipeline.sources.github.session import Session
from roosevelt_pipeline.warehouse.validation import iso

IDS_PER_REQUEST = 100
Whereabouts = Literal["here", "not_found", "transferred"]


@dataclass(frozen=True)
class Witness:
    """What a stream's own list says.

    Attributes:
        count: how many objects it has; ``None`` if it does not tell.
        node_id: one of them; ``None`` if there is none.
    """

    count: int | None
    node_id: str | None


def ask_presence(
    client: GitHubClient, ids: Sequence[str], home: Callable[[Node], bool], subject: str, witness: str | None = None
) -> tuple[dict[str, Whereabouts], datetime]:
    """Where each object is, and when GitHub said so.

    Args:
        ids: at most 100, or 99 with a witness.
        home: whether a node that was found is still where we hold it.
        witness: id of an object that must be found.

    Raises:
        PermissionMissingError: the token may not see one of them.
        UnavailableError: the witness is missing, or an object is neither shown nor called missing.
    """
    asked = [*ids, *([witness] if witness and witness not in ids else [])]
    answer = client.graphql("presence", {"ids": asked}, subject=subject, tolerated=frozenset({"NOT_FOUND"}))
    nodes = answer.data.get("nodes") or []
    missing = {error["path"][1] for error in answer.errors if _names_a_node(error)}
    found: dict[str, Whereabouts] = {}
    for place, node_id in enumerate(asked):
        node = nodes[place] if place < len(nodes) else None
        if node is None and place not in missing:
            raise UnavailableError(
                f"{subject}: GitHub shows nothing of an object and does not say why; try again later"
            )
        found[node_id] = "not_found" if node is None else "here" if home(node) else "transferred"
    if witness and found[witness] == "not_found":
        raise UnavailableError(
            f"{subject}: GitHub lists an object but does not find it by its id, so nothing is taken for deleted; "
            "if this happens again, check the token's permissions with `roosevelt doctor`"
        )
    return {node_id: found[node_id] for node_id in ids}, answer.observed_at


def listed(connection: str) -> Callable[[Session, datetime | None], Witness]:
    """The witness of a stream that GraphQL lists."""

    def ask(session: Session, _since: datetime | None) -> Witness:
        flags = {name: name == connection for name in ("pullRequests", "issues", "deployments", "releases")}
        answer = session.client.graphql("witness", session.place | flags, subject=session.subject)
        found = (answer.data.get("repository") or {}).get(connection)
        if found is None:
            raise PermissionMissingError(f"{session.subject}: the token may not read it")
        newest = next((node for node in found.get("nodes") or [] if node), None)
        return Witness(int(found["totalCount"]), newest["id"] if newest else None)

    return ask


def listed_run(session: Session, since: datetime | None) -> Witness:
    """The witness of workflow runs. Their filtered list may stop counting at 1,000, and then it does not tell."""
    asked = {"per_page": 1, "exclude_pull_requests": "true", "created": f">={iso(since)}" if since else None}
    document = _rest(session, "actions/runs", asked)
    newest = next(iter(document.get("workflow_runs") or []), None)
    total = int(document.get("total_count") or 0)
    return Witness(total if total != 1_000 else None, newest["node_id"] if newest else None)


def listed_comment(session: Session, _since: datetime | None) -> Witness:
    """The witness of review comments. Nothing counts those of a whole repository."""
    newest = next(iter(_rest(session, "pulls/comments", {"per_page": 1, "sort": "created", "direction": "desc"})), None)
    return Witness(None, newest["node_id"]) if newest else Witness(0, None)


def _rest(session: Session, path: str, parameters: dict[str, Any]) -> Any:
    assert session.repository is not None
    address = f"/repos/{session.repository.name_with_owner}/{path}"
    return session.client.rest(address, parameters, subject=session.subject).document


def _names_a_node(error: Node) -> bool:
    path = error.get("path") or []
    return error.get("type") == "NOT_FOUND" and len(path) == 2 and path[0] == "nodes"
