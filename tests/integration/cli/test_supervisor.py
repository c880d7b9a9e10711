"""`roosevelt up` with real processes: it holds them together, and nothing outlives it."""

import json
import os
import signal
import socket
import subprocess
import time
from collections.abc import Callable
from pathlib import Path

import psutil
import pytest

from roosevelt_pipeline.processes import marked
from tests.integration.cli.conftest import Site


class Up:
    """`roosevelt up` in the background, its output in a file."""

    def __init__(self, site: Site) -> None:
        self.site = site
        self.home = Path(site.environment["ROOSEVELT_HOME"])
        self.output = site.folder / "up.txt"
        with self.output.open("wb") as out:
            self.process = subprocess.Popen(site.command("up"), env=site.environment, stdout=out, stderr=out)

    @property
    def said(self) -> str:
        return self.output.read_text()

    def children(self) -> list[psutil.Process]:
        return marked(f"supervisor {self.home}")

    def named(self, program: str) -> list[psutil.Process]:
        children = psutil.Process(self.process.pid).children() if self.process.poll() is None else []
        return [child for child in children if program in " ".join(words_of(child))]

    def is_serving(self) -> bool:
        """Waits until it serves; false if it ended instead, or never does."""
        eventually(lambda: "Stop         Ctrl-C" in self.said or self.process.poll() is not None, 170)
        return self.process.poll() is None

    def processes_left(self) -> list[str]:
        """Whatever still knows this home: by its mark, or by its command line."""
        known = [process.name() for process in self.children()]
        return known + [
            " ".join(words)
            for process in psutil.process_iter(["cmdline"])
            if str(self.home) in " ".join(words := process.info["cmdline"] or [])
            and process.pid != os.getpid()
            and process.status() != psutil.STATUS_ZOMBIE
        ]


@pytest.fixture
def up(make_site: Callable[..., Site]):
    running = Up(make_site())
    yield running
    if running.process.poll() is None:
        running.process.kill()
        running.process.wait()


def words_of(process: psutil.Process) -> list[str]:
    """Its command line; none of one that has just ended."""
    try:
        return process.cmdline()
    except psutil.Error:
        return []


def eventually(condition: Callable[[], object], seconds: float = 60) -> bool:
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        if condition():
            return True
        time.sleep(0.05)
    return False


def test_it_serves_until_ctrl_c_and_then_leaves_no_process_behind_even_if_it_lost_its_port_as_it_started(up):
    assert eventually(lambda: up.named("dagster-webserver")), up.said
    up.process.send_signal(signal.SIGSTOP)
    (web,) = up.named("dagster-webserver")
    port = int(web.cmdline()[web.cmdline().index("-p") + 1])
    web.kill()
    with socket.socket() as taken:
        assert eventually(lambda: binds(taken, port))
        taken.listen()
        up.process.send_signal(signal.SIGCONT)
        assert up.is_serving(), up.said

    assert "dagster-webserver ended (exit status -9); starting it again" in up.said
    assert f"port {port} is in use by another program; the Dagster UI takes " in up.said
    state = json.loads((up.home / "supervisor.json").read_text())
    assert state["web"] in up.said
    assert "postgresql://roosevelt_reader:" in up.said

    second = up.site.roosevelt("up")
    assert f"already running at {state['web']}, process {up.process.pid}" in second.stderr
    assert second.returncode == 3

    up.process.send_signal(signal.SIGINT)
    assert up.process.wait(90) == 0
    assert up.processes_left() == []
    assert not (up.home / "supervisor.json").exists()


def test_nothing_outlives_a_supervisor_that_is_killed_and_the_next_one_says_what_it_found(up):
    assert eventually(lambda: len(up.children()) >= 2), up.said
    up.process.kill()
    up.process.wait()
    assert eventually(lambda: up.processes_left() == [], seconds=40), up.processes_left()

    again = Up(up.site)
    try:
        assert eventually(lambda: "was killed" in again.said), again.said
    finally:
        again.process.terminate()
        assert again.process.wait(90) == 0
    assert eventually(lambda: again.processes_left() == [], seconds=10)


def test_what_even_the_guards_death_left_is_ended_and_named_by_the_next_one(up):
    assert eventually(lambda: len(up.children()) >= 2), up.said
    for process in [*up.named("processes.py"), up.process]:
        process.kill()
    up.process.wait()
    left = up.children()
    assert left

    again = Up(up.site)
    try:
        assert eventually(lambda: "a supervisor that was killed left" in again.said), again.said
        assert "dagster" in again.said
        _, alive = psutil.wait_procs(left, timeout=20)
        assert alive == []
    finally:
        again.process.terminate()
        again.process.wait(90)
    assert eventually(lambda: again.processes_left() == [], seconds=10)


def test_a_port_that_is_taken_is_said_and_the_next_one_used(make_site):
    with socket.socket() as taken:
        taken.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        if eventually(lambda: binds(taken, 3000), seconds=20):  # else somebody else has it for good: as well
            taken.listen()
        up = Up(make_site())
        try:
            assert eventually(lambda: "port 3000 is in use by another program" in up.said), up.said
        finally:
            up.process.terminate()
            up.process.wait(90)
    assert eventually(lambda: up.processes_left() == [], seconds=10)


def binds(socket_: socket.socket, port: int) -> bool:
    try:
        socket_.bind(("127.0.0.1", port))
    except OSError:
        return False
    return True
