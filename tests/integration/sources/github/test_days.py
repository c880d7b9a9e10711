"""A company that lives on: reading day by day ends where reading everything at the end does."""

from datetime import date

from roosevelt_pipeline.sandbox.company import Company, play
from roosevelt_pipeline.sandbox.review_comments import count_comments
from roosevelt_pipeline.sandbox.store import Store

# Every attempt counts: else only those are there that were the newest when somebody looked.
ORGANIZATION = {
    "github": {"organization": "helios-labs"},
    "deployments": [{"sources": ["workflow_run"], "workflows": ["*"]}],
}


def company(days: int) -> Store:
    store = Store.open()
    play(Company.of_days(1901, date(2026, 3, 2), days), store)
    return store


def test_reading_day_by_day_ends_where_reading_all_at_once_does(new_world):
    daily = new_world(company(40), **ORGANIZATION)
    daily.sync()
    for days in (41, 44):
        daily.sandbox.state.store = company(days)
        outcomes = daily.sync()
        assert {one.error for one in outcomes.values()} == {None}
    once = new_world(company(44), **ORGANIZATION)
    once.sync()

    assert daily.versions() > 0
    assert daily.picture() == once.picture()
    assert daily.client.costs.requests < once.client.costs.requests


def test_what_is_in_raw_is_what_github_holds(new_world):
    world = new_world(store := company(60), **ORGANIZATION)

    world.sync()

    issues = sum(bool({"incident", "bug"} & set(doc["labels"])) for doc in store.each("issues"))
    accounts = {doc["id"] for doc in store.each("accounts")}  # who left is still named by the team, but not shown
    members = sum(member["account_id"] in accounts for doc in store.each("teams") for member in doc["members"])
    tables = ("repositories", "teams", "pull_requests", "commits", "deployments", "workflow_runs", "releases")
    comments = sum(count_comments(doc) for doc in store.each("pull_requests"))
    held = {table: store.count(table) for table in tables} | {"issues": issues, "team_members": members}
    held |= {"review_comments": comments, "workflow_jobs": 0, "tags": 0, "pushes": 0}  # which no rule names
    assert world.counts() == held
    assert world.rows("select count(*) from raw.rejected_records") == [(0,)]
