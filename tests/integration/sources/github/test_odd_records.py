"""Records unlike what GitHub promises: kept with their reason, while the page lands without them."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from roosevelt_pipeline.sources.github.repositories import Unfit, discover
from tests.integration.sandbox import handmade
from tests.integration.sandbox.handmade import API, minute, oid

PULLS = ["github_pull_requests"]
FUTURE = "2999-01-01T00:00:00Z"
NOW = datetime(2026, 1, 20, tzinfo=UTC)


def add_commits(world, last):
    """Commits above the newest, as old by their dates as one of the first."""
    for number in range(handmade.COMMITS + 1, last + 1):
        doc = handmade.commit(1) | {"oid": oid(number), "parents": [oid(number - 1)], "committed_at": minute(900)}
        world.put("commits", doc, repository_id=API, position=number)
    world.put("repositories", handmade.repository(API, "api", oid(last)))


def rejected(world):
    return dict(world.rows("select natural_key, reason from raw.rejected_records order by id"))


def reconciles(world, outcomes, stream, there):
    """Whether everything that was fetched is in raw or among the rejects."""
    one = outcomes["api", stream]
    assert one.outcome == "complete", one.error
    return one.rows_seen + one.rejects == there and one.rejects == len(rejected(world))


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"createdAt": None}, "missing: createdAt"),
        ({"createdAt": "yesterday"}, "not_a_time: createdAt"),
        ({"createdAt": "2026-01-05T00:00:00"}, "time_without_zone: createdAt"),
        ({"createdAt": FUTURE}, "implausible_time: created_at"),
        ({"createdAt": "0001-01-01T00:00:00+14:00"}, "not_a_time: createdAt"),
        ({"additions": "many"}, "not_an_integer: additions"),
        ({"additions": 2**64}, "implausible_number: additions"),
        ({"additions": 1e400}, "not_an_integer: additions"),
        ({"additions": "9" * 5000}, "not_an_integer: additions"),
        ({"isDraft": "no"}, "not_a_boolean: isDraft"),
        ({"title": ["a"]}, "not_text: title"),
        ({"mergeCommit": "abc"}, "not_an_object: mergeCommit"),
        ({"labels": None}, "missing: labels"),
        ({"labels.nodes": ["bug"]}, "not_an_object: labels.nodes"),
        ({"reviews.pageInfo": {"hasNextPage": True}}, "missing: endCursor of reviews"),
        ({"reviews.pageInfo": None}, "missing: pageInfo"),
        ({"commits.nodes.0.commit": 7}, "not_an_object: commit"),
    ],
)
def test_an_odd_pull_request_is_kept_with_its_reason_and_its_page_lands_without_it(unread, change, reason):
    unread.fail("PullRequests", "mutate", item=4, change=change)

    outcomes = unread.sync(PULLS)

    assert rejected(unread) == {"20005": reason}
    assert set(range(20_001, 20_061)) - {int(key) for key in unread.payloads("github_pull_requests")} == {20_005}
    assert reconciles(unread, outcomes, "github_pull_requests", 60)


def test_what_is_odd_is_told_once_however_often_it_is_read(world):
    world.put("pull_requests", handmade.pull_request(5, created_at=FUTURE))
    for number in (1, 2, 3):
        world.sync(PULLS)
        world.put("pull_requests", handmade.pull_request(5, created_at=FUTURE, updated_at=minute(4000 + number)))

    assert rejected(world) == {"20005": "implausible_time: created_at"}


def test_a_record_that_was_odd_lands_as_soon_as_it_no_longer_is(world):
    world.put("pull_requests", handmade.pull_request(5, created_at=FUTURE))
    world.sync(PULLS)
    world.put("pull_requests", handmade.pull_request(5, updated_at=minute(4000)))
    world.sync(PULLS)

    assert len(world.payloads("github_pull_requests")) == 60


def test_fields_that_nobody_knows_change_nothing(world):
    world.sync(PULLS)
    before = world.picture()
    world.put("pull_requests", handmade.pull_request(1, updated_at=minute(4000)))
    new = {"mood": {"of": ["the", {"day": 1}]}, "author.mood": "good", "labels.mood": None}
    world.fail("PullRequests", "mutate", item=None, change=new, times=9)
    world.sync(PULLS)

    assert rejected(world) == {}
    assert world.picture().replace(minute(4000), minute(2999)) == before


def test_text_that_no_database_holds_lands_with_the_place_marked(unread):
    unread.fail("Issues$", "mutate", item=0, change={"title": "a\0b\ud800c", "body": "\udfff", "state": "OP\0EN"})
    unread.sync(["github_issues"])

    landed = unread.payloads("github_issues")["30001"]
    assert (landed["title"], landed["state"]) == ("a\ufffdb\ufffdc", "OP\ufffdEN")
    assert rejected(unread) == {}


@pytest.mark.parametrize("key", ["\0" * 40, "a\ud800", "f" * 10_000])
def test_a_key_that_no_index_holds_is_refused_and_poisons_no_page(unread, key):
    unread.fail("Commits", "mutate", item=2, change={"oid": key})

    outcomes = unread.sync(["github_commits"])

    assert list(rejected(unread).values()) == ["not_a_commit_id: oid"]
    assert len(unread.payloads("github_commits")) == 249
    assert reconciles(unread, outcomes, "github_commits", 250)


def test_numbers_that_are_none_are_kept_as_they_were_written(unread):
    unread.fail("/actions/runs$", "mutate", item=0, change={"run_attempt": float("nan")})
    unread.sync()

    assert unread.rows("select record ->> 'run_attempt' from raw.rejected_records") == [("nan",)]


def test_nothing_personal_is_kept_of_what_is_odd(unread):
    secret = {"author": {"login": "alice"}, "title": "Alice did it", "additions": None, "more": {"email": "a@b.c"}}
    unread.fail("PullRequests", "mutate", item=0, change=secret)
    unread.sync(PULLS)

    kept = str(unread.rows("select record::text from raw.rejected_records")).lower()
    assert "alice" not in kept
    assert "a@b.c" not in kept


def test_ids_that_graphql_cannot_say_are_read_from_the_node_id(world):
    """64 bits, as new objects have; the schema's integers hold 32."""
    for number in (46, 47):
        world.put("deployments", handmade.deployment(46) | {"id": 2**40 + number, "created_at": minute(900 + number)})
    world.put("pull_requests", handmade.pull_request(61, id=2**62))
    world.sync()

    assert {str(2**40 + 46), str(2**40 + 47)} <= set(world.payloads("github_deployments"))
    assert str(2**62) in world.payloads("github_pull_requests")


