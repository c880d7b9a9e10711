"""Whether a run would be able to read GitHub: token, organisation, permissions, and the names in roosevelt.toml."""

import difflib
from collections.abc import Collection, Generator, Iterator, Sequence

from roosevelt_pipeline.patterns import matches
from roosevelt_pipeline.settings import Settings
from roosevelt_pipeline.sources.github.answers import Answer
from roosevelt_pipeline.sources.github.client import GitHubClient
from roosevelt_pipeline.sources.github.errors import GitHubError, NotFoundError, PermissionMissingError
from roosevelt_pipeline.sources.github.findings import Finding
from roosevelt_pipeline.sources.github.repositories import Repository, list_repositories
from roosevelt_pipeline.sources.github.rules import check_rules
from roosevelt_pipeline.sources.github.teams import take_snapshot
from roosevelt_pipeline.sources.github.tokens import Member, PersonalToken

IDS_PER_REQUEST = 100
ACTIONS_CHECKED = 20  # one request each; a token's permissions are the same for all that it may see
_FLAGS = {
    "contents": "Contents",
    "pullRequests": "Pull requests",
    "issues": "Issues",
    "deployments": "Deployments",
}


def check_access(client: GitHubClient, settings: Settings) -> list[Finding]:
    """Look at everything that a run would need of GitHub, in a handful of requests."""
    return list(_findings(client, settings))


def _findings(client: GitHubClient, settings: Settings) -> Iterator[Finding]:
    organization = settings.github.organization
    if not organization:
        yield _bad("github.organization", "roosevelt.toml names no organisation", "set organization under [github]")
        return
    seen = yield from _members(client, settings)
    if seen is None:
        return
    yield from _patterns(settings, [one.name for one in seen])
    chosen = [one for one in seen if one.is_wanted(settings)]
    yield Finding(f"organisation {organization}", bool(chosen), f"{len(chosen)} of {len(seen)} repositories")
    for member in client.members:
        if member.refused is None:
            with client.using(member):
                yield from _permissions(client, chosen, _of(client, member))
    slugs = yield from _teams(client, settings)
    yield from _names(settings, chosen, slugs)
    yield from check_rules(settings, [one.name for one in chosen])


def _members(client: GitHubClient, settings: Settings) -> Generator[Finding, None, list[Repository] | None]:
    """Yields what each token and App is worth, returns the repositories that they see; ``None`` if none sees any."""
    most: list[Repository] | None = None
    for member in client.members:
        with client.using(member):
            try:
                yield _member(client, member)
                seen = list_repositories(client, settings)
            except GitHubError as error:
                member.refused = member.refused or str(error)
                yield _from_error(f"GitHub {client.host}{_of(client, member)}", error)
                continue
        if most is not None and len(seen) != len(most):
            yield _bad(
                f"GitHub {client.host}{_of(client, member)}",
                f"sees {len(seen)} repositories where another sees {len(most)}",
                "let all tokens see the same ones: what one of them does not see would look deleted",
            )
        most = seen if most is None or len(seen) > len(most) else most
    return most


def _of(client: GitHubClient, member: Member) -> str:
    """Which of several it is about; nothing where there is one."""
    return f", {member.label}" if len(client.members) > 1 else ""


def _member(client: GitHubClient, member: Member) -> Finding:
    is_token = isinstance(member.authority, PersonalToken)
    subject = "GITHUB_TOKEN" if is_token and len(client.members) == 1 else member.label
    try:
        answer = client.rest("/rate_limit", subject=client.host)
    except NotFoundError:  # an Enterprise server without limits
        return Finding(subject, True, "accepted, without limits")
    return Finding(subject, True, f"accepted{_kind(answer) if is_token else ''}{_left(answer)}")


def _kind(answer: Answer) -> str:
    scopes = answer.headers.get("x-oauth-scopes")
    expires = answer.headers.get("github-authentication-token-expiration")
    until = f", valid until {expires}" if expires else ""
    if scopes is None:
        return f", fine-grained{until}"
    return f", classic with scopes {scopes or '(none)'}{until}; a fine-grained one needs less"


def _left(answer: Answer) -> str:
    """What is left of the hour."""
    resources = answer.document.get("resources") if isinstance(answer.document, dict) else None
    told = []
    for name, unit in (("core", "requests"), ("graphql", "points")):
        budget = (resources or {}).get(name) or {}
        if isinstance(budget.get("remaining"), int) and isinstance(budget.get("limit"), int):
            told.append(f"{budget['remaining']:,} of {budget['limit']:,} {unit}")
    return f"; left of this hour: {', '.join(told)}" if told else ""


