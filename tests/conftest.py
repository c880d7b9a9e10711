"""What every test may ask for: a real PostgreSQL, and a migrated database of its own.

Nothing here touches the checkout's ``.roosevelt``, and no setting of the developer's
reaches a test: each worker has a home of its own, and an environment without secrets.
"""

import os
import shutil
import tempfile
import uuid
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import psycopg
import pytest
from psycopg import sql

from roosevelt_pipeline.settings import SECRETS
from roosevelt_pipeline.warehouse.embedded import EmbeddedServer, ensure_server

if TYPE_CHECKING:
    from xdist.remote import Producer
    from xdist.scheduler import LoadScopeScheduling

    from roosevelt_pipeline.warehouse.connections import Warehouse

# Crashes of the machine are no subject of these tests, so the disk need not be waited for.
FAST = {"fsync": "off", "full_page_writes": "off", "shared_buffers": "64MB", "max_connections": "60"}
TEMPLATE = "roosevelt_template"
FOLDERS = ("tests/integration/defs/", "tests/integration/dbt/")
LONGEST = (*FOLDERS, "tests/integration/test_truth.py", "tests/integration/cli/test_supervisor.py")
UNWANTED = {*SECRETS.values(), "DAGSTER_HOME"}


def pytest_configure(config: pytest.Config) -> None:
    for name in [name for name in os.environ if name.startswith(("ROOSEVELT_", "PG")) or name in UNWANTED]:
        del os.environ[name]
    # Short, because a socket's path may not be longer than 107 characters.
    os.environ["ROOSEVELT_HOME"] = tempfile.mkdtemp(prefix="rv-")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """What takes longest begins first."""
    items.sort(
        key=lambda item: LONGEST.index(_family(item.nodeid)) if _family(item.nodeid) in LONGEST else len(LONGEST)
    )


def pytest_xdist_make_scheduler(config: pytest.Config, log: "Producer") -> "LoadScopeScheduling":
    """A family's tests stay with one worker, so that what they share is made once."""
    from xdist.scheduler import LoadScopeScheduling

    class Families(LoadScopeScheduling):
        def _split_scope(self, nodeid: str) -> str:
            return _family(nodeid)

    return Families(config, log)


def _family(nodeid: str) -> str:
    """The file, or the folder whose files share what they are about."""
    file = nodeid.partition("::")[0]
    return next((folder for folder in FOLDERS if file.startswith(folder)), file)


def pytest_unconfigure(config: pytest.Config) -> None:
    shutil.rmtree(os.environ["ROOSEVELT_HOME"], ignore_errors=True)


@pytest.fixture(scope="session")
def server() -> Iterator[EmbeddedServer]:
    """A PostgreSQL of this worker's own, on its own port."""
    running = ensure_server(Path(os.environ["ROOSEVELT_HOME"]) / "shared", settings=FAST)
    yield running
    running.stop()


@pytest.fixture(scope="session")
def new_warehouse(server: EmbeddedServer) -> Callable[..., "Warehouse"]:
    """Makes migrated, empty warehouses: copies of one template, which takes a fraction of a second. Or copies of one
    that is given, to which nobody may be connected."""
    from roosevelt_pipeline.warehouse.connections import Warehouse
    from roosevelt_pipeline.warehouse.migrations import migrate

    server.ensure_database(TEMPLATE)
    migrate(Warehouse(server.url(TEMPLATE)))

    def make(original: Warehouse | None = None) -> Warehouse:
        name = f"test_{uuid.uuid4().hex[:12]}"
        template = original.dbt_environment()["ROOSEVELT_PG_DBNAME"] if original else TEMPLATE
        _administer(server, sql.SQL("CREATE DATABASE {} TEMPLATE {}"), name, template)
        return Warehouse(server.url(name))

    return make  # what was made goes with the server


@pytest.fixture(scope="module")
def warehouse(new_warehouse: Callable[[], "Warehouse"]) -> "Warehouse":
    """A migrated, empty warehouse that one module's tests share."""
    return new_warehouse()


@pytest.fixture
def fresh_warehouse(new_warehouse: Callable[[], "Warehouse"]) -> "Warehouse":
    """A migrated, empty warehouse for one test alone."""
    return new_warehouse()


def _administer(server: EmbeddedServer, statement: sql.SQL, *names: str) -> None:
    with psycopg.connect(server.url(), autocommit=True) as connection:
        connection.execute(statement.format(*map(sql.Identifier, names)))
