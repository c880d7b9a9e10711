"""The simulated company's GitHub as a service: started for whoever needs it, always the same company."""

import contextlib
import json
import os
import sys
import time
import urllib.request
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

from roosevelt_pipeline.environments import DEMO_POLICY, demo_environment, without_own_settings
from roosevelt_pipeline.processes import Crew
from roosevelt_pipeline.sandbox.blueprint import BAD_WEEK_DAYS
from roosevelt_pipeline.settings import SandboxSettings, demo_files, home, last_complete_day, load_settings

TOKEN = "sandbox-token"  # noqa: S105 (it opens nothing but a simulation on this machine)
# What Google's sign-in would give for the company's calendars.
CALENDAR_CONSENT = {
    "google_calendar_client_id": "calendar-sandbox.apps.example",
    "google_calendar_client_secret": "calendar-sandbox-secret",
    "google_calendar_refresh_token": "calendar-sandbox-refresh-token",
}
START_SECONDS = 120.0


class ServiceError(RuntimeError):
    """Something that a command needs cannot be started. The message says what, and what to do."""


@dataclass(frozen=True)
class DemoState:
    """What makes a later demo go on where the first began: the seed, the company's first day, its bad week's."""

    seed: int
    start: date
    scale: float
    bad_week: date | None = None

    def as_json(self) -> str:
        return json.dumps(asdict(self), default=str) + "\n"


def demo_state(policy: SandboxSettings, today: date) -> DemoState:
    """The demo's company, as its first run chose it."""
    path = home() / "demo.json"
    with contextlib.suppress(OSError, ValueError, KeyError):
        kept = json.loads(path.read_text())
        bad_week = date.fromisoformat(kept["bad_week"]) if kept.get("bad_week") else None  # older demos had none
        return DemoState(int(kept["seed"]), date.fromisoformat(kept["start"]), float(kept["scale"]), bad_week)
    last = last_complete_day(today)
    bad_week = last - timedelta(days=BAD_WEEK_DAYS - 1) if policy.bad_week else None
    state = DemoState(policy.seed, last - timedelta(days=policy.days - 1), policy.scale, bad_week)
    home().mkdir(parents=True, exist_ok=True)
    path.write_text(state.as_json())
    return state


def calendar_environment(address: str) -> dict[str, str]:
    """Where the company's calendars are, and the consent to read them, as a process is told of them."""
    places = {
        "ROOSEVELT_CALENDARS__GOOGLE_API_URL": address,
        "ROOSEVELT_CALENDARS__GOOGLE_TOKEN_URL": f"{address}/calendar/token",
    }
    return places | {name.upper(): value for name, value in CALENDAR_CONSENT.items()}


def alert_page(address: str) -> str:
    """Where the company's Slack, mail and pager show what arrived."""
    return f"{address}/_sandbox/alerts/"


def alert_environment(address: str) -> dict[str, str]:
    """Where alerts go, as a process is told of it; nothing where a sandbox without receivers answers."""
    from roosevelt_pipeline.sandbox.alert_receivers import environment_at

    place = alert_page(address).rstrip("/")
    with contextlib.suppress(OSError, ValueError, KeyError):
        with urllib.request.urlopen(f"{place}/where", timeout=5) as answer:  # noqa: S310 (our own address)
            told = json.load(answer)
        if told["smtp_port"]:
            return environment_at(place, told["smtp_port"], told["certificate"])
    return {}


def utc_today() -> date:
    return datetime.now(UTC).date()


@contextlib.contextmanager
def sandbox(crew: Crew) -> Iterator[str]:
    """Keep the simulated company's GitHub running inside the block, as a member of ``crew``. Yields its address.

    One that a supervisor runs is joined.
    """
    if address := running_sandbox():
        yield address
        return
    port_file = home() / f"sandbox-{os.getpid()}.port"
    try:
        yield start_sandbox(crew, port_file)
    finally:
        crew.end()
        port_file.unlink(missing_ok=True)


def start_sandbox(crew: Crew, port_file: Path, port: int = 0) -> str:
    """Start the sandbox as a member of ``crew``. Returns its address once it answers.

    Raises:
        ServiceError: it ended, or did not answer in time; the message names its log.
    """
    with demo_environment():
        policy = load_settings(DEMO_POLICY).sandbox or SandboxSettings()
    state = demo_state(policy, utc_today())
    port_file.unlink(missing_ok=True)
    command = [sys.executable, "-m", "roosevelt_pipeline.sandbox", "--port", str(port), "--port-file", str(port_file)]
    command += ["--seed", str(state.seed), "--start", state.start.isoformat(), "--scale", str(state.scale)]
    command += ["--files", str(demo_files())]
    command += ["--bad-week", state.bad_week.isoformat()] if state.bad_week else []
    process = crew.start("sandbox", command, without_own_settings(os.environ))
    deadline = time.monotonic() + START_SECONDS * max(1.0, state.scale)
    while time.monotonic() < deadline and process.poll() is None:
        if port_file.exists() and (text := port_file.read_text().strip()):
            return f"http://127.0.0.1:{text}"
        time.sleep(0.05)
    raise ServiceError(f"the sandbox did not start; its log is {crew.log('sandbox')}")


def running_sandbox() -> str | None:
    """The address of the supervisor's sandbox, if there is a supervisor and it runs the demo."""
    from roosevelt_pipeline.supervisor import running

    found = running()
    return found.sandbox if found else None
