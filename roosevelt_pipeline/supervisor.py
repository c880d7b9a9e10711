"""One foreground process that holds everything together: database, sandbox, webserver, daemon.

Its lock says that it lives, its file says where. Everything it starts ends with it: in
order on Ctrl-C, by the crew's guard and the server's keeper if it is killed.
"""

import contextlib
import fcntl
import json
import os
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from types import FrameType

from roosevelt_pipeline.demo_company import ServiceError, start_sandbox
from roosevelt_pipeline.processes import Crew, end_marked, marked, name_of
from roosevelt_pipeline.services import Profile, child_environment
from roosevelt_pipeline.settings import PROJECT_ROOT, SettingsError, home

WEB = "dagster-webserver"
WEB_PORT = 3000
WEB_SECONDS = 180.0
RESTARTS = 3
SERVE = "roosevelt-serve"
SERVE_SECONDS = 30.0
_PROGRAMS = Path(sys.executable).parent
_WORKSPACE = ("-w", str(PROJECT_ROOT / "workspace.yaml"))
Say = Callable[[str], None]


class AlreadyRunning(RuntimeError):
    """Another supervisor holds this home. The message says where it is."""


class Stopped(KeyboardInterrupt):
    """The user, or the system, asked for an end. Libraries that tidy up after Ctrl-C do so after this too."""


@dataclass
class Running:
    """A supervisor and its addresses, as its file describes them."""

    pid: int
    profile: str
    web: str | None = None
    sandbox: str | None = None
    serve: str | None = None


def running() -> Running | None:
    """The supervisor of this home, if one lives."""
    lock = home() / "supervisor.lock"
    if not lock.exists():
        return None
    with lock.open("r") as handle:
        try:
            fcntl.flock(handle, fcntl.LOCK_SH | fcntl.LOCK_NB)
        except BlockingIOError:
            return _described() or Running(0, "?")
    return None


def _described() -> Running | None:
    with contextlib.suppress(OSError, ValueError, TypeError):
        return Running(**json.loads((home() / "supervisor.json").read_text()))
    return None


@contextlib.contextmanager
def supervising(profile: Profile, say: Say) -> Iterator["Supervisor"]:
    """Be this home's supervisor inside the block; end everything that it started after it.

    A killed predecessor's processes are named and ended first.

    Raises:
        AlreadyRunning: another supervisor lives.
    """
    home().mkdir(parents=True, exist_ok=True)
    with (home() / "supervisor.lock").open("a") as handle:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise AlreadyRunning(_where(_described())) from None
        supervisor = Supervisor(profile, say)
        supervisor.clear_predecessor()
        try:
            supervisor.describe()
            yield supervisor
        finally:
            with deaf():
                supervisor.crew.end()
                (home() / "supervisor.json").unlink(missing_ok=True)


def _where(other: Running | None) -> str:
    if other is None:
        return f"another supervisor is starting in {home()}; wait for it, or end it"
    address = f" at {other.web}" if other.web else ""
    return (
        f"Roosevelt ({other.profile}) is already running{address}, process {other.pid}; "
        f"use it, or end it with: kill {other.pid}"
    )


