"""Growth: seconds and memory of a collection as a repository gets ten and a hundred times larger."""

import json
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from benchmarks.companies import Size, company
from benchmarks.figures import Figure, at_most, show
from benchmarks.places import github, postgres, serving, store_file
from benchmarks.replay import record
from roosevelt_pipeline.warehouse.connections import Warehouse

MEGABYTES = 400
COUNTS = (1_000, 10_000, 100_000)


def measure(quick: bool) -> None:
    counts = COUNTS[:2] if quick else COUNTS
    with postgres() as new_warehouse, tempfile.TemporaryDirectory(prefix="rv-bench-") as folder:
        recording = Path(folder) / "answers.json"
        size = Size(100, 100, 0, 0, issues=0, releases=0)
        with store_file(lambda store: company(size, store=store)) as path, github(path) as server:
            record(server, recording)
        told = {count: _collected(recording, count, new_warehouse()) for count in counts}
    show("Growth: one repository's pull requests, from recorded answers to committed", _figures(told))


def collected(api_url: str, warehouse: Warehouse, *streams: str) -> dict[str, Any]:
    """Collect in a process of its own; what it told of its time and memory."""
    command = [sys.executable, "-m", "benchmarks.collector", api_url, warehouse.url, *streams]
    told = subprocess.run(command, stdout=subprocess.PIPE, check=True, text=True)
    found: dict[str, Any] = json.loads(told.stdout.splitlines()[-1])
    return found


def _collected(recording: Path, count: int, warehouse: Warehouse) -> dict[str, Any]:
    with serving("benchmarks.replay", str(recording), str(count)) as url:
        return collected(url, warehouse, "github_pull_requests")


def _figures(told: dict[int, dict[str, Any]]) -> Iterator[Figure]:
    least = min(told)
    for count, one in told.items():
        linear = told[least]["seconds"] * count / least
        yield at_most(f"{count:,}: seconds, against growing in proportion", one["seconds"], linear, digits=1)
        yield Figure(f"{count:,}: pull requests a second", f"{one['seen'] / one['seconds']:,.0f}")
        yield Figure(f"{count:,}: our processor time, ms a pull request", f"{1000 * one['cpu'] / one['seen']:.2f}")
        yield at_most(f"{count:,}: greatest resident memory, MB", one["peak"], MEGABYTES)
        yield Figure(
            f"{count:,}: memory at a tenth of the way, and at the end, MB", f"{one['tenth']:.0f}, {one['last']:.0f}"
        )
