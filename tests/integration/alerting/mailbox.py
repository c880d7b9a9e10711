"""A mail server under TLS that fails by a script, at every line of the conversation that can fail."""

import asyncio
import contextlib
import ssl
import threading
from collections.abc import Iterator
from email import message_from_bytes
from email.message import Message
from pathlib import Path

from roosevelt_pipeline.sandbox.receivers.mail import AtAnyPort, certificate

Trouble = str | tuple[str, str] | None


class Mailbox:
    """What arrived, and what the next mails will meet.

    Attributes:
        arrived: recipient and mail.
        script: for each of the next mails: a reply to ``data``, or to the recipient of an address (both as pairs);
            ``break off`` before it is taken, ``take and break off``, ``take and hang``; or nothing.
        seconds: that hanging lasts.
    """

    def __init__(self) -> None:
        self.arrived: list[tuple[str, Message]] = []
        self.script: list[Trouble] = []
        self.seconds = 1.0
        self.port = 0
        self.certificate = Path()

    async def handle_MAIL(self, _server, session, envelope, address, _options):  # noqa: N802 - aiosmtpd's name
        session.trouble = self.script.pop(0) if self.script else None
        envelope.mail_from = address
        return "250 OK"

    async def handle_RCPT(self, _server, session, envelope, address, _options):  # noqa: N802
        if isinstance(session.trouble, tuple) and session.trouble[0] == address:
            return session.trouble[1]
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server, session, envelope):  # noqa: N802
        trouble = session.trouble
        if isinstance(trouble, tuple) and trouble[0] == "data":
            return trouble[1]
        if trouble != "break off":
            mail = message_from_bytes(envelope.content)
            self.arrived += [(address, mail) for address in envelope.rcpt_tos]
        if trouble == "take and hang":
            await asyncio.sleep(self.seconds)
        if isinstance(trouble, str):
            server.transport.abort()
        return "250 OK"


@contextlib.contextmanager
def mailbox(folder: Path) -> Iterator[Mailbox]:
    box = Mailbox()
    box.certificate, key = certificate(folder)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(box.certificate, key)
    controller = AtAnyPort(box, hostname="127.0.0.1", port=0, tls_context=context, require_starttls=True)
    controller.start()
    box.port = controller.port
    try:
        yield box
    finally:
        threading.Thread(target=controller.stop, daemon=True).start()
