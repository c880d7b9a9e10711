"""The embedded default: a real PostgreSQL from a wheel, started for whoever needs it.

Its data, port and password live under Roosevelt's home. A process that uses the server
holds a lease on it; when the last lease ends, by release or by death, the server's keeper
stops it. Two processes never start it twice, and a killed predecessor's server is adopted.
"""

import contextlib
import fcntl
import json
import os
import random
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import quote

import psycopg
from psycopg import sql

from roosevelt_pipeline.warehouse import cluster, keeper
from roosevelt_pipeline.warehouse.cluster import SUPERUSER, EmbeddedError, Identity, Postmaster

# Below the ports that systems hand out to clients, so that ours is still free next time.
PORTS = range(15432, 25432)
START_SECONDS = 60.0
RECOVERY_SECONDS = 600.0


@dataclass
class EmbeddedServer:
    """A running server and this process's lease on it.

    Attributes:
        started: whether this call started it (else it was running already).
        notices: what was found and put right on the way, in words for the user.
    """

    home: Path
    port: int
    password: str = field(repr=False)
    pid: int = 0
    started: bool = False
    notices: tuple[str, ...] = ()
    _lease: int | None = field(default=None, repr=False)

    def url(self, database: str = "postgres", user: str = SUPERUSER, password: str | None = None) -> str:
        """A connection string over TCP, with its password."""
        secret = quote(self.password if password is None else password, safe="")
        return f"postgresql://{user}:{secret}@127.0.0.1:{self.port}/{database}"

    def ensure_database(self, name: str) -> bool:
        """Make a database unless it is there. Returns whether it was made."""
        with psycopg.connect(self.url(), autocommit=True) as connection:
            known = connection.execute("SELECT 1 FROM pg_database WHERE datname = %s", [name]).fetchone()
            if known:
                return False
            with contextlib.suppress(psycopg.errors.DuplicateDatabase, psycopg.errors.UniqueViolation):
                connection.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(name)))
            return True

    def is_running(self) -> bool:
        return self._lease is not None and cluster.find_postmaster(_data(self.home)) is not None

    def stop(self) -> bool:
        """Give up the lease. Returns whether the server stopped, which it does unless others use it."""
        if self._lease is None:
            return False
        os.close(self._lease)
        self._lease = None
        _HELD.pop(self.home, None)
        return _wait_for_keeper(self.home)


_HELD: dict[Path, EmbeddedServer] = {}


def ensure_server(home: Path, settings: Mapping[str, str] | None = None) -> EmbeddedServer:
    """Start the embedded server, or join the one that runs. Once per process and home.

    Args:
        home: Roosevelt's home; the data is under ``home/postgres``.
        settings: PostgreSQL settings for a new cluster, over the defaults.

    Raises:
        EmbeddedError: the server cannot be started; the message quotes its log.
    """
    home = home.resolve()
    held = _HELD.get(home)
    if held and held.is_running():
        return held
    home.mkdir(mode=0o711 if os.geteuid() == 0 else 0o700, parents=True, exist_ok=True)
    lease = held._lease if held and held._lease is not None else _lock(home / "postgres.lease", fcntl.LOCK_SH)
    try:
        with _locked(home / "postgres.lock"):
            server = _start_or_join(home, settings or {})
    except BaseException:
        os.close(lease)
        _HELD.pop(home, None)
        _wait_for_keeper(home)
        raise
    server._lease = lease
    _HELD[home] = server
    return server


def running_server(home: Path) -> EmbeddedServer | None:
    """The server of ``home`` if it runs, without a lease on it."""
    home = home.resolve()
    postmaster, notes = cluster.find_postmaster(_data(home)), _read_notes(home)
    return EmbeddedServer(home, postmaster.port, notes["password"], postmaster.pid) if postmaster and notes else None


def _start_or_join(home: Path, settings: Mapping[str, str]) -> EmbeddedServer:
    data, identity = _data(home), cluster.server_identity(_data(home))
    notes = _read_notes(home)
    postmaster = cluster.find_postmaster(data)
    if postmaster and notes:
        return _join(home, postmaster, notes["password"])
    if postmaster:
        _stop_stranger(home, postmaster)
    notices = _prepare(home, data, notes, identity, settings)
    notes = _read_notes(home)
    if cluster.clear_stale_pid_file(data):
        notices.append("PostgreSQL had been killed; it recovers now, and nothing that was committed is lost")
    for _ in range(3):
        server = _try_port(home, data, identity, notes, notices)
        if server:
            return server
    raise EmbeddedError(f"PostgreSQL does not start: {_log_tail(home)}; its log is {home / 'postgres.log'}")


