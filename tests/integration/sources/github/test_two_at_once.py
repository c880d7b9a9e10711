"""Two syncs of the same repositories at once: one wholly between two pages of the other, and both as processes."""

import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor

import pytest

from tests.integration.sandbox import handmade
from tests.integration.sandbox.handmade import API, minute, oid
from tests.integration.sources.github.test_crashes import VICTIM

PAGES = (5, 6, 7, 9, 11, 13, 15)  # the organisation's are four, then three of pull requests, of commits, ...


def lives_on(world):
    """Something moves in every stream."""
    for number in range(1, 31):
        world.put("pull_requests", handmade.pull_request(number, updated_at=minute(4000 + number)))
    for number in (251, 252):
        world.put(
            "commits", handmade.commit(number) | {"committed_at": minute(900)}, repository_id=API, position=number
        )
    world.put("repositories", handmade.repository(API, "api", oid(252)))
    world.put("deployments", handmade.deployment(46))
    world.put("workflow_runs", handmade.workflow_run(131))
    world.put("issues", handmade.issue(5) | {"updated_at": minute(4000), "labels": ["incident"]})
    world.put("releases", handmade.release(13), repository_id=API)


@pytest.fixture(scope="module")
def afterwards(new_warehouse):
    """The picture that one sync leaves of the company as it is in the end."""
    from tests.integration.sources.github.conftest import World

    world = World(new_warehouse(), handmade.store(), {})
    lives_on(world)
    world.sync()
    yield world.picture()
    world.close()


def sync_with_another_inside(world, page, between):
    """A sync; after its so-many-th page ``between`` happens, and another sync from beginning to end."""
    left = [page]

    def inside(*_: object) -> None:
        left[0] -= 1
        if left[0] == 0:
            between()
            world.sync()

    outcomes = world.sync(on_progress=inside)
    assert [one.error for one in outcomes.values() if one.error] == []
    assert left[0] <= 0


@pytest.mark.parametrize("page", PAGES)
def test_a_sync_inside_the_first_of_another_does_no_harm(world, afterwards, page):
    sync_with_another_inside(world, page, lambda: lives_on(world))
    world.sync()

    assert world.picture() == afterwards


@pytest.mark.parametrize("page", [5, 6])  # the organisation's are four, then two of pull requests
def test_a_sync_inside_a_later_one_of_another_does_no_harm(world, afterwards, page):
    """The outer one holds pages and places that are older than what the inner one has landed."""
    world.sync()
    for number in range(1, 31):
        world.put("pull_requests", handmade.pull_request(number, updated_at=minute(3500 + number), labels=["moved"]))
    sync_with_another_inside(world, page, lambda: lives_on(world))
    world.sync()

    assert world.picture() == afterwards


def test_two_processes_at_once_do_no_harm(world, afterwards):
    lives_on(world)
    command = [sys.executable, VICTIM, world.warehouse.url, world.sandbox.url]
    running = [subprocess.Popen(command) for _ in range(2)]
    assert [one.wait(timeout=120) for one in running] == [0, 0]
    world.sync()

    assert world.picture() == afterwards
    assert world.versions() == 0
    assert world.rows("select count(*) from vault.identities") == world.rows("select count(*) from vault.persons")


def test_several_syncs_at_once_while_the_company_lives_on_do_no_harm(world, afterwards):
    with ThreadPoolExecutor(3) as pool:
        syncs = [pool.submit(world.sync) for _ in range(3)]
        lives_on(world)
        assert [one.error for sync in syncs for one in sync.result().values() if one.error] == []
    world.sync()

    assert world.picture() == afterwards
