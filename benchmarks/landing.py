"""Landing: pull requests a second, from what an answer held in memory to committed, in pages as they arrive."""

import time
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from typing import Any
from uuid import uuid4

from benchmarks.companies import ORGANIZATION, PRESENT, Size, company
from benchmarks.figures import Figure, at_least, show
from benchmarks.places import TOKEN, github, postgres, store_file
from roosevelt_pipeline.privacy.identities import IdentityVault
from roosevelt_pipeline.settings import Settings
from roosevelt_pipeline.sources.github.client import GitHubClient
from roosevelt_pipeline.sources.github.nodes import Node
from roosevelt_pipeline.sources.github.pull_requests import PAGE, read_pull_request
from roosevelt_pipeline.sources.github.repositories import Repository, discover
from roosevelt_pipeline.warehouse.connections import Role, Warehouse
from roosevelt_pipeline.warehouse.landing import Cursor, land_page
from roosevelt_pipeline.warehouse.records import Record

GOAL = 5_000
STREAM = "github_pull_requests"
Nameless = Callable[[Iterable[Record]], Iterable[Record]]


def measure(quick: bool) -> None:
    count, times = (1_200, 3) if quick else (6_000, 5)
    settings = Settings(github={"organization": ORGANIZATION})
    nodes, repository = _answers(count, settings)
    read = [_read(page, repository, settings) for page in nodes]
    plain = [[Record(one.natural_key, _without(one.payload), one.source_updated_at) for one in page] for page in read]
    with postgres() as new_warehouse:

        def figure(what: str, pages: Sequence[Any], **how: Any) -> Figure:
            rates, ours, theirs = [], 0.0, 0.0
            for _ in range(times):
                warehouse = new_warehouse()
                busy, busy_there = time.process_time(), new_warehouse.busy()
                rates.append(count / _seconds(warehouse, pages, settings, **how))
                ours += time.process_time() - busy
                theirs += new_warehouse.busy() - busy_there
            each = 1000 / (count * times * (1 + how.get("again", False)))
            return at_least(
                what, rates, GOAL, f"{ours * each:.3f} ms of Python, {theirs * each:.3f} of PostgreSQL each"
            )

        show(
            f"Landing of {count:,} pull requests in pages of {PAGE}, a second: least, median, greatest of {times} runs",
            [
                figure("with persons to make pseudonymous", read),
                figure("the same by two threads, half each", read, threads=2),
                figure("without persons", plain),
                figure("with reading of the answer's JSON objects", nodes, repository=repository),
                figure("again, nothing changed", read, again=True),
            ],
            "Each page is a transaction of its own with its cursor; the server's durable default settings. Python and "
            "PostgreSQL take turns in one thread: what is not their processor time is other programs' or waiting.",
        )


def _answers(count: int, settings: Settings) -> tuple[list[list[Node]], Repository]:
    size = Size(count, count, 0, 0, issues=0, releases=0)
    with store_file(lambda store: company(size, store=store)) as path, github(path) as server:
        client = GitHubClient(TOKEN, server.url)
        (repository,) = discover(client, settings)
        pages, after, more = [], None, True
        while more:
            asked = {"owner": ORGANIZATION, "name": repository.name, "page": PAGE, "after": after, "files": False}
            answer = client.graphql("pull_requests", asked | {"field": "CREATED_AT", "direction": "ASC"})
            found = answer.data["repository"]["pullRequests"]
            pages.append(found["nodes"])
            after, more = found["pageInfo"]["endCursor"], found["pageInfo"]["hasNextPage"]
    return pages, repository


def _read(page: Sequence[Any], repository: Repository, settings: Settings) -> list[Record]:
    return [read_pull_request(node, repository=repository, github=settings.github) for node in page]


def _seconds(
    warehouse: Warehouse,
    pages: Sequence[Any],
    settings: Settings,
    repository: Repository | None = None,
    *,
    again: bool = False,
    threads: int = 1,
) -> float:
    """How long the pages take to land in an empty table; or once more, when they have landed."""
    vault, seconds = IdentityVault(b"k" * 32), 0.0
    for turn in range(1 + again):
        at = PRESENT + timedelta(hours=turn)
        begun = time.perf_counter()
        with ThreadPoolExecutor(threads) as pool:
            parts = [(str(part), pages[part::threads]) for part in range(threads)]
            done = [pool.submit(_land, warehouse, vault, settings, repository, at, *part) for part in parts]
            for one in done:
                one.result()
        seconds = time.perf_counter() - begun
    return seconds


def _land(
    warehouse: Warehouse,
    vault: IdentityVault,
    settings: Settings,
    repository: Repository | None,
    at: datetime,
    scope: str,
    pages: Sequence[Any],
) -> None:
    run_id = uuid4()
    with warehouse.connect(Role.INGEST, autocommit=True) as connection:

        def nameless(page: Iterable[Record]) -> Iterable[Record]:
            return vault.pseudonymise(connection, page, settings.bots, at)

        for number, page in enumerate(pages):
            records = _read(page, repository, settings) if repository else page
            cursor = Cursor("backfill", {"after": str(number)})
            land_page(connection, STREAM, scope, records, at, run_id, cursor=cursor, nameless=nameless)


def _without(payload: dict[str, Any] | None) -> dict[str, Any]:
    """The payload as if nobody had done anything."""
    assert payload is not None
    kept = {key: None if key.endswith("_by_id") or key == "author_id" else value for key, value in payload.items()}
    kept["reviews"] = [review | {"author_id": None} for review in payload["reviews"]]
    return kept
