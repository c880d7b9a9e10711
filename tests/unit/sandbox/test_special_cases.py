"""Everything that the demo promises to show happens in its 200 days."""

from collections import Counter
from datetime import date, datetime
from zoneinfo import ZoneInfo

import pytest

from roosevelt_pipeline.sandbox.store import Store
from roosevelt_pipeline.sandbox.truth import truth
from tests.unit.sandbox.playing import played


@pytest.fixture(scope="module")
def facts(store):
    return truth(store)


@pytest.fixture(scope="module")
def pull_requests(store):
    return list(store.each("pull_requests"))


def names_of_states(store: Store) -> Counter[str]:
    return Counter(status["state"] for doc in store.each("deployments") for status in doc["statuses"])


def test_the_company_has_the_promised_size(store):
    assert store.count("teams") >= 4
    assert store.count("repositories") == 7
    assert 20 <= sum(doc["kind"] == "User" for doc in store.each("accounts")) <= 30
    assert 1_000 <= store.count("pull_requests") <= 1_600
    assert 2_500 <= store.count("workflow_runs") <= 4_000
    assert 600 <= store.count("deployments") <= 900


@pytest.mark.parametrize("kind", ["squash", "merge", "rebase", "direct", "stacked"])
def test_changes_arrive_in_every_way(facts, kind):
    assert any(change.kind == kind and change.deployed_by for change in facts.changes)


@pytest.mark.parametrize("method", ["explicit", "revert", "rollback", "hotfix", "time"])
def test_deployments_are_found_to_have_failed_by_every_method(facts, method):
    assert any(each.failure_method == method for each in facts.deployments)


@pytest.mark.parametrize("outcome", ["success", "failure", "cancelled"])
@pytest.mark.parametrize("source", ["github_deployment", "workflow_run"])
def test_attempts_end_in_every_way(facts, source, outcome):
    assert any(each.source == source and each.outcome == outcome for each in facts.deployments)


def test_midnight_finds_attempts_under_way(store, facts, company):
    over_midnight = next(each for each in facts.deployments if each.started_at[:10] < (each.ended_at or "")[:10])
    days = date.fromisoformat(over_midnight.started_at[:10]) - company.start

    then = truth(played(company.seed, days.days + 1)).deployments
    (same,) = [each for each in then if each.source_id == over_midnight.source_id and each.sha == over_midnight.sha]
    assert (same.outcome, same.ended_at, same.is_deployment) == ("in_progress", None, False)
    assert any(run["status"] == "in_progress" for run in store.each("workflow_runs"))


@pytest.mark.parametrize("fact", ["is_first", "is_rollback", "is_unplanned", "failed"])
def test_deployments_of_every_kind_happen(facts, fact):
    assert any(getattr(each, fact) for each in facts.deployments)


def test_some_successes_only_repeat_the_deployment_before(facts):
    assert any(each.outcome == "success" and not each.is_deployment for each in facts.deployments)


def test_releases_deploy_and_candidates_do_not(store, facts):
    released = {each.source_id for each in facts.deployments if each.source == "release"}
    candidates = {doc["id"] for doc in store.each("releases") if doc["is_prerelease"]}

    assert released
    assert candidates
    assert not released & candidates


def test_runs_are_tried_again(store):
    names = Counter(run["name"] for run in store.each("workflow_runs") if run["run_attempt"] > 1)

    assert names["CI"]
    assert names["Deploy"]
    assert names["Release to production"]


def test_a_later_deployment_makes_the_one_before_inactive(store):
    states = names_of_states(store)
    live = Counter()
    for row in store.rows(
        "select repository_id, json_extract(doc, '$.environment') from deployments"
        " where json_extract(doc, '$.state') = 'SUCCESS'"
    ):
        live[tuple(row)] += 1

    assert states["INACTIVE"] > 100
    assert states["FAILURE"]
    assert states["ERROR"]
    assert set(live.values()) == {1}


def test_staging_is_deployed_and_counts_for_nothing(store, facts):
    staging = {doc["id"] for doc in store.each("deployments") if "staging" in doc["environment"]}

    assert staging
    assert not staging & {each.source_id for each in facts.deployments}


def test_pull_requests_take_every_turn(pull_requests):
    events = Counter(event["type"] for doc in pull_requests for event in doc["timeline"])
    states = Counter(doc["state"] for doc in pull_requests)

    assert {"READY_FOR_REVIEW_EVENT", "CONVERT_TO_DRAFT_EVENT", "REOPENED_EVENT", "REVIEW_REQUESTED_EVENT"} <= set(
        events
    )
    assert states["OPEN"]
    assert states["CLOSED"]
    assert any(doc["is_draft"] for days in (44, 58, 86, 93, 107) for doc in played(1901, days).each("pull_requests"))