def test_deleted_accounts_leave_their_work_without_an_author(unread):
    gone = {"author": None, "mergedBy": None, "reviews.nodes.0.author": None}
    unread.fail("PullRequests", "mutate", item=None, change=gone, times=9)
    unread.fail("Deployments", "mutate", item=None, change={"creator": None}, times=9)
    unread.fail("Commits", "mutate", item=None, change={"author.user": None, "author.email": None}, times=9)
    unread.fail("/actions/runs$", "mutate", item=None, change={"actor": None}, times=9)
    unread.sync()

    pulls = unread.payloads("github_pull_requests").values()
    assert {(one["author_id"], one["merged_by_id"], one["reviews"][0]["author_id"]) for one in pulls} == {(None,) * 3}
    assert {one["creator_id"] for one in unread.payloads("github_deployments").values()} == {None}
    assert {one["author_id"] for one in unread.payloads("github_commits").values()} == {None}
    assert rejected(unread) == {}


@pytest.mark.parametrize("email", ["9" * 5000 + "+x@users.noreply.github.com", "\ud800@x", "x" * 100_000])
def test_an_address_that_somebody_made_up_stops_no_commit(unread, email):
    unread.fail("Commits", "mutate", item=0, change={"author": {"name": "x", "email": email, "user": None}})
    unread.sync(["github_commits"])

    assert len(unread.payloads("github_commits")) == 250


