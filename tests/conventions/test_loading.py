"""The code location loads on a machine that has nothing yet."""

import os
import subprocess
import sys

from roosevelt_pipeline.settings import PROJECT_ROOT

LOADING = """
import socket, sys

class Door(socket.socket):
    def connect(self, address):
        raise AssertionError(f"loading asked {address}")
    connect_ex = connect

socket.socket = Door
import psycopg
psycopg.connect = psycopg.Connection.connect = None

import dagster as dg
from roosevelt_pipeline.definitions import defs

loaded = defs()
dg.Definitions.validate_loadable(loaded)
print(len(loaded.resolve_asset_graph().get_all_asset_keys()))
"""


def test_loading_needs_no_secret_no_network_and_no_database(tmp_path):
    environment = {"PATH": os.environ["PATH"], "ROOSEVELT_HOME": str(tmp_path / "home")}

    done = subprocess.run(
        [sys.executable, "-c", LOADING], capture_output=True, text=True, env=environment, cwd=PROJECT_ROOT, check=False
    )

    assert done.returncode == 0, done.stderr[-3000:]
    assert int(done.stdout.split()[-1]) > 30
    assert not (tmp_path / "home").exists()


def test_loading_leaves_to_a_run_what_only_a_run_needs():
    """Frames, GitHub's client, the simulated company and dbt take seconds to import."""
    script = "from roosevelt_pipeline.definitions import defs; defs(); import sys; print(*sys.modules)"
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, cwd=PROJECT_ROOT, check=True)
    loaded = set(done.stdout.split())

    assert not loaded & {"pandas", "scipy", "github", "graphql", "dagster_postgres", "uvicorn", "dbt.cli.main"}
