"""A receiver of HTTP that answers by a script, and keeps what it took."""

import contextlib
import json
import socket
import struct
import time
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler
from typing import Any

from tests.support.loopback import served

Answer = int | str | tuple[int, str]
TAKEN = (200, "drop", "take and reset", "hang")


class Receiver:
    """Stands in for Slack's webhook, PagerDuty and a generic one.

    Attributes:
        taken: path, headers and body of what was accepted, in order.
        script: answers to the next requests: a status, one with a Retry-After, ``drop`` to take it silently,
            ``reset`` to break off before it is taken, ``take and reset``, or ``hang`` to take it and answer too late.
        scripts: the same, of those whose path begins so.
        seconds: that is too late.
    """

    def __init__(self) -> None:
        self.taken: list[tuple[str, dict[str, str], dict[str, Any]]] = []
        self.script: list[Answer] = []
        self.scripts: dict[str, list[Answer]] = {}
        self.seconds = 1.0
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
            script = fake.scripts.get(self.path.split("/")[1], fake.script)
            answer = script.pop(0) if script else 200
            if answer in TAKEN:
                fake.taken.append((self.path, {**self.headers, "raw": raw.decode()}, json.loads(raw)))
            if isinstance(answer, str):
                self.trouble(answer)
                return
            status, after = answer if isinstance(answer, tuple) else (answer, None)
            self.send_response(status)
            if after:
                self.send_header("Retry-After", after)
            self.send_header("Content-Length", "0")
            self.end_headers()

        def trouble(self, answer: str) -> None:
            self.close_connection = True
            if answer == "hang":
                time.sleep(fake.seconds)
            if "reset" in answer:
                # With nothing to linger for, closing is a reset.
                self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
                self.connection.close()

        def log_message(self, *_words: object) -> None:
            pass

    with served(Handler) as url:
        fake.url = url
        yield fake
