"""The process that holds the embedded server: it starts it, and stops it when nobody uses it any more.

Whoever uses the server holds a shared lock on the lease file. The keeper waits for the
exclusive one, which the kernel grants when the last user is gone, however it ended. So a
killed user leaves no server behind, and two users never stop it under each other.

Runs by path with nothing but the standard library, so that it stays small and starts fast.
"""

import contextlib
import fcntl
import json
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

PATIENCE_SECONDS = 60.0


def main(plan: dict[str, Any]) -> int:
    """Hold the server until nobody uses it.

    ``plan``: ``lease`` and ``lock`` (paths), ``log`` (path), ``command`` (what to start) or
    ``pid`` (a server that runs already), ``user`` and ``group`` (ids, where run as root).
    """
    orders = _Orders()
    lock = os.open(plan["lock"], os.O_RDWR | os.O_CREAT, 0o600)
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return 0
    lease = os.open(plan["lease"], os.O_RDWR | os.O_CREAT, 0o600)
    server = _Adopted(plan["pid"]) if plan.get("pid") else _Started(plan)
    try:
        orders.obey()
        fcntl.flock(lease, fcntl.LOCK_EX)
    finally:
        server.stop()
        os.close(lock)  # before the lease: a new user may need a new keeper
    return 0


class _Started:
    """A server that is our child."""

    def __init__(self, plan: dict[str, Any]) -> None:
        identity = {"user": plan["user"], "group": plan["group"], "extra_groups": []} if plan.get("user") else {}
        with Path(plan["log"]).open("ab") as log:
            self._process = subprocess.Popen(
                plan["command"], stdin=subprocess.DEVNULL, stdout=log, stderr=log, cwd="/", **identity
            )
        self._stopping = False
        threading.Thread(target=self._watch, daemon=True).start()

    def _watch(self) -> None:
        code = self._process.wait()
        if not self._stopping:
            os._exit(code or 1)

    def stop(self) -> None:
        self._stopping = True
        _stop(self._process.send_signal, lambda: self._process.poll() is None)


class _Adopted:
    """A server whose own keeper was killed."""

    def __init__(self, pid: int) -> None:
        self._pid = pid

    def stop(self) -> None:
        _stop(lambda number: os.kill(self._pid, number), lambda: _alive(self._pid))


def _stop(send: Any, alive: Any) -> None:
    """Ask for a fast shutdown (open transactions roll back); insist after a minute."""
    for number in (signal.SIGINT, signal.SIGQUIT):
        with contextlib.suppress(ProcessLookupError):
            send(number)
        deadline = time.monotonic() + PATIENCE_SECONDS
        while time.monotonic() < deadline:
            if not alive():
                return
            time.sleep(0.02)


def _alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    status = Path(f"/proc/{pid}/stat")
    with contextlib.suppress(OSError):
        return status.read_text().rpartition(")")[2].split()[0] != "Z"
    return True


class _Orders:
    """A request to end, kept until the server is in hand: otherwise it would be left behind."""

    def __init__(self) -> None:
        self._given = self._obeyed = False
        signal.signal(signal.SIGTERM, self._hear)

    def obey(self) -> None:
        self._obeyed = True
        if self._given:
            raise SystemExit(0)

    def _hear(self, *_: object) -> None:
        self._given = True
        if self._obeyed:
            raise SystemExit(0)


def command(python: str, plan: dict[str, Any]) -> Sequence[str]:
    """How to start a keeper. The plan holds no secret: command lines are public."""
    return (python, "-I", "-S", __file__, json.dumps(plan))


if __name__ == "__main__":
    sys.exit(main(json.loads(sys.argv[1])))
