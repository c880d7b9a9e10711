"""Where the demo's alerts arrive: a Slack, a mail server, a PagerDuty and a webhook, as strict as the real ones.

``python -m roosevelt_pipeline.sandbox.alert_receivers`` shows at its address what arrived, and what was refused.
"""

import json
import time
from collections import deque
from collections.abc import Callable
from pathlib import Path
from urllib.parse import parse_qs

import click
import uvicorn
from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, PlainTextResponse, RedirectResponse, Response
from starlette.routing import Route

from roosevelt_pipeline.sandbox.loopback import ending_in_order
from roosevelt_pipeline.sandbox.receivers.arrivals import Arrivals, Arrived, here
from roosevelt_pipeline.sandbox.receivers.mail import HOST, mail_server
from roosevelt_pipeline.sandbox.receivers.page import page
from roosevelt_pipeline.sandbox.receivers.pagerduty import take_event
from roosevelt_pipeline.sandbox.receivers.pressing import PAGERDUTY_SECRET, SIGNING_SECRET, Pressing
from roosevelt_pipeline.sandbox.receivers.slack import Slack

BOT_TOKEN, ROUTING_KEY = "xoxb-sandbox", "sandbox-routing-key"
SENDER = "roosevelt@helios-labs.example"


class Receivers:
    """All of them, and what arrived.

    Attributes:
        mail: port of the mail server and the file of its certificate, while it runs.
        pressing: where buttons lead; missing where nobody would hear of them.
    """

    def __init__(
        self, clock: Callable[[], float] = time.monotonic, pressing: Pressing | None = None,
        arrivals: Arrivals | None = None,
    ) -> None:  # fmt: skip
        self.arrivals = arrivals or Arrivals()
        self.slack = Slack(self.arrivals, clock)
        self.mail: tuple[int, Path] | None = None
        self.pressing = pressing

    @property
    def arrived(self) -> deque[Arrived]:
        return self.arrivals.kept

    async def pagerduty(self, request: Request) -> Response:
        return await take_event(self.arrivals, request)

    async def webhook(self, request: Request) -> Response:
        if (trouble := self.arrivals.trouble("webhook")) is not None:
            return PlainTextResponse("trouble", trouble)
        body = await request.json()
        is_signed = "x-roosevelt-signature" in request.headers and "idempotency-key" in request.headers
        text = json.dumps(body, indent=1) if is_signed else "not signed"
        self.arrivals.keep("webhook", 204 if is_signed else 401, text, body)
        return Response(status_code=204 if is_signed else 401)

    async def page(self, _: Request) -> Response:
        return HTMLResponse(page(self.arrivals, self.pressing is not None))

    async def file(self, request: Request) -> Response:
        content = self.arrivals.files.get(request.path_params["number"])
        return Response(content, 200 if content else 404, media_type="image/png")

    async def press(self, request: Request) -> Response:
        given = parse_qs((await request.body()).decode())
        if self.pressing and "pressed" in given:
            action_id, value = json.loads(given["pressed"][0])
            address = f"{here(request)}/said"
            await run_in_threadpool(self.pressing.button, action_id, value, address)
        return RedirectResponse("./", 303)

    async def acknowledge(self, request: Request) -> Response:
        given = parse_qs((await request.body()).decode())
        if self.pressing and "key" in given:
            key = given["key"][0]
            self.arrivals.incidents[key] = "acknowledged"
            self.arrivals.answers.appendleft(await run_in_threadpool(self.pressing.acknowledge, key))
        return RedirectResponse("./", 303)

    async def said(self, request: Request) -> Response:
        """Slack's ``response_url``: what Roosevelt tells whoever pressed a button."""
        self.arrivals.answers.appendleft(str((await request.json()).get("text", "")))
        return PlainTextResponse("ok")

    async def where(self, _: Request) -> Response:
        """What a client has to know that no address tells."""
        port, certificate = self.mail or (None, None)
        return JSONResponse({"smtp_port": port, "certificate": str(certificate) if certificate else None})


def routes(receivers: Receivers) -> list[Route]:
    """The receivers' addresses, below wherever they are mounted."""
    return [
        Route("/", receivers.page, methods=["GET"]),
        Route("/where", receivers.where, methods=["GET"]),
        Route("/file/{number}", receivers.file, methods=["GET"]),
        Route("/press", receivers.press, methods=["POST"]),
        Route("/acknowledge", receivers.acknowledge, methods=["POST"]),
        Route("/said", receivers.said, methods=["POST"]),
        Route("/services/{rest:path}", receivers.slack.webhook, methods=["POST"]),
        Route("/api/{method}", receivers.slack.api, methods=["POST", "GET"]),
        Route("/upload/{number}", receivers.slack.upload, methods=["POST"]),
        Route("/v2/enqueue", receivers.pagerduty, methods=["POST"]),
        Route("/webhook", receivers.webhook, methods=["POST"]),
    ]


def create(receivers: Receivers) -> Starlette:
    """The receivers as one application."""
    return Starlette(routes=routes(receivers))


def environment_at(address: str, smtp_port: int, certificate: str) -> dict[str, str]:
    """What makes alerts go to the receivers at an address."""
    return {
        "SLACK_WEBHOOK": f"{address}/services/T0/B0/demo",
        "SLACK_BOT_TOKEN": BOT_TOKEN,
        "SLACK_SIGNING_SECRET": SIGNING_SECRET,
        "PAGERDUTY_ROUTING_KEY": ROUTING_KEY,
        "PAGERDUTY_WEBHOOK_SECRET": PAGERDUTY_SECRET,
        "ROOSEVELT_ALERTS__PAGERDUTY_URL": address,
        "ROOSEVELT_SURVEYS__SLACK_API_URL": f"{address}/api/",
        "ROOSEVELT_SURVEYS__SMTP_HOST": HOST,
        "ROOSEVELT_SURVEYS__SMTP_PORT": str(smtp_port),
        "ROOSEVELT_SURVEYS__SMTP_CA_FILE": certificate,
        "ROOSEVELT_ALERTS__SENDER": SENDER,
    }


@click.command()
@click.option("--port", default=3200, show_default=True, type=click.IntRange(0, 65535))
@click.option("--smtp-port", default=3225, show_default=True, type=click.IntRange(0, 65535))
@click.option("--serve", default="http://127.0.0.1:3100", show_default=True, help="Where `roosevelt serve` is.")
def main(port: int, smtp_port: int, serve: str) -> None:
    """Receive alerts on this machine, and show them."""
    receivers = Receivers(pressing=Pressing(serve))
    address = f"http://{HOST}:{port}"
    with ending_in_order(), mail_server(receivers.arrivals, smtp_port) as receivers.mail:
        for name, value in environment_at(address, receivers.mail[0], str(receivers.mail[1])).items():
            click.echo(f"{name}={value}")
        click.echo(f"ALERT_WEBHOOK={address}/webhook with any ALERT_WEBHOOK_SECRET")
        click.echo(f"What arrives is shown at {address}/")
        uvicorn.run(create(receivers), host=HOST, port=port, log_level="warning")


if __name__ == "__main__":
    main()
