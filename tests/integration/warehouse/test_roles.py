"""What each role may do, tried for real: a grant that is missing or too wide fails here."""

from uuid import uuid4

import psycopg
import pytest

from roosevelt_pipeline.warehouse.connections import Role, Warehouse
from roosevelt_pipeline.warehouse.roles import READER, ensure_reader

READ = {"select"}
WRITE = {"select", "insert", "update"}
ALL = {"select", "insert", "update", "delete"}
VERBS = {
    "select": "select count(*) from {0}",
    "insert": "insert into {0} select * from {0} where false",
    "update": "update {0} set {1} = {1} where false",
    "delete": "delete from {0} where false",
    "truncate": "truncate {0}",
}
# relation, one of its columns, and what each role may do with it; what is not named, nobody but the owner may.
MATRIX = {
    ("raw.github_pull_requests", "scope"): {Role.INGEST: WRITE, Role.TRANSFORM: READ},
    ("raw.github_pull_requests_versions", "scope"): {Role.INGEST: WRITE, Role.TRANSFORM: READ},
    ("raw.github_accounts", "is_bot"): {Role.INGEST: WRITE, Role.TRANSFORM: READ},
    ("raw.github_collections", "outcome"): {Role.INGEST: WRITE, Role.TRANSFORM: READ},
    ("raw.policy_services", "team"): {Role.INGEST: ALL, Role.TRANSFORM: READ},
    ("raw.people", "user_id"): {Role.INGEST: READ, Role.TRANSFORM: READ},
    ("raw.participants", "user_id"): {Role.INGEST: ALL, Role.TRANSFORM: READ},
    ("raw.people_settings", "team"): {Role.INGEST: ALL, Role.TRANSFORM: READ},
    ("raw.survey_answers", "scope"): {Role.INGEST: ALL, Role.TRANSFORM: READ},
    ("raw.survey_answers_versions", "scope"): {Role.INGEST: ALL, Role.TRANSFORM: READ},
    ("raw.survey_invitations", "quarter"): {Role.INGEST: READ, Role.TRANSFORM: READ},
    ("survey.invitations", "quarter"): {Role.INGEST: ALL},
    ("survey.submissions", "quarter"): {Role.INGEST: ALL},
    ("survey.feedback", "sealed"): {Role.INGEST: ALL},
    ("raw.calendar_events", "scope"): {Role.INGEST: ALL, Role.TRANSFORM: READ},
    ("raw.calendar_events_versions", "scope"): {Role.INGEST: ALL, Role.TRANSFORM: READ},
    ("raw.calendar_collections", "outcome"): {Role.INGEST: ALL, Role.TRANSFORM: READ},
    ("published.space_figures", "scope"): {Role.ANALYTICS: {"select", "insert"}, Role.TRANSFORM: READ},
    ("published.space_members", "scope"): {Role.ANALYTICS: {"select", "insert", "delete"}},
    ("ingest.cursors", "position"): {Role.INGEST: ALL},
    ("ingest.migrations", "name"): {Role.INGEST: READ},
    ("vault.persons", "merged_into"): {},
    ("vault.identities", "provider"): {},
    ("vault.tombstones", "reason"): {},
    ("vault.key_checks", "fingerprint"): {},
    ("staging.probe", "x"): {Role.TRANSFORM: ALL | {"truncate"}},
    ("intermediate.probe", "x"): {Role.TRANSFORM: ALL | {"truncate"}},
    ("marts.probe", "x"): {Role.TRANSFORM: ALL | {"truncate"}, Role.ANALYTICS: READ},
    ("reference.probe", "x"): {Role.TRANSFORM: ALL | {"truncate"}, Role.ANALYTICS: READ},
    ("bi.probe", "x"): {Role.TRANSFORM: ALL | {"truncate"}, Role.ANALYTICS: READ, Role.BI: READ},
    ("delivery.run_requests", "request_number"): {Role.ANALYTICS: ALL, Role.TRANSFORM: READ},  # its number alone
    ("analytics.metric_tier_spells", "tier"): {Role.ANALYTICS: READ, Role.TRANSFORM: READ},
    ("bi.metric_tier_spells", "tier"): {Role.TRANSFORM: READ, Role.ANALYTICS: READ, Role.BI: READ},
    ("analytics.metric_correlations", "said"): {Role.ANALYTICS: ALL, Role.TRANSFORM: READ},
    ("bi.metric_correlations", "said"): {Role.TRANSFORM: READ, Role.ANALYTICS: READ, Role.BI: READ},
    ("analytics.comparison_letters", "letter"): {Role.ANALYTICS: ALL},
    ("analytics.team_comparison", "said"): {Role.ANALYTICS: ALL},
    ("analytics.team_comparison_values", "letter"): {Role.ANALYTICS: ALL},
    ("delivery.executive_summaries", "organization"): {Role.ANALYTICS: ALL},
    ("delivery.alerts", "said"): {Role.ANALYTICS: ALL, Role.TRANSFORM: READ},
    ("bi.alerts", "said"): {Role.TRANSFORM: READ, Role.ANALYTICS: READ, Role.BI: READ},
    ("analytics.insights", "said"): {Role.ANALYTICS: ALL, Role.TRANSFORM: READ},
    ("bi.insights", "said"): {Role.TRANSFORM: READ, Role.ANALYTICS: READ, Role.BI: READ},
    ("analytics.probe", "x"): {Role.ANALYTICS: ALL},
    ("delivery.probe", "x"): {Role.ANALYTICS: ALL},
}


