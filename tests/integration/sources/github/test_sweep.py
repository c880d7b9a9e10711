"""What GitHub no longer has becomes a tombstone; what it merely does not show us never does."""

from datetime import UTC, datetime, timedelta

import pytest

from tests.integration.sandbox import handmade
from tests.integration.sandbox.handmade import API, WEB, minute, oid

JANUARY = datetime(2026, 1, 10, tzinfo=UTC)


@pytest.fixture
def world(world):
    world.sandbox.state.now = JANUARY
    world.sync()
    world.sandbox.state.now += timedelta(days=1)
    return world


def errors(outcomes):
    return {key: one.error for key, one in outcomes.items() if one.error}


def gone(world, stream):
    """Keys of the tombstones, and why they are such."""
    rows = world.rows(f"select natural_key, payload ->> 'gone' from raw.github_{stream} where deleted")
    return dict(rows)


def found(outcomes, stream):
    one = outcomes["api", f"github_{stream}"]
    return (one.asked, one.gone, one.transferred, one.revived)


def test_where_nothing_was_deleted_counts_agree_and_only_incidents_are_asked_for_by_id(world):
    before = world.counts()

    outcomes = world.sweep()

    assert errors(outcomes) == {}
    asked = {stream: one.asked for (name, stream), one in outcomes.items() if name == "api"}
    # GitHub counts all issues, we hold those that are incidents; and nothing counts review comments.
    assert {name: count for name, count in asked.items() if count} == {"github_issues": 15, "github_review_comments": 2}
    assert world.counts() == before
    # The list of repositories; in api one look for each of six streams, and the incidents and comments by id.
    assert world.client.costs.requests == 1 + 6 + 2
    assert world.rows("select count(*) from raw.github_sweeps where outcome = 'complete'") == [(1 + 2 * 6,)]


@pytest.mark.parametrize(
    ("stream", "table", "number", "keys"),
    [
        ("pull_requests", "pull_requests", 20_007, {"20007"}),
        ("deployments", "deployments", 40_007, {"40007"}),
        ("issues", "issues", 30_007, {"30007"}),
        ("releases", "releases", 50_007, {"50007"}),
        ("workflow_runs", "workflow_runs", 9_003, {"9003:1", "9003:2"}),  # with both of its attempts
    ],
)
def test_what_was_deleted_becomes_a_tombstone_that_keeps_what_was_known(world, stream, table, number, keys):
    known = world.payloads(f"github_{stream}")
    world.remove(table, number)

    outcomes = world.sweep()

    assert errors(outcomes) == {}
    assert gone(world, stream) == dict.fromkeys(keys, "not_found")
    assert world.payloads(f"github_{stream}") == {key: one for key, one in known.items() if key not in keys}
    assert found(outcomes, stream)[1:] == (1, 0, 0)
    again = world.sweep()
    assert found(again, stream)[1:] == (0, 0, 0)


def test_a_deleted_review_comment_becomes_a_tombstone(world):
    reviewed = handmade.pull_request(7)
    reviewed["reviews"][0]["comments"] = [{"id": 6_000_700}]  # the second of two is gone
    world.put("pull_requests", reviewed)

    assert found(world.sweep(), "review_comments") == (2 + 1, 1, 0, 0)
    assert gone(world, "review_comments") == {"6000701": "not_found"}


def test_a_transferred_issue_is_gone_here_and_lives_where_it_went(world):
    issue = handmade.issue(7) | {"repository_id": WEB, "number": 1, "updated_at": minute(5000)}
    world.put("issues", issue)

    outcomes = world.sweep()

    assert (found(outcomes, "issues"), gone(world, "issues")) == ((15 + 1, 0, 1, 0), {"30007": "transferred"})
    world.sync()
    assert world.payloads("github_issues")["30007"]["repository_id"] == WEB
    assert found(world.sweep(), "issues")[1:] == (0, 0, 0)
    assert gone(world, "issues") == {}


def test_an_object_that_reappears_is_revived_by_newer_content_and_by_the_next_sweep(world):
    deleted = world.store.doc("pull_requests", 20_007)
    release = world.store.doc("releases", 50_007)
    world.remove("pull_requests", 20_007)
    world.remove("releases", 50_007)
    world.sweep()
    world.put("pull_requests", deleted | {"updated_at": minute(6000)})
    world.put("releases", release, repository_id=API)  # as it was: no list shows that it is back

    world.sync(["github_pull_requests"])
    outcomes = world.sweep()

    assert (gone(world, "pull_requests"), gone(world, "releases")) == ({}, {})
    assert found(outcomes, "releases") == (12, 0, 0, 1)
    assert "gone" not in world.payloads("github_releases")["50007"]


def test_runs_that_github_itself_removes_after_400_days_stay(world):
    world.sandbox.state.now = JANUARY + timedelta(days=400)
    world.remove("workflow_runs", *range(9001, 9131))

    outcomes = world.sweep()

    assert (errors(outcomes), found(outcomes, "workflow_runs"), gone(world, "workflow_runs")) == ({}, (0, 0, 0, 0), {})


