"""Reading single objects that somebody named by id, each kind with the functions that read it from a list."""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import Any

from roosevelt_pipeline.sources.github import workflow_runs
from roosevelt_pipeline.sources.github.answers import Answer
from roosevelt_pipeline.sources.github.deployments import SETTLES_WITHIN, read_deployment
from roosevelt_pipeline.sources.github.errors import PermissionMissingError, UnavailableError
from roosevelt_pipeline.sources.github.issues import incidents_and_bugs, read_issue
from roosevelt_pipeline.sources.github.node_ids import number_in
from roosevelt_pipeline.sources.github.nodes import Node, UnfitError, instant, sort_out
from roosevelt_pipeline.sources.github.overflow import drain, drain_one
from roosevelt_pipeline.sources.github.pull_requests import LISTS, needs_files, read_pull_request
from roosevelt_pipeline.sources.github.releases import read_release
from roosevelt_pipeline.sources.github.repositories import Repository
from roosevelt_pipeline.sources.github.session import Session
from roosevelt_pipeline.warehouse.heads import living_keys, some_node_ids, unsettled_deployments
from roosevelt_pipeline.warehouse.inbox import Hint
from roosevelt_pipeline.warehouse.records import Record, Reject


@dataclass(frozen=True)
class Found:
    """What GitHub shows of the objects that were asked for.

    Attributes:
        shown: the addresses under which it shows something in this repository.
        is_certain: it shows others of the kind, so that the token may see what there is.
    """

    shown: Collection[str]
    records: list[Record]
    rejects: list[Reject]
    observed_at: datetime
    is_certain: bool = True


@dataclass(frozen=True)
class Kind:
    """How objects of a kind are asked for.

    Attributes:
        batch: addresses per call of ``read``.
        address: what ``read`` needs of a hint.
    """

    stream: str
    batch: int
    read: Callable[[Session, Sequence[str]], Found]
    address: Callable[[Hint], str] = lambda hint: hint.object_node_id or ""


def keys_of(session: Session, numbers: Collection[str]) -> list[str]:
    """Keys of living rows of this repository that belong to the objects with these numbers."""
    living = living_keys(session.connection, session.stream, session.scope)
    return sorted(key for key in living if key.partition(":")[0] in numbers)


def _pull_requests(session: Session, ids: Sequence[str]) -> Found:
    repository, github = _home(session), session.settings.github
    return _by_node_id(
        session, "pull_requests_by_id", {"ids": ids, "files": needs_files(session)}, "updatedAt",
        partial(read_pull_request, repository=repository, github=github),
        lambda node: drain(session.client, "pull_request_rest", node, LISTS, session.subject),
    )  # fmt: skip


def _issues(session: Session, ids: Sequence[str]) -> Found:
    found = _by_node_id(
        session, "issues_by_id", {"ids": ids}, "updatedAt",
        partial(read_issue, repository_id=_home(session).repository_id, policy=session.settings.github),
        lambda node: drain(session.client, "issue_rest", node, ("labels", "timelineItems"), session.subject),
    )  # fmt: skip
    return Found(
        found.shown, incidents_and_bugs(session, found.records), found.rejects, found.observed_at, found.is_certain
    )


def _deployments(session: Session, ids: Sequence[str]) -> Found:
    """With those that a success among them may have made inactive, of which GitHub sends no word."""
    since = session.observed_at - SETTLES_WITHIN
    waiting = unsettled_deployments(session.connection, session.scope, since)
    others = [one.node_id for one in waiting if one.node_id not in ids]
    return _by_node_id(
        session, "deployments_by_id", {"ids": [*ids, *others[: 100 - len(ids)]]}, "createdAt",
        partial(read_deployment, repository_id=_home(session).repository_id),
        lambda node: drain_one(session.client, "deployment_rest", node, "statuses", session.subject),
    )  # fmt: skip


def _releases(session: Session, ids: Sequence[str]) -> Found:
    read = partial(read_release, repository_id=_home(session).repository_id)
    return _by_node_id(session, "releases_by_id", {"ids": ids}, "createdAt", read)


