"""Stopped anywhere and run again, raw is what an undisturbed run leaves: equal up to the names of surrogates."""

import subprocess
import sys
from pathlib import Path

import psycopg
import pytest
from psycopg.conninfo import conninfo_to_dict, make_conninfo

from tests.integration.sources.github import conftest
from tests.support.crash_proxy import CrashProxy, Moment

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
    parts = conninfo_to_dict(world.warehouse.url)
    proxy = CrashProxy(str(parts["host"]), int(parts["port"]))
    url = make_conninfo(world.warehouse.url, host="127.0.0.1", port=proxy.port, sslmode="disable", gssencmode="disable")
    proxy.arm(Moment(number, side))
    with subprocess.Popen([sys.executable, VICTIM, url, world.sandbox.url], start_new_session=True) as victim:
        proxy.aim(victim.pid)
        assert victim.wait(timeout=60) == -9
    proxy.close()
    landed = sum(world.counts().values())

    world.sync()

    assert landed < sum(world.counts().values())
    assert world.picture() == undisturbed
    assert world.versions() == 0


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
