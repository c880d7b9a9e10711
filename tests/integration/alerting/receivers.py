"""A receiver of HTTP that answers by a script, and keeps what it took."""

import contextlib
import json
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler
from typing import Any

from tests.support.loopback import served


class Receiver:
    """Stands in for Slack's webhook, PagerDuty and a generic one.

    Attributes:
        taken: path, headers and body of what was accepted, in order.
        script: answers to the next requests: a status, one with a Retry-After, or ``drop`` to take it silently.
    """

    def __init__(self) -> None:
        self.taken: list[tuple[str, dict[str, str], dict[str, Any]]] = []
        self.script: list[int | str | tuple[int, str]] = []
        self.url = ""

    @property
    def bodies(self) -> list[dict[str, Any]]:
        return [body for _, _, body in self.taken]


@contextlib.contextmanager
def receiver() -> Iterator[Receiver]:
    fake = Receiver()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            raw = self.rfile.read(int(self.headers["Content-Length"]))
            answer = fake.script.pop(0) if fake.script else 200
            if answer in (200, "drop"):
                fake.taken.append((self.path, {**self.headers, "raw": raw.decode()}, json.loads(raw)))
            if answer == "drop":
                self.close_connection = True
                return
            status, after = answer if isinstance(answer, tuple) else (int(answer), None)
            self.send_response(status)
            if after:
                self.send_header("Retry-After", after)
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, *_words: object) -> None:
            pass

    with served(Handler) as url:
        fake.url = url
        yield fake
