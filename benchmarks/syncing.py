"""One collection, as the daily run does it, with what it cost by our own account and by GitHub's."""

import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any
from uuid import uuid4

from benchmarks.companies import ORGANIZATION
from benchmarks.places import TOKEN, GitHub
from roosevelt_pipeline.collection import collect
from roosevelt_pipeline.defs.raw.github import STREAMS
from roosevelt_pipeline.settings import Settings
from roosevelt_pipeline.warehouse.connections import Warehouse


@dataclass(frozen=True)
class Sync:
    """What a collection cost.

    Attributes:
        journal: what GitHub counted: requests and points by resource, requests by operation.
        cpu: seconds of this process's processor time, of all threads.
        counted: requests and points as the streams' outcomes tell them; finding the repositories belongs to none.
    """

    seconds: float
    journal: dict[str, Any] = field(repr=False)
    cpu: float = 0.0
    counted: tuple[int, int] = (0, 0)
    seen: int = 0
    versions: int = 0

    @property
    def requests(self) -> int:
        return int(self.journal["core"]["requests"] + self.journal["graphql"]["requests"])

    @property
    def points(self) -> int:
        """Points of GraphQL."""
        return int(self.journal["graphql"]["points"])

    def asked(self, *names: str) -> int:
        """Requests whose operation has one of the names in it."""
        operations: dict[str, int] = self.journal["operations"]
        return sum(count for operation, count in operations.items() if any(name in operation for name in names))


def sync(github: GitHub, warehouse: Warehouse, *, streams: Sequence[str] = tuple(STREAMS), **settings: Any) -> Sync:
    """Collect everything new.

    Raises:
        RuntimeError: a stream failed, so that its figures would mean nothing.
    """
    place = {"organization": ORGANIZATION, "api_url": github.url}
    known = Settings(**{"github": place, "GITHUB_TOKEN": TOKEN} | settings)
    github.journal()
    begun, busy = time.perf_counter(), time.process_time()
    reports = list(collect(known, warehouse, uuid4(), streams=streams, announce=lambda _names: None))
    seconds, cpu = time.perf_counter() - begun, time.process_time() - busy
    failures = [failure for report in reports for failure in report.failures]
    if failures:
        raise RuntimeError("; ".join(failures))
    outcomes = [outcome for report in reports for outcome in report.outcomes]
    return Sync(
        seconds,
        github.journal(),
        cpu,
        counted=(sum(one.requests for one in outcomes), sum(one.points for one in outcomes)),
        seen=sum(one.rows_seen for one in outcomes),
        versions=sum(one.versions_added for one in outcomes),
    )
