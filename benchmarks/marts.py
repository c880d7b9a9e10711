"""The models on a long history: a full build, one more day, and the queries that people type."""

import os
import statistics
import subprocess
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from benchmarks.figures import Figure, at_most, show
from benchmarks.history import History, add_day, load
from benchmarks.places import postgres, stopwatch
from roosevelt_pipeline.dbt_manifest import DBT_PROJECT, dbt_executable, project_digest
from roosevelt_pipeline.dbt_settled import leave_out, note_made, without
from roosevelt_pipeline.warehouse.connections import Role, Warehouse

SIZES = ((10_000, 5), (100_000, 50), (1_000_000, 500))
RUNS = 40
FULL_SECONDS, DAY_SECONDS, DAY_SHARE, QUERY_MS = 600, 20, 0.03, 20
QUERIES = {
    "dora_metrics, the newest five": "select * from dora_metrics order by created_at desc limit 5",
    "get_dora_performance_tier()": "select * from get_dora_performance_tier()",
    "get_dora_performance_tier(null, 90)": "select * from get_dora_performance_tier(null, 90)",
    "dora_summary, 30 days": "select * from dora_summary where date >= (select max(date) from dora_summary) - 30 "
    "order by date desc",
    "incidents, mean of the critical": "select avg(mttr_hours) from incidents "
    "where severity = 'critical' and status = 'closed'",
    "metric_daily, one service": "select * from metric_daily where scope_type = 'service' and scope = 'service-001' "
    "and metric = 'change_lead_time_hours' order by metric_date desc limit 90",
    "metric_rolling, one team": "select * from metric_rolling where scope_type = 'team' and scope = 'team-01' "
    "and window_days = 28 order by metric_date desc limit 90",
    "metric_items, what a day opens up to": "select * from metric_items where scope_type = 'service' "
    "and scope = 'service-001' and metric = 'change_lead_time_hours' and metric_date = '2026-10-20'",
}


@dataclass(frozen=True)
class Built:
    """What was measured of one history.

    Attributes:
        query_ms: of each query, the 95th percentile.
    """

    load_seconds: float
    full_seconds: float
    day_seconds: float
    query_ms: dict[str, float]


def measure(quick: bool) -> None:
    sizes = SIZES[:1] if quick else SIZES
    told = {}
    with postgres() as new_warehouse, tempfile.TemporaryDirectory(prefix="rv-bench-dbt-") as target:
        for count, repositories in sizes:
            told[count] = _built(new_warehouse(), History(count, repositories), Path(target) / str(count))
    show("Marts: a history of two years, built anew, and one day more", _figures(told))


def _built(warehouse: Warehouse, history: History, target: Path) -> Built:
    with stopwatch() as loaded:
        load(warehouse, history)
    with stopwatch() as full:
        _build(warehouse, target)
    add_day(warehouse, history)
    with stopwatch() as day:
        _build(warehouse, target)
    return Built(loaded(), full(), day(), dict(_queries(warehouse)))


def _build(warehouse: Warehouse, target: Path) -> None:
    """All models as the daily run builds them, without the tests, which look at the last month."""
    untested = [word for kind in ("unit_test", "test") for word in ("--exclude-resource-type", kind)]
    places = ["--project-dir", DBT_PROJECT, "--profiles-dir", DBT_PROJECT, "--target-path", target]
    command = [
        dbt_executable(),
        "build",
        "--no-write-json",
        *places,
        *untested,
        *without(leave_out(warehouse, project_digest())),
    ]
    environment = {**os.environ, **warehouse.dbt_environment()}
    done = subprocess.run(list(map(str, command)), env=environment, capture_output=True, text=True, check=False)
    if done.returncode:
        raise RuntimeError(done.stdout[-4000:])
    note_made(warehouse, project_digest())


def _queries(warehouse: Warehouse) -> Iterator[tuple[str, float]]:
    with warehouse.connect(Role.BI, autocommit=True) as connection:
        for name, query in QUERIES.items():
            taken = []
            for _ in range(RUNS):
                begun = time.perf_counter()
                connection.execute(query.encode()).fetchall()
                taken.append(1000 * (time.perf_counter() - begun))
            yield name, statistics.quantiles(taken, n=20)[-1]


def _figures(told: dict[int, Built]) -> Iterator[Figure]:
    least = min(told)
    for count, one in told.items():
        growth = told[least].full_seconds * count / least
        yield at_most(f"{count:,} pull requests: full build, seconds", one.full_seconds, FULL_SECONDS, "processor", 1)
        yield Figure(f"{count:,}: against growing in proportion", f"{one.full_seconds / growth:.2f}")
        goal = max(DAY_SECONDS, DAY_SHARE * one.full_seconds)
        yield at_most(f"{count:,}: one day more, seconds", one.day_seconds, goal, "dbt itself", 1)
    for name, milliseconds in told[max(told)].query_ms.items():
        yield at_most(f"{max(told):,}: {name}, ms at the 95th percentile", milliseconds, QUERY_MS, digits=1)
