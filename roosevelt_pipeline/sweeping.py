"""The weekly sweep over GitHub, repository by repository: one that fails is named and stops nobody else."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import TYPE_CHECKING
from uuid import UUID

from roosevelt_pipeline.collection import ORGANIZATION, github_client
from roosevelt_pipeline.settings import Settings, home

if TYPE_CHECKING:
    from roosevelt_pipeline.sources.github.client import GitHubClient
    from roosevelt_pipeline.warehouse.connections import Warehouse
    from roosevelt_pipeline.warehouse.sweeps import SweepOutcome

COUNTS = ("requests", "points", "held", "asked", "gone", "transferred", "revived")


def sweep(
    settings: Settings,
    warehouse: "Warehouse",
    run_id: UUID,
    names: Sequence[str] = (),
    on_wait: Callable[[str, float], None] = lambda _reason, _seconds: None,
) -> Iterator[tuple[str, list["SweepOutcome"]]]:
    """Sweep repositories, the one that waited longest first, each yielded with its name as soon as it is done.

    Args:
        names: repositories, with owner; if empty every one that the policy includes, and before
            them the organisation's list of repositories (`ORGANIZATION`).
        on_wait: told the reason and the seconds before each longer wait.

    Raises:
        GitHubError: nothing at all can be read; also if a named repository is not there.
        DatabaseError: the warehouse is gone.
    """
    with github_client(settings, warehouse, f"run {str(run_id)[:8]}") as client:
        client.on_wait = on_wait
        yield from _swept(client, settings, warehouse, run_id, names)


def _swept(
    client: "GitHubClient", settings: Settings, warehouse: "Warehouse", run_id: UUID, names: Sequence[str]
) -> Iterator[tuple[str, list["SweepOutcome"]]]:
    from roosevelt_pipeline.privacy.identities import IdentityVault
    from roosevelt_pipeline.privacy.keys import identity_key
    from roosevelt_pipeline.sources.github.errors import NotFoundError
    from roosevelt_pipeline.sources.github.repositories import list_repositories
    from roosevelt_pipeline.sources.github.sweep.run import oldest_first, sweep_organization, sweep_repository

    vault = IdentityVault(identity_key(settings, home()))
    listed = list_repositories(client, settings)
    chosen = [one for one in listed if one.is_wanted(settings) and (not names or one.name_with_owner in names)]
    if unknown := sorted(set(names) - {one.name_with_owner for one in chosen}):
        raise NotFoundError(f"{unknown[0]}: no such repository, or the token or the policy leaves it out")
    common = (client, warehouse, vault, settings)
    if not names:
        yield ORGANIZATION, sweep_organization(*common, run_id, listed)
    for repository in oldest_first(warehouse, vault, chosen):
        yield repository.name_with_owner, sweep_repository(*common, repository, run_id)


def failures(outcomes: Iterable["SweepOutcome"]) -> list[str]:
    """What went wrong, a line for each stream; empty if all went well."""
    return [f"{one.repository}: {one.stream}: {one.error}" for one in outcomes if one.outcome == "failed"]


def totals(outcomes: Sequence["SweepOutcome"]) -> dict[str, int]:
    """What a sweep cost and found, summed up."""
    return {name: sum(getattr(one, name) for one in outcomes) for name in COUNTS}
