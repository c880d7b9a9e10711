"""One collection as a process of its own, so that its memory is its own.

``python -m benchmarks.collector API_URL DATABASE_URL [STREAM ...]`` prints JSON: seconds, seconds of processor
time, objects seen, and the process's resident memory in MB before, on the way and at its greatest.
"""

import json
import resource
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager

import psutil

from benchmarks.places import GitHub
from benchmarks.syncing import sync
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
    ended.set()
    watcher.join()


def main() -> None:
    github, warehouse = GitHub(sys.argv[1]), Warehouse(sys.argv[2])
    before = psutil.Process().memory_info().rss / 2**20
    begun, busy = time.perf_counter(), time.process_time()
    with watched() as memory:
        told = sync(github, warehouse, streams=sys.argv[3:] or list(STREAMS))
    seconds = time.perf_counter() - begun
    tenth = memory[len(memory) // 10] if memory else before
    used = resource.getrusage(resource.RUSAGE_SELF)
    figures = {
        "seconds": seconds,
        "cpu": used.ru_utime + used.ru_stime - busy,
        "seen": told.seen,
        "before": before,
        "tenth": tenth,
        "last": memory[-1] if memory else before,
        "peak": used.ru_maxrss / 1024,
    }
    print(json.dumps(figures))


if __name__ == "__main__":
    main()
