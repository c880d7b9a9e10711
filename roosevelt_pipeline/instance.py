"""Dagster's own memory: storage that finds its database by itself.

``dagster.yaml`` names the classes below and holds no address and no password, so plain
``dagster dev``, the webserver, the daemon and run workers work with no environment set,
and nothing secret stands in a configuration file, in ``ps`` or in a run's tags (Dagster
hands the configuration of its storage to child processes as arguments).
"""

import os
from functools import cache
from pathlib import Path
from typing import Any, Self

import yaml
from dagster._config.config_schema import UserConfigSchema
from dagster._core.launcher import CheckRunHealthResult, DefaultRunLauncher, WorkerStatus
from dagster._core.storage.dagster_run import DagsterRun
from dagster._core.storage.local_compute_log_manager import LocalComputeLogManager
from dagster._core.storage.root import LocalArtifactStorage
from dagster._serdes import ConfigurableClassData
from dagster._time import get_current_timestamp
from dagster_postgres.storage import DagsterPostgresStorage
from sqlalchemy import Engine, create_engine

from roosevelt_pipeline.settings import PROJECT_ROOT

URL_VARIABLE = "ROOSEVELT_DAGSTER_URL"


def storage_url() -> str:
    """Address of the database where Dagster keeps runs, events, schedules and ticks.

    ``ROOSEVELT_DAGSTER_URL`` if set; else a database of its own beside the warehouse, or a
    schema where none can be had; else the embedded server, started if need be. Never through
    a transaction-pooling proxy: Dagster listens for notifications.
    """
    if url := os.environ.get(URL_VARIABLE):
        return url
    # Late, because child processes that are given the variable never need it.
    from roosevelt_pipeline.services import dagster_storage_url

    return dagster_storage_url()


def artifacts_folder() -> Path:
    """Folder of logs and local artifacts: ``DAGSTER_HOME``, else the profile's below ``ROOSEVELT_HOME``.

    A checkout that serves as ``DAGSTER_HOME`` names the instance and is not written to.
    """
    folder = os.environ.get("DAGSTER_HOME")
    if folder and Path(folder).resolve() != PROJECT_ROOT:
        return Path(folder)
    from roosevelt_pipeline.services import current_profile

    return current_profile().dagster_home


@cache
def _engine(url: str) -> Engine:
    """One pool of connections for all instances of this process; a child that is forked makes its own."""
    engine = create_engine(url, isolation_level="AUTOCOMMIT", pool_size=1, max_overflow=20, pool_pre_ping=True)
    os.register_at_fork(after_in_child=lambda: engine.dispose(close=False))
    return engine


class RooseveltStorage(DagsterPostgresStorage):
    """Dagster's PostgreSQL storage at `storage_url()`, which no configuration names."""

    @classmethod
    def config_type(cls) -> UserConfigSchema:
        return {}

    @classmethod
    def from_config_value(cls, inst_data: ConfigurableClassData | None, config_value: Any) -> Self:
        return cls(postgres_url=storage_url(), inst_data=inst_data)

    def __init__(self, **arguments: Any) -> None:
        super().__init__(**arguments)
        for part in (self._run_storage, self._event_log_storage, self._schedule_storage):
            # The parent has no parameter for it: it connects anew for each event, 3,000 times in a daily run, which
            # is a third of the run. It does so lest many instances in a process hold many connections.
            part._engine = _engine(self.postgres_url)

    # The parent names classes that would look for an address in our empty configuration;
    # these wrappers rehydrate this class instead.
    @property
    def event_storage_data(self) -> ConfigurableClassData | None:
        return self._part("LegacyEventLogStorage")

    @property
    def run_storage_data(self) -> ConfigurableClassData | None:
        return self._part("LegacyRunStorage")

    @property
    def schedule_storage_data(self) -> ConfigurableClassData | None:
        return self._part("LegacyScheduleStorage")

    def _part(self, wrapper: str) -> ConfigurableClassData | None:
        if self.inst_data is None:
            return None
        whole = yaml.dump(
            {
                "module_name": self.inst_data.module_name,
                "class_name": self.inst_data.class_name,
                "config_yaml": self.inst_data.config_yaml,
            }
        )
        return ConfigurableClassData("dagster._core.storage.legacy_storage", wrapper, whole)


class RooseveltLauncher(DefaultRunLauncher):
    """Launches runs as Dagster does, and can tell when one is gone.

    A run that writes the warehouse keeps a session there for as long as its process lives, on
    whatever machine; so a run without one died with its machine or was killed. The monitoring
    daemon then fails it, the retry policy starts it again, and the queue goes on.
    """

    grace_seconds = 120.0  # from the start of a run to its session

    @property
    def supports_check_run_worker_health(self) -> bool:
        return True

    def check_run_worker_health(self, run: DagsterRun) -> CheckRunHealthResult:
        record = self._instance.get_run_record_by_id(run.run_id)
        started = record.start_time if record else None
        if started is None or get_current_timestamp() - started < self.grace_seconds or _has_session(run.run_id):
            return CheckRunHealthResult(WorkerStatus.RUNNING)
        return CheckRunHealthResult(WorkerStatus.FAILED, "its process is gone: killed, or its machine went down")


def _has_session(run_id: str) -> bool:
    from roosevelt_pipeline.services import current_profile, resolve_warehouse
    from roosevelt_pipeline.warehouse.connections import DatabaseError
    from roosevelt_pipeline.warehouse.locks import is_alive

    try:
        return is_alive(resolve_warehouse(current_profile()), run_id)
    except DatabaseError:
        return True  # a database that does not answer says nothing about a run


class HomeComputeLogs(LocalComputeLogManager):
    """What steps print, kept below `artifacts_folder()`."""

    @classmethod
    def config_type(cls) -> UserConfigSchema:
        return {}

    @classmethod
    def from_config_value(cls, inst_data: ConfigurableClassData | None, config_value: Any) -> Self:
        return cls(base_dir=str(artifacts_folder() / "logs"), inst_data=inst_data)


class HomeArtifacts(LocalArtifactStorage):
    """Files that Dagster keeps for itself, below `artifacts_folder()`."""

    @classmethod
    def config_type(cls) -> UserConfigSchema:
        return {}

    @classmethod
    def from_config_value(cls, inst_data: ConfigurableClassData | None, config_value: Any) -> Self:
        folder = artifacts_folder()
        folder.mkdir(parents=True, exist_ok=True)
        return cls(base_dir=str(folder), inst_data=inst_data)
