"""`roosevelt psql` is psql: same arguments, same answers, same exit status."""

import os
from pathlib import Path

import pytest

from roosevelt_pipeline.psql import connection_environment
from roosevelt_pipeline.warehouse.embedded import ensure_server, running_server
from tests.conftest import FAST


@pytest.fixture(scope="module")
def embedded_site(make_site):
    """A site on the embedded server, which is down."""
    site = make_site()
    ensure_server(Path(site.environment["ROOSEVELT_HOME"]), FAST).stop()
    return site


def test_arguments_are_passed_on_unchanged_and_bi_comes_first_on_the_search_path(embedded_site):
    answer = embedded_site.roosevelt("psql", "-Atc", "show search_path")

    assert answer.stdout.startswith("bi,marts,analytics,")
    assert (answer.stderr, answer.returncode) == ("", 0)


def test_it_starts_the_embedded_server_and_stops_it_again(embedded_site):
    answer = embedded_site.roosevelt("psql", "-Atc", "select current_database()")

    assert answer.stdout == "roosevelt\n"
    assert running_server(Path(embedded_site.environment["ROOSEVELT_HOME"])) is None


def test_a_server_that_others_use_keeps_running(embedded_site):
    server = ensure_server(Path(embedded_site.environment["ROOSEVELT_HOME"]))
    try:
        embedded_site.roosevelt("psql", "-c", "select 1")
        assert server.is_running()
    finally:
        server.stop()


def test_input_output_and_exit_status_are_psqls_own(embedded_site):
    assert embedded_site.roosevelt("psql", "-At", stdin="select 6 * 7;\n").stdout == "42\n"
    failed = embedded_site.roosevelt("psql", "-v", "ON_ERROR_STOP=1", "-c", "select 1 / 0")
    assert "division by zero" in failed.stderr
    assert failed.returncode == 1


def test_help_is_psqls_help(embedded_site):
    assert "psql is the PostgreSQL interactive terminal" in embedded_site.roosevelt("psql", "--help").stdout


def test_the_address_travels_in_the_environment_with_all_its_parts():
    given = connection_environment(
        "postgresql://me:s%40crt@db.test:6432/metrics?sslmode=verify-full&options=-cjit%3Doff"
    )

    assert (given["PGHOST"], given["PGPORT"], given["PGUSER"]) == ("db.test", "6432", "me")
    assert (given["PGPASSWORD"], given["PGDATABASE"], given["PGSSLMODE"]) == ("s@crt", "metrics", "verify-full")
    assert given["PGOPTIONS"].startswith("-cjit=off -c search_path=bi,")


def test_a_database_of_ones_own_is_used_where_one_is_named(site, warehouse):
    answer = site.roosevelt("psql", "-Atc", "select current_database()")

    assert answer.stdout.strip() == warehouse.url.rsplit("/", 1)[1]
    assert not (Path(site.environment["ROOSEVELT_HOME"]) / "postgres").exists()
    assert os.environ.get("PGOPTIONS") is None
