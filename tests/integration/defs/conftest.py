"""A simulated company behind real HTTP, a real PostgreSQL, and Dagster's instance beside it."""

import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import pytest

from roosevelt_pipeline.runs import Progress, RunOutcome, run_job
from roosevelt_pipeline.sandbox.company import Company, play
from roosevelt_pipeline.sandbox.faults import Fault, FaultKind
from roosevelt_pipeline.sandbox.limits import UNLIMITED
from roosevelt_pipeline.sandbox.server import DEFAULT_TOKEN, SandboxApp, create_app, serve
from roosevelt_pipeline.sandbox.store import Store
from roosevelt_pipeline.settings import PROJECT_ROOT
from roosevelt_pipeline.warehouse.connections import Warehouse

COMPANY = Company(seed=7, start=date(2026, 3, 2), end=date(2026, 4, 6))
AS_OF = date(2026, 4, 5)
BROKEN = "helios-labs/search"


@dataclass(frozen=True)
class House:
    """A warehouse whose processes' environment is in force, and the GitHub that it reads."""

    warehouse: Warehouse
    github: SandboxApp
    home: Path


@pytest.fixture(scope="session")
def played() -> Store:
    store = Store.open(None)
    play(COMPANY, store)
    return store


@pytest.fixture(scope="module")
def house(
    played: Store, new_warehouse: Callable[[], Warehouse], tmp_path_factory: pytest.TempPathFactory
) -> Iterator[House]:
    """An organisation of one's own, in which nothing has run yet."""
    with furnished(played, new_warehouse(), tmp_path_factory.mktemp("house")) as made:
        yield made


@contextmanager
def furnished(played: Store, warehouse: Warehouse, folder: Path) -> Iterator[House]:
    """Policy, token and database as a user would set them."""
    policy = (PROJECT_ROOT / "roosevelt_pipeline" / "sandbox" / "demo.toml").read_text(encoding="utf-8")
    (folder / "roosevelt.toml").write_text(re.sub(r"\n\[sandbox\].*", "\n", policy, flags=re.DOTALL), encoding="utf-8")
    app = create_app(played, limits=UNLIMITED, now=COMPANY.ends_at)
    with serve(app) as running, pytest.MonkeyPatch.context() as patch:
        patch.setenv("ROOSEVELT_HOME", str(folder))
        patch.setenv("ROOSEVELT_CONFIG", str(folder / "roosevelt.toml"))
        patch.setenv("ROOSEVELT_GITHUB__API_URL", running.url)
        patch.setenv("GITHUB_TOKEN", DEFAULT_TOKEN)
        patch.setenv("DATABASE_URL", warehouse.url)
        yield House(warehouse, app, folder)


@pytest.fixture(scope="package")
def lived_in(
    played: Store, new_warehouse: Callable[[], Warehouse], tmp_path_factory: pytest.TempPathFactory
) -> Iterator[House]:
    """The one of which the files here tell in turn, since a daily run takes its time: what each fixture below adds
    happens once, after all that it asks for. The files' names put them into the order of the story: one that asks for
    a later part must not come before those that look at an earlier one.
    """
    with furnished(played.copy(), new_warehouse(), tmp_path_factory.mktemp("lived-in")) as made:
        yield made


@pytest.fixture(scope="package")
def broken(lived_in: House) -> RunOutcome:
    """Its first daily run, while GitHub does not give the workflow runs of one repository."""
    lived_in.github.sandbox.faults.add(Fault(rf"/repos/{BROKEN}/actions", FaultKind.STATUS, times=10_000, status=404))
    return run_job("daily", AS_OF)


@dataclass(frozen=True)
class Told:
    """A run, and what was heard of it while it went on."""

    outcome: RunOutcome
    heard: list[Progress]


@pytest.fixture(scope="package")
def mended(lived_in: House, broken: RunOutcome) -> Told:
    """The next one, after GitHub gives it again."""
    lived_in.github.sandbox.faults.clear()
    heard: list[Progress] = []
    return Told(run_job("daily", AS_OF, on_event=heard.append), heard)
