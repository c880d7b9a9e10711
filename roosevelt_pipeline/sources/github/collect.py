"""Everything new of an organisation or a repository, stream by stream, from GitHub into raw.

A stream that fails is told as failed, with what to do; the others go on. Only what makes
every further request pointless (no valid token, no budget, no database) is raised.
"""

import logging
import traceback
from collections.abc import Callable, Generator, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime
from functools import partial
from typing import Any
from uuid import UUID

import psycopg

from roosevelt_pipeline.privacy.identities import IdentityVault
from roosevelt_pipeline.settings import Settings
from roosevelt_pipeline.sources.github import (
    commits,
    deployments,
    issues,
    pull_requests,
    pushes,
    releases,
    review_comments,
    tags,
    teams,
    workflow_jobs,
    workflow_runs,
)
from roosevelt_pipeline.sources.github.client import Costs, GitHubClient
from roosevelt_pipeline.sources.github.crew import at_once
from roosevelt_pipeline.sources.github.errors import WHOLE_RUN, GitHubError, PermissionMissingError
from roosevelt_pipeline.sources.github.repositories import Repository, discover
from roosevelt_pipeline.sources.github.session import ORGANIZATION_SCOPE, Session
from roosevelt_pipeline.sources.github.workflows import probe_workflows
from roosevelt_pipeline.warehouse.collections import StreamOutcome, record_outcome
from roosevelt_pipeline.warehouse.connections import DatabaseError, Role, Warehouse, first_line
from roosevelt_pipeline.warehouse.landing import Cursor, read_cursor
from roosevelt_pipeline.warehouse.records import Reject

__all__ = ["StreamOutcome", "collect_organization", "collect_repositories", "collect_repository", "discover"]

REPOSITORY_STREAMS: dict[str, Callable[[Session], None]] = {
    "github_pull_requests": pull_requests.collect,
    "github_tags": tags.collect,
    "github_pushes": pushes.collect,
    "github_review_comments": review_comments.collect,
    "github_commits": commits.collect,
    "github_deployments": deployments.collect,
    "github_workflow_runs": workflow_runs.collect,
    "github_workflow_jobs": workflow_jobs.collect,
    "github_issues": issues.collect,
    "github_releases": releases.collect,
}
# Read only where the rule for the repository's deployments asks for it; elsewhere there is nothing to tell.
BY_RULE: dict[str, Callable[[Settings, Repository], bool]] = {
    "github_tags": tags.is_wanted,
    "github_pushes": pushes.is_wanted,
    "github_workflow_jobs": workflow_jobs.is_wanted,
}
# What asks raw for what another stream landed is read after it, by the same thread; all else at once.
IN_ORDER = (
    ("github_tags", "github_pushes", "github_commits"),  # commits: walked from the heads that tags and pushes name
    ("github_workflow_runs", "github_workflow_jobs"),
)
ORGANIZATION_STREAMS = ("github_repositories", "github_teams", "github_team_members")
PERMISSIONS = {
    "github_repositories": "Metadata",
    "github_teams": "Members (of the organisation)",
    "github_team_members": "Members (of the organisation)",
    "github_pull_requests": "Pull requests",
    "github_review_comments": "Pull requests",
    "github_commits": "Contents",
    "github_deployments": "Deployments",
    "github_workflow_runs": "Actions",
    "github_workflow_jobs": "Actions",
    "github_issues": "Issues",
    "github_releases": "Contents",
    "github_tags": "Contents",
    "github_pushes": "Contents",
}
Progress = Callable[[str, str, int], None]
"""Told the repository, the stream and the objects seen so far, after each page."""


