"""The embedded server's life, with real processes: started, shared, killed, adopted."""

import json
import multiprocessing.pool
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import psutil
import psycopg
import pytest

from roosevelt_pipeline.warehouse import cluster
from roosevelt_pipeline.warehouse.embedded import EmbeddedServer, ensure_server
from tests.conftest import FAST

USER = """
import sys, time
from pathlib import Path
from roosevelt_pipeline.warehouse.embedded import ensure_server
server = ensure_server(Path(sys.argv[1]))
print(server.pid, server.started, flush=True)
sys.stdin.read()
"""


@pytest.fixture
def home(tmp_path_factory) -> Iterator[Path]:
    folder = tmp_path_factory.mktemp("home")
    yield folder
    ensure_server(folder).stop()


@pytest.fixture
def users(home) -> Iterator[Callable[[], tuple[subprocess.Popen, int]]]:
    """Other processes that use the server until they are told, or made, to end."""
    started = []

    def start() -> tuple[subprocess.Popen, int]:
        process = subprocess.Popen(
            [sys.executable, "-c", USER, str(home)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )
        started.append(process)
        return process, int(process.stdout.readline().split()[0])

    yield start
    for process in started:
        process.kill()
        process.communicate()


def is_gone(pid: int) -> bool:
    return eventually(lambda: not psutil.pid_exists(pid) or psutil.Process(pid).status() == psutil.STATUS_ZOMBIE)


def eventually(condition: Callable[[], bool], seconds: float = 20) -> bool:
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        if condition():
            return True
        time.sleep(0.02)
    return False


def test_the_embedded_server_is_a_real_postgresql_18(server):
    with psycopg.connect(server.url()) as connection:
        assert connection.info.server_version // 10_000 == 18


def test_it_asks_for_its_password_on_tcp_and_on_the_socket(server):
    for host in ("127.0.0.1", str(server.home / "postgres")):
        with pytest.raises(psycopg.OperationalError, match="password"):
            psycopg.connect(host=host, port=server.port, user="roosevelt", password="wrong", dbname="postgres")


def test_it_listens_on_loopback_alone(server):
    with psycopg.connect(server.url()) as connection:
        assert connection.execute("show listen_addresses").fetchone() == ("127.0.0.1",)


def test_its_password_is_shown_neither_by_its_repr_nor_to_other_users_of_the_machine(server):
    assert server.password not in repr(server)
    assert (server.home / "server.json").stat().st_mode & 0o077 == 0


def test_it_stops_with_its_user_and_keeps_data_port_and_password(home):
    first = ensure_server(home, FAST)
    first.ensure_database("kept")
    assert first.started
    assert first.stop()
    assert is_gone(first.pid)

    second = ensure_server(home)

    assert (second.port, second.password) == (first.port, first.password)
    assert not second.ensure_database("kept")


def test_two_processes_that_start_it_at_once_get_one_server(home, users):
    with multiprocessing.pool.ThreadPool(3) as pool:
        pids = [pid for _, pid in pool.map(lambda _: users(), range(3))]

    assert len(set(pids)) == 1


def test_it_outlives_its_starter_while_another_uses_it(home, users):
    starter, pid = users()
    mine = ensure_server(home)
    starter.kill()
    starter.wait()

    assert mine.pid == pid
    with psycopg.connect(mine.url()) as connection:
        assert connection.execute("select 1").fetchone() == (1,)


def test_it_ends_when_its_last_user_is_killed(home, users):
    user, pid = users()
    user.kill()
    user.wait()

    assert is_gone(pid)


def test_a_killed_server_recovers_what_was_committed_and_says_so(home):
    before = ensure_server(home)
    before.ensure_database("kept")
    os.kill(before.pid, signal.SIGKILL)
    assert is_gone(before.pid)

    after = ensure_server(home)

    assert after.pid != before.pid
    assert any("had been killed" in notice for notice in after.notices)
    assert not after.ensure_database("kept")


def test_a_server_whose_keeper_was_killed_is_adopted_and_then_ends_with_us(home):
    ensure_server(home, FAST)
    keeper = psutil.Process(ensure_server(home).pid).parent()
    keeper.kill()
    keeper.wait()
    orphan = ensure_server(home)
    orphan.stop()  # nobody holds it any more, and no keeper saw it

    adopted = ensure_server(home)

    assert adopted.pid == orphan.pid
    assert any("adopted" in notice for notice in adopted.notices)
    assert adopted.stop()
    assert is_gone(adopted.pid)


def test_a_stale_pid_file_that_names_a_foreign_process_does_not_stop_it(home):
    ensure_server(home, FAST).stop()
    pid_file = home / "postgres" / "postmaster.pid"
    pid_file.write_text(f"{os.getppid()}\n{home / 'postgres'}\n1\n15432\n\n127.0.0.1\n0 0\nready\n")

    server = ensure_server(home)

    assert server.started
    assert any("had been killed" in notice for notice in server.notices)


def test_it_takes_another_port_and_says_so_when_somebody_has_its_own(home):
    first = ensure_server(home, FAST)
    first.stop()
    with socket.create_server(("127.0.0.1", first.port)):
        second = ensure_server(home)

    assert second.port != first.port
    assert second.notices == (
        f"port {first.port} is in use by another program; PostgreSQL now listens on {second.port}",
    )


def test_a_making_that_was_killed_leaves_no_half_made_data(home):
    half_made = home / "postgres.new-killed"
    (half_made / "data").mkdir(parents=True)

    ensure_server(home, FAST)

    assert not half_made.exists()


def test_a_lost_password_is_renewed_without_losing_data(home):
    ensure_server(home, FAST).ensure_database("kept")
    ensure_server(home).stop()
    (home / "server.json").unlink()

    server = ensure_server(home)

    assert any("has a new one" in notice for notice in server.notices)
    assert not server.ensure_database("kept")


def test_a_long_home_gets_its_socket_elsewhere(tmp_path):
    deep = tmp_path / ("a" * 100)
    server = ensure_server(deep, FAST)
    with psycopg.connect(server.url()) as connection:
        (folder,) = connection.execute("show unix_socket_directories").fetchone()
    server.stop()

    assert folder != str(deep / "postgres")
    assert len(folder) < cluster.LONGEST_SOCKET_PATH
    Path(folder).rmdir()


def test_what_keeps_it_from_starting_is_quoted_from_its_log(home):
    ensure_server(home, FAST).stop()
    configuration = home / "postgres" / "postgresql.conf"
    sound = configuration.read_text()
    configuration.write_text(sound + "\nshared_buffers = nonsense\n")

    with pytest.raises(cluster.EmbeddedError, match=r"shared_buffers|postgres\.log"):
        ensure_server(home)
    configuration.write_text(sound)


def test_the_notes_hold_nothing_but_port_and_passwords(server: EmbeddedServer):
    notes = json.loads((server.home / "server.json").read_text())

    assert set(notes) <= {"port", "password", "reader"}
