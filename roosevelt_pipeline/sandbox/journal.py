"""What was asked of the sandbox since it started, or since the journal was last reset."""

from collections import Counter
from typing import Any


class Journal:
    """Counts requests, what they were charged, and how they ended."""

    def __init__(self) -> None:
        self.reset()

    def reset(self) -> None:
        self._requests: Counter[str] = Counter()
        self._points: Counter[str] = Counter()
        self._bytes: Counter[str] = Counter()
        self._operations: Counter[str] = Counter()
        self._statuses: Counter[str] = Counter()

    def arrived(self, resource: str, operation: str) -> None:
        self._requests[resource] += 1
        self._operations[operation] += 1

    def charged(self, resource: str, points: int) -> None:
        self._points[resource] += points

    def answered(self, resource: str, status: int, size: int) -> None:
        self._statuses[str(status)] += 1
        self._bytes[resource] += size

    def summary(self) -> dict[str, Any]:
        """Per resource ``core`` and ``graphql``: requests, points, bytes; then requests by operation and by status."""
        resources = {
            name: {"requests": self._requests[name], "points": self._points[name], "bytes": self._bytes[name]}
            for name in ("core", "graphql")
        }
        return {**resources, "operations": dict(self._operations), "statuses": dict(self._statuses)}
