"""The same company always lives the same life, and a day more changes nothing before it."""

import itertools
import json
from typing import Any

import pytest

from roosevelt_pipeline.sandbox.store import Store
from tests.unit.sandbox.playing import digest, played

LISTS = ("commits", "reviews", "comments", "timeline", "statuses", "events")
KEYS = {"workflow_runs": ("id", "run_attempt"), "commits": ("repository_id", "oid")}


def docs(store: Store, table: str) -> dict[tuple[Any, ...], dict[str, Any]]:
    columns = KEYS.get(table, ("id",))
    rows = store.rows(f"select {', '.join(columns)}, doc from {table}")
    return {tuple(row)[:-1]: json.loads(row["doc"]) for row in rows}


def test_the_same_seed_plays_the_same_history():
    assert digest(played(7, 40)) == digest(played(7, 40))


def test_another_seed_plays_another_history():
    assert digest(played(7, 20)) != digest(played(8, 20))


@pytest.mark.parametrize("days", [30, 61, 118, 154])
@pytest.mark.parametrize("table", ["pull_requests", "deployments", "workflow_runs", "issues", "releases"])
def test_a_day_more_leaves_what_was_there_unless_something_new_happened_to_it(days, table):
    today, tomorrow = played(1901, days), played(1901, days + 1)
    midnight = today.rows("select max(created_at) from workflow_runs")[0][0][:10]
    before, after = docs(today, table), docs(tomorrow, table)

    assert before.keys() <= after.keys()
    for key, doc in before.items():
        later = after[key]
        for name in LISTS:
            if name in doc:
                assert later[name][: len(doc[name])] == doc[name]
        if later != doc:
            assert later["updated_at"] > midnight + "T23:59:59Z"
    new = [doc for key, doc in after.items() if key not in before]
    assert all(doc.get("run_started_at", doc["created_at"])[:10] > midnight for doc in new)


@pytest.mark.parametrize("days", [30, 100])
def test_a_day_more_leaves_the_commits_and_their_order(days):
    today, tomorrow = played(1901, days), played(1901, days + 1)
    query = "select repository_id, position, oid, doc from commits order by repository_id, position"
    before, after = ([tuple(row) for row in store.rows(query)] for store in (today, tomorrow))

    assert set(before) <= set(after)
    for _, rows in itertools.groupby(after, key=lambda row: row[0]):
        known = [row in set(before) for row in rows]
        assert known == sorted(known, reverse=True)


@pytest.mark.parametrize("days", [30, 100])
def test_a_day_more_leaves_the_truth_that_was_settled(days):
    today, tomorrow = played(1901, days), played(1901, days + 1)
    settled = "select doc from truth_changes where json_extract(doc, '$.deployed_at') is not null"
    ended = (
        "select json_remove(doc, '$.failed', '$.failure_method', '$.recovered_at') from truth_deployments"
        " where json_extract(doc, '$.ended_at') is not null"
    )

    for query in (settled, ended):
        assert {row[0] for row in today.rows(query)} <= {row[0] for row in tomorrow.rows(query)}


def test_a_larger_company_has_more_of_everything_but_the_same_first_names():
    large = played(3, 21, scale=3)

    names = {doc["name"] for doc in large.each("repositories")}
    assert len(names) == 21
    assert {"platform", "storefront", "platform-2", "storefront-3"} <= names
    assert large.count("accounts") > 3 * 25
    assert large.count("pull_requests") > 2 * played(3, 21).count("pull_requests")


def test_a_smaller_company_does_less_in_the_same_repositories():
    small = played(3, 60, scale=0.3)

    assert small.count("repositories") == 7
    assert 0 < small.count("pull_requests") < played(3, 60).count("pull_requests") / 2
