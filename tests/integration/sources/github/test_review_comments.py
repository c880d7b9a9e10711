"""Comments in reviews of code: who, when, in answer to what; found though their pull request did not move."""

import re
from datetime import UTC, datetime, timedelta

import pytest

from tests.integration.sandbox import handmade
from tests.integration.sandbox.handmade import ALICE, BOB, BOT, GONE, minute

STREAM = "github_review_comments"
NINTH = datetime(2026, 1, 9, tzinfo=UTC)


@pytest.fixture
def world(world):
    world.sandbox.state.now = NINTH
    return world


def write(world, number, *comments):
    """Let a pull request have these comments, without touching its time of change."""
    doc = handmade.pull_request(number)
    doc["reviews"][0]["comments"] = list(comments)
    world.put("pull_requests", doc)


def comment(number, at, **more):
    return {"id": number, "created_at": minute(at), "updated_at": minute(at)} | more


def asked(world):
    return world.sandbox.state.journal.summary()["operations"].get("GET /repos/acme/api/pulls/comments", 0)


def test_a_comment_lands_without_its_text(world):
    write(world, 7, comment(1, 50), comment(2, 60, author_id=ALICE, in_reply_to=1, updated_at=minute(70)))

    world.sync([STREAM])

    landed = world.payloads(STREAM)
    assert landed["1"].pop("author_id") != landed["2"].pop("author_id")
    assert landed["2"] == {
        "comment_id": 2, "repository_id": handmade.API, "node_id": landed["2"]["node_id"], "pull_request_number": 7,
        "review_id": 60_007, "in_reply_to_id": 1, "created_at": "2026-01-05T01:00:00Z",
        "updated_at": "2026-01-05T01:10:00Z",
    }  # fmt: skip


def test_machines_are_known_as_such_and_who_left_is_nobody(world):
    write(world, 7, comment(1, 50, author_id=BOT), comment(2, 51, author_id=BOB), comment(3, 52, author_id=GONE))
    world.sync([STREAM])

    rows = world.rows(
        f"select natural_key, is_bot from raw.{STREAM} left join raw.github_accounts as accounts "
        "on accounts.user_id = (payload ->> 'author_id')::uuid order by 1"
    )

    assert rows == [("1", True), ("2", False), ("3", None)]


def test_a_comment_on_a_pull_request_that_did_not_move_is_found_when_another_moved(world):
    world.sync()
    write(world, 5, comment(1, 4000))
    assert world.sync()["api", STREAM].requests == 0

    world.put("pull_requests", handmade.pull_request(9, updated_at=minute(4001)))
    outcomes = world.sync()

    assert "1" in world.payloads(STREAM)
    assert (outcomes["api", STREAM].requests, outcomes["api", STREAM].lane) == (1, "incremental")


def test_a_comment_in_a_quiet_repository_is_found_when_a_refresh_is_due(world):
    world.sync()
    write(world, 5, comment(1, 4000))
    world.sandbox.state.now += timedelta(hours=20)

    outcomes = world.sync()

    assert "1" in world.payloads(STREAM)
    assert (outcomes["api", STREAM].requests, outcomes["api", STREAM].lane) == (1, "refresh")


def test_comments_are_read_from_the_last_one_met_and_never_by_page_number(world):
    write(world, 7, *(comment(number, number) for number in range(1, 251)))

    outcomes = world.sync([STREAM])

    assert len(world.payloads(STREAM)) == 250
    # 100, then 99 more and the last again, then 52: each page begins with the comment that the one before ended with.
    assert outcomes["api", STREAM].requests == 3


def test_more_comments_of_one_second_than_fit_on_a_page_are_read_whole(world):
    write(world, 7, *(comment(number, 100) for number in range(1, 251)), comment(300, 101))

    world.sync([STREAM])

    assert len(world.payloads(STREAM)) == 251


def test_what_changes_while_it_is_read_is_neither_lost_nor_old(world):
    comments = [comment(number, number) for number in range(1, 251)]
    write(world, 7, *comments)
    pages = []

    def meanwhile(*_: object) -> None:
        """After the first page somebody edits comments of every page."""
        pages.append(1)
        if len(pages) == 1:
            for number in (10, 110, 240):
                comments[number - 1]["updated_at"] = minute(3000 + number)
            write(world, 7, *comments)

    world.sync([STREAM], on_progress=meanwhile)

    landed = world.payloads(STREAM)
    assert len(landed) == 250
    assert {landed[str(number)]["updated_at"] for number in (10, 110, 240)} == {
        minute(3010), minute(3110), minute(3240),
    }  # fmt: skip


def test_a_sync_that_is_stopped_after_a_page_goes_on_there(world):
    class Stop(BaseException):
        pass

    def stop(*_: object) -> None:
        raise Stop

    write(world, 7, *(comment(number, number) for number in range(1, 251)))
    with pytest.raises(Stop):
        world.sync([STREAM], on_progress=stop)
    assert len(world.payloads(STREAM)) == 100

    assert world.sync([STREAM])["api", STREAM].requests == 2
    assert len(world.payloads(STREAM)) == 250


def test_a_comment_that_is_no_comment_is_set_aside_without_its_text(world):
    write(world, 7, comment(1, 50), comment(2, 51, updated_at="1970-01-01T00:00:00Z"))

    world.sync([STREAM])

    assert set(world.payloads(STREAM)) == {"1"}
    ((record,),) = world.rows("select record::text from raw.rejected_records")
    assert not re.search("body|diff_hunk", record)
