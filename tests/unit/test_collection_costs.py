"""What a collection cost, added up by hand."""

from dataclasses import replace
from datetime import UTC, datetime

from roosevelt_pipeline.collection_costs import repositories_table, streams_table, totals
from roosevelt_pipeline.warehouse.collections import StreamOutcome

NOON = datetime(2026, 1, 5, 12, tzinfo=UTC)
API = StreamOutcome(
    "acme/api", 1, "github_pull_requests", "incremental", NOON, NOON, "complete",
    requests=3, points=3, bytes=900, rows_seen=50, versions_added=20, rejects=1, seconds_waited=1.5, remote_count=200,
)  # fmt: skip
WEB = replace(API, repository="acme/web", repository_id=2, requests=7, remote_count=None, seconds_waited=60.0)
PULL_REQUESTS = "github_pull_requests"


def test_costs_add_up_over_repositories():
    summed = totals([API, WEB], {})

    assert summed == {
        "requests": 10, "points": 6, "bytes": 1800, "rows_seen": 100, "versions_added": 40, "rejects": 2,
        "seconds_waited": 61.5, "carried": 0,
    }  # fmt: skip


def test_counts_are_compared_only_where_github_told_one():
    summed = totals([API, WEB], {(PULL_REQUESTS, "1"): 199})

    assert (summed["remote_count"], summed["our_count"]) == (200, 199)


def test_a_count_that_nobody_told_is_missing_and_not_zero():
    assert not {"remote_count", "our_count"} & totals([WEB], {}).keys()


def test_a_repository_that_lacks_rows_stands_first_though_another_cost_more():
    lines = repositories_table([WEB, API], {(PULL_REQUESTS, "1"): 199}).splitlines()

    assert lines[2] == "| acme/api | 3 | 3 | 50 | 20 | 1 | 2 s | 200 | 199 | counts differ |"
    assert lines[3] == "| acme/web | 7 | 3 | 50 | 20 | 1 | 60 s |  |  |  |"


def test_of_many_repositories_the_costliest_ten_are_shown_and_the_rest_is_summed():
    many = [replace(API, repository=f"acme/r{number:02}", requests=number) for number in range(1, 13)]

    lines = repositories_table(many, {}).splitlines()

    assert lines[2].startswith("| acme/r12 | 12 |")
    assert len(lines) == 2 + 10 + 1
    assert lines[-1].startswith("| 2 more | 3 |")  # 1 and 2


def test_a_stream_that_failed_says_so():
    assert "| pull_requests | 3 |" in streams_table([replace(API, outcome="failed")], {})
    assert "| failed |" in streams_table([replace(API, outcome="failed")], {})


def test_what_the_refresh_left_to_the_next_run_is_told():
    assert "| 130 open ones left to the next run |" in repositories_table([replace(API, carried=130)], {})
