"""Where the demo's alerts arrive: Slack's webhook, PagerDuty's events and a generic one, as strict as the real ones.

``python -m roosevelt_pipeline.sandbox.alert_receivers`` shows at its address what arrived, and what was refused.
"""

import json
import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field
from html import escape
from typing import Any

import click
import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, PlainTextResponse, Response
from starlette.routing import Route

MOST_KEPT = 500
_HEADER, _TEXT, _BLOCKS, _CONTEXT, _SUMMARY, _KEY = 150, 3000, 50, 10, 1024, 255
_LONGEST_TEXT = 40_000
_SECONDS_BETWEEN = 1.0
_PAGE = (
    '<!doctype html><html lang="en"><meta charset="utf-8"><meta name="viewport" content="width=device-width">'
    "<title>What arrived</title><body style='font-family:sans-serif;max-width:640px;margin:1rem auto;padding:0 1rem'>"
    "<h1>What arrived</h1>{}</body></html>"
)


@dataclass
class Arrived:
    """A message that came in.

    Attributes:
        status: what it was answered with.
    """

    channel: str
    status: int
    text: str


@dataclass
class Receivers:
    """What arrived, newest first, what PagerDuty has open, and troubles to come.

    Attributes:
        troubles: statuses with which the next requests of a channel are answered, whatever they hold.
    """

    clock: Callable[[], float] = time.monotonic
    arrived: deque[Arrived] = field(default_factory=lambda: deque(maxlen=MOST_KEPT))
    incidents: dict[str, str] = field(default_factory=dict)
    troubles: dict[str, list[int]] = field(default_factory=dict)
    _last: float = float("-inf")

    async def slack(self, request: Request) -> Response:
        body, trouble = await self._read(request, "slack")
        if trouble:
            return trouble
        if self.clock() - self._last < _SECONDS_BETWEEN:
            self._keep("slack", 429, "rate_limited")
            return PlainTextResponse("rate_limited", 429, {"Retry-After": "1"})
        fault = slack_fault(body)
        self._keep("slack", 400 if fault else 200, fault or _slack_text(body))
        if fault:
            return PlainTextResponse(fault, 400)
        self._last = self.clock()
        return PlainTextResponse("ok")

    async def pagerduty(self, request: Request) -> Response:
        body, trouble = await self._read(request, "pagerduty")
        if trouble:
            return trouble
        faults = pagerduty_faults(body)
        if faults:
            self._keep("pagerduty", 400, "; ".join(faults))
            return JSONResponse(
                {"status": "invalid event", "message": "Event object is invalid", "errors": faults}, 400
            )
        key = body.get("dedup_key") or f"made-{len(self.incidents)}"
        self.incidents[key] = "resolved" if body["event_action"] == "resolve" else "triggered"
        self._keep("pagerduty", 202, f"{body['event_action']} {key}: {body['payload']['summary']}")
        return JSONResponse({"status": "success", "message": "Event processed", "dedup_key": key}, 202)

    async def webhook(self, request: Request) -> Response:
        body, trouble = await self._read(request, "webhook")
        if trouble:
            return trouble
        is_signed = "x-roosevelt-signature" in request.headers and "idempotency-key" in request.headers
        self._keep("webhook", 204 if is_signed else 401, json.dumps(body, indent=1) if is_signed else "not signed")
        return Response(status_code=204 if is_signed else 401)

    async def page(self, _: Request) -> Response:
        shown = "".join(
            f"<h2>{escape(one.channel)}: {one.status}</h2><pre style='white-space:pre-wrap'>{escape(one.text)}</pre>"
            for one in self.arrived
        )
        return HTMLResponse(_PAGE.format(shown or "<p>Nothing yet.</p>"))

    async def _read(self, request: Request, channel: str) -> tuple[dict[str, Any], Response | None]:
        if self.troubles.get(channel):
            status = self.troubles[channel].pop(0)
            self._keep(channel, status, "trouble")
            return {}, PlainTextResponse("trouble", status, {"Retry-After": "1"} if status == 429 else {})
        try:
            body = await request.json()
        except ValueError:
            body = None
        if not isinstance(body, dict):
            self._keep(channel, 400, "no JSON object")
            return {}, PlainTextResponse("invalid_payload", 400)
        return body, None

    def _keep(self, channel: str, status: int, text: str) -> None:
        self.arrived.appendleft(Arrived(channel, status, text))


