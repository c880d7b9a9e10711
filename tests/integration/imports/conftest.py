"""A login for another system, and what it has posted."""

from collections.abc import Iterator
from uuid import uuid4

import psycopg
import pytest

from roosevelt_pipeline.warehouse.connections import Warehouse

PASSWORD = "p:@/w%41 \\'\""


@pytest.fixture
def address(fresh_warehouse: Warehouse) -> Iterator[str]:
    """The address of a login made as docs/imports.md tells an administrator to make it."""
    login = f"ci_{uuid4().hex[:8]}"
    with fresh_warehouse.connect(autocommit=True) as admin:
        literal = psycopg.sql.Literal(PASSWORD).as_string(admin)
        admin.execute(f"create role {login} login password {literal} in role roosevelt_events".encode())
    yield psycopg.conninfo.make_conninfo(fresh_warehouse.url, user=login, password=PASSWORD)
    with fresh_warehouse.connect(autocommit=True) as admin:
        admin.execute(f"drop role {login}".encode())


@pytest.fixture
def poster(address: str) -> Iterator["psycopg.Connection"]:
    with psycopg.connect(address, autocommit=True) as connection:
        yield connection
