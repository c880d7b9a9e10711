"""A message on its way, and what became of it."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal


@dataclass(frozen=True)
class Outcome:
    """What became of a try.

    Attributes:
        kind: sent; refused, if trying again would end alike; not_sent, if it certainly did not arrive; or unknown.
        reason: without secrets and addresses.
        wait_seconds: what the other side asks for.
        taken, refused: digests of the recipients that have it now, and of those that will never take it.
    """

    kind: Literal["sent", "refused", "not_sent", "unknown"]
    reason: str = ""
    wait_seconds: float | None = None
    taken: tuple[str, ...] = ()
    refused: tuple[str, ...] = ()


@dataclass(frozen=True)
class Envelope:
    """A message on its way.

    Attributes:
        is_repeat: an earlier try may have arrived.
        taken, refused: digests of the recipients that have it, and of those that will never take it.
    """

    message_id: str
    dedup_key: str
    content: Mapping[str, Any]
    is_repeat: bool
    taken: frozenset[str] = frozenset()
    refused: frozenset[str] = frozenset()
