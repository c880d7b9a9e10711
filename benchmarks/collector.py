"""One collection as a process of its own, so that its memory is its own.

``python -m benchmarks.collector API_URL DATABASE_URL [STREAM ...]`` prints what it cost as JSON, with its seconds
of processor time, and its resident memory in MB before, a tenth of the way, at the end and at its greatest.
"""

import json
import resource
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from typing import Any

import psutil

from benchmarks.places import GitHub
from benchmarks.syncing import Sync, sync
from roosevelt_pipeline.defs.raw.github import STREAMS
from roosevelt_pipeline.warehouse.connections import Warehouse

EVERY_SECONDS = 0.25


@contextmanager
def watched() -> Iterator[list[float]]:
    """Resident memory in MB, four times a second while the block runs."""
    seen: list[float] = []
    ended = threading.Event()

    def watch() -> None:
        process = psutil.Process()
        while not ended.wait(EVERY_SECONDS):
            seen.append(process.memory_info().rss / 2**20)

    watcher = threading.Thread(target=watch, daemon=True)
    watcher.start()
    yield seen
    seen.append(psutil.Process().memory_info().rss / 2**20)
    ended.set()
    watcher.join()


def collected(api_url: str, warehouse: Warehouse, *streams: str) -> "Collected":
    """Collect in a process of its own.

    Raises:
        CalledProcessError: it failed; its own words stand on standard error.
    """
    command = [sys.executable, "-m", "benchmarks.collector", api_url, warehouse.url, *streams]
    told = subprocess.run(command, stdout=subprocess.PIPE, check=True, text=True)
    found: dict[str, Any] = json.loads(told.stdout.splitlines()[-1])
    return Collected(Sync(**found["sync"]), found["memory"])


@dataclass(frozen=True)
class Collected:
    """What a process that collected told of itself."""

    sync: Sync
    memory: dict[str, float]


def main() -> None:
    github, warehouse = GitHub(sys.argv[1]), Warehouse(sys.argv[2])
    before = psutil.Process().memory_info().rss / 2**20
    with watched() as seen:
        told = sync(github, warehouse, streams=sys.argv[3:] or list(STREAMS))
    used = resource.getrusage(resource.RUSAGE_SELF)
    memory = {"before": before, "tenth": seen[len(seen) // 10], "last": seen[-1], "peak": used.ru_maxrss / 1024}
    print(json.dumps({"sync": asdict(told), "memory": memory}))


if __name__ == "__main__":
    main()
