"""Two repositories, a tenth of a second away: all of it, then what a day changed, and whether it is all there."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from benchmarks.changes import live, one_percent
from benchmarks.companies import Place, Size, company
from benchmarks.figures import Figure, at_most, show
from benchmarks.places import change, github, postgres, store_file
from benchmarks.syncing import Sync, sync
from roosevelt_pipeline.sandbox.store import Store
from roosevelt_pipeline.warehouse.connections import Role, Warehouse

LATENCY = 0.1
SIZES = (
    Size(pull_requests=1_400, commits=1_600, deployments=300, runs=1_800),
    Size(pull_requests=700, commits=800, deployments=170, runs=800),
)
SMALL = (Size(140, 160, 30, 180), Size(70, 80, 17, 80))


def measure(quick: bool) -> None:
    sizes = SMALL if quick else SIZES
    with postgres() as new_warehouse, store_file(lambda store: company(*sizes, store=store)) as path:
        warehouse = new_warehouse()
        with github(path, LATENCY) as server:
            whole = sync(server, warehouse)
        missing = _missing(path, warehouse)
        change(path, lambda store: [live(store, Place(n, size), one_percent(size)) for n, size in enumerate(sizes, 1)])
        with github(path, LATENCY, days=1) as server:
            after = sync(server, warehouse)
        show(_title(sizes), _whole(whole, sizes, missing))
        show("The same, a day later, 1 % changed", _after(after, _missing(path, warehouse)), _asked(after))


def _title(sizes: tuple[Size, ...]) -> str:
    pulls, deployments, runs = (
        sum(getattr(size, name) for size in sizes) for name in ("pull_requests", "deployments", "runs")
    )
    return (
        f"{len(sizes)} repositories, {pulls:,} pull requests, {deployments} deployments, {runs:,} runs, "
        f"{LATENCY * 1000:.0f} ms a request, one token"
    )


def _whole(whole: Sync, sizes: tuple[Size, ...], missing: dict[str, int]) -> Iterator[Figure]:
    pulls = sum(size.pull_requests for size in sizes)
    yield at_most("requests a pull request", whole.requests / pulls, 0.1, "pages", digits=3)
    yield at_most("points a pull request", whole.points / pulls, 0.1, "pages", digits=3)
    yield at_most("seconds", whole.seconds, 20, _waits(whole), digits=1)
    yield at_most("objects missing or out of date", sum(missing.values()), 0)


def _after(after: Sync, missing: dict[str, int]) -> Iterator[Figure]:
    refresh = after.asked("ById", "actions/runs/{id}")
    yield at_most("requests besides the refresh that was due", after.requests - refresh, 20)
    yield Figure("requests of the refresh: open or recent things by id, a re-run each", f"{refresh}")
    yield at_most("seconds, with the refresh", after.seconds, 3, _waits(after), digits=1)
    yield at_most("objects missing or out of date", sum(missing.values()), 0, ", ".join(sorted(missing)))


def _waits(done: Sync) -> str:
    latency = done.journal["graphql"]["requests"] * LATENCY
    return (
        f"queries one after another: {latency:.1f} s of latency, and the sandbox's answers; we compute {done.cpu:.1f} s"
    )


def _asked(after: Sync) -> str:
    operations: dict[str, int] = after.journal["operations"]
    return "Asked: " + ", ".join(f"{count} {operation}" for operation, count in sorted(operations.items())) + "."


def _missing(path: Path, warehouse: Warehouse) -> dict[str, int]:
    """How many objects of GitHub's stand otherwise, or not at all, in raw."""
    store = Store.open(path)
    truth: dict[str, list[tuple[str, Any]]] = {
        "github_pull_requests": [
            (str(doc["id"]), [doc["updated_at"], len(doc["reviews"])])
            for doc in store.docs("select doc from pull_requests")
        ],
        "github_commits": [
            (f"{row['repository_id']}:{row['oid']}", None)
            for row in store.rows("select repository_id, oid from commits")
        ],
        "github_deployments": [
            (str(doc["id"]), [status["state"] for status in doc["statuses"]])
            for doc in store.docs("select doc from deployments")
        ],
        "github_workflow_runs": [
            (f"{doc['id']}:{doc['run_attempt']}", [doc["status"], doc["updated_at"]])
            for doc in store.docs(_NEWEST_ATTEMPTS)
        ],
    }
    store.close()
    wrong = {}
    with warehouse.connect(Role.TRANSFORM) as connection:
        for stream, objects in truth.items():
            rows = connection.execute(f"select natural_key, {_TOLD[stream]} from raw.{stream} where not deleted")
            known: dict[str, Any] = dict(rows.fetchall())
            wrong[stream] = sum(key not in known or known[key] != told for key, told in objects)
    return {stream: count for stream, count in wrong.items() if count}


# Earlier attempts are read of workflows that deploy, so only the newest of each run must be there.
_NEWEST_ATTEMPTS = (
    "select doc from workflow_runs as one where run_attempt = "
    "(select max(run_attempt) from workflow_runs as other where other.id = one.id)"
)
_TOLD = {
    "github_pull_requests": "jsonb_build_array(payload -> 'updated_at', jsonb_array_length(payload -> 'reviews'))",
    "github_commits": "null",
    "github_deployments": "jsonb_path_query_array(payload, '$.statuses[*].state')",
    "github_workflow_runs": "jsonb_build_array(payload -> 'status', payload -> 'updated_at')",
}
