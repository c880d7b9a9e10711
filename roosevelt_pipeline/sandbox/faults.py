"""Faults on demand: what the next matching requests meet instead of, or on the way to, their answer."""

import re
from dataclasses import dataclass, field, fields
from enum import StrEnum
from typing import Any


class FaultKind(StrEnum):
    STATUS = "status"  # a bare status: JSON below 500, an HTML page from there on
    RATE_LIMIT = "rate_limit"  # the hourly budget is used up
    SECONDARY = "secondary"  # a secondary limit, as ``status`` 403, 429 or, for GraphQL, 200
    PARTIAL = "partial"  # GraphQL: 200 with incomplete data and errors
    NOT_JSON = "not_json"  # 200 with an HTML page
    TRUNCATE = "truncate"  # the true answer, cut in the middle
    DISCONNECT = "disconnect"  # the connection closes without an answer
    SLOW = "slow"  # the true answer, ``seconds`` late


@dataclass
class Fault:
    """One entry of the script.

    Attributes:
        match: regular expression searched in the path, or in a GraphQL operation's name.
        times: how many requests it hits before it is used up.
        skip: how many matching requests it lets pass first.
        seconds: delay of ``slow``; time until the reset of ``rate_limit``.
        retry_after: seconds for a Retry-After header; none without it.
    """

    match: str
    kind: FaultKind
    times: int = 1
    skip: int = 0
    status: int | None = None
    seconds: float = 60
    retry_after: int | None = None
    message: str | None = None
    headers: dict[str, str] = field(default_factory=dict)

    @classmethod
    def of(cls, script: dict[str, Any]) -> "Fault":
        """Read an entry from JSON.

        Raises:
            ValueError: a key or kind is unknown, or the expression is none.
        """
        unknown = script.keys() - {f.name for f in fields(cls)}
        if unknown or not {"match", "kind"} <= script.keys():
            raise ValueError(f"a fault has match, kind and {', '.join(f.name for f in fields(cls)[2:])}; not {unknown}")
        try:
            re.compile(script["match"])
        except re.error as error:
            raise ValueError(f"match: {error}") from None
        return cls(**{**script, "kind": FaultKind(script["kind"])})


class FaultScript:
    """Faults in the order in which they were asked for."""

    def __init__(self) -> None:
        self.waiting: list[Fault] = []

    def add(self, fault: Fault) -> None:
        self.waiting.append(fault)

    def clear(self) -> None:
        self.waiting.clear()

    def take(self, path: str, operation: str | None) -> Fault | None:
        """The fault that this request meets; it counts as having met it."""
        for fault in self.waiting:
            if not re.search(fault.match, path) and not (operation and re.search(fault.match, operation)):
                continue
            if fault.skip > 0:
                fault.skip -= 1
                continue
            fault.times -= 1
            if fault.times <= 0:
                self.waiting.remove(fault)
            return fault
        return None