@pytest.mark.parametrize("permission", ["pull_requests", "deployments", "actions", "issues", "contents"])
def test_a_permission_that_was_lost_is_an_error_and_tombstones_nothing(world, permission):
    before = world.counts()
    world.token.permissions -= {permission}

    outcomes = world.sweep()

    named = {"actions": "github_workflow_runs", "contents": "github_releases"}.get(permission, f"github_{permission}")
    also = {("api", "github_review_comments")} if permission == "pull_requests" else set()
    assert set(errors(outcomes)) == {("api", named)} | also
    assert "give it the permission" in errors(outcomes)["api", named]
    assert world.counts() == before
    world.token.permissions |= {permission}
    assert errors(world.sweep()) == {}
    assert world.counts() == before


def test_an_answer_without_its_witness_tombstones_nothing(world):
    """GitHub lists everything, but for a moment finds nothing by id."""
    before = world.counts()
    world.remove("deployments", 40_001)
    lost = world.store.connection.execute("select max(id) from deployments").fetchone()[0]
    doc = world.store.doc("deployments", lost)
    world.remove("deployments", lost)
    # The newest that the list shows is one whose id leads nowhere.
    world.put("deployments", doc | {"id": 99, "created_at": minute(7000), "repository_id": API})
    world.store.connection.execute("update deployments set doc = json_set(doc, '$.id', 4711) where id = 99")

    outcomes = world.sweep()

    assert (
        "does not find it by its id, so nothing is taken for deleted" in errors(outcomes)["api", "github_deployments"]
    )
    assert world.counts() == before


def test_many_that_are_missing_at_once_are_believed_only_if_githubs_count_agrees(world):
    world.remove("deployments", *range(40_001, 40_021))  # 20 of 45
    assert errors(world.sweep()) == {}
    assert len(gone(world, "deployments")) == 20

    world.remove("issues", *range(30_001, 30_027))  # 13 of the 15 incidents; GitHub counts other issues with them
    refused = world.sweep()

    assert "acme/api: 13 of 15 objects are not found by their ids" in errors(refused)["api", "github_issues"]
    assert gone(world, "issues") == {}
    sure = world.settings.github.model_copy(update={"sweep_most_gone_ratio": 1.0})
    world.settings = world.settings.model_copy(update={"github": sure})
    assert errors(world.sweep()) == {}
    assert len(gone(world, "issues")) == 13


def test_a_sweep_that_is_killed_goes_on_behind_the_last_request_that_was_saved(world):
    for number in range(201, 551):
        world.store.put("issues", handmade.issue(2 * number + 1))
    world.store.flush()
    world.sync(["github_issues"])
    # Of 365 incidents the first, the last and one in between: 4 requests of 99 ids beside a witness.
    removed = (30_001, 30_601, 31_101)
    world.remove("issues", *removed)
    world.fail("Presence", "status", status=401, skip=3, times=1)  # the run ends here; the first asks for comments

    with pytest.raises(Exception, match="token"):
        world.sweep()
    asked = world.sandbox.state.journal.summary()["operations"]["Presence"]
    outcomes = world.sweep()

    assert errors(outcomes) == {}
    assert set(gone(world, "issues")) == {str(number) for number in removed}
    # Two of four requests were done; the other two follow, and one that asks for the missing ones again.
    assert found(outcomes, "issues")[0] == (365 - 2 * 99) + 3
    assert asked == 1 + 3


def test_a_repository_that_went_to_another_owner_is_a_tombstone_and_its_history_stays(world):
    before = world.counts()
    world.put("repositories", handmade.repository(WEB, "web", None) | {"owner": "globex"})

    outcomes = world.sweep()

    assert errors(outcomes) == {}
    assert gone(world, "repositories") == {str(WEB): "transferred"}
    assert {name for name, _ in outcomes} == {"org", "api"}
    assert world.counts() == before | {"repositories": 1}


def test_a_repository_that_vanishes_is_named_first_and_believed_a_week_later(world):
    world.put("repositories", handmade.repository(1003, "docs", None))
    world.sync()
    before = world.counts()
    world.remove("repositories", API)

    named = errors(world.sweep())
    again = errors(world.sweep())

    assert named == again
    assert "acme/api: not found, by name or by id: deleted, or hidden" in named["org", "github_repositories"]
    assert world.counts() == before

    world.sandbox.state.now += timedelta(days=7)
    assert errors(world.sweep()) == {}
    assert gone(world, "repositories") == {str(API): "not_found"}
    assert world.counts() == before | {"repositories": 2}  # nothing that was read of it is lost

    world.put("repositories", handmade.repository(API, "api", oid(handmade.COMMITS)))
    world.sync()
    assert gone(world, "repositories") == {}


def test_a_repository_that_is_hidden_for_a_while_is_forgotten_again_when_it_is_back(world):
    world.token.repositories = frozenset({"web"})
    assert set(errors(world.sweep())) == {("org", "github_repositories")}
    world.token.repositories = None
    world.sandbox.state.now += timedelta(days=7)
    assert errors(world.sweep()) == {}

    world.token.repositories = frozenset({"web"})
    world.sandbox.state.now += timedelta(days=7)

    assert set(errors(world.sweep())) == {("org", "github_repositories")}
    assert gone(world, "repositories") == {}


def test_a_renamed_repository_is_the_same_one(world):
    world.put("repositories", handmade.repository(API, "interface", oid(handmade.COMMITS)))

    assert errors(world.sweep()) == {}
    assert gone(world, "repositories") == {}
