"""What a command needs to be running, and where it is: database, sandbox, Dagster's storage.

Two profiles, which never meet: ``demo`` (the simulated company, database ``roosevelt_demo``)
and ``own`` (the organisation of roosevelt.toml, ``DATABASE_URL`` or database ``roosevelt``).
A child process is told its profile by its environment.
"""

import contextlib
import os
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal
from urllib.parse import quote, urlencode

import psycopg
from dotenv import dotenv_values
from psycopg import sql
from psycopg.conninfo import conninfo_to_dict
from pydantic import SecretStr

from roosevelt_pipeline import demo_company
from roosevelt_pipeline.environments import DEMO_POLICY, demo_environment, environment, without_own_settings
from roosevelt_pipeline.processes import MARK, Crew
from roosevelt_pipeline.settings import PROJECT_ROOT, Settings, home, load_settings, settings_file
from roosevelt_pipeline.warehouse.embedded import EmbeddedServer, ensure_server, read_secret

if TYPE_CHECKING:
    from roosevelt_pipeline.warehouse.connections import Warehouse

_DAGSTER_SCHEMA = "roosevelt_dagster"


@dataclass(frozen=True)
class Profile:
    """Whose numbers a command is about.

    Attributes:
        policy: the roosevelt.toml in use.
        database: the warehouse's name on the embedded server.
    """

    name: Literal["demo", "own"]
    settings: Settings
    policy: Path
    database: str

    @property
    def is_demo(self) -> bool:
        return self.name == "demo"

    @property
    def is_embedded(self) -> bool:
        """Whether the warehouse is on the embedded server. The demo always is."""
        return self.is_demo or self.settings.database_url is None

    @property
    def dagster_home(self) -> Path:
        return home() / f"dagster-{self.name}"


def read_dotenv() -> None:
    """Put the names of ``.env`` beside the policy into the environment; what is set already wins."""
    for name, value in dotenv_values(settings_file().with_name(".env")).items():
        if value:
            os.environ.setdefault(name, value)


def current_profile(demo: bool | None = None) -> Profile:
    """The profile in use: the demo if asked for, or until roosevelt.toml names an organisation.

    Raises:
        SettingsError: the policy or the environment is wrong.
    """
    if not demo:
        settings = load_settings()
        if settings.github.organization and not settings.is_demo:
            return Profile("own", settings, settings_file(), "roosevelt")
        if demo is False and not settings.is_demo:
            return Profile("own", settings, settings_file(), "roosevelt")
    with demo_environment():
        return Profile("demo", load_settings(DEMO_POLICY), DEMO_POLICY, "roosevelt_demo")


def resolve_warehouse(profile: Profile | None = None) -> "Warehouse":
    """The profile's warehouse; on the embedded server it is started and made if need be."""
    from roosevelt_pipeline.warehouse.connections import Warehouse

    profile = profile or current_profile()
    if not profile.is_embedded and profile.settings.database_url:
        return Warehouse(profile.settings.database_url.get_secret_value())
    server = ensure_server(home())
    server.ensure_database(profile.database)
    return Warehouse(server.url(profile.database))


def prepare_warehouse(profile: Profile) -> tuple["Warehouse", list[str]]:
    """The warehouse, checked and migrated, with the login for BI where the server is ours.

    Returns:
        the warehouse, and the names of the migrations that were applied.

    Raises:
        DatabaseError: it cannot be used.
    """
    from roosevelt_pipeline.warehouse.migrations import migrate
    from roosevelt_pipeline.warehouse.roles import ensure_reader

    warehouse = resolve_warehouse(profile)
    applied = migrate(warehouse)
    if profile.is_embedded:
        with warehouse.connect(autocommit=True) as connection:
            ensure_reader(connection, read_secret(home(), "reader"))
    return warehouse, applied


def reader_url(profile: Profile) -> str | None:
    """The address for BI tools, with its password; ``None`` where the server is the user's own."""
    if not profile.is_embedded:
        return None
    return ensure_server(home()).url(profile.database, "roosevelt_reader", read_secret(home(), "reader"))


def dagster_storage_url() -> str:
    """Where Dagster keeps its runs: a database beside the warehouse, else a schema in it."""
    profile = current_profile()
    if profile.is_embedded:
        server, name = ensure_server(home()), f"{profile.database}_dagster"
        server.ensure_database(name)
        return server.url(name)
    assert profile.settings.database_url is not None
    return _storage_beside(profile.settings.database_url.get_secret_value())


@cache
def _storage_beside(url: str) -> str:
    from roosevelt_pipeline.warehouse.connections import Warehouse

    with Warehouse(url).connect(autocommit=True) as connection:
        parts = conninfo_to_dict(url)
        name = f"{connection.info.dbname}_dagster"
        if connection.execute("select 1 from pg_database where datname = %s", [name]).fetchone():
            return _as_url({**parts, "dbname": name})
        try:
            connection.execute(sql.SQL("create database {}").format(sql.Identifier(name)))
            return _as_url({**parts, "dbname": name})
        except (psycopg.errors.DuplicateDatabase, psycopg.errors.UniqueViolation):
            return _as_url({**parts, "dbname": name})
        except psycopg.Error:
            connection.execute(sql.SQL("create schema if not exists {}").format(sql.Identifier(_DAGSTER_SCHEMA)))
            return _as_url({**parts, "options": f"-csearch_path={_DAGSTER_SCHEMA}"})