def collect_organization(
    client: GitHubClient,
    warehouse: Warehouse,
    vault: IdentityVault,
    settings: Settings,
    run_id: UUID,
    repositories: Sequence[Repository] | None = None,
    streams: Sequence[str] = ORGANIZATION_STREAMS,
    on_progress: Progress = lambda _repository, _stream, _seen: None,
    unfit: Sequence[Reject] = (),
) -> list[StreamOutcome]:
    """Land repositories, teams and members, and see which repositories' workflows ran.

    Call it before ``collect_repository``: it marks the repositories whose workflows are quiet.

    Args:
        repositories: as ``discover`` found them; asked for again if not given, but then those
            that the caller holds are not marked.
        unfit: repositories that were not understood.

    Raises:
        GitHubError: the token is not valid, or its budget is used up for longer than we may wait.
        DatabaseError: the database cannot be used.
        IdentityKeyError: the vault was filled with another key.
    """
    found = discover(client, settings) if repositories is None else repositories
    outcomes: list[StreamOutcome] = []
    snapshot: list[teams.Snapshot] = []

    def snapshot_once() -> teams.Snapshot:
        if not snapshot:
            snapshot.append(teams.take_snapshot(client, settings))
        return snapshot[0]

    def land_repositories(session: Session) -> None:
        _forget_old_bots(session)
        for repository in found:
            session.land([repository.record], [], repository.observed_at, lane="incremental")
        if unfit:
            session.land([], unfit, datetime.now(UTC), lane="incremental")
        _mark_workflows(session, found)

    actions: dict[str, Callable[[Session], None]] = {
        "github_repositories": land_repositories,
        "github_teams": lambda session: teams.land_teams(session, snapshot_once()),
        "github_team_members": lambda session: teams.land_members(session, snapshot_once()),
    }
    with connected(warehouse, vault) as connection:
        for stream in (name for name in ORGANIZATION_STREAMS if name in streams):
            session = Session(client, connection, vault, settings, run_id, stream)
            outcomes.append(_run(session, actions[stream], ORGANIZATION_SCOPE, on_progress))
    return outcomes


def collect_repository(
    client: GitHubClient,
    warehouse: Warehouse,
    vault: IdentityVault,
    settings: Settings,
    repository: Repository,
    run_id: UUID,
    streams: Sequence[str] = tuple(REPOSITORY_STREAMS),
    on_progress: Progress = lambda _repository, _stream, _seen: None,
) -> list[StreamOutcome]:
    """Land what is new in one repository; see ``collect_repositories``."""
    (outcomes,) = collect_repositories(client, warehouse, vault, settings, [repository], run_id, streams, on_progress)
    return outcomes


def collect_repositories(
    client: GitHubClient,
    warehouse: Warehouse,
    vault: IdentityVault,
    settings: Settings,
    repositories: Sequence[Repository],
    run_id: UUID,
    streams: Sequence[str] = tuple(REPOSITORY_STREAMS),
    on_progress: Progress = lambda _repository, _stream, _seen: None,
) -> Generator[list[StreamOutcome], None, None]:
    """Land what is new in repositories, several streams at once. Streams in which nothing moved cost no request.

    Args:
        on_progress: is told by several threads.

    Yields:
        for each repository, in the order given, an outcome for each stream, also kept in ``raw.github_collections``.

    Raises:
        GitHubError, DatabaseError, IdentityKeyError: as ``collect_organization``.
    """

    def read(repository: Repository, line: Sequence[str], connection: "psycopg.Connection[Any]") -> list[StreamOutcome]:
        sessions = [Session(client, connection, vault, settings, run_id, stream, repository) for stream in line]
        return [
            _run(session, REPOSITORY_STREAMS[session.stream], repository.name_with_owner, on_progress)
            for session in sessions
        ]

    tasks = [[partial(read, one, line) for line in _lines(settings, one, streams)] for one in repositories]
    for parts in at_once(tasks, partial(connected, warehouse, vault), settings.github.workers, client.halt):
        outcomes = [outcome for part in parts for outcome in part]
        yield sorted(outcomes, key=lambda outcome: list(REPOSITORY_STREAMS).index(outcome.stream))


def _lines(settings: Settings, repository: Repository, streams: Sequence[str]) -> list[list[str]]:
    """The streams that are read of a repository: those that build on each other in one line, in order."""
    lines: dict[str, list[str]] = {}
    for name in REPOSITORY_STREAMS:
        if name in streams and BY_RULE.get(name, _always)(settings, repository):
            first = next((line[0] for line in IN_ORDER if name in line), name)
            lines.setdefault(first, []).append(name)
    return list(lines.values())


