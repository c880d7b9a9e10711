"""Faults on demand: what the next matching requests meet instead of, or on the way to, their answer.

``POST /_sandbox/faults`` takes one fault or a list of them as JSON; docs/faults.md shows each kind.
"""

import json
import re
from collections.abc import Callable
from dataclasses import dataclass, field, fields
from enum import StrEnum
from typing import Any, NamedTuple
from urllib.parse import parse_qsl


class FaultKind(StrEnum):
    """What a fault does. The first group answers by itself, the others spoil the true answer."""

    STATUS = "status"  # a bare status: JSON below 500, an HTML page from there on
    RATE_LIMIT = "rate_limit"  # the hourly budget is used up
    SECONDARY = "secondary"  # a secondary limit, as ``status`` 403, 429 or, for GraphQL, 200
    NOT_JSON = "not_json"  # 200 with an HTML page
    REDIRECT = "redirect"  # 301 to the same path below ``location``
    DISCONNECT = "disconnect"  # the connection closes without an answer
    HANG = "hang"  # no answer, ever; the connection stays open

    TRUNCATE = "truncate"  # the true answer, cut in the middle
    RESET = "reset"  # the same, by a reset of the connection
    LENGTH = "length"  # a Content-Length that is ``length_off`` bytes off
    DRIP = "drip"  # the true answer, one byte every ``seconds``
    SLOW = "slow"  # the true answer, ``seconds`` late

    PARTIAL = "partial"  # GraphQL: 200 with incomplete data and errors
    EMPTY = "empty"  # 200, valid, and nobody is on the page, nor on another
    REPEAT = "repeat"  # the page before again, with its link to this one
    DUPLICATE = "duplicate"  # the last object of the page before stands first on this one too
    SLIP = "slip"  # an object is missing: it moved to the page that was read before
    MUTATE = "mutate"  # ``change`` and ``without`` in an object, or in each
    HEADERS = "headers"  # ``headers`` set, or taken away where null
    CLOCK = "clock"  # the Date header is ``seconds`` off

    CHANGE = "change"  # ``happens`` first, then the true answer


@dataclass
class Fault:
    """One entry of the script.

    Attributes:
        match: regular expression searched in the path, or in a GraphQL operation's name.
        times: how many requests it hits before it is used up.
        skip: how many matching requests it lets pass first.
        every: after those, only each so-many-th is hit: 2 makes it flap.
        seconds: delay of ``slow`` and between the bytes of ``drip``; time until the reset of
            ``rate_limit``; what a ``clock`` is fast by.
        retry_after: seconds for a Retry-After header; none without it.
        location: address of another server, for ``redirect``.
        length_off: bytes that a ``length`` claims too many, or too few if negative.
        item: place on the page of the object that a ``mutate`` or ``slip`` means; null means all.
        change: dotted paths in that object and their new values; numbers are places in lists.
        without: dotted paths that are taken out of it.
        happens: changes of the company, as ``happenings.happen`` reads them.
    """

    match: str
    kind: FaultKind
    times: int = 1
    skip: int = 0
    every: int = 1
    status: int | None = None
    seconds: float = 60
    retry_after: int | None = None
    message: str | None = None
    headers: dict[str, str | None] = field(default_factory=dict)
    location: str = ""
    length_off: int = 10
    item: int | None = 0
    change: dict[str, Any] = field(default_factory=dict)
    without: list[str] = field(default_factory=list)
    happens: list[dict[str, Any]] = field(default_factory=list)
    passed: int = field(default=0, init=False)

    @classmethod
    def of(cls, script: dict[str, Any]) -> "Fault":
        """Read an entry from JSON.

        Raises:
            ValueError: a key or kind is unknown, or the expression is none.
        """
        known = [one.name for one in fields(cls) if one.init]
        unknown = script.keys() - set(known)
        if unknown or not {"match", "kind"} <= script.keys():
            raise ValueError(f"a fault has match, kind and {', '.join(known[2:])}; not {unknown}")
        try:
            re.compile(script["match"])
        except re.error as error:
            raise ValueError(f"match: {error}") from None
        fault = cls(**{**script, "kind": FaultKind(script["kind"])})
        if fault.kind is FaultKind.REDIRECT and not fault.location:
            raise ValueError("a redirect needs a location")
        return fault

    def hits(self, path: str, operation: str | None) -> bool:
        """Whether it is this request's turn; a request that matches counts."""
        if not re.search(self.match, path) and not (operation and re.search(self.match, operation)):
            return False
        self.passed += 1
        return self.passed > self.skip and (self.passed - self.skip - 1) % self.every == 0


class Asked(NamedTuple):
    """What a request asked, so that it can be asked again."""

    query: bytes
    body: bytes


class FaultScript:
    """Faults in the order in which they were asked for.

    Attributes:
        before_answer: told the path and the GraphQL operation ahead of each answer; here a test
            lets the company live on while it is being read.
    """

    def __init__(self) -> None:
        self.waiting: list[Fault] = []
        self.before_answer: Callable[[str, str | None], None] = lambda _path, _operation: None
        self._asked: dict[tuple[str, str | None, str], Asked] = {}

    def add(self, fault: Fault) -> None:
        self.waiting.append(fault)

    def clear(self) -> None:
        self.waiting.clear()
        self._asked.clear()

    def take(self, path: str, operation: str | None) -> Fault | None:
        """The fault that this request meets; it counts as having met it."""
        for fault in self.waiting:
            if not fault.hits(path, operation):
                continue
            fault.times -= 1
            if fault.times <= 0:
                self.waiting.remove(fault)
            return fault
        return None

    def asked_before(self, path: str, operation: str | None, asked: Asked) -> Asked:
        """What was asked when the page before of the same list was; the same if this is the first."""
        key = (path, operation, _list_of(asked))
        before = self._asked.get(key, asked)
        self._asked[key] = asked
        return before


def _list_of(asked: Asked) -> str:
    """What distinguishes a list from another: all that is asked but the place in it."""
    query = [pair for pair in parse_qsl(asked.query.decode()) if pair[0] not in ("page", "after")]
    try:
        variables = json.loads(asked.body or b"{}").get("variables") or {}
    except (ValueError, AttributeError):
        variables = {}
    return json.dumps(
        [sorted(query), {name: variables[name] for name in sorted(variables) if not name.lower().endswith("after")}]
    )
