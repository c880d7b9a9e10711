"""GitHub's rate limits: hourly budgets, and the secondary limits per minute.

Published figures are the defaults. Budgets belong to an account and a resource (``core``
for REST, ``graphql``); the secondary limits to an account alone.
"""

import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field

HOUR_SECONDS = 3600


@dataclass(frozen=True)
class Limits:
    """What an account may use. Cut a figure down to see a client meet it."""

    core_per_hour: int = 5_000
    graphql_points_per_hour: int = 5_000
    rest_points_per_minute: int = 900
    graphql_points_per_minute: int = 2_000
    concurrent_requests: int = 100
    cpu_seconds_per_minute: float = 90
    graphql_cpu_seconds_per_minute: float = 60
    nodes_per_query: int = 500_000
    ids_per_query: int = 100
    results_per_filter: int = 1_000
    results_without_filter: int = 40_000
    results_by_page_number: int = 10_000


UNLIMITED = Limits(10**9, 10**9, 10**9, 10**9, 10**6, 1e9, 1e9)


@dataclass
class Budget:
    """What is left of an hour, counted from the first use after the last reset."""

    limit: int
    used: int = 0
    reset: int = 0

    @property
    def remaining(self) -> int:
        return max(0, self.limit - self.used)


@dataclass
class _Recent:
    """Amounts of the last minute."""

    entries: deque[tuple[float, float]] = field(default_factory=deque)
    total: float = 0

    def add(self, now: float, amount: float) -> None:
        self.entries.append((now, amount))
        self.total += amount

    def sum(self, now: float) -> float:
        while self.entries and self.entries[0][0] <= now - 60:
            self.total -= self.entries.popleft()[1]
        return self.total


class RateLimiter:
    """Counts for every account what it uses."""

    def __init__(
        self, limits: Limits, clock: Callable[[], float] = time.time, shown: Callable[[], float] | None = None
    ) -> None:
        """Count by one clock; tell resets by another, where the server's present is not the clock's."""
        self.limits = limits
        self._clock = clock
        self._shown = shown or clock
        self._budgets: dict[tuple[str, str], Budget] = {}
        self._recent: dict[tuple[str, str], _Recent] = {}
        self._running: dict[str, int] = {}

    def budget(self, login: str, resource: str) -> Budget:
        """The account's current hour for ``core`` or ``graphql``."""
        now = int(self._clock())
        limit = self.limits.core_per_hour if resource == "core" else self.limits.graphql_points_per_hour
        budget = self._budgets.get((login, resource))
        if budget is None or budget.reset <= now:
            budget = self._budgets[login, resource] = Budget(limit, reset=now + HOUR_SECONDS)
        return budget

    def shown_reset(self, budget: Budget) -> int:
        """When the hour ends, by the clock that the Date header tells: so clients can subtract the two."""
        return round(self._shown() + budget.reset - self._clock())

    def charge(self, login: str, resource: str, points: int) -> bool:
        """Take points from the hour; ``False``, and nothing taken, if none is left.

        The last query of an hour may overdraw it, as recorded answers show (5,002 used of 5,000).
        """
        budget = self.budget(login, resource)
        if not budget.remaining:
            return False
        budget.used += points
        return True

    def exhaust(self, login: str, resource: str, seconds: int) -> Budget:
        """Leave nothing of the hour, which ends in so many seconds."""
        budget = self.budget(login, resource)
        budget.used, budget.reset = budget.limit, int(self._clock()) + seconds
        return budget

    def begin(self, login: str, resource: str) -> bool:
        """Note a request that starts; ``False`` if a secondary limit forbids it. Each needs its `end`."""
        now = self._clock()
        self._running[login] = self._running.get(login, 0) + 1
        minute = self._of(login, resource)
        allowed = self.limits.rest_points_per_minute if resource == "core" else self.limits.graphql_points_per_minute
        if self._running[login] > self.limits.concurrent_requests or minute.sum(now) + 1 > allowed:
            return False
        if self._of(login, "graphql cpu").sum(now) > self.limits.graphql_cpu_seconds_per_minute:
            return False
        if self._of(login, "cpu").sum(now) > self.limits.cpu_seconds_per_minute:
            return False
        minute.add(now, 1)
        return True

    def end(self, login: str, resource: str, seconds: float) -> None:
        now = self._clock()
        self._running[login] -= 1
        self._of(login, "cpu").add(now, seconds)
        if resource == "graphql":
            self._of(login, "graphql cpu").add(now, seconds)

    def _of(self, login: str, what: str) -> _Recent:
        return self._recent.setdefault((login, what), _Recent())
