"""The running sandbox: one object that requests, doors and tests share."""

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.utils import format_datetime
from itertools import count
from typing import Any

from roosevelt_pipeline.sandbox.apps import App
from roosevelt_pipeline.sandbox.deliveries import Hook
from roosevelt_pipeline.sandbox.faults import FaultScript
from roosevelt_pipeline.sandbox.journal import Journal
from roosevelt_pipeline.sandbox.limits import Limits, RateLimiter
from roosevelt_pipeline.sandbox.records import Records
from roosevelt_pipeline.sandbox.store import Store
from roosevelt_pipeline.sandbox.tokens import Token


@dataclass
class SandboxState:
    """Everything that changes while the sandbox runs.

    Attributes:
        store: the company; replace it to let another day pass.
        now: the company's present, which the Date header tells. Without it the clock's.
        renamed: old names of repositories to their present ones.
        hook: who is told when something happens; nobody if ``None``.
    """

    store: Store
    tokens: dict[str, Token]
    limits: Limits
    latency_seconds: float = 0
    now: datetime | None = None
    renamed: Mapping[str, str] = field(default_factory=dict)
    clock: Callable[[], float] = time.time
    apps: dict[int, App] = field(default_factory=dict)
    faults: FaultScript = field(default_factory=FaultScript)
    journal: Journal = field(default_factory=Journal)
    hook: Hook | None = None

    def __post_init__(self) -> None:
        self.limiter = RateLimiter(self.limits, self.clock, lambda: self.present().timestamp())
        self._numbers = count(1)
        self._counts: dict[tuple[Any, ...], int] = {}
        self._kept: dict[tuple[Any, ...], Any] = {}
        self._counted: tuple[Store, int] | None = None

    def records(self) -> Records:
        """The store as one request sees it."""
        version = (self.store, self.store.connection.total_changes)
        if version != self._counted:
            self._counts, self._kept, self._counted = {}, {}, version
        return Records(self.store, self._counts, self._kept)

    def present(self) -> datetime:
        return (self.now or datetime.fromtimestamp(self.clock(), UTC)).astimezone(UTC)

    def stamp(self) -> dict[str, str]:
        """Headers of every answer: when it was given, by whom, and its number."""
        return {
            "date": format_datetime(self.present(), usegmt=True),
            "server": "github.com",
            "x-github-request-id": f"5A4D:B0C5:{next(self._numbers):07X}",
            "x-github-media-type": "github.v3; format=json",
        }
