"""A day in the life of a made company: one in a hundred of everything changes, in the ways that readers miss."""

from dataclasses import dataclass, replace
from datetime import timedelta

from benchmarks.companies import PRESENT, Place, Size, commit, deployment, oid, pull_request, put_head, run
from roosevelt_pipeline.sandbox.store import Store

LATER = PRESENT + timedelta(days=1)


@dataclass(frozen=True)
class Day:
    """How many of each a day changes."""

    late_reviews: int
    new_pull_requests: int
    new_deployments: int
    new_runs: int
    reruns: int
    merged_in: int


def one_percent(size: Size) -> Day:
    """Half of it old things that change, half of it new ones."""
    halves = [max(1, round(count / 200)) for count in (size.pull_requests, size.commits, size.runs)]
    return Day(halves[0], halves[0], max(1, size.deployments // 100), halves[2], halves[2], halves[1])


def live(store: Store, place: Place, day: Day) -> Size:
    """Let the day happen; what the repository holds after it."""
    size = place.size
    grown = replace(
        size,
        pull_requests=size.pull_requests + day.new_pull_requests,
        commits=size.commits + day.new_pull_requests + day.merged_in + 1,
        deployments=size.deployments + day.new_deployments,
        runs=size.runs + day.new_runs,
    )
    _review_late(store, place, day)
    for number in range(size.pull_requests + 1, grown.pull_requests + 1):
        store.put("pull_requests", pull_request(place, number))
    _merge_old_branch(store, place, day, grown)
    _deploy(store, place, grown)
    _run(store, place, day, grown)
    return grown


def at(minutes: int) -> str:
    """So many minutes into the new day."""
    return f"{PRESENT + timedelta(minutes=minutes):%Y-%m-%dT%H:%M:%SZ}"


def _review_late(store: Store, place: Place, day: Day) -> None:
    """Old merged pull requests, all over history, get one more review."""
    for turn in range(day.late_reviews):
        number = 1 + turn * (place.size.pull_requests // day.late_reviews)
        doc = pull_request(place, number, updated_at=at(30 + turn))
        late = doc["reviews"][0] | {"id": doc["reviews"][0]["id"] + 8, "submitted_at": at(30 + turn)}
        store.put("pull_requests", doc | {"reviews": [*doc["reviews"], late]})


def _merge_old_branch(store: Store, place: Place, day: Day, grown: Size) -> None:
    """New commits on the branch, then a merge that brings commits as old as a year."""
    first = place.size.commits
    for number in range(first + 1, first + day.new_pull_requests + 1):
        store.put("commits", commit(place, number), repository_id=place.id, position=number)
    below, parent = first + day.new_pull_requests, oid(place.id, 3)
    for number in range(below + 1, grown.commits):
        old = place.at(number - below, 400)
        doc = commit(place, number, authored_at=old, committed_at=old, parents=[parent])
        store.put("commits", doc, repository_id=place.id, position=number)
        parent = doc["oid"]
    merge = commit(
        place, grown.commits, authored_at=at(200), committed_at=at(200), parents=[oid(place.id, below), parent]
    )
    store.put("commits", merge, repository_id=place.id, position=grown.commits)
    put_head(store, place, grown.commits, at(200))


def _deploy(store: Store, place: Place, grown: Size) -> None:
    """New deployments; the one that stood is replaced."""
    for number in range(place.size.deployments, grown.deployments + 1):
        old = deployment(place, number)
        known = number == place.size.deployments
        statuses = [("IN_PROGRESS", 1), ("SUCCESS", 4)] + ([] if number == grown.deployments else [("INACTIVE", 9)])
        start = 300 + 10 * (number - place.size.deployments)
        made = [
            {"id": 10 * old["id"] + turn, "state": state, "created_at": at(start + minutes),
             "environment": "production", "creator_id": old["creator_id"], "log_url": ""}
            for turn, (state, minutes) in enumerate(statuses)
        ]  # fmt: skip
        if known:
            made = [*old["statuses"], made[-1]]
        created = old["created_at"] if known else at(start)
        doc = old | {"statuses": made, "state": statuses[-1][0], "created_at": created, "updated_at": at(start + 9)}
        store.put("deployments", doc)


def _run(store: Store, place: Place, day: Day, grown: Size) -> None:
    """New runs all day long, and runs of the last three weeks that are started again."""
    for number in range(place.size.runs + 1, grown.runs + 1):
        minutes = 1_380 * (number - place.size.runs) // day.new_runs
        times = {"created_at": at(minutes), "run_started_at": at(minutes), "updated_at": at(minutes + 6)}
        store.put("workflow_runs", run(place, number, **times))
    recent = place.size.runs * 21 // 400
    for turn in range(day.reruns):
        number = place.size.runs - 1 - turn * max(1, recent // day.reruns)
        times = {"run_started_at": at(400 + turn), "updated_at": at(406 + turn)}
        attempt = 3 if number % 100 == 0 else 2
        store.put("workflow_runs", run(place, number, attempt, **times))