def _as_url(parts: Mapping[str, Any]) -> str:
    """A URL as SQLAlchemy reads it, from libpq's words."""
    rest = {name: str(value) for name, value in parts.items() if value is not None}
    user, password = quote(rest.pop("user", ""), safe=""), quote(rest.pop("password", ""), safe="")
    host, port, name = rest.pop("host", "localhost"), rest.pop("port", "5432"), quote(rest.pop("dbname", ""), safe="")
    if host.startswith("/"):
        rest["host"], host = host, ""
    login = f"{user}:{password}@" if password else f"{user}@" if user else ""
    query = f"?{urlencode(rest, quote_via=quote)}" if rest else ""
    return f"postgresql://{login}{host}:{port}/{name}{query}" if host else f"postgresql://{login}/{name}{query}"


# What a command and its children live in -------------------------------------------------------


def child_environment(profile: Profile, api_url: str | None = None) -> dict[str, str]:
    """What a child process must know to be about the same profile. Holds no password of ours."""
    profile.dagster_home.mkdir(parents=True, exist_ok=True)
    instance = profile.dagster_home / "dagster.yaml"
    if not instance.is_symlink() or instance.resolve() != PROJECT_ROOT / "dagster.yaml":
        instance.unlink(missing_ok=True)
        instance.symlink_to(PROJECT_ROOT / "dagster.yaml")
    theirs = without_own_settings(os.environ) if profile.is_demo else dict(os.environ)
    theirs |= {
        "ROOSEVELT_HOME": str(home()),
        "ROOSEVELT_CONFIG": str(profile.policy),
        "DAGSTER_HOME": str(profile.dagster_home),
        "DBT_SEND_ANONYMOUS_USAGE_STATS": "false",
        "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ.get('PATH', '')}",
    }
    if profile.is_demo and api_url:
        theirs |= {"ROOSEVELT_GITHUB__API_URL": api_url, "GITHUB_TOKEN": demo_company.TOKEN}
        theirs |= demo_company.calendar_environment(api_url) | demo_company.alert_environment(api_url)
    return theirs


@contextlib.contextmanager
def database(profile: Profile) -> Iterator[EmbeddedServer | None]:
    """Keep the embedded server running inside the block; ``None`` where the database is the user's own.

    Blocks may be nested; the end of the outermost gives the server up.
    """
    if not profile.is_embedded:
        yield None
        return
    server = ensure_server(home())
    _BLOCKS.append(server)
    try:
        yield server
    finally:
        _BLOCKS.pop()
        if not _BLOCKS:
            server.stop()


_BLOCKS: list[EmbeddedServer] = []


@contextlib.contextmanager
def serving(profile: Profile) -> Iterator[None]:
    """Keep database and, for the demo, sandbox running inside the block, and be in the profile's environment.

    The children that are started inside, dbt among them, end with this process if it is killed.
    """
    with contextlib.ExitStack() as stack:
        stack.enter_context(database(profile))
        crew = stack.enter_context(command_crew())
        api_url = stack.enter_context(demo_company.sandbox(crew)) if profile.is_demo else None
        stack.enter_context(environment(child_environment(profile, api_url) | {MARK: crew.mark}))
        yield


@contextlib.contextmanager
def reachable_settings(start: bool) -> Iterator[Settings]:
    """The profile's settings with a GitHub that answers inside the block.

    Outside of `roosevelt demo`, as under plain `dagster dev`, nothing says where the demo's sandbox is: the
    supervisor's is joined, else one is started if ``start``.
    """
    profile = current_profile()
    if not profile.is_demo or "ROOSEVELT_GITHUB__API_URL" in os.environ:
        yield profile.settings
    elif start:
        with command_crew() as crew, demo_company.sandbox(crew) as address:
            yield _at(profile.settings, address)
    else:
        found = demo_company.running_sandbox()
        yield _at(profile.settings, found) if found else profile.settings


def _at(settings: Settings, address: str) -> Settings:
    github = settings.github.model_copy(update={"api_url": address})
    calendars = settings.calendars.model_copy(
        update={"google_api_url": address, "google_token_url": f"{address}/calendar/token"}
    )
    return settings.model_copy(
        update={"github": github, "github_token": SecretStr(demo_company.TOKEN), "calendars": calendars}
        | {name: SecretStr(value) for name, value in demo_company.CALENDAR_CONSENT.items()}
    )


@contextlib.contextmanager
def command_crew() -> Iterator[Crew]:
    """The crew of this command: what carries its mark ends with the block, or with this process."""
    crew = Crew(mark=f"command {home()} {os.getpid()}", logs=home() / "logs")
    crew.guard()
    try:
        yield crew
    finally:
        crew.end()
