"""Whole syncs over real HTTP into a real PostgreSQL, against a company whose every number is known."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from uuid import uuid4

import pytest

from roosevelt_pipeline.settings import BotSettings, DeploymentRule
from roosevelt_pipeline.sources.github.collect import collect_repository
from roosevelt_pipeline.sources.github.errors import TokenError
from roosevelt_pipeline.sources.github.repositories import discover
from tests.integration.sandbox import handmade
from tests.integration.sandbox.handmade import API, minute, oid

TENTH = datetime(2026, 1, 10, tzinfo=UTC)
EVERYTHING = {
    "repositories": 2,
    "teams": 1,
    "team_members": 2,  # the third has left
    "pull_requests": 60,
    "review_comments": 2,
    "commits": 250,
    "deployments": 45,
    "workflow_runs": 131,  # one was started again
    "workflow_jobs": 0,  # nothing here deploys by jobs, tags or other branches
    "issues": 15,  # every other one of thirty is an incident
    "releases": 12,
    "tags": 0,
    "pushes": 0,
}


def failed(outcomes):
    return {key: one.error for key, one in outcomes.items() if one.outcome == "failed"}


def added(outcomes):
    return {key: one.versions_added for key, one in outcomes.items() if one.versions_added}


def test_everything_lands_once_and_a_second_look_costs_three_requests(world):
    outcomes = world.sync()

    assert failed(outcomes) == {}
    assert world.counts() == EVERYTHING
    assert world.rows("select count(*) from raw.rejected_records") == [(0,)]
    # 60 pull requests are 3 pages of 24, 250 commits 3 of 100, 130 runs 2 of 100 and one earlier attempt.
    assert [outcomes["api", f"github_{name}"].requests for name in ("pull_requests", "commits")] == [3, 3]
    assert outcomes["api", "github_workflow_runs"].requests == 5

    again = world.sync()

    assert (added(again), world.versions()) == ({}, 0)
    # What moved in all repositories, the teams, and what ran in all workflows.
    assert world.client.costs.requests == 3
    assert world.sandbox.state.journal.summary()["graphql"]["points"] > world.client.costs.points == 3


def test_a_pull_request_lands_as_facts_without_texts(world):
    world.put("pull_requests", handmade.pull_request(
        7, title='Revert "Change 3"', body="Reverts acme/api#3\n\nFixes #1001", head_ref="hotfix/urgent"))  # fmt: skip
    world.sync(["github_pull_requests"])

    landed = world.payloads("github_pull_requests")["20007"]

    authors = {landed.pop("author_id"), landed.pop("merged_by_id"), landed["reviews"][0].pop("author_id")}
    assert len(authors) == 2  # Bob merged and reviewed; whose number is 7 % 4 has left
    assert landed == {
        "pull_request_id": 20007, "repository_id": API, "node_id": landed["node_id"], "number": 7,
        "url": "https://github.com/acme/api/pull/7", "state": "MERGED", "is_draft": False,
        "created_at": "2026-01-05T00:07:00Z", "updated_at": "2026-01-07T01:53:00Z",
        "closed_at": "2026-01-05T10:07:00Z", "merged_at": "2026-01-05T10:07:00Z", "additions": 7, "deletions": 1,
        "changed_files": 1, "base_is_default": True, "head_oid": oid(100_007), "merge_commit_oid": oid(7),
        "merge_committed_at": "2026-01-05T10:07:00Z", "labels": ["hotfix", "size/s"], "is_revert": True,
        "reverts_pull_request_number": 3, "reverts_oid": None, "is_hotfix": True, "closes_issues": [1001],
        "commits_count": 1,
        "commits": [
            {"oid": oid(100_007), "authored_at": "2026-01-05T00:06:00Z", "committed_at": "2026-01-05T00:07:00Z"}
        ],
        "reviews": [{"review_id": 60007, "state": "APPROVED", "submitted_at": "2026-01-05T00:37:00Z"}],
        "comments_count": 1, "review_comments_count": 2,
        "timeline": [{"type": "ready_for_review", "at": "2026-01-05T00:09:00Z"}], "paths": None,
    }  # fmt: skip


def test_paths_are_read_where_a_service_is_known_by_them(new_world):
    world = new_world(services=[{"name": "s", "repository": "api", "paths": ["src/"]}])
    outcomes = world.sync(["github_pull_requests"])

    assert world.payloads("github_pull_requests")["20007"]["paths"] == ["src/7.py"]
    assert outcomes["api", "github_pull_requests"].points == 3


def test_a_late_review_of_an_old_pull_request_is_found_in_one_request(world):
    world.sync()
    old = handmade.pull_request(5, updated_at=minute(4000))
    late = {"id": 69_999, "state": "COMMENTED", "submitted_at": minute(4000), "author_id": handmade.BOB}
    world.put("pull_requests", old | {"reviews": [*old["reviews"], late]})

    outcomes = world.sync()

    assert [review["review_id"] for review in world.payloads("github_pull_requests")["20005"]["reviews"]] == [
        60_005, 69_999,
    ]  # fmt: skip
    assert added(outcomes) == {("api", "github_pull_requests"): 1}
    assert outcomes["api", "github_pull_requests"].requests == 1
    assert world.client.costs.requests == 3 + 1 + 1  # and whether anybody commented


def test_a_merge_brings_commits_with_old_dates_and_they_are_found(world):
    world.store.connection.execute("update commits set position = -10 * position")
    world.store.connection.execute("update commits set position = -position")
    world.sync(["github_commits"])
    side = handmade.commit(100) | {"oid": oid(9001), "parents": [oid(99)]}
    merge = handmade.commit(251) | {"oid": oid(9002), "parents": [oid(250), oid(9001)]}
    world.put("commits", side, repository_id=API, position=1005)  # listed below 150 commits that are known
    world.put("commits", merge, repository_id=API, position=9000)
    world.put("repositories", handmade.repository(API, "api", oid(9002)))

    outcomes = world.sync(["github_commits"])

    assert outcomes["api", "github_commits"].versions_added == 2
    assert outcomes["api", "github_commits"].requests == 2
    assert world.payloads("github_commits")[f"{API}:{oid(9002)}"]["parents"] == [oid(250), oid(9001)]


def test_a_branch_rewritten_amid_a_walk_leaves_no_holes_even_if_the_next_walk_fails(world):
    world.sync(["github_commits"])

    def push(number, parent):
        commit = handmade.commit(1) | {"oid": oid(number), "parents": [oid(parent)]}
        world.put("commits", commit, repository_id=API, position=number)
        world.put("repositories", handmade.repository(API, "api", oid(number)))

    def rewrite(_repository, _stream, seen):
        if seen == 100:  # the first page has landed: 9051 to 9150, and nothing below them
            world.store.connection.execute("delete from commits where oid = ?", (oid(9150),))
            push(9151, parent=9149)

    for number in range(9001, 9151):
        push(number, parent=number - 1 if number > 9001 else 250)
    assert failed(world.sync(["github_commits"], on_progress=rewrite)) != {}
    assert failed(world.sync(["github_commits"])) == {}

    commits = world.payloads("github_commits")
    assert {parent for one in commits.values() for parent in one["parents"]} <= {one["oid"] for one in commits.values()}


def test_a_deployment_that_a_later_one_replaced_keeps_its_success_though_no_page_shows_it(world):
    for number in range(46, 161):
        world.put("deployments", handmade.deployment(number))
    outcomes = world.sync(["github_deployments"])
    assert outcomes["api", "github_deployments"].requests == 2
    replaced = handmade.deployment(45)  # as yet the only one that stands; 115 others were made since
    inactive = replaced["statuses"][-1] | {"id": 1, "state": "INACTIVE", "created_at": minute(1700)}
    world.put("deployments", replaced | {"state": "INACTIVE", "statuses": [*replaced["statuses"], inactive]})
    world.put("deployments", handmade.deployment(161))

    outcomes = world.sync(["github_deployments"])

    landed = world.payloads("github_deployments")["40045"]
    assert [status["state"] for status in landed["statuses"]] == ["IN_PROGRESS", "SUCCESS", "INACTIVE"]
    assert landed["workflow_run_id"] == 9045
    assert outcomes["api", "github_deployments"].versions_added == 2
    assert outcomes["api", "github_deployments"].lane == "incremental+refresh"
    assert outcomes["api", "github_deployments"].requests == 2


def test_a_deployment_in_progress_is_asked_for_until_it_ends(world):
    running = handmade.deployment(45)
    statuses = running["statuses"]
    world.sandbox.state.now = TENTH
    world.put("deployments", running | {"state": "IN_PROGRESS", "statuses": statuses[:1]})
    world.sync(["github_deployments"])
    world.sandbox.state.now = TENTH + timedelta(days=1)
    assert world.sync(["github_deployments"])["api", "github_deployments"].lane == "refresh"

    world.put("deployments", running)
    world.sync(["github_deployments"])

    assert [one["state"] for one in world.payloads("github_deployments")["40045"]["statuses"]] == [
        "IN_PROGRESS", "SUCCESS",
    ]  # fmt: skip


def test_earlier_attempts_are_read_only_of_workflows_that_deploy_and_all_once_a_rule_says_so(world):
    world.store.put("workflow_runs", handmade.workflow_run(4) | {"name": "Test", "path": ".github/workflows/t.yml"})
    again = handmade.workflow_run(4, 2) | {"name": "Test", "path": ".github/workflows/t.yml"}
    world.put("workflow_runs", again)

    first = world.sync(["github_workflow_runs"])

    keys = set(world.payloads("github_workflow_runs"))
    assert {"9003:1", "9003:2", "9004:2"} <= keys
    assert "9004:1" not in keys
    # The workflows, their probe, 2 pages of 130 runs, and the one attempt that may be a deployment.
    assert first["api", "github_workflow_runs"].requests == 5

    rule = DeploymentRule(repositories=("a*",), sources=("workflow_run",), workflows=("*t.yml",))
    world.settings = world.settings.model_copy(update={"deployments": (rule, *world.settings.deployments)})
    world.sync(["github_workflow_runs"])

    assert set(world.payloads("github_workflow_runs")) == keys | {"9004:1"}


def test_runs_beyond_the_thousandth_are_read_too(world):
    for number in range(131, 1151):
        world.store.put("workflow_runs", handmade.workflow_run(number) | {"created_at": minute(number)})
    world.store.flush()

    outcomes = world.sync(["github_repositories", "github_workflow_runs"])

    assert len(world.payloads("github_workflow_runs")) == 1151
    # Workflows, their probe, 10 pages until the list ends, 2 pages from there on, 1 earlier attempt.
    assert outcomes["api", "github_workflow_runs"].requests <= 16


def test_an_issue_that_lost_its_label_or_was_closed_is_read_again_and_one_that_got_it_is_new(world):
    world.sync(["github_issues"])
    issues = {number: handmade.issue(number) | {"updated_at": minute(4000 + number)} for number in (3, 4, 6)}
    issues[3] |= {"labels": ["sev2"], "state": "CLOSED", "closed_at": minute(4003), "state_reason": "COMPLETED"}
    issues[4] |= {"labels": ["incident"]}
    for doc in issues.values():
        world.put("issues", doc)

    outcomes = world.sync(["github_issues"])

    landed = world.payloads("github_issues")
    assert (landed["30003"]["labels"], landed["30003"]["state"]) == (["sev2"], "CLOSED")
    assert landed["30004"]["named_deployment_ids"] == [40_004]
    assert "30006" not in landed  # a question, updated like the others
    assert outcomes["api", "github_issues"].requests == 1


def test_who_leaves_a_team_is_no_longer_in_it_but_was(world):
    world.sync(["github_teams", "github_team_members"])
    team = world.store.doc("teams", 301)
    world.put("teams", team | {"members": team["members"][:1]})

    world.sync(["github_teams", "github_team_members"])

    assert [one["role"] for one in world.payloads("github_team_members").values()] == ["MAINTAINER"]
    assert world.rows("select count(*) from raw.github_team_members where deleted") == [(1,)]


def test_a_repository_that_is_renamed_stays_the_same_one(world):
    world.sync()
    world.put("repositories", handmade.repository(API, "interface", oid(handmade.COMMITS)))

    outcomes = world.sync()

    assert added(outcomes) == {("org", "github_repositories"): 1}
    assert world.counts() == EVERYTHING


def test_one_stream_that_fails_stops_no_other_and_heals_with_the_next_sync(world):
    world.fail("/repos/acme/api/actions/runs$", "status", status=500, times=5)

    outcomes = world.sync()

    assert list(failed(outcomes)) == [("api", "github_workflow_runs")]
    assert "acme/api: GitHub answered 500, 5 times in a row" in failed(outcomes)["api", "github_workflow_runs"]
    assert world.counts() == EVERYTHING | {"workflow_runs": 0}
    kept = world.rows("select repository, stream from raw.github_collections where outcome = 'failed'")
    assert kept == [("acme/api", "github_workflow_runs")]
    assert failed(world.sync()) == {}
    assert world.counts() == EVERYTHING


def test_a_repository_that_is_gone_fails_alone_and_says_so(world):
    client = world.new_client()
    api, web = discover(client, world.settings)
    gone = replace(api, name="gone", marks={})

    for repository, outcome in ((gone, "failed"), (web, "complete")):
        found = collect_repository(client, world.warehouse, world.vault, world.settings, repository, uuid4())
        assert {one.outcome for one in found} == {outcome}
        assert all(
            "acme/gone: not found, or the token may not see it"
            in (one.error or "acme/gone: not found, or the token may not see it")
            for one in found
        )


def test_a_missing_permission_is_named_and_the_rest_is_read(world):
    world.token.permissions -= {"deployments", "members"}

    outcomes = world.sync()

    errors = failed(outcomes)
    assert set(errors) == {
        ("org", "github_teams"), ("org", "github_team_members"),
        ("api", "github_deployments"), ("web", "github_deployments"),
    }  # fmt: skip
    assert "give it the permission 'Deployments': read-only" in errors["api", "github_deployments"]
    assert world.counts() == EVERYTHING | {"deployments": 0, "teams": 0, "team_members": 0}


def test_a_token_that_is_revoked_ends_the_run(world):
    world.token.expired = True

    with pytest.raises(TokenError, match="set GITHUB_TOKEN"):
        world.sync()


@pytest.mark.parametrize("kind", ["partial", "not_json", "truncate", "disconnect"])
def test_half_an_answer_neither_lands_nor_moves_the_cursor(world, kind):
    world.fail("PullRequests", kind, times=2, skip=1)

    assert failed(world.sync()) == {}
    assert world.counts() == EVERYTHING
    assert world.waits[:2] == [1, 2]


def test_limits_are_waited_for(world):
    world.fail("Commits", "secondary", status=403, retry_after=7)
    world.fail("Deployments", "secondary", status=200)

    outcomes = world.sync()

    assert failed(outcomes) == {}
    assert sorted(world.waits) == [7, 60]
    assert outcomes["api", "github_commits"].seconds_waited == 7


def test_lists_that_do_not_fit_on_a_page_are_read_to_their_end(world):
    big = handmade.pull_request(8)
    big["commits"] = [
        {
            "oid": oid(500_000 + n),
            "authored_at": minute(n),
            "committed_at": minute(n),
            "author_id": None,
            "message": "x",
        }
        for n in range(260)
    ]
    big["reviews"] = [big["reviews"][0] | {"id": 600_000 + n} for n in range(101)]
    big["labels"] = [f"label-{n:03}" for n in range(101)]
    big["timeline"] = [big["timeline"][0] | {"id": 800_000 + n} for n in range(101)]
    world.put("pull_requests", big)

    world.sync(["github_pull_requests"])

    landed = world.payloads("github_pull_requests")["20008"]
    sizes = {name: len(landed[name]) for name in ("commits", "reviews", "labels", "timeline")}
    assert sizes == {"commits": 260, "reviews": 101, "labels": 101, "timeline": 101}
    assert landed["commits_count"] == 260


def test_a_pull_request_without_commits_reviews_or_anybody_lands(world):
    nothing = {"commits": [], "reviews": [], "timeline": [], "labels": [], "author_id": None, "merged_by_id": None}
    world.put("pull_requests", handmade.pull_request(9, **nothing))

    world.sync(["github_pull_requests"])

    landed = world.payloads("github_pull_requests")["20009"]
    assert (landed["commits"], landed["reviews"], landed["author_id"]) == ([], [], None)


def test_a_record_that_does_not_fit_is_kept_with_its_reason_and_the_page_lands(world):
    world.put("pull_requests", handmade.pull_request(11, updated_at="1970-01-01T00:00:00Z"))

    outcomes = world.sync(["github_pull_requests"])

    assert len(world.payloads("github_pull_requests")) == 59
    assert outcomes["api", "github_pull_requests"].rejects == 1
    assert world.rows("select natural_key, reason from raw.rejected_records") == [
        ("20011", "implausible_time: updated_at")
    ]


def test_history_before_the_chosen_day_is_not_read(new_world):
    world = new_world(github={"organization": "acme", "read_since": date(2026, 1, 7)})
    world.put("pull_requests", handmade.pull_request(30, updated_at=minute(2879)))

    world.sync()

    # Pull request n was updated at minute 3000 - n; 2880 is the first of 7 January. Everything else is older.
    counts = world.counts()
    assert (counts["pull_requests"], counts["deployments"], counts["commits"], counts["workflow_runs"]) == (59, 0, 0, 0)
    assert added(world.sync()) == {}

    world.put("pull_requests", handmade.pull_request(3, updated_at=minute(4000)))
    assert added(world.sync()) == {("api", "github_pull_requests"): 1}
    assert world.counts()["pull_requests"] == 59


def test_a_github_enterprise_address_works(world):
    world.prefix = "/api/v3"

    world.sync()

    assert world.counts() == EVERYTHING


def test_only_included_repositories_are_read(new_world):
    world = new_world(github={"organization": "acme", "include": ["*"], "exclude": ["a*"]})

    assert {name for name, _ in world.sync()} == {"org", "web"}


def test_two_syncs_at_once_do_no_harm(world):
    with ThreadPoolExecutor(2) as pool:
        both = list(pool.map(lambda _: world.sync(), range(2)))

    assert [failed(outcomes) for outcomes in both] == [{}, {}]
    assert world.counts() == EVERYTHING
    assert world.versions() == 0
    # Nobody was made twice.
    assert world.rows("select count(*) from vault.identities") == world.rows("select count(*) from vault.persons")


def test_a_machine_that_is_listed_later_is_one_from_then_on_and_no_longer_when_struck_off(world):
    world.sync()
    count = "select count(*) from raw.github_accounts where is_bot"
    assert world.rows(count) == [(1,)]

    world.settings = world.settings.model_copy(update={"bots": BotSettings(accounts=("alice",))})
    assert added(world.sync()) == {}
    assert world.rows(count) == [(2,)]

    world.settings = world.settings.model_copy(update={"bots": BotSettings()})
    world.sync()
    assert world.rows(count) == [(1,)]
