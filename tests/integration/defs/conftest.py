"""A simulated company behind real HTTP, a real PostgreSQL, and Dagster's instance beside it."""

import json
import os
import re
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import dagster as dg
import pytest

from roosevelt_pipeline.defs.jobs import run_config
from roosevelt_pipeline.demo_company import calendar_environment
from roosevelt_pipeline.instance import RooseveltLauncher
from roosevelt_pipeline.runs import Progress, RunOutcome, close_orphans, open_instance, run_job
from roosevelt_pipeline.sandbox.company import Company, play
from roosevelt_pipeline.sandbox.faults import Fault, FaultKind
from roosevelt_pipeline.sandbox.handouts import hand_out
from roosevelt_pipeline.sandbox.limits import UNLIMITED
from roosevelt_pipeline.sandbox.server import DEFAULT_TOKEN, SandboxApp, create_app, serve
from roosevelt_pipeline.sandbox.store import Store
from roosevelt_pipeline.settings import PROJECT_ROOT
from roosevelt_pipeline.warehouse.connections import Role, Warehouse

COMPANY = Company(seed=7, start=date(2026, 3, 2), end=date(2026, 4, 6))
AS_OF = date(2026, 4, 5)
BROKEN = "helios-labs/search"
SOLD = "mobile-sdk"
EVERYBODY_TAKES_PART = """
    insert into raw.participants (user_id, started_at, survey_user_id, text_version, channel)
    select user_id, '2026-01-01', user_id, '1', 'directory' from raw.github_accounts where not is_bot
    on conflict do nothing
"""

RUN = """
import datetime
from roosevelt_pipeline.runs import run_job
hear = lambda progress: print(progress.kind, flush=True)
run_job("daily", datetime.date.fromisoformat("{as_of}"), on_event=hear)
"""
DIGEST = """select count(*), md5(coalesce(string_agg(t::text, ';' order by t::text), '')) from {}."{}" as t"""
SCHEMAS = ("staging", "intermediate", "marts", "bi", "analytics", "reference")
# One row per run, by what they are; what is made of them must not change.
RECORDS_OF_RUNS = {
    "staging.stg_github__collections",
    "staging.stg_github__discoveries",
    "intermediate.builds",
    "intermediate.changed_keys",
    "intermediate.settled",
    "intermediate.views",
}


@dataclass(frozen=True)
class House:
    """A warehouse whose processes' environment is in force, and the GitHub that it reads."""

    warehouse: Warehouse
    github: SandboxApp
    home: Path


@pytest.fixture(scope="session")
def played() -> Store:
    store = Store.open(None)
    play(COMPANY, store)
    return store


@pytest.fixture(scope="module")
def house(
    played: Store, new_warehouse: Callable[[], Warehouse], tmp_path_factory: pytest.TempPathFactory
) -> Iterator[House]:
    """An organisation of one's own, in which nothing has run yet."""
    with furnished(played, new_warehouse(), tmp_path_factory.mktemp("house")) as made:
        yield made


@contextmanager
def furnished(played: Store, warehouse: Warehouse, folder: Path) -> Iterator[House]:
    """Policy, token and database as a user would set them."""
    policy = (PROJECT_ROOT / "roosevelt_pipeline" / "sandbox" / "demo.toml").read_text(encoding="utf-8")
    (folder / "roosevelt.toml").write_text(re.sub(r"\n\[sandbox\].*", "\n", policy, flags=re.DOTALL), encoding="utf-8")
    app = create_app(played, limits=UNLIMITED, now=COMPANY.ends_at)
    with serve(app) as running, pytest.MonkeyPatch.context() as patch:
        patch.setenv("ROOSEVELT_HOME", str(folder))
        patch.setenv("ROOSEVELT_CONFIG", str(folder / "roosevelt.toml"))
        patch.setenv("ROOSEVELT_GITHUB__API_URL", running.url)
        patch.setenv("GITHUB_TOKEN", DEFAULT_TOKEN)
        patch.setenv("DATABASE_URL", warehouse.url)
        yield House(warehouse, app, folder)


@pytest.fixture(scope="package")
def lived_in(
    played: Store, new_warehouse: Callable[[], Warehouse], tmp_path_factory: pytest.TempPathFactory
) -> Iterator[House]:
    """The one of which the files here tell in turn, since a daily run takes its time: what each fixture below adds
    happens once, after all that it asks for. The files' names put them into the order of the story: one that asks for
    a later part must not come before those that look at an earlier one.
    """
    with furnished(played.copy(), new_warehouse(), tmp_path_factory.mktemp("lived-in")) as made:
        yield made


