"""The whole pipeline without Dagster, for tests that ask what it says and not who runs it."""

import gc
import shutil
import tempfile
import uuid
from collections.abc import Iterator
from contextlib import contextmanager, redirect_stdout
from dataclasses import dataclass, replace
from datetime import date, timedelta
from functools import cache
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from dbt.artifacts.schemas.run import RunExecutionResult
from dbt.cli.main import dbtRunner
from dbt.contracts.graph.manifest import Manifest
from psycopg.rows import dict_row
from pydantic import SecretStr

from roosevelt_pipeline.collection import collect
from roosevelt_pipeline.dbt_manifest import DBT_PROJECT, MANIFEST, ensure_manifest, project_digest
from roosevelt_pipeline.dbt_settled import leave_out, note_made, without
from roosevelt_pipeline.explain import Explanation, explain
from roosevelt_pipeline.sandbox.company import Company, play
from roosevelt_pipeline.sandbox.limits import UNLIMITED
from roosevelt_pipeline.sandbox.server import DEFAULT_TOKEN, create_app, serve
from roosevelt_pipeline.sandbox.state import SandboxState
from roosevelt_pipeline.sandbox.store import Store
from roosevelt_pipeline.sandbox.truth import Truth, truth
from roosevelt_pipeline.services import DEMO_POLICY
from roosevelt_pipeline.settings import Settings, load_settings
from roosevelt_pipeline.warehouse.connections import Role, Warehouse
from roosevelt_pipeline.warehouse.policy import write_policy
from roosevelt_pipeline.warehouse.streams import STREAMS

MODELS_ONLY = ("--exclude-resource-type", "unit_test", "--exclude-resource-type", "test")


@dataclass(frozen=True)
class RunningCompany:
    """A simulated company and its GitHub on loopback."""

    company: Company
    settings: Settings
    truth: Truth
    url: str
    state: SandboxState

    @property
    def as_of(self) -> date:
        return self.company.end - timedelta(days=1)

    def days_later(self, days: int) -> "RunningCompany":
        """The same company so many days later, behind the same address."""
        company = replace(self.company, end=self.company.end + timedelta(days=days))
        store = Store.open(None)
        play(company, store)
        self.state.store, self.state.now = store, company.ends_at
        return replace(self, company=company, truth=truth(store))


@contextmanager
def running_company(company: Company) -> Iterator[RunningCompany]:
    """Play a company and serve it; its present is its end."""
    store = Store.open(None)
    play(company, store)
    with serve(create_app(store, limits=UNLIMITED, now=company.ends_at)) as running:
        policy = load_settings(DEMO_POLICY)
        settings = policy.model_copy(
            update={
                "github": policy.github.model_copy(update={"api_url": running.url}),
                "github_token": SecretStr(DEFAULT_TOKEN),
                # The whole of its past is looked at.
                "privacy": policy.privacy.model_copy(update={"keep_days": 3650}),
            }
        )
        yield RunningCompany(company, settings, truth(store), running.url, running.state)


def collect_everything(company: RunningCompany, warehouse: Warehouse) -> list[str]:
    """Read the company into raw. Returns what failed."""
    run_id = uuid.uuid4()
    with warehouse.connect(Role.INGEST) as connection:
        write_policy(connection, company.settings, company.as_of, run_id)
    reports = collect(company.settings, warehouse, run_id, streams=list(STREAMS), announce=lambda _names: None)
    return [failure for report in reports for failure in report.failures]


