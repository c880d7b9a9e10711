"""Child processes that never outlive their parent.

A crew's processes carry a mark in their environment. A small guard waits at the end of a
pipe that the parent holds; when the parent is gone, however it ended, the guard ends all
that carries the mark, grandchildren included. What even a guard's death left behind is
found by the same mark at the next start.
"""

import contextlib
import os
import signal
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import psutil

MARK = "ROOSEVELT_CREW"
GRACE_SECONDS = 20.0


@dataclass
class Crew:
    """Processes that belong together and end together.

    Attributes:
        mark: what tells them from the processes of another crew.
        logs: folder of their output, one file each.
    """

    mark: str
    logs: Path
    members: dict[str, "subprocess.Popen[bytes]"] = field(default_factory=dict)
    _guard: "subprocess.Popen[bytes] | None" = None

    def start(self, name: str, command: Sequence[str], environment: Mapping[str, str]) -> "subprocess.Popen[bytes]":
        """Start a process in a session of its own: Ctrl-C reaches the parent alone, which then ends it in order."""
        self.guard()
        self.logs.mkdir(parents=True, exist_ok=True)
        with self.log(name).open("ab") as log:
            self.members[name] = subprocess.Popen(
                list(command), stdin=subprocess.DEVNULL, stdout=log, stderr=log, start_new_session=True,
                env={**environment, MARK: self.mark},
            )  # fmt: skip
        return self.members[name]

    def guard(self) -> None:
        """See to it that what carries the mark ends when this process does."""
        self._guard = self._guard or _start_guard(self.mark)

    def log(self, name: str) -> Path:
        return self.logs / f"{name}.log"

    def end(self) -> None:
        """End every member and whatever the members started. Returns when they are gone."""
        for process in self.members.values():
            with contextlib.suppress(ProcessLookupError):
                process.terminate()
        deadline = time.monotonic() + GRACE_SECONDS
        for process in self.members.values():
            with contextlib.suppress(subprocess.TimeoutExpired):
                process.wait(max(0.1, deadline - time.monotonic()))
        end_marked(self.mark)
        for process in self.members.values():
            process.wait()
        self.members.clear()
        if self._guard and self._guard.stdin:
            self._guard.stdin.close()
            self._guard.wait()
            self._guard = None


def marked(mark: str) -> list[psutil.Process]:
    """The living processes that carry a crew's mark."""
    found = []
    for process in psutil.process_iter():
        with contextlib.suppress(psutil.Error, OSError):
            if process.environ().get(MARK) == mark and process.status() != psutil.STATUS_ZOMBIE:
                found.append(process)
    return found


def end_marked(mark: str, grace_seconds: float = 5.0) -> list[str]:
    """End the processes that carry a mark: ask, then insist. Returns what they were."""
    processes = marked(mark)
    names = [name_of(process) for process in processes]
    for process in processes:
        with contextlib.suppress(psutil.Error):
            process.terminate()
    _, alive = psutil.wait_procs(processes, timeout=grace_seconds)
    for process in [*alive, *marked(mark)]:
        with contextlib.suppress(psutil.Error):
            process.kill()
    psutil.wait_procs(alive, timeout=grace_seconds)
    return names


def name_of(process: psutil.Process) -> str:
    """What a process is, in words: ``dagster-daemon (4711)``. Command lines in full may be long."""
    with contextlib.suppress(psutil.Error):
        words = [Path(word).name for word in process.cmdline()[:4] if not word.startswith("-")]
        useful = [word for word in words if not word.startswith("python")]
        return f"{(useful or words or ['?'])[0]} ({process.pid})"
    return f"process {process.pid}"


def _start_guard(mark: str) -> "subprocess.Popen[bytes]":
    # Unmarked, or it would end itself.
    environment = {name: value for name, value in os.environ.items() if name in ("PATH", "HOME", "PYTHONPATH")}
    return subprocess.Popen(
        [sys.executable, __file__, mark],
        stdin=subprocess.PIPE, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
        start_new_session=True, env=environment,
    )  # fmt: skip


def _guard(mark: str) -> None:
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, signal.SIG_IGN)
    sys.stdin.buffer.read()
    end_marked(mark, grace_seconds=GRACE_SECONDS / 2)


if __name__ == "__main__":
    _guard(sys.argv[1])
