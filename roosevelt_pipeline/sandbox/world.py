"""The stage: time, chance, numbers, and the news that players tell each other.

Everything happens as an event of one agenda, in order of time. Nothing is drawn or written
ahead of its moment, which is why playing one more day changes nothing that went before.
"""

import heapq
from collections.abc import Callable
from dataclasses import dataclass, field
from random import Random
from typing import Any, Generic, Protocol, TypeVarTuple

from roosevelt_pipeline.sandbox.entities import Attempt, Landing, PullRequest, Repository, Service
from roosevelt_pipeline.sandbox.identifiers import Identifiers
from roosevelt_pipeline.sandbox.people import Person
from roosevelt_pipeline.sandbox.store import Doc, Store

News = TypeVarTuple("News")


class Player(Protocol):
    """A part of the company's life: development, builds, delivery, incidents; later surveys,
    calendars, coverage. It draws from a stream of chance of its own (``World.chance``), so
    that a new player leaves what the others draw alone."""

    def begin_day(self, day: int) -> None:
        """Put what starts on this day on the agenda."""


class Agenda:
    """What will happen, earliest first; of two things at one instant, the one planned first."""

    def __init__(self, now: int) -> None:
        self.now = now
        self._planned: list[tuple[int, int, Callable[..., None], tuple[Any, ...]]] = []
        self._count = 0

    def at(self, moment: int, action: Callable[..., None], *arguments: Any) -> None:
        self._count += 1
        heapq.heappush(self._planned, (max(moment, self.now), self._count, action, arguments))

    def run_until(self, end: int) -> None:
        """Let everything happen that lies before ``end``."""
        planned = self._planned
        while planned and planned[0][0] < end:
            self.now, _, action, arguments = heapq.heappop(planned)
            action(*arguments)
        self.now = end


class Signal(Generic[*News]):
    """News of one kind, told to whoever asked, in the order in which they asked."""

    def __init__(self) -> None:
        self._hearers: list[Callable[[*News], None]] = []

    def hear(self, hearer: Callable[[*News], None]) -> None:
        self._hearers.append(hearer)

    def tell(self, *news: *News) -> None:
        for hearer in self._hearers:
            hearer(*news)


@dataclass
class World:
    """What all players share."""

    seed: int
    store: Store
    agenda: Agenda
    ids: Identifiers
    machines: dict[str, Person]
    repositories: list[Repository] = field(default_factory=list)
    # Documents that may still change; what is still here at the end is written as it stands.
    unfinished: dict[tuple[str, int, int], tuple[Doc, int]] = field(default_factory=dict)

    opened: Signal[PullRequest] = field(default_factory=Signal)
    pushed: Signal[PullRequest] = field(default_factory=Signal)
    merged: Signal[PullRequest] = field(default_factory=Signal)
    landed: Signal[Repository, Landing] = field(default_factory=Signal)
    deployed: Signal[Service, Attempt] = field(default_factory=Signal)

    @property
    def now(self) -> int:
        return self.agenda.now

    def chance(self, player: str) -> Random:
        """A stream of chance that belongs to one player."""
        return Random(f"{self.seed}:{player}")

    def hold(self, table: str, doc: Doc, repository_id: int, attempt: int = 0) -> None:
        """Keep an object that is not finished yet."""
        self.unfinished[table, doc["id"], attempt] = (doc, repository_id)

    def finish(self, table: str, doc: Doc, repository_id: int, attempt: int = 0) -> None:
        """Write an object and let go of it. Nothing may change it afterwards."""
        self.unfinished.pop((table, doc["id"], attempt), None)
        self.store.put(table, doc, repository_id=repository_id)

    def write_unfinished(self) -> None:
        """Write what is still going on at the end, as it stands."""
        for (table, _, _), (doc, repository_id) in self.unfinished.items():
            self.store.put(table, doc, repository_id=repository_id)
        self.unfinished.clear()
