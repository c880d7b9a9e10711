"""An organisation of one's own whose GitHub is a sandbox, and the command line as a user types it."""

import os
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from roosevelt_pipeline.sandbox.limits import UNLIMITED
from roosevelt_pipeline.sandbox.server import create_app, serve
from roosevelt_pipeline.sandbox.tokens import PERMISSIONS, Token
from roosevelt_pipeline.warehouse.connections import Warehouse
from tests.integration.sandbox import handmade

TOKENS = {
    "good": Token(),
    "expired": Token(expired=True),
    "no-actions": Token(permissions=PERMISSIONS - {"actions"}),
    "web-alone": Token(repositories=frozenset({"web"})),
}
POLICY = '[github]\norganization = "acme"\n'


@dataclass
class Site:
    """A folder with roosevelt.toml, and the environment in which commands run."""

    folder: Path
    environment: dict[str, str] = field(default_factory=dict)

    def policy(self, text: str) -> None:
        (self.folder / "roosevelt.toml").write_text(text, encoding="utf-8")

    def command(self, *arguments: str) -> list[str]:
        return [sys.executable, "-m", "roosevelt_pipeline.cli", *arguments]

    def roosevelt(self, *arguments: str, stdin: str | None = None) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            self.command(*arguments), env=self.environment, input=stdin, capture_output=True, text=True, timeout=100
        )


@pytest.fixture(scope="package")
def github() -> Iterator[str]:
    """The address of acme's GitHub."""
    with serve(create_app(handmade.store(), tokens=TOKENS, limits=UNLIMITED)) as running:
        yield running.url


@pytest.fixture(scope="module")
def make_site(github: str, tmp_path_factory: pytest.TempPathFactory) -> Callable[..., Site]:
    """Makes sites on the embedded server of their own home, unless told of a database."""

    def make(**changes: str) -> Site:
        folder = tmp_path_factory.mktemp("site")
        theirs = {"ROOSEVELT_HOME": str(folder / "home"), "ROOSEVELT_CONFIG": str(folder / "roosevelt.toml"),
                  "ROOSEVELT_GITHUB__API_URL": github, "GITHUB_TOKEN": "good"}  # fmt: skip
        kept: Mapping[str, str] = {
            name: os.environ[name] for name in ("PATH", "HOME", "PYTHONPATH") if name in os.environ
        }
        site = Site(folder, {**kept, **theirs, **changes})
        site.policy(POLICY)
        return site

    return make


@pytest.fixture
def site(make_site: Callable[..., Site], warehouse: Warehouse) -> Site:
    """A site on a migrated database that the module's tests share."""
    return make_site(DATABASE_URL=warehouse.url)
