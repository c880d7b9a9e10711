"""What arrived at the receivers, and what was refused: kept in memory, newest first."""

from collections import deque
from dataclasses import dataclass, field
from itertools import count
from typing import Any

from starlette.requests import Request

MOST_KEPT = 500


@dataclass
class Arrived:
    """Something that came in.

    Attributes:
        status: what it was answered with.
        text: what there is to read, without mark-up.
        body: as it came: JSON of Slack, PagerDuty and webhooks, parts of a mail.
    """

    channel: str
    status: int
    text: str
    body: dict[str, Any] = field(default_factory=dict)
    number: int = 0


@dataclass
class Arrivals:
    """All receivers' memory.

    Attributes:
        troubles: statuses with which the next requests of a channel are answered, whatever they hold.
        incidents: PagerDuty's state of each key.
        files: pictures that were given to Slack, by their id.
        answers: what Roosevelt said to those who pressed a button.
    """

    kept: deque[Arrived] = field(default_factory=lambda: deque(maxlen=MOST_KEPT))
    troubles: dict[str, list[int]] = field(default_factory=dict)
    incidents: dict[str, str] = field(default_factory=dict)
    files: dict[str, bytes] = field(default_factory=dict)
    answers: deque[str] = field(default_factory=lambda: deque(maxlen=20))
    _numbers: Any = field(default_factory=lambda: count(1))

    def keep(self, channel: str, status: int, text: str, body: dict[str, Any] | None = None) -> Arrived:
        arrived = Arrived(channel, status, text, body or {}, next(self._numbers))
        self.kept.appendleft(arrived)
        return arrived

    def trouble(self, channel: str) -> int | None:
        """The status of a trouble that is due; it is noted."""
        if not self.troubles.get(channel):
            return None
        status = self.troubles[channel].pop(0)
        self.keep(channel, status, "trouble")
        return status


def here(request: Request) -> str:
    """The receivers' own address, below which they answer, also where they are mounted in another application."""
    return f"{request.url.scheme}://{request.url.netloc}{request.scope.get('root_path', '')}"
