"""A governor for the threads of one process, where no warehouse is at hand."""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import count
from time import monotonic

from roosevelt_pipeline.governor import (
    AT_ONCE,
    AT_ONCE_IN_ALL,
    REST_BURST,
    REST_PER_SECOND,
    SHORTEST_HOLD_SECONDS,
    USED_UP,
    Account,
    Hold,
    Permit,
    Refusal,
    Resource,
    Told,
)

SAME_HOUR_SECONDS = 60.0  # two answers that tell resets this close tell of the same hour


@dataclass
class _Books:
    """Of one account and resource; times by the governor's clock."""

    remaining: int | None = None
    quota: int = 0
    resets_at: float = 0.0
    held_until: float = 0.0
    held_for: str = ""
    strikes: int = 0
    next_at: float = 0.0
    running: dict[int, tuple[int, float]] = field(default_factory=dict)  # ticket: points, end of the lease

    def left(self, now: float) -> int | None:
        return self.quota if self.remaining is not None and self.resets_at <= now else self.remaining

    def reserved(self) -> int:
        return sum(points for points, _ in self.running.values())


class LocalGovernor:
    """Keeps its books in memory."""

    def __init__(self, clock: Callable[[], float] = monotonic) -> None:
        self._clock = clock
        self._lock = threading.Lock()
        self._books: dict[tuple[str, Resource], _Books] = {}
        self._tickets = count(1)

    def admit(self, account: Account, resource: Resource, points: int, lease_seconds: float) -> Permit | Refusal:
        with self._lock:
            now, books = self._clock(), self._of(account, resource)
            self._forget_the_dead(now)
            if refusal := self._refusal(books, resource, points, now):
                return refusal
            if resource == "core":
                books.next_at = max(books.next_at, now) + 1 / REST_PER_SECOND
            ticket = next(self._tickets)
            books.running[ticket] = points, now + lease_seconds
            return Permit(account, resource, points, ticket)

    def settle(self, permit: Permit, told: Told) -> None:
        with self._lock:
            now, books = self._clock(), self._of(permit.account, permit.resource)
            books.running.pop(permit.ticket, None)
            _reconcile(books, permit, told, now)
            if told.hold is not None:
                self._hold(permit, told.hold, now)
            elif told.answered:
                books.strikes = 0

    @contextmanager
    def waiting(self, account: Account, subject: str, reason: str, seconds: float) -> Iterator[None]:
        del account, subject, reason, seconds  # there is nobody else to see it
        yield

    def _of(self, account: Account, resource: Resource) -> _Books:
        return self._books.setdefault((account.key, resource), _Books())

    def _refusal(self, books: _Books, resource: Resource, points: int, now: float) -> Refusal | None:
        if books.held_until > now:
            return Refusal("limit", books.held_until - now, books.held_for)
        left = books.left(now)
        if left is not None and left < min(points, books.quota):
            return Refusal("limit", books.resets_at - now, USED_UP)
        if left is not None and left - books.reserved() < min(points, books.quota):
            return Refusal("busy", 0, "what is left of the budget is reserved")
        everything = sum(len(one.running) for one in self._books.values())
        if len(books.running) >= AT_ONCE[resource] or everything >= AT_ONCE_IN_ALL:
            return Refusal("busy", 0, "enough requests are under way")
        early = books.next_at - now - (REST_BURST - 1) / REST_PER_SECOND
        return Refusal("pace", early, "enough requests left in this second") if early > 0 else None

    def _hold(self, permit: Permit, hold: Hold, now: float) -> None:
        mine = self._of(permit.account, permit.resource)
        seconds = hold.seconds
        if seconds is None:
            mine.strikes += mine.held_until <= now  # those that were under way together count once
            seconds = SHORTEST_HOLD_SECONDS * 2.0 ** max(0, min(mine.strikes, 16) - 1)
        for resource in AT_ONCE if hold.everything else (permit.resource,):
            books = self._of(permit.account, resource)
            if now + seconds > books.held_until:
                books.held_until, books.held_for = now + seconds, hold.reason

    def _forget_the_dead(self, now: float) -> None:
        for books in self._books.values():
            for ticket in [ticket for ticket, (_, end) in books.running.items() if end <= now]:
                del books.running[ticket]


def _reconcile(books: _Books, permit: Permit, told: Told, now: float) -> None:
    if told.remaining is None or told.reset_seconds is None or told.quota is None:
        left = books.left(now)
        books.remaining = None if left is None else max(0, left - permit.points)
        return
    resets_at = now + told.reset_seconds
    if books.remaining is None or abs(resets_at - books.resets_at) > SAME_HOUR_SECONDS:
        if books.remaining is not None and told.reset_seconds < SAME_HOUR_SECONDS and books.resets_at > resets_at:
            return  # a late answer of the hour that has ended
        books.remaining = told.remaining
    else:
        books.remaining = min(books.remaining, told.remaining)  # answers overtake one another
    books.quota, books.resets_at = told.quota, max(resets_at, now)
