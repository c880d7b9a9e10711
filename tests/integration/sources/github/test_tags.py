"""Tags over HTTP: whole snapshots, what moved, what is gone."""

import pytest

from tests.integration.sandbox.handmade import COMMITS, RELEASES, minute, oid, tag

STREAM = "github_tags"
STREAMS = ("github_repositories", STREAM)
RULE = {"sources": ["tag"], "tags": ["v*"]}


@pytest.fixture
def world(new_world):
    return new_world(deployments=[RULE])


def push(world, at):
    """Something was pushed, which is all that GitHub's probe tells of a tag that moved."""
    doc = world.store.doc("repositories", 1001)
    world.put("repositories", doc | {"pushed_at": at})


def test_every_tag_lands_with_the_commit_that_it_points_to_and_how_its_time_is_known(world):
    outcome = world.sync(STREAMS)["api", STREAM]

    assert (outcome.error, outcome.requests, outcome.remote_count) == (None, 1, RELEASES)
    tags = {one["name"]: one for one in world.payloads(STREAM).values()}
    assert len(tags) == RELEASES
    # v1.2 is lightweight; v1.3 was tagged ten minutes after its commit.
    assert tags["v1.2"] == {"repository_id": 1001, "name": "v1.2", "oid": oid(2), "tagged_at": None,
                            "committed_at": minute(602), "method": "commit"}  # fmt: skip
    assert (tags["v1.3"]["oid"], tags["v1.3"]["tagged_at"], tags["v1.3"]["method"]) == (oid(3), minute(613), "tagger")


def test_tags_are_asked_for_again_only_after_something_was_pushed(world):
    world.sync(STREAMS)

    assert world.sync(STREAMS)["api", STREAM].requests == 0


def test_a_tag_that_moves_is_a_new_version_and_the_old_one_is_kept(world):
    world.sync(STREAMS)
    world.put("tags", tag(2, oid=oid(9)))
    push(world, minute(COMMITS + 1))

    outcome = world.sync(STREAMS)["api", STREAM]

    assert (outcome.requests, outcome.versions_added) == (1, 1)
    assert world.payloads(STREAM)["1001:v1.2"]["oid"] == oid(9)
    assert world.rows(f"select payload ->> 'oid' from raw.{STREAM}_versions") == [(oid(2),)]


def test_a_tag_that_was_deleted_is_a_tombstone_and_may_come_back(world):
    world.sync(STREAMS)
    world.store.connection.execute("delete from tags where name = 'v1.4'")

    world.sync(STREAMS)
    assert "1001:v1.4" not in world.payloads(STREAM)
    assert world.rows(f"select natural_key from raw.{STREAM} where deleted") == [("1001:v1.4",)]

    world.put("tags", tag(4))
    world.sync(STREAMS)
    assert world.payloads(STREAM)["1001:v1.4"]["oid"] == oid(4)


def test_more_tags_than_fit_on_a_page_are_read_to_the_last(world):
    for number in range(RELEASES + 1, 231):
        world.put("tags", tag(number))

    outcome = world.sync(STREAMS)["api", STREAM]

    assert (outcome.requests, outcome.points, len(world.payloads(STREAM))) == (3, 3, 230)


def test_a_list_that_shifts_while_it_is_read_deletes_nothing_and_is_read_again(world):
    for number in range(RELEASES + 1, 231):
        world.put("tags", tag(number))
    world.sync(STREAMS)
    push(world, minute(COMMITS + 1))

    def shift(_repository, stream, seen):
        if stream == STREAM and seen == 100:  # the list loses its first tag, so page 2 begins one too late
            world.store.connection.execute("delete from tags where name = 'v1.1'")

    world.sync(STREAMS, on_progress=shift)
    assert len(world.payloads(STREAM)) == 230

    again = world.sync(STREAMS)["api", STREAM]
    assert (again.requests, len(world.payloads(STREAM))) == (3, 229)


def test_a_tag_of_something_else_than_a_commit_is_left_out(world):
    world.put("tags", tag(77, oid="e" * 40))  # nothing that GitHub knows a commit of

    outcome = world.sync(STREAMS)["api", STREAM]

    assert "1001:v1.77" not in world.payloads(STREAM)
    assert (outcome.outcome, outcome.rejects) == ("complete", 1)


def test_a_repository_that_does_not_deploy_by_tags_is_asked_nothing(new_world):
    world = new_world()

    assert ("api", STREAM) not in world.sync(STREAMS)
    assert world.payloads(STREAM) == {}
