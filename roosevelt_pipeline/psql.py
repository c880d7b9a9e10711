"""psql on the warehouse, with the schemas that people query on its search path."""

import os
import shutil
import signal
import subprocess
from collections.abc import Sequence
from pathlib import Path

from psycopg import pq

from roosevelt_pipeline import services
from roosevelt_pipeline.services import Profile
from roosevelt_pipeline.warehouse.cluster import EmbeddedError, binaries

SEARCH_PATH = "bi,marts,analytics,delivery,intermediate,staging,raw,reference"


def run(profile: Profile, arguments: Sequence[str]) -> int:
    """Run psql with ``arguments`` unchanged; the embedded server runs for as long as it does.

    The address travels in the environment, as command lines are public. Returns psql's exit status.
    """
    with services.database(profile):
        warehouse = services.resolve_warehouse(profile)
        environment = dict(os.environ) | connection_environment(warehouse.url)
        command = [str(program(profile.is_embedded)), *arguments]
        before = signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is psql's: it cancels a query
        try:
            return subprocess.run(
                command, env=environment, check=False, restore_signals=True, preexec_fn=_hear
            ).returncode
        finally:
            signal.signal(signal.SIGINT, before)


def _hear() -> None:
    signal.signal(signal.SIGINT, signal.SIG_DFL)


def program(embedded: bool) -> Path:
    """The wheel's psql for the embedded server. It speaks no TLS, so elsewhere the machine's own comes first.

    Raises:
        EmbeddedError: there is none.
    """
    installed = shutil.which("psql")
    if installed and not embedded:
        return Path(installed)
    try:
        return binaries() / "psql"
    except EmbeddedError:
        if installed:
            return Path(installed)
        raise


def connection_environment(url: str) -> dict[str, str]:
    """A libpq address as the environment variables that say the same, with our search path."""
    variables: dict[str, str] = {}
    given: dict[str, str] = {}
    for option in pq.Conninfo.get_defaults():
        if option.envvar:
            variables[option.keyword.decode()] = option.envvar.decode()
    for option in pq.Conninfo.parse(url.encode()):
        if option.val is not None and option.keyword.decode() in variables:
            given[variables[option.keyword.decode()]] = option.val.decode()
    given["PGOPTIONS"] = f"{given.get('PGOPTIONS', '')} -c search_path={SEARCH_PATH}".strip()
    given.setdefault("PGAPPNAME", "roosevelt psql")
    return given