def test_a_merge_before_its_commits_and_a_run_that_ended_before_it_began_land_as_they_are_told(world):
    early = handmade.pull_request(5, merged_at=minute(1), closed_at=minute(1))
    early["commits"] = [early["commits"][0] | {"authored_at": minute(3000), "committed_at": minute(3000)}]
    world.put("pull_requests", early)
    world.put("workflow_runs", handmade.workflow_run(9) | {"run_started_at": minute(500), "updated_at": minute(90)})
    world.sync()

    landed = world.payloads("github_pull_requests")["20005"]
    assert (landed["merged_at"], landed["commits"][0]["authored_at"]) == (minute(1), minute(3000))
    assert world.payloads("github_workflow_runs")["9009:1"]["run_started_at"] == minute(500)


@pytest.mark.parametrize("stream", ["github_pull_requests", "github_issues"])
def test_what_is_dated_in_the_future_hides_nothing_that_comes_after_it(world, stream):
    world.sandbox.state.now = NOW
    table, make, label = {
        "github_pull_requests": ("pull_requests", handmade.pull_request, {}),
        "github_issues": ("issues", lambda number: handmade.issue(number), {"labels": ["incident"]}),
    }[stream]
    world.put(table, make(7) | label | {"updated_at": FUTURE})
    world.sync([stream])
    world.sandbox.state.now = NOW + timedelta(days=1)
    for number in range(10, 50 if table == "pull_requests" else 30):
        world.put(table, make(number) | label | {"updated_at": f"2026-01-20T12:{number}:00Z", "title": "Later"})

    world.sync([stream])

    moved = [one for one in world.payloads(stream).values() if one["updated_at"] > "2026-01-20"]
    assert len(moved) == (40 if table == "pull_requests" else 20)


@pytest.mark.parametrize("fast", [3600, -3600, 86_400 * 3, -86_400 * 3])
def test_a_clock_that_was_off_for_a_while_hides_no_change(world, fast):
    world.sandbox.state.now = NOW
    world.fail(".", "clock", seconds=fast, times=1000)
    world.sync()
    assert rejected(world) == {}
    world.sandbox.state.faults.clear()
    world.sandbox.state.now = NOW + timedelta(minutes=5)
    world.put("pull_requests", handmade.pull_request(5, updated_at="2026-01-20T00:04:00Z", title="Later"))
    deployment = handmade.deployment(45)
    later = deployment["statuses"][-1] | {"id": 1, "state": "INACTIVE", "created_at": "2026-01-20T00:04:00Z"}
    world.put("deployments", deployment | {"state": "INACTIVE", "statuses": [*deployment["statuses"], later],
                                           "updated_at": "2026-01-20T00:04:00Z"})  # fmt: skip
    world.sync()

    assert world.payloads("github_pull_requests")["20005"]["updated_at"] == "2026-01-20T00:04:00Z"
    assert world.payloads("github_deployments")["40045"]["state"] == "INACTIVE"


@pytest.mark.parametrize("date", [None, "yesterday", "Fri, 31 Dec 9999 23:59:59 GMT", "Mon, 01 Jan 0001 00:00:00 GMT"])
def test_an_answer_without_a_usable_date_lands_all_the_same(unread, date):
    unread.fail(".", "headers", headers={"date": date}, times=1000)
    outcomes = unread.sync()

    assert {one.outcome for one in outcomes.values()} == {"complete"}
    assert len(unread.payloads("github_pull_requests")) == 60


