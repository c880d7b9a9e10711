"""Buttons pressed in Slack, and incidents that are seen to in PagerDuty: believed if signed, and taken once."""

import hashlib
import hmac
import json
import logging
import threading
import urllib.request
from collections import Counter
from collections.abc import Callable
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import parse_qs, urlsplit
from uuid import UUID

from slack_sdk.signature import Clock, SignatureVerifier
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from roosevelt_pipeline.alerting.blocks import BUTTONS
from roosevelt_pipeline.settings import Settings, is_given
from roosevelt_pipeline.warehouse.connections import DatabaseError
from roosevelt_pipeline.warehouse.verdicts import Ballot
from roosevelt_pipeline.web.app import Part

SLACK, PAGERDUTY = "/alerts/slack", "/alerts/pagerduty"
SILENT_FOR, OLDEST_EVENT = timedelta(days=7), timedelta(days=7)
MOST_BYTES = 200_000
_KEY = "roosevelt-"
_EVENTS = {"incident.acknowledged": "acknowledge", "incident.unacknowledged": "unacknowledge"}
_SAID = {"repeated": "This was taken already.", "ended": "This alert is over.", "unknown": "There is no such alert."}
_DONE = {"actionable": "Saved: it was worth it.", "noise": "Saved: noise.",
         "acknowledge": "Saved: somebody sees to it; it is not repeated.",
         "silence": "Saved: silent for a week."}  # fmt: skip
_LOG = logging.getLogger(__name__)


class RefusedError(Exception):
    """A request that is not believed, or not understood."""

    def __init__(self, status: int, kind: str) -> None:
        super().__init__(kind)
        self.status, self.kind = status, kind


class Pressed:
    """Takes what was pressed. Who did is kept as a pseudonym under our key."""

    def __init__(
        self, settings: Settings, ballot: Ballot, key: bytes, clock: Callable[[], datetime] = lambda: datetime.now(UTC)
    ) -> None:
        self._settings, self._ballot, self._key, self._clock = settings, ballot, key, clock
        self.counts: Counter[str] = Counter()

    async def slack(self, request: Request) -> Response:
        return await self._answer(request, self._take_slack)

    async def pagerduty(self, request: Request) -> Response:
        return await self._answer(request, self._take_pagerduty)

    async def _answer(self, request: Request, take: Callable[[bytes, Request], str]) -> Response:
        try:
            body = await _body(request)
            kind = await run_in_threadpool(take, body, request)
        except RefusedError as refusal:
            self.counts[refusal.kind] += 1
            return PlainTextResponse(refusal.kind, refusal.status)
        except DatabaseError as error:
            _LOG.error("buttons cannot reach their database: %s", error)
            self.counts["not reached"] += 1
            return PlainTextResponse("try again later", 503)
        self.counts[kind] += 1
        return Response(status_code=200)

    def _take_slack(self, body: bytes, request: Request) -> str:
        stamp = request.headers.get("x-slack-request-timestamp", "")
        signature = request.headers.get("x-slack-signature", "")
        secret = self._settings.slack_signing_secret
        if not is_given(secret) or secret is None or not stamp.isdigit():
            raise RefusedError(401, "not authentic")
        verifier = SignatureVerifier(secret.get_secret_value().strip(), _Moment(self._clock))
        try:
            is_authentic = verifier.is_valid(body.decode(), stamp, signature)
        except (UnicodeDecodeError, TypeError):
            is_authentic = False
        if not is_authentic:
            raise RefusedError(401, "not authentic")
        action, alert_id, user, answer_to = _read_slack(body)
        by = f"slack:{hmac.new(self._key, f'slack user {user}'.encode(), hashlib.sha256).hexdigest()[:10]}"
        outcome = self._press(alert_id, action, by, signature)
        self._tell(answer_to, _SAID.get(outcome) or _DONE[action])
        return outcome

    def _take_pagerduty(self, body: bytes, request: Request) -> str:
        secret = self._settings.pagerduty_webhook_secret
        given = request.headers.get("x-pagerduty-signature", "")
        if not is_given(secret) or secret is None:
            raise RefusedError(401, "not authentic")
        wanted = "v1=" + hmac.new(secret.get_secret_value().strip().encode(), body, hashlib.sha256).hexdigest()
        if not any(hmac.compare_digest(one.strip().encode(), wanted.encode()) for one in given.split(",")):
            raise RefusedError(401, "not authentic")
        number, action, key, happened = _read_pagerduty(body)
        if action is None or not key.startswith(_KEY):
            return "ignored"
        if happened < self._clock() - OLDEST_EVENT:
            raise RefusedError(400, "too old")
        return self._press(_alert(key.removeprefix(_KEY)), action, "pagerduty", f"pagerduty {number}")

    def _press(self, alert_id: UUID, action: str, by: str, what: str) -> str:
        once = hashlib.sha256(what.encode()).digest()
        return self._ballot.press(alert_id, action, by, once, self._clock() + SILENT_FOR)

    def _tell(self, address: str, text: str) -> None:
        """Answer whoever pressed, where Slack says; at no address that is not Slack's."""
        if not _is_slack(address, self._settings.surveys.slack_api_url):
            return
        body = json.dumps({"response_type": "ephemeral", "replace_original": False, "text": text}).encode()
        headers = {"Content-Type": "application/json"}
        ask = urllib.request.Request(address, data=body, headers=headers, method="POST")  # noqa: S310

        def post() -> None:
            with suppress(OSError, ValueError):
                urllib.request.urlopen(ask, timeout=10).close()  # noqa: S310

        threading.Thread(target=post, daemon=True).start()  # Slack waits for us three seconds at most