@pytest.fixture(scope="module")
def probed(warehouse):
    """A table in each layer, made by the layer's owner as dbt or a migration would."""
    for schema in ("staging", "intermediate", "marts", "reference", "bi"):
        _make(warehouse, Role.TRANSFORM, schema)
    for schema in ("analytics", "delivery"):
        _make(warehouse, Role.OWNER, schema)
    return warehouse


def _make(warehouse, role, schema):
    with warehouse.connect(role, autocommit=True) as connection:
        connection.execute(f"drop table if exists {schema}.probe; create table {schema}.probe (x int)")


def allowed(connection, relation, column):
    """Verbs that the connection's role may really use."""
    found = set()
    for verb, statement in VERBS.items():
        try:
            with connection.transaction(force_rollback=True):
                connection.execute(statement.format(relation, column))
            found.add(verb)
        except psycopg.errors.InsufficientPrivilege:
            continue
        except (psycopg.errors.WrongObjectType, psycopg.errors.ObjectNotInPrerequisiteState):
            continue  # what nobody can do with a view
    return found


@pytest.mark.parametrize("role", [role for role in Role if role is not Role.OWNER])
def test_a_role_may_do_what_its_work_needs_and_nothing_else(probed, role):
    expected = {relation: rights.get(role, set()) for (relation, _), rights in MATRIX.items()}

    with probed.connect(role, autocommit=True) as connection:
        found = {relation: allowed(connection, relation, column) for relation, column in MATRIX}

    assert found == expected


def test_grants_survive_a_table_that_is_dropped_and_built_again(probed):
    for schema in ("marts", "bi"):
        _make(probed, Role.TRANSFORM, schema)

    with probed.connect(Role.BI) as connection:
        assert connection.execute("select count(*) from bi.probe").fetchone() == (0,)
    with probed.connect(Role.ANALYTICS) as connection:
        assert connection.execute("select count(*) from marts.probe").fetchone() == (0,)


def test_a_function_of_bi_can_be_called_by_bi_and_one_of_marts_cannot(probed):
    with probed.connect(Role.TRANSFORM, autocommit=True) as connection:
        for schema in ("bi", "marts"):
            connection.execute(f"create or replace function {schema}.answer() returns int language sql as 'select 42'")

    with probed.connect(Role.BI, autocommit=True) as connection:
        assert connection.execute("select answer()").fetchone() == (42,)
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            connection.execute("select marts.answer()")


@pytest.mark.parametrize("role", [role for role in Role if role not in (Role.OWNER, Role.INGEST)])
def test_only_ingestion_may_ask_the_vault(probed, role):
    with probed.connect(role, autocommit=True) as connection, pytest.raises(psycopg.errors.InsufficientPrivilege):
        connection.execute("select vault.resolve_identities(array[]::bytea[], array[]::text[])")


def test_no_role_can_make_itself_more_than_it_is(probed):
    with probed.connect(Role.BI, autocommit=True) as connection:
        rows = connection.execute(
            "select rolname from pg_roles where rolname like 'roosevelt\\_%' "
            "and (rolsuper or rolcreaterole or rolcreatedb or rolbypassrls or rolreplication)"
        ).fetchall()
        members = connection.execute(
            "select m.rolname, g.rolname from pg_auth_members a join pg_roles m on m.oid = a.member "
            "join pg_roles g on g.oid = a.roleid where m.rolname like 'roosevelt\\_%%' and m.rolname <> %s",
            (READER,),
        ).fetchall()

    assert (rows, members) == ([], [])


def test_a_temporary_table_of_the_caller_cannot_stand_in_for_the_vault(probed):
    digest = b"\1" * 32
    with probed.connect(Role.INGEST, autocommit=True) as connection:
        ask = "select user_id from vault.resolve_identities(%s, %s)"
        (truth,) = connection.execute(ask, ([digest], ["github"])).fetchone()
        connection.execute("create temporary table identities (identity_hmac bytea, user_id uuid, provider text)")
        connection.execute("insert into identities values (%s, %s, 'github')", (digest, uuid4()))
        connection.execute("set search_path = pg_temp, vault")

        assert connection.execute(ask, ([digest], ["github"])).fetchone() == (truth,)


def test_the_reader_logs_in_sees_bi_alone_and_writes_nothing(probed):
    with probed.connect(autocommit=True) as admin:
        ensure_reader(admin, "first")
        ensure_reader(admin, "a 'quoted' one")
    reader = Warehouse(psycopg.conninfo.make_conninfo(probed.url, user=READER, password="a 'quoted' one"))

    with reader.connect(autocommit=True) as connection:
        assert connection.execute("select count(*) from probe").fetchone() == (0,)
        for statement in ("select * from marts.probe", "select * from raw.people", "set role roosevelt_owner"):
            with pytest.raises(psycopg.errors.InsufficientPrivilege):
                connection.execute(statement)
        with pytest.raises(psycopg.errors.ReadOnlySqlTransaction):
            connection.execute("create temporary table t (x int)")