def _join(home: Path, postmaster: Postmaster, password: str) -> EmbeddedServer:
    notices: tuple[str, ...] = ()
    if not _keeper_lives(home):
        notices = ("found PostgreSQL running without its keeper, which had been killed; adopted it",)
        _spawn_keeper(home, {"pid": postmaster.pid})
    _wait_until_ready(postmaster.port, password, lambda: cluster.find_postmaster(_data(home)) is not None)
    return EmbeddedServer(home, postmaster.port, password, postmaster.pid, False, notices)


def _prepare(
    home: Path, data: Path, notes: dict[str, Any], identity: Identity, settings: Mapping[str, str]
) -> list[str]:
    """See to it that there is a cluster whose password we know."""
    programs = cluster.binaries(cluster.version_of(data) if data.exists() else "18")
    opened = cluster.let_pass(identity, data, programs / "postgres")
    notices = [
        f"opened {folder} for passing through, so that PostgreSQL's own user reaches its files" for folder in opened
    ]
    if not data.exists():
        password = str(notes.get("password") or cluster.new_password())
        _write_notes(home, {**notes, "password": password})
        cluster.create(data, password, identity, settings)
    elif not notes.get("password"):
        password = cluster.new_password()
        cluster.clear_stale_pid_file(data)
        cluster.set_password(data, password, identity)
        _write_notes(home, {**notes, "password": password})
        notices.append("the embedded server's password was lost; it has a new one")
    return notices


def _try_port(
    home: Path, data: Path, identity: Identity, notes: dict[str, Any], notices: list[str]
) -> EmbeddedServer | None:
    """Start the server on the port that it had, else on a free one. ``None``: somebody took that port just now."""
    wanted = notes.get("port")
    port = wanted if wanted and _is_free(wanted) else _free_port()
    if wanted and port != wanted:
        notices.append(f"port {wanted} is in use by another program; PostgreSQL now listens on {port}")
    folder = cluster.socket_folder(data, identity)
    command = [str(cluster.binaries(cluster.version_of(data)) / "postgres"), "-D", str(data), "-p", str(port)]
    command += ["-c", f"unix_socket_directories={folder or ''}"]
    plan: dict[str, Any] = {"command": command} | (
        {"user": identity.user, "group": identity.group} if os.geteuid() == 0 else {}
    )
    process = _spawn_keeper(home, plan)
    password = notes["password"]
    if not _wait_until_ready(port, password, lambda: process.poll() is None):
        notes["port"] = None
        if "could not bind" in _log_tail(home, 20) or "in use" in _log_tail(home, 20):
            return None
        raise EmbeddedError(f"PostgreSQL does not start: {_log_tail(home)}; its log is {home / 'postgres.log'}")
    notes["port"] = port
    _write_notes(home, notes)
    postmaster = cluster.find_postmaster(data)
    return EmbeddedServer(home, port, password, postmaster.pid if postmaster else 0, True, tuple(notices))


def _spawn_keeper(home: Path, plan: dict[str, Any]) -> subprocess.Popen[bytes]:
    log = home / "postgres.log"
    if log.exists() and log.stat().st_size > 10_000_000:
        shutil.move(log, home / "postgres.log.1")
    paths = {"lease": home / "postgres.lease", "lock": home / "postgres.keeper", "log": log}
    whole = {**plan, **{name: str(path) for name, path in paths.items()}}
    with log.open("ab") as output:
        log.chmod(0o600)
        process = subprocess.Popen(
            keeper.command(sys.executable, whole), stdin=subprocess.DEVNULL, stdout=output, stderr=output,
            start_new_session=True, cwd="/", env={"PATH": os.environ.get("PATH", ""), "LC_ALL": "C.UTF-8"},
        )  # fmt: skip
    try:
        while process.poll() is None and not _keeper_lives(home):
            time.sleep(0.01)
    except BaseException:
        process.terminate()
        process.wait()
        raise
    return process


