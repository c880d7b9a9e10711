"""Stand-ins for Slack and a mail server, as far as invitations need them: they keep what they are told, or fail to."""

import contextlib
import json
import ssl
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler
from pathlib import Path
from urllib.parse import parse_qs

from roosevelt_pipeline.sandbox.receivers.mail import AtAnyPort, certificate
from tests.support.loopback import served


class FakeSlack:
    """Slack's conversations.open and chat.postMessage.

    Attributes:
        messages: member and text of each message that arrived.
        script: answers to the next calls of a method, before it does what it should: a word for an error, a number for
            a status, ``drop`` to take the message and break the connection off.
    """

    def __init__(self) -> None:
        self.messages: list[tuple[str, str]] = []
        self.script: dict[str, list[str | int]] = {}
        self.url = ""

    def answer(self, method: str, given: dict[str, str]) -> tuple[int, dict[str, object], dict[str, str]] | None:
        fault = self.script.get(method, []).pop(0) if self.script.get(method) else None
        if fault == "ratelimited":
            return 429, {"ok": False, "error": fault}, {"Retry-After": "0"}
        if isinstance(fault, int):
            return fault, {"ok": False, "error": "internal_error"}, {}
        if fault and fault != "drop":
            return 200, {"ok": False, "error": fault}, {}
        if method == "auth.test":
            return 200, {"ok": True, "team": "acme"}, {}
        if method == "conversations.open":
            return 200, {"ok": True, "channel": {"id": f"D{given['users']}"}}, {}
        self.messages.append((given["channel"].removeprefix("D"), given["text"]))
        return None if fault == "drop" else (200, {"ok": True, "ts": "1.0"}, {})


@contextlib.contextmanager
def slack() -> Iterator[FakeSlack]:
    fake = FakeSlack()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"] or 0)).decode()
            is_json = "json" in self.headers["Content-Type"]
            given = json.loads(body) if is_json else {key: values[0] for key, values in parse_qs(body).items()}
            answer = fake.answer(self.path.rpartition("/")[2], given)
            if answer is None:
                self.close_connection = True
                return
            status, said, headers = answer
            self.send_response(status)
            for name, value in ({"Content-Type": "application/json"} | headers).items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(json.dumps(said).encode())

        def log_message(self, *_words: object) -> None:
            pass

    with served(Handler) as url:
        fake.url = f"{url}/api/"
        yield fake


class FakeMail:
    """A mail server's own memory.

    Attributes:
        mails: recipient and whole text of each mail that arrived.
        script: replies to the next recipients, by address.
    """

    def __init__(self) -> None:
        self.mails: list[tuple[str, str]] = []
        self.script: dict[str, str] = {}
        self.port = 0
        self.certificate = Path()

    async def handle_RCPT(self, _server, _session, envelope, address, _options):  # noqa: N802 - aiosmtpd's name
        if address in self.script:
            return self.script[address]
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, _server, _session, envelope):  # noqa: N802
        self.mails.append((envelope.rcpt_tos[0], envelope.content.decode()))
        return "250 OK"


@contextlib.contextmanager
def mail(folder: Path, *, with_tls: bool = True) -> Iterator[FakeMail]:
    fake = FakeMail()
    fake.certificate, key = certificate(folder)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(fake.certificate, key)
    more = {"tls_context": context, "require_starttls": True} if with_tls else {}
    controller = AtAnyPort(fake, hostname="127.0.0.1", port=0, **more)
    controller.start()
    fake.port = controller.port
    try:
        yield fake
    finally:
        # After a handshake that failed it waits half a minute for a farewell; nothing else waits for it.
        threading.Thread(target=controller.stop, daemon=True).start()
