"""The door for GitHub's webhooks: check who sent it, keep what it points at, forget the rest, answer at once.

What is refused leaves nothing behind but a count. What cannot be stored now is answered
with 503: GitHub then shows the delivery as failed, and polling finds what it was about.
"""

import asyncio
import logging
from collections import Counter
from collections.abc import Sequence
from typing import Any

from starlette.concurrency import run_in_threadpool
from starlette.requests import ClientDisconnect, Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from roosevelt_pipeline.settings import Settings, SettingsError
from roosevelt_pipeline.sources.github.deliveries import LARGEST_BODY, is_authentic, parse_body, read_delivery
from roosevelt_pipeline.sources.github.nodes import UnfitError
from roosevelt_pipeline.warehouse.connections import DatabaseError
from roosevelt_pipeline.warehouse.inbox import Letterbox
from roosevelt_pipeline.web.app import Part

PATH = "/webhooks/github"
MOST_HELD = 3 * LARGEST_BODY  # bytes of bodies in memory, over all requests
BODY_SECONDS = 10.0  # GitHub has given up by then
_LOG = logging.getLogger(__name__)


class Refusal(Exception):
    """Why a request is not accepted: status, what to count it as, and words for whoever reads the answer."""

    def __init__(self, status: int, kind: str, message: str, **headers: str) -> None:
        super().__init__(message)
        self.status, self.kind = status, kind
        self.headers = {name.replace("_", "-"): value for name, value in headers.items()}


class Receiver:
    """Takes deliveries in.

    Args:
        secrets: any of them may have signed a delivery; at least one, none empty.

    Attributes:
        counts: how many were accepted, repeated, ignored and refused, by reason, since the start.
    """

    def __init__(self, secrets: Sequence[bytes], letterbox: Letterbox) -> None:
        if not secrets or not all(secret.strip() for secret in secrets):
            raise ValueError("a receiver without a secret would believe anybody")
        self._secrets = tuple(secrets)
        self._letterbox = letterbox
        self._held = 0
        self.counts: Counter[str] = Counter()

    async def answer(self, request: Request) -> Response:
        body, status, headers = bytearray(), 202, {}
        try:
            await self._read(request, body)
            kind, words = await run_in_threadpool(self._take, request, bytes(body))
        except Refusal as refusal:
            kind, words, status, headers = refusal.kind, str(refusal), refusal.status, refusal.headers
        except ClientDisconnect:
            kind, words, status = "broken off", "", 400
        finally:
            self._held -= len(body)
        self._count(kind, status)
        return PlainTextResponse(words, status, headers)

    def _count(self, kind: str, status: int) -> None:
        self.counts[kind] += 1
        if status != 202 and str(self.counts[kind]).strip("0") == "1":  # the 1st, the 10th, the 100th ...
            _LOG.warning("webhook deliveries %s: %s so far", kind, self.counts[kind])

    async def _read(self, request: Request, body: bytearray) -> None:
        """Read the body into ``body``, within limits of size, time and memory."""
        if request.headers.get("content-type", "").partition(";")[0].strip().lower() != "application/json":
            raise Refusal(415, "of another type", "set the webhook's content type to application/json")
        length = request.headers.get("content-length", "")
        if length.isdigit() and int(length) > LARGEST_BODY:
            raise _too_large()
        try:
            async with asyncio.timeout(BODY_SECONDS):
                async for chunk in request.stream():
                    if len(body) + len(chunk) > LARGEST_BODY:
                        raise _too_large()
                    if self._held + len(chunk) > MOST_HELD:
                        raise Refusal(503, "too many at once", "too many deliveries at once", retry_after="10")
                    self._held += len(chunk)
                    body += chunk
        except TimeoutError:
            raise Refusal(408, "too slow", "the body did not arrive in time") from None

    def _take(self, request: Request, body: bytes) -> tuple[str, str]:
        """Check, read, store. Returns what to count it as, and what to answer."""
        if not is_authentic(body, request.headers.get("x-hub-signature-256"), self._secrets):
            raise Refusal(401, "not authentic", "the signature is missing or wrong: is the secret the same?")
        event = request.headers.get("x-github-event")
        try:
            hint = read_delivery(event, request.headers.get("x-github-delivery"), parse_body(body))
        except UnfitError as reason:
            raise Refusal(400, "not understood", f"not understood ({reason})") from None
        if event == "ping":
            return "ping", "pong"
        if hint is None:
            return "ignored", "ignored: nothing is made of this event"
        try:
            return ("accepted", "accepted") if self._letterbox.put(hint) else ("repeated", "known already")
        except DatabaseError as error:
            _LOG.error("a delivery could not be stored: %s", error)
            raise Refusal(503, "not stored", "the inbox cannot be reached", retry_after="60") from None


def _too_large() -> Refusal:
    return Refusal(413, "too large", f"a delivery has at most {LARGEST_BODY} bytes")


def secrets_of(settings: Settings) -> list[bytes]:
    """The secrets of the settings.

    Raises:
        SettingsError: there is none, or it is blank.
    """
    present = settings.github_webhook_secret
    if present is None or not present.get_secret_value().strip():
        raise SettingsError(
            "GITHUB_WEBHOOK_SECRET is not set, and without it anybody could drop deliveries in; "
            "put the secret of the webhook into .env"
        )
    return settings.webhook_secrets


def webhooks(settings: Settings, letterbox: Letterbox) -> Part:
    """The part that receives webhooks.

    Raises:
        SettingsError: there is no secret.
    """
    receiver = Receiver(secrets_of(settings), letterbox)

    def health() -> tuple[bool, dict[str, Any]]:
        try:
            letterbox.check()
        except DatabaseError as error:
            _LOG.error("the inbox cannot be reached: %s", error)
            return False, {"inbox": "cannot be reached", "deliveries": dict(receiver.counts)}
        return True, {"inbox": "open", "deliveries": dict(receiver.counts)}

    return Part("webhooks", [Route(PATH, receiver.answer, methods=["POST"])], health, letterbox.close)
