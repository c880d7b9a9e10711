"""Repositories of the organisation, and what moved in each since it was last read."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from roosevelt_pipeline.patterns import matches_any
from roosevelt_pipeline.settings import Settings
from roosevelt_pipeline.sources.github.answers import Answer
from roosevelt_pipeline.sources.github.client import GitHubClient
from roosevelt_pipeline.sources.github.errors import GitHubError, NotFoundError, PermissionMissingError
from roosevelt_pipeline.sources.github.nodes import (
    Node,
    UnfitError,
    boolean,
    database_id,
    inner,
    instant,
    integer,
    items,
    optional_inner,
    optional_instant,
    optional_text,
    sort_out,
    text,
)
from roosevelt_pipeline.sources.github.paging import ListPage, counted, nodes_by_id, page_of
from roosevelt_pipeline.warehouse.records import Record, Reject
from roosevelt_pipeline.warehouse.validation import iso

FIRST_PAGE = 24  # with four connections each, this many cost one point; a small organisation needs no more
PAGE = 100


@dataclass(frozen=True)
class Repository:
    """A repository to be read.

    Attributes:
        record: as it lands in ``github_repositories``.
        observed_at: when GitHub said so.
        marks: for each stream, a text that changes when something in it moved. Empty if the
            token may not tell.
        newest_at: for each stream, the newest time of change or creation that GitHub named.
        remote_counts: for each stream, how many objects GitHub says there are.
    """

    repository_id: int
    node_id: str
    owner: str
    name: str
    default_branch: str | None
    head_oid: str | None
    record: Record = field(repr=False)
    observed_at: datetime
    marks: dict[str, str] = field(default_factory=dict, repr=False)
    newest_at: dict[str, str] = field(default_factory=dict, repr=False)
    remote_counts: dict[str, int] = field(default_factory=dict, repr=False)

    @property
    def name_with_owner(self) -> str:
        return f"{self.owner}/{self.name}"

    @property
    def scope(self) -> str:
        """What its rows and cursors are filed under: the id, because names change."""
        return str(self.repository_id)

    def is_wanted(self, settings: Settings) -> bool:
        """Whether the policy includes it."""
        return _is_wanted(self.name, settings)


@dataclass(frozen=True)
class Unfit:
    """A repository that GitHub describes in a way that is not understood: without its id nothing of it can be filed."""

    name_with_owner: str
    reject: Reject

    @property
    def problem(self) -> str:
        return f"GitHub describes it in a way that is not understood ({self.reject.reason}); please report this"


def discover(client: GitHubClient, settings: Settings, unfit: list[Unfit] | None = None) -> list[Repository]:
    """The repositories that the policy includes, by name, with what moved in each.

    One request for up to 24 repositories, one for each further 100.

    Args:
        unfit: takes those that are not understood.

    Raises:
        GitHubError: the organisation cannot be read; see its subclasses.
    """
    odd: list[Unfit] = []
    found = [one for one in list_repositories(client, settings, odd) if one.is_wanted(settings)]
    if unfit is not None:
        unfit += [one for one in odd if _is_wanted(one.name_with_owner.rpartition("/")[2], settings)]
    return found


def list_repositories(client: GitHubClient, settings: Settings, unfit: list[Unfit] | None = None) -> list[Repository]:
    """All repositories of the organisation that the token may see, by name.

    Raises:
        GitHubError: as ``discover``.
    """
    found: list[Repository] = []
    tags = any("tag" in rule.sources for rule in settings.deployments)
    for answer, page in _pages(client, _organization(settings), tags=tags):
        for node in page.rows:
            records, rejects = sort_out([node], read_repository)
            found += [_repository(record, node, answer.observed_at) for record in records]
            if unfit is not None:
                unfit += [Unfit(_name_of(node), reject) for reject in rejects]
    return sorted(found, key=lambda one: one.name)


def repositories_by_id(client: GitHubClient, ids: Sequence[str]) -> tuple[dict[str, Repository], datetime]:
    """Those repositories, each under the id that it was asked for by, and when GitHub said so.

    What is missing is deleted, or the token may not see it. Up to 100 cost one point.

    Raises:
        GitHubError: as ``list_repositories``.
    """
    found: dict[str, Repository] = {}
    for start in range(0, len(ids), PAGE):
        batch = ids[start : start + PAGE]
        answer = _ask_by_id(client, batch)
        nodes_by_id(answer.data, batch, "repositories")
        for node_id, node in zip(batch, answer.data["nodes"], strict=True):
            if isinstance(node, dict) and node:
                found[node_id] = _understood(node, answer)
    return found, answer.observed_at


def _is_wanted(name: str, settings: Settings) -> bool:
    return matches_any(name, settings.github.include) and not matches_any(name, settings.github.exclude)


def _name_of(node: Any) -> str:
    name = node.get("nameWithOwner") if isinstance(node, dict) else None
    return name if isinstance(name, str) else "a repository without a name"


def read_repository(node: Node) -> Record:
    """A repository as it lands."""
    repository_id = database_id(node)
    head = optional_inner(node, "defaultBranchRef")
    return Record(
        str(repository_id),
        {
            "repository_id": repository_id,
            "node_id": text(node, "id"),
            "name_with_owner": text(node, "nameWithOwner"),
            "owner": text(inner(node, "owner"), "login"),
            "name": text(node, "name"),
            "is_archived": boolean(node, "isArchived"),
            "is_fork": boolean(node, "isFork"),
            "is_private": boolean(node, "isPrivate"),
            "created_at": instant(node, "createdAt"),
            "pushed_at": optional_instant(node, "pushedAt"),
            "updated_at": optional_instant(node, "updatedAt"),
            "default_branch": optional_text(head, "name"),
            "head_oid": optional_text(optional_inner(head, "target"), "oid"),
        },
    )


def _understood(node: Node, answer: Answer) -> Repository:
    try:
        return _repository(read_repository(node), node, answer.observed_at)
    except UnfitError as reason:
        raise GitHubError(f"GitHub describes a repository in a way that is not understood ({reason})") from None


def _ask_by_id(client: GitHubClient, ids: Sequence[str]) -> Answer:
    asked, tolerated = {"ids": ids, "probe": True}, frozenset({"NOT_FOUND"})
    try:
        return client.graphql("repositories_by_id", asked, subject="repositories", tolerated=tolerated)
    except PermissionMissingError:
        asked = asked | {"probe": False}
        return client.graphql("repositories_by_id", asked, subject="repositories", tolerated=tolerated)


def _pages(client: GitHubClient, organization: str, *, tags: bool) -> Iterator[tuple[Answer, ListPage]]:
    """Pages of repositories; without the probe if the token may not read something that it asks for."""
    try:
        yield from list(_paged(client, organization, probe=True, tags=tags))
    except PermissionMissingError:
        yield from _paged(client, organization, probe=False, tags=False)


def _paged(client: GitHubClient, organization: str, *, probe: bool, tags: bool) -> Iterator[tuple[Answer, ListPage]]:
    after, seen, size, subject = None, 0, FIRST_PAGE, f"organisation {organization}"
    asked = {"organization": organization, "probe": probe, "tags": tags}
    while True:
        variables = asked | {"page": size, "after": after}
        try:
            answer = client.graphql("organization_repositories", variables, subject=subject)
        except NotFoundError:
            answer = None
        if answer is None or not answer.data.get("organization"):
            raise NotFoundError(
                f"there is no organisation {organization!r} on {client.host}, or the token may not see it; "
                f"check github.organization in roosevelt.toml and the token's resource owner"
            )
        page = counted(
            page_of(answer.data["organization"].get("repositories"), subject, after=after, seen=seen), subject
        )
        yield answer, page
        if not page.more:
            return
        after, seen, size = page.end, page.seen, PAGE


def _repository(record: Record, node: Node, observed_at: datetime) -> Repository:
    payload: dict[str, Any] = record.payload or {}
    known: dict[str, Any] = {name: payload[name] for name in ("repository_id", "node_id", "owner", "name")}
    known |= {"default_branch": payload["default_branch"], "head_oid": payload["head_oid"]}
    repository = Repository(**known, record=record, observed_at=observed_at)
    for stream, connection in _PROBED.items():
        if isinstance(node.get(connection), dict):
            _mark(repository, stream, node[connection])
    if "defaultBranchRef" in node:
        repository.marks["github_commits"] = payload["head_oid"] or "empty"
        _mark_pushes(repository, payload["pushed_at"])
    return repository


def _mark_pushes(repository: Repository, pushed_at: str | None) -> None:
    """Whatever is pushed moves this; a tag may move without being the newest, or one more."""
    repository.marks["github_pushes"] = pushed_at or "never"
    if pushed_at:
        repository.newest_at["github_pushes"] = pushed_at
    if "github_tags" in repository.marks:
        repository.marks["github_tags"] += f"|{pushed_at}"


def _mark(repository: Repository, stream: str, probe: Node) -> None:
    """What the probe says of a stream; nothing where it cannot be understood, so that the stream is read."""
    try:
        newest = next(iter(items({"probe": probe}, "probe")), {})
        count = integer(probe, "totalCount")
        moved = optional_instant(newest, "updatedAt" if stream in _BY_UPDATE else "createdAt")
    except UnfitError:
        return
    repository.remote_counts[stream] = count
    if moved and moved > iso(repository.observed_at):
        return  # it stays the newest whatever else moves, and tells nothing until its time has come
    repository.marks[stream] = "|".join(str(part) for part in (count, *newest.values()))
    if moved:
        repository.newest_at[stream] = moved


def _organization(settings: Settings) -> str:
    if not settings.github.organization:
        raise GitHubError("roosevelt.toml names no organisation; set organization under [github]")
    return settings.github.organization


_PROBED = {
    "github_pull_requests": "pullRequests",
    "github_issues": "issues",
    "github_deployments": "deployments",
    "github_releases": "releases",
    "github_tags": "refs",
}
_BY_UPDATE = ("github_pull_requests", "github_issues")
