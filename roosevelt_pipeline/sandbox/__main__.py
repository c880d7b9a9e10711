"""``python -m roosevelt_pipeline.sandbox``: play the company and be its GitHub until stopped.

Unless ``--end`` names a day, the company lives up to yesterday, and one more day of it has
passed when the UTC date changes.
"""

import argparse
import asyncio
import contextlib
import errno
import socket
import sys
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import uvicorn

from roosevelt_pipeline.sandbox.alert_receivers import Receivers
from roosevelt_pipeline.sandbox.company import Company
from roosevelt_pipeline.sandbox.handouts import hand_out
from roosevelt_pipeline.sandbox.limits import UNLIMITED
from roosevelt_pipeline.sandbox.loopback import ending_in_order, listen
from roosevelt_pipeline.sandbox.playing import company_store
from roosevelt_pipeline.sandbox.receivers.arrivals import Arrivals
from roosevelt_pipeline.sandbox.receivers.mail import mail_server
from roosevelt_pipeline.sandbox.receivers.pressing import Pressing
from roosevelt_pipeline.sandbox.server import DEFAULT_TOKEN, SandboxApp, configuration, create_app
from roosevelt_pipeline.settings import SandboxSettings, home

DEFAULTS = SandboxSettings()
HOST = "127.0.0.1"


def arguments(words: list[str] | None = None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m roosevelt_pipeline.sandbox", description=__doc__)
    parser.add_argument("--port", type=int, default=0, help="port on the loopback; a free one unless given")
    parser.add_argument("--port-file", type=Path, help="file that holds the port once requests are answered")
    parser.add_argument("--seed", type=int, default=DEFAULTS.seed)
    parser.add_argument("--start", type=date.fromisoformat, help="first day; so many days before the end unless given")
    parser.add_argument("--end", type=date.fromisoformat, help="day that has not happened yet; today unless given")
    parser.add_argument("--scale", type=float, default=DEFAULTS.scale, help="size of the company; 1 is a small one")
    parser.add_argument(
        "--bad-week", type=date.fromisoformat, help="first day of a week in which what is deployed breaks"
    )
    parser.add_argument("--store", type=Path, help="file that keeps the history")
    parser.add_argument("--token", default=DEFAULT_TOKEN, help="the token that clients must show")
    parser.add_argument("--latency", type=float, default=0, help="seconds that each answer takes longer")
    parser.add_argument(
        "--files", type=Path, help="folder for the company's directory of people and its survey answers"
    )
    parser.add_argument("--serve", default="http://127.0.0.1:3100", help="where buttons of alerts lead")
    parser.add_argument("--unlimited", action="store_true", help="no rate limits, for load tests")
    return parser.parse_args(words)


def company_of(asked: argparse.Namespace, today: date) -> Company:
    end = asked.end or today
    start = asked.start or end - timedelta(days=DEFAULTS.days)
    return Company(asked.seed, start, end, asked.scale, asked.bad_week)


def utc_today() -> date:
    return datetime.now(UTC).date()


async def serve_company(asked: argparse.Namespace, listener: socket.socket) -> None:
    """Play, serve, and let the days pass."""
    company = company_of(asked, utc_today())
    path = asked.store or home() / "sandbox" / f"company-{company.seed}-{company.start}-{company.scale:g}.sqlite"
    store = await asyncio.to_thread(company_store, company, path)
    if asked.files:
        await asyncio.to_thread(hand_out, store, asked.files)
    limits = UNLIMITED if asked.unlimited else None
    shown = path.with_suffix(".arrivals.json")
    receivers = Receivers(pressing=Pressing(asked.serve), arrivals=Arrivals.kept_in(shown))
    app = create_app(
        store, token=asked.token, latency_seconds=asked.latency, limits=limits, now=company.ends_at, receivers=receivers
    )
    server = uvicorn.Server(configuration(app))
    days = asyncio.create_task(_let_days_pass(app, company, path, asked.files)) if asked.end is None else None
    news = asyncio.create_task(_announce(server, listener.getsockname()[1], asked.port_file))
    with ending_in_order(), mail_server(receivers.arrivals) as receivers.mail:
        try:
            await server.serve(sockets=[listener])
        finally:
            receivers.arrivals.keep_in(shown)
    for task in filter(None, (days, news)):
        task.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await task


async def _announce(server: uvicorn.Server, port: int, port_file: Path | None) -> None:
    while not server.started:
        await asyncio.sleep(0.01)
    sys.stdout.write(f"the sandbox's GitHub answers at http://{HOST}:{port}\n")
    sys.stdout.flush()
    if port_file:
        port_file.parent.mkdir(parents=True, exist_ok=True)
        fresh = port_file.with_suffix(".new")
        fresh.write_text(f"{port}\n")
        fresh.replace(port_file)


async def _let_days_pass(
    app: SandboxApp, company: Company, path: Path, files: Path | None, every_seconds: float = 30
) -> None:
    while True:
        await asyncio.sleep(every_seconds)
        if utc_today() > company.end:
            company = replace(company, end=utc_today())
            grown, old = await asyncio.to_thread(company_store, company, path), app.sandbox.store
            app.sandbox.store, app.sandbox.now = grown, company.ends_at
            if files:
                await asyncio.to_thread(hand_out, grown, files)
            if app.sandbox.hook:
                await asyncio.to_thread(app.sandbox.hook.tell, old, grown)
            old.close()


def main() -> int:
    asked = arguments()
    try:
        listener = listen(HOST, asked.port)
    except OSError as error:
        reason = "is taken" if error.errno == errno.EADDRINUSE else f"cannot be used ({error.strerror})"
        sys.stderr.write(f"port {asked.port} {reason}; name another with --port, or 0 for a free one\n")
        return 2
    with contextlib.suppress(KeyboardInterrupt):
        asyncio.run(serve_company(asked, listener))
    return 0


if __name__ == "__main__":
    sys.exit(main())
