"""What arrived at the receivers, and what was refused, newest first: in memory, and in a file while nothing runs."""

import base64
import json
from collections import deque
from dataclasses import asdict, dataclass, field
from itertools import count
from pathlib import Path
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

    @classmethod
    def kept_in(cls, path: Path) -> "Arrivals":
        """Those of the last time, if there are any."""
        arrivals = cls()
        try:
            told = json.loads(path.read_text(encoding="utf-8"))
            arrivals.kept.extend(Arrived(**one) for one in told["kept"])
            arrivals.incidents |= told["incidents"]
            arrivals.files |= {name: base64.b64decode(text) for name, text in told["files"].items()}
            arrivals.answers.extend(told["answers"])
        except (OSError, ValueError, KeyError, TypeError):
            return cls()  # what was cut off is not worth more than a page that begins anew
        arrivals._numbers = count(1 + max((one.number for one in arrivals.kept), default=0))
        return arrivals

    def keep_in(self, path: Path) -> None:
        files = {name: base64.b64encode(content).decode() for name, content in self.files.items()}
        told = {"kept": [asdict(one) for one in self.kept], "incidents": self.incidents, "files": files,
                "answers": [*self.answers]}  # fmt: skip
        path.write_text(json.dumps(told), encoding="utf-8")


def here(request: Request) -> str:
    """The receivers' own address, below which they answer, also where they are mounted in another application."""
    return f"{request.url.scheme}://{request.url.netloc}{request.scope.get('root_path', '')}"
