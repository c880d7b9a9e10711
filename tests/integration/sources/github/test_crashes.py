"""Stopped anywhere and run again, raw is what an undisturbed run leaves: equal up to the names of surrogates."""

import subprocess
import sys
from contextlib import contextmanager
from pathlib import Path

import psycopg
import pytest
from psycopg.conninfo import conninfo_to_dict, make_conninfo

from tests.integration.sources.github import conftest
from tests.support.crash_proxy import CrashProxy, Moment

SIDES = ("request lost", "answer lost")
VICTIM = Path(__file__).with_name("victim.py")


class Stop(BaseException):
    """What no code of ours catches."""


class Stopper:
    """Stops a sync right after its n-th page has landed."""

    def __init__(self, page: int) -> None:
        self.left = page

    def __call__(self, *_: object) -> None:
        self.left -= 1
        if self.left == 0:
            raise Stop


@pytest.fixture(scope="module")
def undisturbed(new_warehouse):
    """The picture that an undisturbed sync leaves."""
    from tests.integration.sandbox import handmade

    world = conftest.World(new_warehouse(), handmade.store(), {})
    world.sync()
    yield world.picture()
    world.close()


def test_two_undisturbed_runs_leave_the_same_picture(world, undisturbed):
    world.sync()

    assert "person 2" in undisturbed
    assert world.picture() == undisturbed


@pytest.mark.parametrize("every", [1, 3, 4])
def test_a_sync_that_is_stopped_again_and_again_ends_where_an_undisturbed_one_does(world, undisturbed, every):
    stops = 0
    while True:
        try:
            world.sync(on_progress=Stopper(every + 5))  # the organisation's five pages land each time
        except Stop:
            stops += 1
            assert stops < 60
        else:
            break

    assert stops > 1  # what the other readers land meanwhile is landed
    assert world.picture() == undisturbed
    assert world.versions() == 0


@pytest.mark.parametrize(("number", "side"), [(30, "request lost"), (55, "answer lost"), (80, "request lost")])
def test_a_process_that_is_killed_between_two_statements_leaves_nothing_half_done(world, undisturbed, number, side):
    with victims(world) as kill_at:
        assert kill_at(Moment(number, side)) == -9
    landed = sum(world.counts().values())

    world.sync()

    assert landed < sum(world.counts().values())
    assert world.picture() == undisturbed
    assert world.versions() == 0


@pytest.mark.soak
def test_a_process_that_is_killed_at_every_statement_leaves_nothing_half_done(world, undisturbed):
    """Each moment once, before the request reaches the server and after the server has done it."""
    with victims(world) as kill_at:
        assert kill_at(None) == 0
        moments = [Moment(number, side) for number in range(1, kill_at.proxy.answers) for side in SIDES]
        killed = 0
        for moment in moments:
            world.forget()
            killed += kill_at(moment) == -9
            world.sync()
            assert world.picture() == undisturbed, moment
            assert world.versions() == 0, moment
    sys.stdout.write(f"killed at {killed} of {len(moments)} moments\n")
    assert killed >= 0.95 * len(moments)


@pytest.mark.parametrize("mutant", ["rows_then_cursor", "cursor_then_rows"])
def test_the_sweep_catches_a_reader_that_lands_in_two_transactions(world, mutant):
    with world.warehouse.connect() as admin:
        admin.execute("create table ingest.mutant_rows (natural_key text)")
        admin.execute("grant insert on ingest.mutant_rows to public")
    with victims(world, mutant) as kill_at:
        assert kill_at(None) == 0
        expected, answers = mutant_content(world), kill_at.proxy.answers
        # Around the middle, where one of three pages lands.
        for number in range(answers // 2, answers // 2 + 16, 3):
            world.forget()
            with world.warehouse.connect() as admin:
                admin.execute("truncate ingest.mutant_rows")
            assert kill_at(Moment(number, "answer lost")) == -9
            assert kill_at(None) == 0
            if mutant_content(world) != expected:
                return
    pytest.fail(f"no kill caught {mutant}")


def mutant_content(world):
    appended = sorted(key for (key,) in world.rows("select natural_key from ingest.mutant_rows"))
    return appended, sorted(world.payloads("github_pull_requests"))


@contextmanager
def victims(world, *mutant):
    """Starts processes that read the company through a proxy, and kills them at a moment, or never."""
    parts = conninfo_to_dict(world.warehouse.url)
    proxy = CrashProxy(str(parts["host"]), int(parts["port"]))
    url = make_conninfo(world.warehouse.url, host="127.0.0.1", port=proxy.port, sslmode="disable", gssencmode="disable")

    def kill_at(moment: Moment | None) -> int:
        proxy.arm(moment)
        with subprocess.Popen(
            [sys.executable, VICTIM, url, world.sandbox.url, *mutant], start_new_session=True
        ) as victim:
            proxy.aim(victim.pid)
            return victim.wait(timeout=120)

    kill_at.proxy = proxy
    yield kill_at
    proxy.close()


def test_a_database_that_goes_away_ends_the_run_with_a_clear_message(world):
    from roosevelt_pipeline.warehouse.connections import DatabaseError

    def cut(*_: object) -> None:
        with psycopg.connect(world.warehouse.url, autocommit=True) as admin:
            admin.execute(
                "select pg_terminate_backend(pid) from pg_stat_activity "
                "where datname = current_database() and pid <> pg_backend_pid()"
            )

    with pytest.raises(DatabaseError, match="lost the database"):
        world.sync(on_progress=cut)