def _keeper_lives(home: Path) -> bool:
    return not _is_unlocked(home / "postgres.keeper")


def _wait_until_ready(port: int, password: str, alive: Callable[[], bool]) -> bool:
    """Wait until the server lets us in; for as long as it recovers, up to ten minutes."""
    url = EmbeddedServer(Path(), port, password).url()
    deadline = time.monotonic() + START_SECONDS
    last = time.monotonic() + RECOVERY_SECONDS
    while time.monotonic() < deadline:
        try:
            psycopg.connect(url, connect_timeout=5).close()
            return True
        except psycopg.OperationalError as error:
            if "password authentication failed" in str(error):
                raise EmbeddedError(
                    f"port {port} answers, but not as our server, or server.json no longer holds its password"
                ) from None
            if "starting up" in str(error) or "recovery" in str(error):
                deadline = min(last, time.monotonic() + START_SECONDS)
        if not alive():
            return False
        time.sleep(0.03)
    return False


def _wait_for_keeper(home: Path) -> bool:
    """After our lease ended: wait while the server stops, unless somebody else holds a lease."""
    deadline = time.monotonic() + keeper.PATIENCE_SECONDS
    while time.monotonic() < deadline:
        if _is_unlocked(home / "postgres.lease"):
            if cluster.find_postmaster(_data(home)) is None and not _keeper_lives(home):
                return True
            if not _keeper_lives(home):
                return False
        elif _is_unlocked(home / "postgres.lease", fcntl.LOCK_SH):
            return cluster.find_postmaster(_data(home)) is None
        time.sleep(0.02)
    return False


def _stop_stranger(home: Path, postmaster: Postmaster) -> None:
    """A server on our data whose password is lost: stop it, so that it can get a new one."""
    with contextlib.suppress(ProcessLookupError):
        os.kill(postmaster.pid, 2)
    deadline = time.monotonic() + START_SECONDS
    while cluster.find_postmaster(_data(home)) is not None and time.monotonic() < deadline:
        time.sleep(0.05)


def _data(home: Path) -> Path:
    return home / "postgres"


def _read_notes(home: Path) -> dict[str, Any]:
    with contextlib.suppress(OSError, ValueError):
        notes = json.loads((home / "server.json").read_text())
        if isinstance(notes, dict) and notes.get("password"):
            return notes
    return {}


def _write_notes(home: Path, notes: Mapping[str, Any]) -> None:
    draft = home / "server.json.new"
    draft.unlink(missing_ok=True)
    draft.touch(0o600)
    draft.write_text(json.dumps(dict(notes), indent=1) + "\n")
    draft.replace(home / "server.json")


def _free_port() -> int:
    for port in random.SystemRandom().sample(PORTS, 200):
        if _is_free(port):
            return port
    raise EmbeddedError("no free port for PostgreSQL on 127.0.0.1")


def _is_free(port: int) -> bool:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
    return True


def _lock(path: Path, kind: int) -> int:
    handle = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
    try:
        fcntl.flock(handle, kind)
    except BaseException:
        os.close(handle)
        raise
    return handle


def _is_unlocked(path: Path, kind: int = fcntl.LOCK_EX) -> bool:
    with contextlib.suppress(BlockingIOError):
        os.close(_lock(path, kind | fcntl.LOCK_NB))
        return True
    return False


@contextlib.contextmanager
def _locked(path: Path) -> Iterator[None]:
    handle = _lock(path, fcntl.LOCK_EX)
    try:
        yield
    finally:
        os.close(handle)


def _log_tail(home: Path, lines: int = 1) -> str:
    with contextlib.suppress(OSError):
        tail = (home / "postgres.log").read_text(errors="replace").strip().splitlines()[-lines:]
        return " | ".join(tail)
    return "no log"


def read_secret(home: Path, name: str) -> str:
    """A password of the embedded server's other logins, made on first use and kept beside its own."""
    home = home.resolve()
    with _locked(home / "postgres.lock"):
        notes = _read_notes(home)
        if not notes.get(name):
            notes[name] = cluster.new_password()
            _write_notes(home, notes)
    return str(notes[name])
