"""What a measurement needs around it: a PostgreSQL as it ships, and a GitHub in a process of its own."""

import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
import urllib.request
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psutil

from roosevelt_pipeline.sandbox.store import Store
from roosevelt_pipeline.warehouse.connections import Warehouse
from roosevelt_pipeline.warehouse.embedded import EmbeddedServer, ensure_server
from roosevelt_pipeline.warehouse.migrations import migrate

TOKEN = "sandbox-token"  # opens a simulated company only


class Postgres:
    """The embedded server, with the settings that it ships with, durable writes included."""

    def __init__(self, server: EmbeddedServer) -> None:
        self._server = server

    def __call__(self) -> Warehouse:
        """A new warehouse, migrated and empty."""
        name = f"bench_{uuid.uuid4().hex[:8]}"
        self._server.ensure_database(name)
        warehouse = Warehouse(self._server.url(name))
        migrate(warehouse)
        return warehouse

    def busy(self) -> float:
        """Seconds of processor time that it has used, its ended sessions included."""
        time.sleep(0.2)  # a session that has just ended is counted nowhere until the server has noticed
        postmaster = psutil.Process(self._server.pid)
        own, spent = postmaster.cpu_times(), 0.0
        for session in postmaster.children():
            with suppress(psutil.NoSuchProcess):
                spent += sum(session.cpu_times()[:2])
        return float(own.user + own.system + own.children_user + own.children_system + spent)


@contextmanager
def postgres() -> Iterator[Postgres]:
    """A server for the block, in a home of its own."""
    for name in [name for name in os.environ if name.startswith(("ROOSEVELT_", "PG")) or name == "DATABASE_URL"]:
        del os.environ[name]
    home = Path(tempfile.mkdtemp(prefix="rv-bench-"))
    os.environ["ROOSEVELT_HOME"] = str(home)
    server = ensure_server(home)
    try:
        yield Postgres(server)
    finally:
        server.stop()
        shutil.rmtree(home, ignore_errors=True)


@dataclass(frozen=True)
class GitHub:
    """A GitHub that runs beside us and counts what it is asked."""

    url: str

    def journal(self) -> dict[str, Any]:
        """What was asked and charged since the last call."""
        with urllib.request.urlopen(f"{self.url}/_sandbox/requests") as answer:
            told: dict[str, Any] = json.load(answer)
        reset = urllib.request.Request(f"{self.url}/_sandbox/requests", method="DELETE")
        urllib.request.urlopen(reset).close()
        return told


@contextmanager
def store_file(fill: Callable[[Store], Any]) -> Iterator[Path]:
    """A company in a file, for as long as it is needed."""
    with tempfile.TemporaryDirectory(prefix="rv-bench-company-") as folder:
        path = Path(folder) / "company.sqlite"
        change(path, fill)
        yield path


def change(path: Path, what: Callable[[Store], Any]) -> None:
    """Let something happen in a company that nobody serves just now."""
    store = Store.open(path)
    what(store)
    store.flush()
    store.close()


@contextmanager
def github(path: Path, latency: float = 0, days: int = 0) -> Iterator[GitHub]:
    """Serve a company from a process of its own, without rate limits.

    Args:
        latency: seconds by which every answer is late, as an answer from afar would be.
        days: how long after the company's present.
    """
    with serving("benchmarks.serve", str(path), str(latency), str(days)) as url:
        yield GitHub(url)


@contextmanager
def serving(module: str, *words: str) -> Iterator[str]:
    """The address of a server that a module runs; it tells its port in its first line."""
    process = subprocess.Popen([sys.executable, "-m", module, *words], stdout=subprocess.PIPE, text=True)
    try:
        assert process.stdout is not None
        port = process.stdout.readline().strip()
        if not port:
            raise RuntimeError(f"{module} did not start")
        yield f"http://127.0.0.1:{port}"
    finally:
        process.terminate()
        process.wait()


@contextmanager
def stopwatch() -> Iterator[Callable[[], float]]:
    """Seconds since it was started, or between start and end."""
    begun, ended = time.perf_counter(), [0.0]
    yield lambda: (ended[0] or time.perf_counter()) - begun
    ended[0] = time.perf_counter()
