"""What a governor of requests is asked and what it answers, whoever keeps its books.

One governor decides for all threads, and, where a warehouse is at hand, for all processes,
whether a request may leave now. `LocalGovernor` keeps its books in memory, `SharedGovernor`
in PostgreSQL; both promise the same, and one test holds them to it.
"""

from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import Literal, Protocol

Resource = Literal["core", "graphql"]

# GitHub allows 100 requests at once and 900 REST requests a minute; it asks for queries one after another.
AT_ONCE: dict[Resource, int] = {"core": 4, "graphql": 1}
AT_ONCE_IN_ALL = 80
REST_PER_SECOND = 12.0
REST_BURST = 12  # so many may leave together after a pause
SHORTEST_HOLD_SECONDS = 60.0  # of a secondary limit that names no time; doubled each time in a row
USED_UP = "the hourly budget is used up"


@dataclass(frozen=True)
class Account:
    """Whom GitHub counts a request against.

    Attributes:
        key: a short hash; of the token, or of the App and its installation. Never the token.
        label: what people are told: ``token 1``, ``app 123 installation 456``.
        host: the GitHub that counts.
    """

    key: str
    label: str
    host: str


@dataclass(frozen=True)
class Permit:
    """A request may leave now. Whoever holds it settles it, whatever becomes of the request."""

    account: Account
    resource: Resource
    points: int
    ticket: int


@dataclass(frozen=True)
class Refusal:
    """A request may not leave now.

    Attributes:
        kind: ``busy``: others are under way, ask again soon. ``pace``: too many in this second.
            ``limit``: GitHub would refuse it, or has asked us to wait.
        seconds: until it is worth asking again; 0 if nobody knows.
    """

    kind: Literal["busy", "pace", "limit"]
    seconds: float
    reason: str


@dataclass(frozen=True)
class Hold:
    """GitHub asks for a pause.

    Attributes:
        seconds: as GitHub says; ``None`` if it does not: a minute, doubled each time in a row.
        everything: both resources pause, not only the one that was asked.
    """

    reason: str
    seconds: float | None
    everything: bool


@dataclass(frozen=True)
class Told:
    """What an answer says of the budget. One that says nothing is counted at its predicted price.

    Attributes:
        remaining: points left of ``quota``, which is full again in ``reset_seconds``.
        billed: what a query cost, as GitHub says.
        answered: whether it was answered, well or badly; then a row of secondary limits is over, unless ``hold``.
    """

    remaining: int | None = None
    quota: int | None = None
    reset_seconds: float | None = None
    billed: int | None = None
    hold: Hold | None = None
    answered: bool = False


class Governor(Protocol):
    """Decides when requests leave."""

    def admit(self, account: Account, resource: Resource, points: int, lease_seconds: float) -> Permit | Refusal:
        """Reserve a request and its price, or say why not. Never waits.

        Args:
            points: the predicted price.
            lease_seconds: after which a reservation that nobody settles is forgotten.
        """
        ...

    def settle(self, permit: Permit, told: Told) -> None:
        """Give the reservation back and keep what the answer told."""
        ...

    def waiting(self, account: Account, subject: str, reason: str, seconds: float) -> AbstractContextManager[None]:
        """Let others see, inside the block, who waits for what until when."""
        ...
