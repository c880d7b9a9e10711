"""A simulated company behind real HTTP, a real PostgreSQL, and Dagster's instance beside it."""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import pytest

from roosevelt_pipeline.sandbox.company import Company, play
from roosevelt_pipeline.sandbox.limits import UNLIMITED
from roosevelt_pipeline.sandbox.server import DEFAULT_TOKEN, SandboxApp, create_app, serve
from roosevelt_pipeline.sandbox.store import Store
from roosevelt_pipeline.settings import PROJECT_ROOT
from roosevelt_pipeline.warehouse.connections import Warehouse

COMPANY = Company(seed=7, start=date(2026, 3, 2), end=date(2026, 4, 6))
AS_OF = date(2026, 4, 5)


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
    """An organisation of one's own: policy, token and database as a user would set them."""
    folder, warehouse = tmp_path_factory.mktemp("house"), new_warehouse()
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
