"""What reading costs: a whole history, and a look at which nothing had changed."""

import math
from collections.abc import Iterator

from benchmarks.collector import Collected, collected
from benchmarks.companies import Size, company
from benchmarks.figures import Figure, at_most, show
from benchmarks.places import github, postgres, store_file
from benchmarks.syncing import Sync, sync

WHOLE = Size(pull_requests=10_000, commits=15_000, deployments=2_000, runs=30_000)
SMALL = Size(pull_requests=1_000, commits=1_500, deployments=200, runs=3_000)
DEPLOYING = {"sources": ["workflow_run", "workflow_job"], "workflows": ["Deploy"], "jobs": ["*"]}
MEGABYTES = 400


def floor(size: Size) -> tuple[int, int]:
    """Requests of GraphQL, each of one point, and pages of runs, by the cheapest pages that there are.

    A page of P pull requests with k nested lists costs max(1, round((1 + P * k) / 100)) points:
    with six of them 24 are one point. Of all else a hundred fit on a page of one point.
    """
    lists = (
        (size.pull_requests, 24), (size.commits, 100), (size.deployments, 100), (size.issues, 50), (size.releases, 100)
    )  # fmt: skip
    return sum(math.ceil(count / page) for count, page in lists), math.ceil(size.runs / 100)


def measure(quick: bool) -> None:
    size = SMALL if quick else WHOLE
    with postgres() as new_warehouse:
        warehouse = new_warehouse()
        with store_file(lambda store: company(size, store=store)) as path, github(path) as server:
            whole = collected(server.url, warehouse)
            again = sync(server, warehouse)
        show(f"Backfill of {_words(size)}", _backfill(whole, size), _formula(size))
        show("Nothing changed, one repository", _quiet(again, 3))
        with store_file(lambda store: company(SMALL, store=store)) as path, github(path) as server:
            deploying = sync(server, new_warehouse(), deployments=[DEPLOYING])
        show(f"Where every tenth of {SMALL.runs:,} runs deploys by its jobs, each hundredth twice", _jobs(deploying))
        many = [Size(5, 5, 2, 5, issues=1, releases=1)] * (24 if quick else 100)
        with store_file(lambda store: company(*many, store=store)) as path, github(path) as server:
            warehouse = new_warehouse()
            sync(server, warehouse)
            again = sync(server, warehouse)
        show(f"Nothing changed, {len(many)} repositories", _quiet(again, 10))


def _backfill(told: Collected, size: Size) -> Iterator[Figure]:
    whole = told.sync
    graphql, runs = floor(size)
    pages = whole.asked("actions/runs") - whole.asked("attempts")
    extras = {
        "earlier attempts, REST calls: no rule asks for them": whole.asked("attempts"),
        "review comments, REST calls: a hundred of them each": whole.asked("pulls/comments"),
    }
    requests = whole.requests - sum(extras.values())
    yield at_most("requests of everything but what is listed below", requests, 1.2 * (graphql + runs), "pages")
    yield at_most("points", whole.points, 1.2 * graphql, "pages")
    if size is WHOLE:
        yield at_most("points, as the goal names them", whole.points, 970, "pages")
    yield at_most("REST calls for pages of runs", pages, 1.2 * runs, "pages; a list ends at 1,000")
    for what, count in extras.items():
        yield Figure(what, f"{count:,}")
    yield Figure("requests and points by our own count", "{:,} and {:,}".format(*whole.counted))
    yield Figure("bytes of answers", f"{(whole.journal['core']['bytes'] + whole.journal['graphql']['bytes']):,}")
    yield Figure("seconds", f"{whole.seconds:.1f}", limited_by="the sandbox, which executes each query")
    yield at_most("greatest resident memory of the process, all streams, MB", told.memory["peak"], MEGABYTES)
    shown = "{before:.0f}, {tenth:.0f}, {last:.0f}".format(**told.memory)
    yield Figure("memory before, at a tenth of the way, and at the end, MB", shown, limited_by="four pages at once")


def _jobs(deploying: Sync) -> Iterator[Figure]:
    runs, again = SMALL.runs // 10, SMALL.runs // 100
    yield at_most("queries for jobs", deploying.asked("WorkflowJobs"), runs / 100 + math.ceil(SMALL.runs / 5_000),
                  "a hundred runs a query; fifty jobs of each")  # fmt: skip
    yield at_most("REST calls for earlier attempts", deploying.asked("attempts"), again, "one each")


def _quiet(again: Sync, goal: int) -> Iterator[Figure]:
    yield at_most("requests", again.requests, goal, "the probe of repositories, of workflows, of teams")
    yield Figure("points", f"{again.points:,}")
    yield Figure("versions added", f"{again.versions:,}")
    yield Figure("seconds", f"{again.seconds:.2f}")


def _formula(size: Size) -> str:
    graphql, runs = floor(size)
    return (
        f"Floor: {size.pull_requests:,}/24 + {size.commits:,}/100 + {size.deployments:,}/100 + {size.issues}/50 + "
        f"{size.releases}/100, each rounded up = {graphql:,} requests of one point, and {size.runs:,}/100 = {runs:,} "
        f"pages of runs. Goals are 1.2 times that."
    )


def _words(size: Size) -> str:
    return (
        f"{size.pull_requests:,} pull requests, {size.commits:,} commits, {size.deployments:,} deployments, "
        f"{size.runs:,} runs"
    )