def _patterns(settings: Settings, names: Sequence[str]) -> Iterator[Finding]:
    for key, patterns in (("include", settings.github.include), ("exclude", settings.github.exclude)):
        for pattern in patterns:
            if not any(matches(name, pattern) for name in names):
                yield _bad(
                    f"github.{key}",
                    f"{pattern!r} matches no repository that the token may see",
                    f"correct it{_nearest(pattern, names)}, or let the token see the repository",
                )


def _permissions(client: GitHubClient, repositories: Sequence[Repository], whose: str) -> Iterator[Finding]:
    for flag, permission in _FLAGS.items():
        closed = [name for batch in _batches(repositories) for name in _closed(client, batch, flag)]
        yield _permission(permission + whose, closed, len(repositories))
    closed = [one.name_with_owner for one in repositories[:ACTIONS_CHECKED] if not _may_read_actions(client, one)]
    yield _permission(f"Actions{whose}", closed, len(repositories))


def _closed(client: GitHubClient, batch: Sequence[Repository], flag: str) -> list[str]:
    """Names of the repositories in which the token lacks the permission that the flag needs."""
    asked = {name: name == flag for name in _FLAGS} | {"ids": [one.node_id for one in batch]}
    tolerated = frozenset({"NOT_FOUND", "FORBIDDEN", "INSUFFICIENT_SCOPES"})
    answer = client.graphql("access", asked, subject=f"permission {_FLAGS[flag]}", tolerated=tolerated)
    refused = {error["path"][1] for error in answer.errors if len(error.get("path") or []) > 1}
    nodes = answer.data.get("nodes") or [None] * len(batch)
    return [
        one.name_with_owner
        for place, (one, node) in enumerate(zip(batch, nodes, strict=False))
        if node is None or place in refused
    ]


def _may_read_actions(client: GitHubClient, repository: Repository) -> bool:
    try:
        path = f"/repos/{repository.name_with_owner}/actions/runs"
        client.rest(path, {"per_page": 1}, subject=repository.name_with_owner)
    except (PermissionMissingError, NotFoundError):
        return False
    return True


def _permission(permission: str, closed: Sequence[str], total: int) -> Finding:
    subject, permission = f"permission {permission}", permission.partition(",")[0]
    if not closed:
        return Finding(subject, True, f"read in {total} repositories")
    names = ", ".join(closed[:5]) + (f" and {len(closed) - 5} more" if len(closed) > 5 else "")
    return _bad(subject, f"the token may not read it in {names}", f"give the token {permission}: read-only there")


def _teams(client: GitHubClient, settings: Settings) -> Generator[Finding, None, list[str] | None]:
    """Yields what was found, returns the slugs of the organisation's teams."""
    try:
        slugs = [str((team.payload or {})["slug"]) for team in take_snapshot(client, settings).teams]
    except GitHubError as error:
        yield _bad("permission Members", str(error), "give the token the organisation permission Members: read-only")
        return None
    yield Finding("permission Members", True, f"{len(slugs)} teams")
    return slugs


def _names(settings: Settings, repositories: Sequence[Repository], slugs: Sequence[str] | None) -> Iterator[Finding]:
    names = [one.name for one in repositories]
    teams = [team.name for team in settings.teams]
    for declared in settings.teams:
        slug = declared.github or declared.name
        if slugs is not None and slug not in slugs:
            yield _bad(
                f"teams.{declared.name}",
                f"the organisation has no team {slug!r}",
                f"set github to the team's slug{_nearest(slug, slugs)}",
            )
    for service in settings.services:
        if service.repository not in names:
            yield _bad(
                f"services.{service.name}",
                f"there is no repository {service.repository!r} among those that are read",
                f"correct it{_nearest(service.repository, names)}, or include it under [github]",
            )
        for team in dict.fromkeys([service.team, *(owner.team for owner in service.owners)]):
            if team is not None and team not in [*teams, *(slugs or [])]:
                yield _bad(
                    f"services.{service.name}",
                    f"there is no team {team!r}",
                    f"declare it under [[teams]]{_nearest(team, [*teams, *(slugs or [])])}",
                )


def _batches(repositories: Sequence[Repository]) -> Iterator[Sequence[Repository]]:
    for start in range(0, len(repositories), IDS_PER_REQUEST):
        yield repositories[start : start + IDS_PER_REQUEST]


def _nearest(name: str, known: Collection[str]) -> str:
    close = difflib.get_close_matches(name, known, n=1, cutoff=0.6)
    return f" (did you mean {close[0]!r}?)" if close else ""


def _bad(subject: str, message: str, remedy: str) -> Finding:
    return Finding(subject, False, message, remedy)


def _from_error(subject: str, error: GitHubError) -> Finding:
    message, _, remedy = str(error).partition("; ")
    return _bad(subject, message, remedy or "see the message")