class _Moment(Clock):
    """A clock as slack_sdk asks for one."""

    def __init__(self, clock: Callable[[], datetime]) -> None:
        self._clock = clock

    def now(self) -> float:
        return self._clock().timestamp()


def buttons(settings: Settings, ballot: Ballot, key: bytes) -> Part:
    """The part that hears of buttons."""
    pressed = Pressed(settings, ballot, key)

    def health() -> tuple[bool, dict[str, Any]]:
        try:
            ballot.check()
        except DatabaseError:
            return False, {"buttons": "cannot be reached", "requests": dict(pressed.counts)}
        return True, {"buttons": "open", "requests": dict(pressed.counts)}

    routes = [Route(SLACK, pressed.slack, methods=["POST"]), Route(PAGERDUTY, pressed.pagerduty, methods=["POST"])]
    return Part("alert buttons", routes, health, ballot.close)


async def _body(request: Request) -> bytes:
    body = bytearray()
    async for chunk in request.stream():
        body += chunk
        if len(body) > MOST_BYTES:
            raise RefusedError(413, "too large")
    return bytes(body)


def _read_slack(body: bytes) -> tuple[str, UUID, str, str]:
    """Button, alert, Slack's id of whoever pressed, and where to answer."""
    try:
        payload = json.loads(parse_qs(body.decode())["payload"][0])
        [action] = payload["actions"]
        name, value = str(action["action_id"]), str(action["value"])
        user = f"{(payload.get('team') or {}).get('id', '')}/{payload['user']['id']}"
    except (ValueError, KeyError, TypeError, AttributeError):
        raise RefusedError(400, "not understood") from None
    if name not in BUTTONS:
        raise RefusedError(400, "not understood")
    return name, _alert(value), user, str(payload.get("response_url") or "")


def _read_pagerduty(body: bytes) -> tuple[str, str | None, str, datetime]:
    """The event's id, what it means here if anything, the incident's key, and when it happened."""
    try:
        event = json.loads(body)["event"]
        happened = datetime.fromisoformat(str(event.get("occurred_at") or "1970-01-01T00:00:00+00:00"))
        key = str((event.get("data") or {}).get("incident_key") or "")
        number, action = str(event["id"]), _EVENTS.get(event.get("event_type"))
    except (ValueError, KeyError, TypeError, AttributeError):
        raise RefusedError(400, "not understood") from None
    return number, action, key, happened if happened.tzinfo else happened.replace(tzinfo=UTC)


def _alert(text: str) -> UUID:
    try:
        return UUID(text)
    except ValueError:
        raise RefusedError(400, "not understood") from None


def _is_slack(address: str, api_url: str) -> bool:
    """Whether it is Slack's address for answers, or lies where the settings say that their Slack is on this machine."""
    if address.startswith("https://hooks.slack.com/"):
        return True
    there, ours = urlsplit(address), urlsplit(api_url)
    return ours.hostname in ("127.0.0.1", "localhost") and (there.scheme, there.netloc) == (ours.scheme, ours.netloc)
