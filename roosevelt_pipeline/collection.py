"""GitHub to raw, repository by repository: one that fails is named and stops nobody else."""

import hashlib
import json
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, closing, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING
from uuid import UUID

from roosevelt_pipeline.settings import Settings, home

if TYPE_CHECKING:
    from roosevelt_pipeline.sources.github.client import GitHubClient
    from roosevelt_pipeline.sources.github.repositories import Repository
    from roosevelt_pipeline.warehouse.collections import StreamOutcome
    from roosevelt_pipeline.warehouse.connections import Warehouse

ORGANIZATION = "org"
LONGEST_WAIT_OF_A_PROBE_SECONDS = 10.0  # a sensor's tick may not last; the next one asks again


@dataclass(frozen=True)
class Report:
    """How the collection of one repository went, or of the organisation's own streams.

    Attributes:
        name: name with owner, or `ORGANIZATION`.
        outcomes: one for each stream that was read.
        problem: why nothing was read at all.
    """

    name: str
    outcomes: Sequence["StreamOutcome"] = ()
    problem: str | None = None

    @property
    def is_repository(self) -> bool:
        return self.name != ORGANIZATION

    @property
    def failures(self) -> list[str]:
        """What went wrong, a line for each stream; empty if all went well."""
        broken = [f"{one.stream}: {one.error}" for one in self.outcomes if one.outcome == "failed"]
        return [*([self.problem] if self.problem else []), *broken]


def collect(
    settings: Settings,
    warehouse: "Warehouse",
    run_id: UUID,
    *,
    names: Sequence[str] = (),
    streams: Sequence[str],
    announce: Callable[[list[str]], None],
    on_wait: Callable[[str, float], None] = lambda _reason, _seconds: None,
) -> Iterator[Report]:
    """Collect repositories, several at once; each is yielded in their order as soon as it is done.

    Args:
        names: repositories, with owner; every one that the policy includes if empty.
        streams: names of raw tables to fill.
        announce: told the names of the repositories before the first is read.
        on_wait: told the reason and the seconds before each longer wait.

    Raises:
        GitHubError: nothing at all can be read (a bad token, an unknown organisation).
        DatabaseError: the warehouse is gone.
    """
    with github_client(settings, warehouse, f"run {str(run_id)[:8]}") as client:
        client.on_wait = on_wait
        yield from _reports(client, settings, warehouse, run_id, names, streams, announce)


def _reports(
    client: "GitHubClient",
    settings: Settings,
    warehouse: "Warehouse",
    run_id: UUID,
    names: Sequence[str],
    streams: Sequence[str],
    announce: Callable[[list[str]], None],
) -> Iterator[Report]:
    from roosevelt_pipeline.privacy.identities import IdentityVault
    from roosevelt_pipeline.privacy.keys import identity_key
    from roosevelt_pipeline.sources.github.collect import collect_organization, collect_repositories
    from roosevelt_pipeline.sources.github.repositories import Unfit, discover

    vault = IdentityVault(identity_key(settings, home()))
    unfit: list[Unfit] = []
    found = {repository.name_with_owner: repository for repository in discover(client, settings, unfit)}
    _note_inclusions(settings, warehouse, run_id, list(found.values()))
    chosen = list(names or found)
    known = [found[name] for name in chosen if name in found]
    announce([one.name_with_owner for one in known])
    rejects = [one.reject for one in unfit]
    organization = collect_organization(client, warehouse, vault, settings, run_id, known, streams, unfit=rejects)
    yield Report(ORGANIZATION, organization)
    problems = {one.name_with_owner: one.problem for one in unfit}
    with closing(collect_repositories(client, warehouse, vault, settings, known, run_id, streams)) as read:
        for name in (*chosen, *(() if names else problems)):
            if name in found:
                yield Report(name, next(read))
            else:
                none = "no such repository, or the token or the policy leaves it out"
                yield Report(name, problem=problems.get(name, none))


def probe(settings: Settings, warehouse: "Warehouse | None" = None) -> dict[str, str]:
    """A mark for each repository that changes when something in it does; a few requests in all.

    Args:
        warehouse: where the budget is shared with others, if there is one yet.
    """
    from roosevelt_pipeline.sources.github.repositories import discover

    with github_client(
        settings, warehouse, "the activity sensor", longest_wait=LONGEST_WAIT_OF_A_PROBE_SECONDS
    ) as client:
        return {one.name_with_owner: _mark(one) for one in discover(client, settings)}


def _note_inclusions(settings: Settings, warehouse: "Warehouse", run_id: UUID, found: Sequence["Repository"]) -> None:
    """What days are held against. The simulated company has a clock of its own, which says nothing of ours."""
    from roosevelt_pipeline.warehouse.connections import Role
    from roosevelt_pipeline.warehouse.inclusions import record_discovery

    now, names = datetime.now(UTC), {one.repository_id: one.name_with_owner for one in found}
    answered_at = None if settings.is_demo else max((one.observed_at for one in found), default=None)
    with warehouse.connect(Role.INGEST) as connection:
        record_discovery(connection, run_id, names, now, answered_at)


@contextmanager
def github_client(
    settings: Settings, warehouse: "Warehouse | None", holder: str, longest_wait: float | None = None
) -> Iterator["GitHubClient"]:
    """A client whose requests are counted with those of all processes of the warehouse."""
    from roosevelt_pipeline.sources.github.opening import open_client
    from roosevelt_pipeline.warehouse.budgets import SharedGovernor

    with ExitStack() as stack:
        governor = stack.enter_context(SharedGovernor(warehouse, holder)) if warehouse else None
        yield open_client(settings, governor, longest_wait)


def _mark(repository: "Repository") -> str:
    """Short, because a cursor holds one for each repository."""
    payload = repository.record.payload or {}
    said = [sorted(repository.marks.items()), payload.get("pushed_at"), payload.get("updated_at")]
    return hashlib.sha256(json.dumps(said).encode()).hexdigest()[:12]
