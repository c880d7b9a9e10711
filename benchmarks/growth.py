"""Growth: seconds and memory of a collection as a repository gets ten and a hundred times larger."""

import tempfile
from collections.abc import Iterator
from pathlib import Path

from benchmarks.collector import Collected, collected
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


def _collected(recording: Path, count: int, warehouse: Warehouse) -> Collected:
    with serving("benchmarks.replay", str(recording), str(count)) as url:
        return collected(url, warehouse, "github_pull_requests")


def _figures(told: dict[int, Collected]) -> Iterator[Figure]:
    least = min(told)
    for count, one in told.items():
        linear = told[least].sync.seconds * count / least
        each = 1000 * one.sync.cpu / one.sync.seen
        yield at_most(f"{count:,}: seconds, against growing in proportion", one.sync.seconds, linear, digits=1)
        yield Figure(
            f"{count:,}: pull requests a second", f"{one.sync.seen / one.sync.seconds:,.0f}", "", None,
            f"{each:.2f} ms of our processor time each; the replaying server has the other core",
        )  # fmt: skip
        yield at_most(f"{count:,}: greatest resident memory, MB", one.memory["peak"], MEGABYTES)
        shown = "{before:.0f}, {tenth:.0f}, {last:.0f}".format(**one.memory)
        yield Figure(f"{count:,}: memory before, at a tenth of the way, and at the end, MB", shown)
