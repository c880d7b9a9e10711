"""A sweep of the organisation's repositories and of what each of them holds, stream by stream."""

from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from functools import partial
from uuid import UUID

from roosevelt_pipeline.privacy.identities import IdentityVault
from roosevelt_pipeline.settings import Settings
from roosevelt_pipeline.sources.github.client import GitHubClient
from roosevelt_pipeline.sources.github.collect import connected, failure
from roosevelt_pipeline.sources.github.repositories import Repository
from roosevelt_pipeline.sources.github.session import Session
from roosevelt_pipeline.sources.github.sweep.repositories import sweep_repositories
from roosevelt_pipeline.sources.github.sweep.streams import SWEPT, Findings, sweep_stream
from roosevelt_pipeline.warehouse.connections import Warehouse
from roosevelt_pipeline.warehouse.held import last_swept
from roosevelt_pipeline.warehouse.sweeps import SweepOutcome, record_sweep

ORGANIZATION = "org"


def oldest_first(warehouse: Warehouse, vault: IdentityVault, repositories: Sequence[Repository]) -> list[Repository]:
    """Repositories by how long ago they were swept, so that a run that is broken off is made up for by the next."""
    never = datetime.min.replace(tzinfo=UTC)
    with connected(warehouse, vault) as connection:
        swept = last_swept(connection)
    return sorted(repositories, key=lambda one: (swept.get(one.scope, never), one.name))


def sweep_organization(
    client: GitHubClient,
    warehouse: Warehouse,
    vault: IdentityVault,
    settings: Settings,
    run_id: UUID,
    listed: Sequence[Repository],
) -> list[SweepOutcome]:
    """Tombstone the repositories that left the organisation.

    Args:
        listed: all that the organisation shows (``list_repositories``).

    Raises:
        GitHubError, DatabaseError, IdentityKeyError: as ``collect.collect_organization``.
    """
    with connected(warehouse, vault) as connection:
        session = Session(client, connection, vault, settings, run_id, "github_repositories")
        findings = Findings()
        return [_run(session, findings, partial(sweep_repositories, session, listed, findings), ORGANIZATION)]


def sweep_repository(
    client: GitHubClient,
    warehouse: Warehouse,
    vault: IdentityVault,
    settings: Settings,
    repository: Repository,
    run_id: UUID,
) -> list[SweepOutcome]:
    """Tombstone what one repository no longer has. A stream that fails stops no other.

    Raises:
        GitHubError, DatabaseError, IdentityKeyError: as ``collect.collect_organization``.
    """
    outcomes = []
    with connected(warehouse, vault) as connection:
        for stream in SWEPT:
            session = Session(client, connection, vault, settings, run_id, stream, repository)
            findings = Findings()
            action = partial(sweep_stream, session, findings)
            outcomes.append(_run(session, findings, action, repository.name_with_owner))
    return outcomes


def _run(session: Session, findings: Findings, action: Callable[[], None], name: str) -> SweepOutcome:
    started_at = datetime.now(UTC)
    with session.client.metered() as costs:
        error = failure(session, lambda _session: action())
    outcome = SweepOutcome(
        repository=name,
        repository_id=session.repository.repository_id if session.repository else None,
        stream=session.stream,
        started_at=started_at,
        ended_at=datetime.now(UTC),
        outcome="failed" if error else "complete",
        requests=costs.requests,
        points=costs.points,
        **vars(findings),
        error=error,
    )
    record_sweep(session.connection, session.run_id, outcome)
    return outcome
