"""`roosevelt serve` as the process that it is, and beside the daemon."""

import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from roosevelt_pipeline.services import Profile
from roosevelt_pipeline.settings import load_settings
from roosevelt_pipeline.supervisor import SERVE, supervising
from roosevelt_pipeline.warehouse.connections import Warehouse
from tests.integration.web.conftest import example
from tests.support.door import SECRET, Door


def environment(folder: Path, warehouse: Warehouse, port: int = 0, **changes: str) -> dict[str, str]:
    (folder / "roosevelt.toml").write_text(f'[github]\norganization = "acme"\n[serve]\nport = {port}\n')
    kept = {name: os.environ[name] for name in ("PATH", "HOME") if name in os.environ}
    theirs = {"ROOSEVELT_HOME": str(folder), "ROOSEVELT_CONFIG": str(folder / "roosevelt.toml"),
              "DATABASE_URL": warehouse.url, "GITHUB_WEBHOOK_SECRET": SECRET}  # fmt: skip
    return kept | theirs | changes


def serve(environment: dict[str, str]) -> "subprocess.Popen[str]":
    command = [sys.executable, "-m", "roosevelt_pipeline.cli", "serve"]
    return subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)


def test_it_says_where_it_listens_takes_deliveries_and_ends_when_asked(tmp_path, fresh_warehouse):
    with serve(environment(tmp_path, fresh_warehouse)) as process:
        try:
            door = Door(process.stdout.readline().strip(), fresh_warehouse)
            assert door.post(example("release"), "release").status_code == 202
            assert door.health().json() == {
                "status": "ok", "webhooks": {"inbox": "open", "deliveries": {"accepted": 1}}
            }  # fmt: skip
        finally:
            process.send_signal(signal.SIGTERM)
        assert process.wait(20) == 130
        said = process.stdout.read() + process.stderr.read()
    assert len(door.rows()) == 1
    assert SECRET not in said
    assert "Traceback" not in said


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"GITHUB_WEBHOOK_SECRET": "  "}, "GITHUB_WEBHOOK_SECRET is not set"),
        ({"ROOSEVELT_WEBHOOKS__INBOX": "folder"}, "there is nothing to serve"),
    ],
)
def test_it_does_not_start_without_what_it_needs(tmp_path, warehouse, changes, message):
    with serve(environment(tmp_path, warehouse, **changes)) as process:
        assert process.wait(30) == 2
        assert message in process.stderr.read()


def test_a_port_that_is_taken_is_named_with_the_remedy(tmp_path, warehouse):
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = other.getsockname()[1]
        with serve(environment(tmp_path, warehouse, port)) as process:
            assert process.wait(30) == 2
            assert process.stderr.read().strip() == (
                f"roosevelt: 127.0.0.1 port {port} is taken by another program; "
                "name another with serve.host and serve.port in roosevelt.toml"
            )


@pytest.fixture
def profile(tmp_path, fresh_warehouse, monkeypatch) -> Iterator[Profile]:
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    for name, value in environment(tmp_path, fresh_warehouse, port).items():
        monkeypatch.setenv(name, value)
    return Profile("own", load_settings(), tmp_path / "roosevelt.toml", "unused")


def test_the_supervisor_starts_it_says_where_it_is_and_starts_it_again_when_it_dies(profile, fresh_warehouse):
    said: list[str] = []
    with supervising(profile, said.append) as supervisor:
        address = supervisor.start_serve()
        assert json.loads((supervisor.crew.logs.parent / "supervisor.json").read_text())["serve"] == address
        door = Door(address, fresh_warehouse)
        assert door.post(example("release"), "release").status_code == 202

        killed = supervisor.crew.members[SERVE]
        killed.kill()
        killed.wait()
        supervisor.look_after()
        assert said == [f"{SERVE} ended (exit status -9); starting it again"]
        while not _is_there(door):
            time.sleep(0.05)
        assert door.post(example("release"), "release").status_code == 202
        last = supervisor.crew.members[SERVE]
    assert last.poll() is not None


def test_with_its_port_taken_everything_else_goes_on(profile):
    said: list[str] = []
    port = profile.settings.serve.port
    with socket.create_server(("127.0.0.1", port)), supervising(profile, said.append) as supervisor:
        assert supervisor.start_serve() is None
        supervisor.look_after()
    assert said == [
        f"no webhooks are received: 127.0.0.1 port {port} is taken by another program; name another with serve.host "
        "and serve.port in roosevelt.toml; polling goes on"
    ]


def test_a_receiver_that_keeps_dying_is_given_up_and_everything_else_goes_on(profile):
    said: list[str] = []
    with supervising(profile, said.append) as supervisor:
        supervisor.start_serve()
        for _ in range(4):
            supervisor.crew.members[SERVE].kill()
            supervisor.crew.members[SERVE].wait()
            supervisor.look_after()
        assert supervisor.state.serve is None
        supervisor.look_after()
    assert [line.partition(":")[0] for line in said][-1] == "no webhooks are received"


def _is_there(door: Door) -> bool:
    try:
        return door.health().status_code == 200
    except OSError:
        return False
