"""A mail server for one machine, under TLS with a certificate of its own, which keeps what it is given."""

import asyncio
import base64
import contextlib
import ssl
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from email import message_from_bytes, policy
from email.message import EmailMessage
from ipaddress import ip_address
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from aiosmtpd.controller import Controller
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from roosevelt_pipeline.sandbox.receivers.arrivals import Arrivals

HOST = "127.0.0.1"
_NOBODY = "nobody@"


class MailServer:
    """Takes mails to everybody but ``nobody@...``, whose address bounces."""

    def __init__(self, arrivals: Arrivals) -> None:
        self._arrivals = arrivals

    async def handle_RCPT(  # noqa: N802 - aiosmtpd's name
        self, _server: Any, _session: Any, envelope: Any, address: str, _options: Any
    ) -> str:
        if address.startswith(_NOBODY):
            self._arrivals.keep("email", 550, "an address that bounces")
            return "550 5.1.1 no such person"
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, _server: Any, _session: Any, envelope: Any) -> str:  # noqa: N802
        if (trouble := self._arrivals.trouble("email")) is not None:
            return f"{trouble} trouble"
        mail = message_from_bytes(envelope.content, policy=policy.default)
        page = _part(mail, "html")
        for picture in mail.walk():
            if isinstance(picture, EmailMessage) and picture.get_content_maintype() == "image":
                name = str(picture["Content-ID"]).strip("<>")
                data = base64.b64encode(picture.get_content()).decode()
                page = page.replace(f"cid:{name}", f"data:{picture.get_content_type()};base64,{data}")
        parts = {"to": ", ".join(envelope.rcpt_tos), "bounces_to": envelope.mail_from,
                 "subject": str(mail["Subject"]), "text": _part(mail, "plain"),
                 "html": page, "number": str(mail["Message-ID"])}  # fmt: skip
        self._arrivals.keep("email", 250, f"{parts['subject']}\n\n{parts['text']}", parts)
        return "250 OK"


class AtAnyPort(Controller):
    """It greets itself to see that it is there, and must know at which port."""

    def _trigger_server(self) -> None:
        assert isinstance(self.server, asyncio.Server)
        self.port = self.server.sockets[0].getsockname()[1]
        super()._trigger_server()  # type: ignore[no-untyped-call]


@contextlib.contextmanager
def mail_server(arrivals: Arrivals, port: int = 0) -> Iterator[tuple[int, Path]]:
    """Serve for the block. Yields its port, and the file of the certificate by which clients know it."""
    with TemporaryDirectory(prefix="roosevelt-mail-") as folder:
        public, private = certificate(Path(folder))
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(public, private)
        private.unlink()  # nobody needs it any more, and a process that is killed leaves its folder behind
        controller = AtAnyPort(
            MailServer(arrivals), hostname=HOST, port=port, tls_context=context, require_starttls=True
        )
        controller.start()
        try:
            yield controller.port, public
        finally:
            controller.stop(no_assert=True)


def certificate(folder: Path) -> tuple[Path, Path]:
    """A certificate for this machine, which is its own authority and holds for a year, and its key."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "roosevelt sandbox")])
    now = datetime.now(UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=365))
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ip_address(HOST))]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    public, private = folder / "mail.pem", folder / "mail.key"
    public.write_bytes(made.public_bytes(serialization.Encoding.PEM))
    private.touch(mode=0o600)
    private.write_bytes(
        key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    )
    return public, private


def _part(mail: EmailMessage, kind: str) -> str:
    part = mail.get_body((kind,))
    return str(part.get_content()) if part else ""