class Supervisor:
    """What runs, and how it is started, watched and ended."""

    def __init__(self, profile: Profile, say: Say) -> None:
        self.profile = profile
        self.say = say
        self.state = Running(os.getpid(), profile.name)
        self.crew = Crew(mark=f"supervisor {home()}", logs=home() / "logs")
        self._commands: dict[str, list[str]] = {}
        self._deaths: dict[str, int] = {}
        self._port = WEB_PORT

    def describe(self) -> None:
        """Write the file that tells others where this supervisor is."""
        draft = home() / "supervisor.json.new"
        draft.write_text(json.dumps(asdict(self.state)) + "\n")
        draft.replace(home() / "supervisor.json")

    def clear_predecessor(self) -> None:
        """End what a killed supervisor left behind."""
        left = _described()
        if names := [name_of(process) for process in marked(self.crew.mark)]:
            self.say(f"a supervisor that was killed left {', '.join(names)}; ending them first")
            end_marked(self.crew.mark)
        elif left:
            self.say(f"an earlier run (process {left.pid}) was killed; nothing of it is left")
        (home() / "supervisor.json").unlink(missing_ok=True)

    def start_sandbox(self) -> str:
        """Start the simulated company's GitHub; returns its address."""
        self.state.sandbox = start_sandbox(self.crew, home() / "sandbox.port")
        self.describe()
        return self.state.sandbox

    def start_dagster(self) -> str:
        """Start webserver and daemon; returns the UI's address once it answers.

        Raises:
            ServiceError: one of them keeps ending, or the UI did not answer in time.
        """
        self._launch_web(WEB_PORT)
        self._launch("dagster-daemon", [str(_PROGRAMS / "dagster-daemon"), "run", *_WORKSPACE])
        self.state.web = self._await_web()
        self.describe()
        return self.state.web

    def _launch_web(self, wanted: int) -> None:
        self._port = free_port(wanted)
        if self._port != wanted:
            self.say(f"port {wanted} is in use by another program; the Dagster UI takes {self._port}")
        self._launch(WEB, [str(_PROGRAMS / WEB), "-h", "127.0.0.1", "-p", str(self._port), *_WORKSPACE])

    def start_serve(self) -> str | None:
        """Start `roosevelt serve` beside the daemon; returns its address once it listens.

        ``None`` if its port is taken: whoever sends to it would not find it at another, and polling goes on without.
        """
        from roosevelt_pipeline.web.server import listener

        host, port = self.profile.settings.serve.host, self.profile.settings.serve.port
        address = f"http://{host}:{port}"
        try:
            listener(host, port).close()
        except SettingsError as error:
            self.say(f"no webhooks are received: {error}; polling goes on")
            return None
        self._launch(SERVE, [sys.executable, "-m", "roosevelt_pipeline.cli", "serve"])
        deadline = time.monotonic() + SERVE_SECONDS
        while self.crew.members[SERVE].poll() is None and time.monotonic() < deadline:
            if _answers(f"{address}/health"):
                self.state.serve = address
                self.describe()
                return address
            time.sleep(0.1)
        self._give_up_serve()
        return None

    def _give_up_serve(self) -> None:
        self.say(f"no webhooks are received: {SERVE} keeps ending; its log is {self.crew.log(SERVE)}; polling goes on")
        del self._commands[SERVE]
        self.state.serve = None
        self.describe()

    def watch(self) -> None:
        """Stay until asked to end. A member that dies is started again, a few times.

        Raises:
            ServiceError: one keeps dying.
        """
        while True:
            time.sleep(0.5)
            self.look_after()

    def look_after(self) -> None:
        """Start again whoever has died.

        Raises:
            ServiceError: as ``watch``.
        """
        for name, process in list(self.crew.members.items()):
            if process.poll() is not None and name in self._commands:
                self._revive(name, process)

    def _launch(self, name: str, command: list[str]) -> None:
        self._commands[name] = command
        self.crew.start(name, command, child_environment(self.profile, self.state.sandbox))

    def _revive(self, name: str, process: "subprocess.Popen[bytes]") -> None:
        self._deaths[name] = self._deaths.get(name, 0) + 1
        if self._deaths[name] > RESTARTS and name == SERVE:
            self._give_up_serve()
            return
        if self._deaths[name] > RESTARTS:
            raise ServiceError(
                f"{name} keeps ending (exit status {process.returncode}); its log is {self.crew.log(name)}"
            )
        self.say(f"{name} ended (exit status {process.returncode}); starting it again")
        if name != WEB:
            self._launch(name, self._commands[name])
            return
        # Another program may have taken its port in the seconds between our looking and its listening.
        self._launch_web(self._port)
        if self.state.web:
            self.state.web = self._address
            self.describe()

    @property
    def _address(self) -> str:
        return f"http://127.0.0.1:{self._port}"

    def _await_web(self) -> str:
        deadline = time.monotonic() + WEB_SECONDS
        while time.monotonic() < deadline:
            self.look_after()
            if self.crew.members[WEB].poll() is None and _answers(f"{self._address}/server_info"):
                return self._address
            time.sleep(0.2)
        raise ServiceError(f"the Dagster UI does not answer; its log is {self.crew.log(WEB)}")


def _answers(address: str) -> bool:
    """Whether something of ours is there, well or not."""
    try:
        urllib.request.urlopen(address, timeout=5).close()  # noqa: S310 (our own address)
    except urllib.error.HTTPError:
        return True
    except OSError:
        return False
    return True


@contextlib.contextmanager
def stoppable() -> Iterator[None]:
    """Turn Ctrl-C, SIGTERM and a closed terminal into `Stopped` inside the block."""

    def stop(number: int, _: FrameType | None) -> None:
        raise Stopped(signal.Signals(number).name)

    numbers = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
    before = {number: signal.signal(number, stop) for number in numbers}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


@contextlib.contextmanager
def deaf() -> Iterator[None]:
    """No second Ctrl-C cuts the tidying short."""
    numbers = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
    before = {number: signal.signal(number, signal.SIG_IGN) for number in numbers}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def free_port(wanted: int) -> int:
    """``wanted``, or the next port on loopback that is free."""
    for port in range(wanted, wanted + 200):
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind(("127.0.0.1", port))
            except OSError:
                continue
            return port
    raise ServiceError(f"no free port between {wanted} and {wanted + 200}")
