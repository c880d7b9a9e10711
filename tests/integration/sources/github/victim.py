"""Reads one organisation once, as a process of its own that can be killed: ``victim.py DATABASE_URL API_URL [MUTANT]``.

A mutant lands what it reads in two transactions instead of one. It reads pull requests alone,
and keeps a list of its own that grows by each record that it lands.
"""

import sys
from typing import Any
from uuid import uuid4

from roosevelt_pipeline.privacy.identities import IdentityVault
from roosevelt_pipeline.settings import Settings
from roosevelt_pipeline.sources.github import session
from roosevelt_pipeline.sources.github.client import GitHubClient
from roosevelt_pipeline.sources.github.collect import (
    collect_organization,
    collect_repositories,
    collect_repository,
)
from roosevelt_pipeline.sources.github.repositories import discover
from roosevelt_pipeline.warehouse.connections import Warehouse
from roosevelt_pipeline.warehouse.landing import land_page, save_cursor

APPEND = "insert into ingest.mutant_rows (natural_key) select unnest(%s::text[])"


def rows_then_cursor(connection: Any, stream: str, scope: str, records: Any, *rest: Any, **more: Any) -> Any:
    """Appends rows, commits, and only then says how far it came."""
    records, cursors = list(records), more.pop("cursors")
    with connection.transaction():
        landed = land_page(connection, stream, scope, records, *rest, **more)
        connection.execute(APPEND, ([record.natural_key for record in records],))
    _save(connection, stream, scope, cursors)
    return landed


def cursor_then_rows(connection: Any, stream: str, scope: str, *rest: Any, **more: Any) -> Any:
    """Says how far it came before the rows are there."""
    _save(connection, stream, scope, more.pop("cursors"))
    return land_page(connection, stream, scope, *rest, **more)


def _save(connection: Any, stream: str, scope: str, cursors: Any) -> None:
    with connection.transaction():
        for cursor in cursors:
            save_cursor(connection, stream, scope, cursor, uuid4())


MUTANTS = {"rows_then_cursor": rows_then_cursor, "cursor_then_rows": cursor_then_rows}

if __name__ == "__main__":
    warehouse, client = Warehouse(sys.argv[1]), GitHubClient("sandbox-token", sys.argv[2])
    rules = [{"sources": ["github_deployment", "workflow_run"], "workflows": ["Deploy"]}]
    settings = Settings(github={"organization": "acme"}, deployments=rules)
    common = (client, warehouse, IdentityVault(b"k" * 32), settings)
    repositories = discover(client, settings)
    if len(sys.argv) > 3:
        session.land_page = MUTANTS[sys.argv[3]]  # type: ignore[assignment]
        for repository in repositories:
            collect_repository(*common, repository, uuid4(), ("github_pull_requests",))
        sys.exit()
    collect_organization(*common, uuid4(), repositories)
    for _ in collect_repositories(*common, repositories, uuid4()):
        pass