def test_reviews_come_late_from_machines_and_from_the_author(store, pull_requests):
    bots = {doc["id"] for doc in store.each("accounts") if doc["kind"] == "Bot"}
    reviews = [(doc, review) for doc in pull_requests for review in doc["reviews"]]

    assert any(review["submitted_at"] > (doc["merged_at"] or "9") for doc, review in reviews)
    assert any(review["author_id"] in bots for _, review in reviews)
    assert any(review["author_id"] == doc["author_id"] is not None for doc, review in reviews)
    assert not any(
        review["author_id"] == doc["author_id"] is not None and review["state"] != "COMMENTED"
        for doc, review in reviews
    )


def test_reverts_come_by_button_and_by_hand(store, facts, pull_requests):
    messages = {doc["oid"]: doc["message"] for doc in store.each("commits")}

    assert any(doc["body"].startswith("Reverts helios-labs/") for doc in pull_requests)
    assert any(change.kind == "direct" and "This reverts commit" in messages[change.sha] for change in facts.changes)


def test_hotfixes_are_told_by_label_or_by_branch(pull_requests):
    assert any("hotfix" in doc["labels"] and not doc["head_ref"].startswith("hotfix/") for doc in pull_requests)
    assert any("hotfix" not in doc["labels"] and doc["head_ref"].startswith("hotfix/") for doc in pull_requests)


def test_incidents_of_every_kind_are_opened(store, facts):
    issues = [doc for doc in store.each("issues") if "incident" in doc["labels"]]
    reasons = Counter(doc["state_reason"] for doc in issues)
    events = Counter(event["type"] for doc in issues for event in doc["events"])

    assert {incident.severity for incident in facts.incidents} == {"critical", "high", "medium", "low"}
    assert {"DUPLICATE", "NOT_PLANNED", "COMPLETED"} <= set(reasons)
    assert {"REOPENED_EVENT", "UNLABELED_EVENT"} <= set(events)
    assert {incident.link_method for incident in facts.incidents} == {"explicit", "time", None}
    assert any(incident.external for incident in facts.incidents)
    assert any(incident.resolved_at is None for incident in facts.incidents)
    assert any("bug" in doc["labels"] for doc in store.each("issues"))
    bodies = " ".join(doc["body"] for doc in issues)
    assert all(words in bodies for words in ("Deployment: ", "/deployments/", "Broken since ", "Caused by #"))


def test_a_deployment_may_have_two_incidents(facts):
    linked = Counter(each.deployment_source_id for each in facts.incidents if each.deployment_source_id)

    assert max(linked.values()) > 1


def test_an_incident_that_names_its_deployment_may_come_with_a_revert(store, facts, pull_requests):
    explicit = {each.source_id for each in facts.deployments if each.failure_method == "explicit"}
    undone = {int(doc["body"].split("#")[1].split()[0]) for doc in pull_requests if doc["body"].startswith("Reverts")}

    assert any(change.deployed_by in explicit and change.pull_request_number in undone for change in facts.changes)


def test_the_one_who_left_is_nobody_anywhere(store, pull_requests):
    assert any(doc["author_id"] is None for doc in pull_requests)
    unlinked = {doc["author_name"] for doc in store.each("commits") if doc["author_id"] is None}
    accounts = {doc["name"] for doc in store.each("accounts")}
    assert unlinked - accounts  # the ghost
    assert unlinked & accounts  # an address that GitHub does not know


def test_some_commits_are_older_than_ninety_days_before_their_pull_request(facts):
    assert any(change.lead_time_from != change.first_commit_at for change in facts.changes)


def test_people_commit_in_their_own_office_hours(store):
    zones = {doc["id"]: doc["timezone"] for doc in store.each("accounts") if doc["kind"] == "User"}
    hours, weekdays = Counter(), Counter()
    for doc in store.each("pull_requests"):
        for commit in doc["commits"]:
            if commit["author_id"] in zones:
                local = datetime.fromisoformat(commit["authored_at"]).astimezone(ZoneInfo(zones[commit["author_id"]]))
                hours[local.hour] += 1
                weekdays[local.weekday()] += 1

    assert set(zones.values()) == {"Europe/Amsterdam", "America/New_York"}
    assert sum(hours[hour] for hour in range(9, 18)) > 0.95 * hours.total()
    assert 0 < weekdays[5] + weekdays[6] < 0.05 * weekdays.total()


def test_christmas_is_quiet():
    winter = played(5, 60, start=date(2026, 11, 23))
    by_week = Counter(
        datetime.fromisoformat(doc["created_at"]).isocalendar().week for doc in winter.each("pull_requests")
    )

    assert by_week[52] < by_week[50] / 2