def slack_fault(body: dict[str, Any]) -> str | None:
    """Why Slack would not take a message, in its own words; missing if it would."""
    if not body.get("text"):
        return "no_text"
    blocks = body.get("blocks", [])
    if len(body["text"]) > _LONGEST_TEXT:
        return "msg_too_long"
    return "invalid_blocks" if len(blocks) > _BLOCKS or not all(map(_is_block, blocks)) else None


def pagerduty_faults(body: dict[str, Any]) -> list[str]:
    """Why PagerDuty would not take an event."""
    faults = []
    if not body.get("routing_key"):
        faults.append("'routing_key' is missing or blank")
    if body.get("event_action") not in ("trigger", "acknowledge", "resolve"):
        faults.append("'event_action' is invalid")
    if len(body.get("dedup_key") or "") > _KEY:
        faults.append("'dedup_key' is too long")
    payload = body.get("payload") or {}
    if body.get("event_action") == "trigger":
        faults += [f"'payload.{name}' is missing or blank" for name in ("summary", "source") if not payload.get(name)]
        if payload.get("severity") not in ("critical", "error", "warning", "info"):
            faults.append("'payload.severity' is invalid")
    if len(payload.get("summary") or "") > _SUMMARY:
        faults.append("'payload.summary' is too long")
    return faults


def create(receivers: Receivers) -> Starlette:
    """The receivers as one application."""
    return Starlette(
        routes=[
            Route("/", receivers.page, methods=["GET"]),
            Route("/services/{rest:path}", receivers.slack, methods=["POST"]),
            Route("/v2/enqueue", receivers.pagerduty, methods=["POST"]),
            Route("/webhook", receivers.webhook, methods=["POST"]),
        ]
    )


def _is_block(block: dict[str, Any]) -> bool:
    if block.get("type") == "context":
        elements = block.get("elements", [])
        return 0 < len(elements) <= _CONTEXT and all(_is_text(one, _TEXT) for one in elements)
    most = _HEADER if block.get("type") == "header" else _TEXT
    is_plain = block.get("type") != "header" or block.get("text", {}).get("type") == "plain_text"
    return block.get("type") in ("header", "section") and is_plain and _is_text(block.get("text", {}), most)


def _is_text(text: dict[str, Any], most: int) -> bool:
    return text.get("type") in ("plain_text", "mrkdwn") and 0 < len(text.get("text", "")) <= most


def _slack_text(body: dict[str, Any]) -> str:
    texts = [one.get("text", {}).get("text") or " ".join(e["text"] for e in one.get("elements", []))
             for one in body.get("blocks", [])]  # fmt: skip
    return "\n\n".join(texts or [body["text"]])


@click.command()
@click.option("--port", default=3200, show_default=True, type=click.IntRange(0, 65535))
def main(port: int) -> None:
    """Receive alerts on this machine, and show them."""
    click.echo(f"SLACK_WEBHOOK=http://127.0.0.1:{port}/services/T0/B0/demo")
    click.echo(f"ALERT_WEBHOOK=http://127.0.0.1:{port}/webhook with any ALERT_WEBHOOK_SECRET")
    click.echo(f"alerts.pagerduty_url = http://127.0.0.1:{port} with any PAGERDUTY_ROUTING_KEY")
    click.echo(f"What arrives is shown at http://127.0.0.1:{port}/")
    uvicorn.run(create(Receivers()), host="127.0.0.1", port=port, log_level="warning")


if __name__ == "__main__":
    main()
