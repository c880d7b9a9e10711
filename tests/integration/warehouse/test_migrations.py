import threading

import psycopg
import pytest

from roosevelt_pipeline.warehouse import migrations
from roosevelt_pipeline.warehouse.connections import DatabaseError, Role, Warehouse, preflight
from roosevelt_pipeline.warehouse.migrations import Migration, migrate, pending


@pytest.fixture
def empty(server, request):
    """A database without anything in it."""
    name = f"empty_{abs(hash(request.node.name)) % 10**8}"
    server.ensure_database(name)
    yield Warehouse(server.url(name))
    with psycopg.connect(server.url(), autocommit=True) as connection:
        connection.execute(f"drop database {name} with (force)")


def tables(warehouse):
    with warehouse.connect() as connection:
        rows = connection.execute(
            "select table_schema || '.' || table_name from information_schema.tables "
            "where table_schema in ('raw', 'vault', 'ingest') order by 1"
        )
        return [name for (name,) in rows]


def test_migrating_again_changes_nothing(empty):
    applied = migrate(empty)
    before = tables(empty)

    assert applied == [step.name for step in migrations.migrations()]
    assert pending(empty) == []
    assert migrate(empty) == []
    assert tables(empty) == before
    assert {"raw.github_pull_requests", "raw.github_pull_requests_versions", "vault.persons"} <= set(before)


def test_migrations_that_start_together_apply_each_step_once(empty):
    applied: list[str] = []
    threads = [threading.Thread(target=lambda: applied.extend(migrate(empty))) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert applied == [step.name for step in migrations.migrations()]


def test_a_step_that_fails_undoes_those_before_it(empty, monkeypatch):
    steps = migrations.migrations()
    broken = [*steps[:4], Migration("0099_broken", "create table raw.x (y nosuchtype)"), *steps[4:]]
    monkeypatch.setattr(migrations, "migrations", lambda: broken)

    with pytest.raises(DatabaseError, match=r"'0099_broken' failed and nothing was changed.*nosuchtype"):
        migrate(empty)
    assert tables(empty) == []

    monkeypatch.setattr(migrations, "migrations", lambda: steps)
    assert len(migrate(empty)) == len(steps)


def test_a_step_that_changed_after_it_was_applied_is_refused_but_its_comments_may_change(empty, monkeypatch):
    steps = migrations.migrations()
    migrate(empty)

    commented = [Migration(steps[0].name, "-- better said\n" + steps[0].text), *steps[1:]]
    monkeypatch.setattr(migrations, "migrations", lambda: commented)
    assert migrate(empty) == []

    changed = [Migration(steps[0].name, steps[0].text + "create table raw.more ();"), *steps[1:]]
    monkeypatch.setattr(migrations, "migrations", lambda: changed)
    with pytest.raises(DatabaseError, match=f"{steps[0].name}.*has changed since it was applied"):
        migrate(empty)


def test_a_database_of_ones_own_needs_no_superuser(server):
    """The user may create roles and schemas, and nothing else, as on a hosted server."""
    with psycopg.connect(server.url(), autocommit=True) as admin:
        admin.execute("create role hosted login createrole password 'x'")
        admin.execute("create database hosted")
        admin.execute("grant create on database hosted to hosted")
        for role in Role:  # made by the template's migration, so an administrator lets the user in
            admin.execute(f"grant {role} to hosted with admin option")
    address = psycopg.conninfo.make_conninfo(server.url("hosted"), user="hosted", password="x")
    try:
        warehouse = Warehouse(address)
        assert migrate(warehouse)
        assert migrate(warehouse) == []
        for role in Role:
            with warehouse.connect(role) as connection:
                assert connection.execute("select current_user").fetchone() == (role,)
    finally:
        with psycopg.connect(server.url(), autocommit=True) as admin:
            admin.execute("drop database hosted with (force)")
            admin.execute("drop owned by hosted cascade")
            admin.execute("drop role hosted")


def test_a_user_without_the_rights_is_told_what_an_administrator_must_run(server, empty):
    with psycopg.connect(server.url(), autocommit=True) as admin:
        admin.execute("create role humble login password 'secret-canary'")
    name = psycopg.conninfo.conninfo_to_dict(empty.url)["dbname"]
    humble = Warehouse(psycopg.conninfo.make_conninfo(empty.url, user="humble", password="secret-canary"))
    try:
        with pytest.raises(DatabaseError, match=f'grant create on database "{name}" to "humble";'):
            preflight(humble)
        with psycopg.connect(server.url(), autocommit=True) as admin:
            admin.execute(f"grant create on database {name} to humble")
        with pytest.raises(DatabaseError, match=r'grant roosevelt_owner, .* to "humble";') as refused:
            migrate(humble)
        assert "secret-canary" not in str(refused.value) + repr(humble) + str(humble)
    finally:
        with psycopg.connect(server.url(name), autocommit=True) as admin:
            admin.execute("drop owned by humble cascade")
            admin.execute("drop role humble")


def test_a_read_only_database_is_told_as_such(empty):
    with empty.connect(autocommit=True) as connection:
        name = connection.info.dbname
        connection.execute(f"alter database {name} set default_transaction_read_only = on")

    with pytest.raises(DatabaseError, match="is read-only"):
        preflight(empty)


def test_a_database_that_is_down_is_told_without_its_password():
    down = Warehouse("postgresql://u:secret-canary@127.0.0.1:1/none")

    with pytest.raises(DatabaseError, match=r"cannot connect to the database none on 127.0.0.1") as refused:
        preflight(down)

    assert "secret-canary" not in str(refused.value)


def test_an_address_that_is_none_is_told_without_quoting_it():
    with pytest.raises(DatabaseError, match="DATABASE_URL is not a PostgreSQL address") as refused:
        preflight(Warehouse("postgresql://u:secret%zzcanary@h/db"))

    assert "canary" not in str(refused.value)
