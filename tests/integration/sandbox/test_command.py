"""The sandbox as a process of its own."""

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from pathlib import Path

import pytest
import requests

from roosevelt_pipeline.sandbox.company import Company
from roosevelt_pipeline.sandbox.playing import company_store

WEEKS = ("--start", "2026-03-02", "--end", "2026-03-16")


def command(*words: str) -> list[str]:
    return [sys.executable, "-m", "roosevelt_pipeline.sandbox", *words]


@contextmanager
def running(tmp_path: Path) -> Iterator[int]:
    """The sandbox's port while it runs; it is ended by a signal."""
    port_file = tmp_path / "sandbox.port"
    words = command(*WEEKS, "--store", str(tmp_path / "company.sqlite"), "--port-file", str(port_file))
    passing = tmp_path / "passing"
    passing.mkdir(exist_ok=True)
    port_file.unlink(missing_ok=True)
    process = subprocess.Popen(words, env={**os.environ, "ROOSEVELT_HOME": str(tmp_path), "TMPDIR": str(passing)})
    while not port_file.exists():
        assert process.poll() is None
        time.sleep(0.02)
    assert [one.name.startswith("roosevelt-mail-") for one in passing.iterdir()] == [True]
    yield int(port_file.read_text())
    process.terminate()
    assert process.wait(timeout=10) == 128 + signal.SIGTERM
    assert list(passing.iterdir()) == []  # its mail server's certificate has gone with it


@pytest.fixture
def port(tmp_path: Path) -> Iterator[int]:
    with running(tmp_path) as number:
        yield number


def test_what_arrived_is_shown_again_after_a_restart(tmp_path: Path) -> None:
    """The database remembers what was told, so it does not come twice."""
    for time_around in (1, 2):
        with running(tmp_path) as port:
            page = f"http://127.0.0.1:{port}/_sandbox/alerts/"
            if time_around == 1:
                requests.post(f"{page}services/T0/B0/demo", json={"text": "Quality issue in payments"}, timeout=10)
            assert "Quality issue in payments" in requests.get(page, timeout=10).text


def test_the_port_file_appears_when_requests_are_answered(port: int) -> None:
    answer = requests.get(
        f"http://127.0.0.1:{port}/orgs/helios-labs", headers={"Authorization": "token sandbox-token"}, timeout=10
    )
    assert answer.json()["login"] == "helios-labs"
    assert answer.headers["date"] == "Mon, 16 Mar 2026 00:00:00 GMT"


def test_a_port_that_is_taken_is_said_so_at_once() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        number = taken.getsockname()[1]
        ended = subprocess.run(command("--port", str(number)), capture_output=True, text=True, timeout=60, check=False)
    assert ended.returncode == 2
    assert ended.stderr == f"port {number} is taken; name another with --port, or 0 for a free one\n"


def test_a_company_is_played_once_and_again_only_when_it_differs(tmp_path: Path) -> None:
    path = tmp_path / "company.sqlite"
    two_days = Company(3, date(2026, 3, 2), date(2026, 3, 4))
    company_store(two_days, path).close()
    first = path.stat().st_ino
    company_store(two_days, path).close()
    assert path.stat().st_ino == first
    company_store(Company(3, date(2026, 3, 2), date(2026, 3, 5)), path).close()
    assert path.stat().st_ino != first


def test_a_store_that_is_no_longer_whole_is_played_again(tmp_path: Path) -> None:
    path = tmp_path / "company.sqlite"
    two_days = Company(3, date(2026, 3, 2), date(2026, 3, 4))
    company_store(two_days, path).close()
    path.with_suffix(".json").unlink()
    path.write_bytes(b"half a file")
    reopened = company_store(two_days, path)
    assert reopened.count("repositories") == 7
    reopened.close()