def _always(_settings: Settings, _repository: Repository) -> bool:
    return True


@contextmanager
def connected(warehouse: Warehouse, vault: IdentityVault) -> Iterator["psycopg.Connection[Any]"]:
    """A connection of ingestion, with the vault's key checked; one that is lost ends the block with a clear message."""
    try:
        with warehouse.connect(Role.INGEST, autocommit=True) as connection:
            vault.verify(connection)
            yield connection
    except (psycopg.OperationalError, psycopg.InterfaceError) as error:
        raise DatabaseError(f"lost the {warehouse}: {first_line(error)}; check that it runs, and run again") from None


def _run(session: Session, action: Callable[[Session], None], name: str, on_progress: Progress) -> StreamOutcome:
    """Read one stream, and keep how that went."""
    session.on_page = lambda seen: on_progress(name, session.stream, seen)
    started_at = datetime.now(UTC)
    with session.client.metered() as costs:
        error = failure(session, action)
    outcome = _outcome(session, name, started_at, costs)
    if error is not None:
        outcome = replace(outcome, outcome="failed", error=error)
    record_outcome(session.connection, session.run_id, outcome)
    return outcome


def failure(session: Session, action: Callable[[Session], None]) -> str | None:
    """Do it; why it failed, without a value of the data."""
    try:
        action(session)
    except (*WHOLE_RUN, DatabaseError):
        raise
    except PermissionMissingError as error:
        permission = PERMISSIONS[session.stream]
        return f"{error}; give it the permission {permission!r}: read-only"
    except GitHubError as error:
        return str(error)
    except (psycopg.OperationalError, psycopg.InterfaceError) as error:
        if session.connection.broken or session.connection.closed:
            raise
        return f"the database refused the page ({type(error).__name__}, {error.sqlstate}); run again"
    except psycopg.Error as error:
        return f"the database refused the page ({type(error).__name__}, {error.sqlstate}); please report this"
    except Exception as error:
        where = traceback.extract_tb(error.__traceback__)[-1]
        logging.getLogger(__name__).debug("unexpected %s in %s", type(error).__name__, where)
        return f"unexpected {type(error).__name__} in {where.name}, line {where.lineno}; please report this"
    return None


def _outcome(session: Session, name: str, started_at: datetime, costs: Costs) -> StreamOutcome:
    repository = session.repository
    return StreamOutcome(
        repository=name,
        repository_id=repository.repository_id if repository else None,
        stream=session.stream,
        lane="+".join(session.lanes) or "none",
        started_at=started_at,
        ended_at=datetime.now(UTC),
        outcome="complete",
        requests=costs.requests,
        points=costs.points,
        bytes=costs.bytes,
        rows_seen=session.landed.seen,
        versions_added=session.landed.versions,
        rejects=session.landed.rejects,
        seconds_waited=round(costs.seconds_waited, 3),
        remote_count=repository.remote_counts.get(session.stream) if repository else None,
        carried=session.carried,
    )


def _mark_workflows(session: Session, repositories: Sequence[Repository]) -> None:
    """Ask once, for all repositories together, whether their known workflows ran."""
    stream = "github_workflow_runs"
    known = {
        one.scope: workflows
        for one in repositories
        if (workflows := _workflows(read_cursor(session.connection, stream, one.scope, "incremental"))) is not None
    }
    try:
        marks = probe_workflows(session.client, known)
    except WHOLE_RUN:
        raise
    except GitHubError:
        return  # then each repository is asked by itself
    for repository in repositories:
        if repository.scope in marks:
            repository.marks[stream] = marks[repository.scope]


def _workflows(cursor: Cursor) -> list[str] | None:
    return cursor.position.get("workflows")


def _forget_old_bots(session: Session) -> None:
    """When the rules for machines changed, nobody is one by the old rules; reading history again finds them."""
    policy = session.policy()
    before = session.cursor("refresh").position.get("policy")
    if before not in (None, policy):
        session.vault.forget_bots(session.connection)
    if before != policy:
        session.save(Cursor("refresh", {"policy": policy}, complete=True))