@pytest.mark.parametrize("change", [{"createdAt": 7}, {"id": None, "databaseId": None}, {"owner": "acme"}])
def test_a_repository_that_is_not_understood_fails_alone(unread, change):
    unread.fail("OrganizationRepositories", "mutate", item=0, change=change)
    unfit: list[Unfit] = []
    found = discover(unread.new_client(), unread.settings, unfit)

    assert [one.name for one in found] == ["web"]
    assert [one.name_with_owner for one in unfit] == ["acme/api"]
    assert "not understood" in unfit[0].problem


def test_a_probe_that_is_not_understood_costs_a_request_and_loses_nothing(world):
    world.sync()
    world.put("pull_requests", handmade.pull_request(5, updated_at=minute(4000)))
    world.fail("OrganizationRepositories", "mutate", item=0, change={"pullRequests": {"nodes": ["x"]}})
    world.sync()

    assert world.payloads("github_pull_requests")["20005"]["updated_at"] == minute(4000)


def test_a_team_or_a_member_that_is_not_understood_has_not_left(world):
    world.sync()
    world.put("teams", world.store.doc("teams", 301) | {"name": "Paying"})
    for change in ({"slug": None}, {"members": None}, {"members.edges.0.role": 7}, {"members.edges.1.node": None}):
        world.fail("Teams", "mutate", item=0, change=change)
        world.sync(["github_teams", "github_team_members"])
        assert (world.counts()["teams"], world.counts()["team_members"]) == (1, 2), change

    assert {reason for (reason,) in world.rows("select reason from raw.rejected_records")} == {
        "missing: slug", "missing: members", "not_text: role", "missing: node",
    }  # fmt: skip


def test_the_commits_below_one_that_does_not_fit_are_read(world):
    world.sync(["github_commits"])
    add_commits(world, 480)
    # The last of the first page: its parent is on the next, and nothing else leads there.
    world.fail("Commits", "mutate", item=99, change={"additions": None})
    world.sync(["github_repositories", "github_commits"])

    missing = {oid(number) for number in range(1, 481)} - {
        key.partition(":")[2] for key in world.payloads("github_commits")
    }
    assert missing == {oid(381)}


def test_even_if_its_parents_cannot_be_read(world):
    world.sync(["github_commits"])
    add_commits(world, 380)
    world.fail("Commits", "mutate", item=99, change={"additions": None, "parents": None})
    world.sync(["github_repositories", "github_commits"])

    assert len(world.payloads("github_commits")) == 379


@pytest.mark.parametrize("owner", ["acme", "umbrella"])
def test_a_repository_or_a_person_that_gets_another_name_stays_who_it_is(world, owner):
    world.sync()
    people: list[Any] = world.rows("select user_id from raw.github_accounts order by 1")
    alice = world.store.doc("accounts", handmade.ALICE)
    world.put("accounts", alice | {"login": "alice-married"})
    world.put("repositories", handmade.repository(API, "interface", oid(handmade.COMMITS)) | {"owner": owner})
    world.settings = world.settings.model_copy(
        update={"github": world.settings.github.model_copy(update={"organization": owner})}
    )
    before = world.counts()
    world.sync()

    assert world.counts() == before
    assert world.rows("select user_id from raw.github_accounts order by 1") == people
    assert world.payloads("github_repositories")[str(API)]["name_with_owner"] == f"{owner}/interface"


def test_a_pull_request_without_commits_and_one_with_more_than_rest_would_show_land_whole(world):
    commit = handmade.pull_request(9)["commits"][0]
    world.put("pull_requests", handmade.pull_request(8, commits=[]))
    many = [commit | {"oid": oid(700_000 + number)} for number in range(300)]
    world.put("pull_requests", handmade.pull_request(9, commits=many))
    world.sync(PULLS)

    landed = world.payloads("github_pull_requests")
    assert [len(landed[key]["commits"]) for key in ("20008", "20009")] == [0, 300]
    assert len({one["oid"] for one in landed["20009"]["commits"]}) == 300