def _workflow_runs(session: Session, numbers: Sequence[str]) -> Found:
    """By REST, one by one: GraphQL knows no attempts."""
    answers = {number: workflow_runs.ask_one(session, number) for number in numbers}
    shown = {number: answer for number, answer in answers.items() if answer is not None}
    nodes = [answer.document for answer in shown.values() if _is_wanted(session, answer.document, "created_at")]
    records, rejects = workflow_runs.read_runs(session, nodes)
    times = [answer.observed_at for answer in shown.values()]
    return Found(shown, records, rejects, min(times, default=session.observed_at))


def _by_node_id(
    session: Session,
    query: str,
    asked: Mapping[str, Any],
    ordered_by: str,
    read: Callable[[Node], Record | None],
    prepare: Callable[[Node], None] = lambda _node: None,
) -> Found:
    answer, shown = _ask(session, query, asked)
    is_certain = bool(shown) or _shows_others(session, query, asked)
    wanted = [node for node in shown.values() if _is_wanted(session, node, ordered_by)]
    for node in wanted:
        prepare(node)
    return Found(shown, *sort_out(wanted, read), answer.observed_at, is_certain)


def _ask(session: Session, query: str, asked: Mapping[str, Any]) -> tuple[Answer, dict[str, Node]]:
    """The answer, and what it shows under which id."""
    answer = session.client.graphql(query, asked, subject=session.subject, tolerated=frozenset({"NOT_FOUND"}))
    nodes = answer.data.get("nodes")
    if not isinstance(nodes, list) or len(nodes) != len(asked["ids"]):
        raise UnavailableError(f"{session.subject}: GitHub did not answer for each of the ids; try again later")
    told = [error.get("path") for error in answer.errors]
    if any(node is None and ["nodes", place] not in told for place, node in enumerate(nodes)):
        raise UnavailableError(
            f"{session.subject}: GitHub shows nothing of an object and does not say why; try again later"
        )
    pairs = zip(asked["ids"], nodes, strict=True)
    return answer, {node_id: node for node_id, node in pairs if _is_here(node, _home(session))}


def _shows_others(session: Session, query: str, asked: Mapping[str, Any]) -> bool:
    """Nothing is shown of what was asked for: deleted, or kept from a token that lost a permission?

    Returns:
        whether others of the kind are shown; false if we know of none that could be.

    Raises:
        PermissionMissingError: others of the kind, which we know, are not shown either.
    """
    numbers = {str(number_in(node_id)) for node_id in asked["ids"]}
    others = some_node_ids(session.connection, session.stream, session.scope, numbers)
    if others and not _ask(session, query, {**asked, "ids": others})[1]:
        raise PermissionMissingError(f"{session.subject}: GitHub shows nothing of the kind; the token may not read it")
    return bool(others)


def _is_here(node: Any, repository: Repository) -> bool:
    """Whether it is an object of the kind that was asked for, and has not moved to another repository."""
    if not isinstance(node, dict) or not node:  # empty: an object of another kind
        return False
    return (node.get("repository") or {}).get("id", repository.node_id) == repository.node_id


def _is_wanted(session: Session, node: Any, ordered_by: str) -> bool:
    """Whether polling would read it: not if it is from before history begins."""
    try:
        return session.read_since is None or instant(node, ordered_by) >= session.read_since
    except (UnfitError, AttributeError):
        return True  # then it is set aside with the reason


def _home(session: Session) -> Repository:
    assert session.repository is not None
    return session.repository


KINDS: Mapping[str, Kind] = {
    "pull_request": Kind("github_pull_requests", 24, _pull_requests),
    "issue": Kind("github_issues", 50, _issues),
    "deployment": Kind("github_deployments", 50, _deployments),
    "release": Kind("github_releases", 100, _releases),
    "workflow_run": Kind("github_workflow_runs", 10, _workflow_runs, lambda hint: str(hint.object_id)),
}