def dbt_build(warehouse: Warehouse, target: Path, *arguments: str) -> None:
    """Build all models and run all tests, in this process, which has read the project once: half of a small build.

    Where only models are asked for, those that a daily run would leave out are left out here as well.

    Raises:
        AssertionError: something did not build, or a test failed; with dbt's words.
    """
    environment = warehouse.dbt_environment()
    manifest = _manifest()
    _move(manifest, environment["ROOSEVELT_PG_DBNAME"])
    # What dbt writes about itself for other tools is a fifth of its work, and no test reads it.
    places = ["--project-dir", DBT_PROJECT, "--profiles-dir", DBT_PROJECT, "--target-path", target]
    left_out = without(leave_out(warehouse, project_digest())) if _may_leave_out(arguments) else ()
    command = ["build", "--no-write-json", "--log-level-file", "none", *map(str, places), *arguments, *left_out]
    with redirect_stdout(StringIO()) as said, pytest.MonkeyPatch.context() as patch:
        for name, value in environment.items():
            patch.setenv(name, value)
        done = dbtRunner(manifest=manifest).invoke(command)
    assert done.success, f"{said.getvalue()[-6000:]}{done.exception or ''}"
    assert isinstance(done.result, RunExecutionResult)
    note_made(warehouse, project_digest(), {one.node.unique_id for one in done.result.results})


def _may_leave_out(arguments: tuple[str, ...]) -> bool:
    return "--full-refresh" not in arguments and set(MODELS_ONLY) <= set(arguments)


@cache
def _manifest() -> Manifest:
    ensure_manifest()
    with tempfile.TemporaryDirectory() as target:
        # Two workers may parse at once, and dbt writes beside what it reads.
        shutil.copy(MANIFEST.with_name("partial_parse.msgpack"), target)
        places = ["--project-dir", DBT_PROJECT, "--profiles-dir", DBT_PROJECT, "--target-path", target]
        parsed = dbtRunner().invoke(["--quiet", "parse", *map(str, places)])
    assert isinstance(parsed.result, Manifest), parsed.exception
    gc.freeze()  # half a million objects that stay need not be looked through again and again
    return parsed.result


def _move(manifest: Manifest, database: str) -> None:
    """Name another database in it: dbt writes its name into each relation while it parses."""
    for node in (*manifest.nodes.values(), *manifest.sources.values(), *manifest.functions.values()):
        if node.relation_name:
            node.relation_name = node.relation_name.replace(f'"{node.database}".', f'"{database}".', 1)
        node.database = database


def rows(warehouse: Warehouse, query: str) -> list[dict[str, Any]]:
    with warehouse.connect() as connection, connection.cursor(row_factory=dict_row) as cursor:
        return cursor.execute(query.encode()).fetchall()


def digests(warehouse: Warehouse, *more: str) -> dict[str, str]:
    """What each table of marts and bi holds, and each of some more, whatever the order of its rows."""
    tables = rows(
        warehouse,
        "select schemaname || '.' || tablename as name from pg_tables where schemaname in ('marts', 'bi') order by 1",
    )
    found = {
        table["name"]: rows(
            warehouse, f"select md5(string_agg(t::text, '|' order by t::text)) as digest from {table['name']} as t"
        )[0]["digest"]
        for table in [*tables, *({"name": name} for name in more)]
    }
    assert len(found) > 20
    return found


def every_number(warehouse: Warehouse, day: date, days: int, scopes_of_a_type: int = 1000) -> Iterator[Explanation]:
    """Each metric of each scope, or of the busiest few of each type, taken apart."""
    metrics = [row["metric"] for row in rows(warehouse, "select metric from reference.metric_catalog order by 1")]
    scopes = rows(
        warehouse,
        f"""
        select scope_type || ':' || scope as scope
        from (
            select
                scopes.scope_type,
                scopes.scope,
                row_number() over (
                    partition by scopes.scope_type
                    order by sum(days.events_count) desc nulls last, scopes.scope
                ) as place
            from intermediate.int_scopes__observed as scopes
            left join marts.fct_metric_days as days using (scope_type, scope)
            where '{day}' between scopes.first_date and scopes.last_date
            group by scopes.scope_type, scopes.scope
        ) as scopes
        where place <= {scopes_of_a_type}
        order by 1
        """,
    )
    for scope in scopes:
        for metric in metrics:
            yield explain(warehouse, metric, scope["scope"], day, days)