@pytest.fixture(scope="package")
def broken(lived_in: House) -> RunOutcome:
    """Its first daily run, while GitHub does not give the workflow runs of one repository."""
    lived_in.github.sandbox.faults.add(Fault(rf"/repos/{BROKEN}/actions", FaultKind.STATUS, times=10_000, status=404))
    return run_job("daily", AS_OF)


@dataclass(frozen=True)
class Told:
    """A run, and what was heard of it while it went on."""

    outcome: RunOutcome
    heard: list[Progress]


@pytest.fixture(scope="package")
def killed(lived_in: House, broken: RunOutcome) -> str:
    """The next one, after GitHub gives it again, in a process of its own that is killed while it collects. Its id."""
    lived_in.github.sandbox.faults.clear()
    command = [sys.executable, "-c", RUN.format(as_of=AS_OF.isoformat())]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True) as process:
        assert process.stdout is not None
        while "repository" not in process.stdout.readline():
            assert process.poll() is None
        with open_instance() as instance, at_once():
            (run_id,) = [run.run_id for run in instance.get_runs(dg.RunsFilter(statuses=[dg.DagsterRunStatus.STARTED]))]
            assert close_orphans(instance) == [], "a run that lives was closed"
        os.kill(process.pid, signal.SIGKILL)
    return run_id


@pytest.fixture(scope="package")
def mended(lived_in: House, killed: str) -> Told:
    """The one after that, which comes to its end."""
    heard: list[Progress] = []
    with at_once():
        return Told(run_job("daily", AS_OF, on_event=heard.append), heard)


@contextmanager
def at_once() -> Iterator[None]:
    """A run without a session in the warehouse is told to be dead without waiting for one."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(RooseveltLauncher, "grace_seconds", 0.0)
        yield


@pytest.fixture(scope="package")
def repeated(lived_in: House, mended: Told) -> tuple[dict[str, str], dict[str, str]]:
    """Digests of each table of each layer before and after the same day's run is made again."""
    before = digests(lived_in)
    assert run_job("daily", AS_OF).success
    return before, digests(lived_in)


def digests(house: House) -> dict[str, str]:
    """A digest of each table's rows in any order."""
    with house.warehouse.connect() as connection:
        tables = connection.execute(
            "select table_schema, table_name from information_schema.tables where table_schema = any(%s) order by 1, 2",
            [list(SCHEMAS)],
        ).fetchall()
        return {
            f"{schema}.{table}": str(connection.execute(DIGEST.format(schema, table)).fetchone())
            for schema, table in tables
            if f"{schema}.{table}" not in RECORDS_OF_RUNS
        }


@pytest.fixture(scope="package")
def sold(lived_in: House, mended: Told) -> Iterator[list[str]]:
    """Everybody takes part in SPACE, with a directory, calendars and answers to a survey; one repository is sold. What
    the weekly run has to say of it.
    """
    store = lived_in.github.sandbox.store
    hand_out(store, lived_in.home / "hr")
    with lived_in.warehouse.connect(Role.OWNER) as connection:
        connection.execute(EVERYBODY_TAKES_PART)
    doc = next(json.loads(row["doc"]) for row in store.rows("select doc from repositories where name = ?", [SOLD]))
    store.put("repositories", doc | {"owner": "globex"})
    store.flush()
    with pytest.MonkeyPatch.context() as patch:
        for name, value in calendar_environment(os.environ["ROOSEVELT_GITHUB__API_URL"]).items():
            patch.setenv(name, value)
        patch.setenv("ROOSEVELT_PEOPLE__DIRECTORY", str(lived_in.home / "hr" / "people.csv"))
        patch.setenv("ROOSEVELT_SURVEYS__INBOX", str(lived_in.home / "hr" / "surveys"))
        yield run_job("weekly").failures


@dataclass(frozen=True)
class BuiltWithout:
    """What is collected then, and two tables of marts with all that they stand on. How many deployments the repository
    had had before it.
    """

    success: bool
    run_id: str
    had: int


@pytest.fixture(scope="package")
def built_without(lived_in: House, sold: list[str]) -> BuiltWithout:
    from roosevelt_pipeline.definitions import defs

    with lived_in.warehouse.connect() as connection:
        row = connection.execute(f"select count(*) from marts.fct_deployments where repository = '{SOLD}'").fetchone()
    tables = dg.AssetSelection.assets(["marts", "dim_repositories"], ["marts", "fct_deployments"])
    chosen = tables.upstream() | dg.AssetSelection.assets(["raw", "github_collections"])
    job = defs().resolve_implicit_global_asset_job_def()
    job = job.get_subset(asset_selection=chosen.resolve(job.asset_layer.asset_graph))
    with open_instance() as instance:
        done = job.execute_in_process(
            instance=instance, run_config=run_config(AS_OF, (), {node.name for node in job.nodes}), raise_on_error=False
        )
    return BuiltWithout(done.success, done.run_id, row[0] if row else 0)
