"""All analytics of an organisation on PostgreSQL: two years of days, put into the marts by the server itself.

The steps run in a process of their own, as the daily and weekly runs take them; its memory is looked at from outside.
Each of the two goals is held by a whole pass: the search walks through all days again, so a day more costs what all do.
"""

import json
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date, timedelta

import psutil

from benchmarks.figures import Figure, at_most, show
from benchmarks.places import Postgres, postgres
from roosevelt_pipeline.alert_settings import SEEDS
from roosevelt_pipeline.anomalies import LEFT_OUT, judge_anomalies
from roosevelt_pipeline.correlations import judge_correlations
from roosevelt_pipeline.forecasts import backtest_metrics, forecast_metrics
from roosevelt_pipeline.metric_series import directed_metrics
from roosevelt_pipeline.settings import Settings
from roosevelt_pipeline.warehouse.connections import Role, Warehouse

TEAMS = (50, 100, 200)
FIRST, DAYS = date(2024, 9, 2), 730
ALL_SECONDS, DAY_SECONDS, MEGABYTES = 120, 30, 1_536
LOOK_SECONDS = 0.1
STEPS: dict[str, Callable[[Warehouse], object]] = {
    "backtest": lambda warehouse: backtest_metrics(warehouse, Settings()),
    "anomalies": lambda warehouse: judge_anomalies(warehouse, Settings()),
    "forecasts": lambda warehouse: forecast_metrics(warehouse, Settings()),
    "correlations": judge_correlations,
}
DAILY = ("anomalies", "forecasts")


@dataclass(frozen=True)
class Taken:
    """What was measured of a number of teams.

    Attributes:
        seconds: of each step, from start to end; ``processor`` those that ours was busy.
        busy: processor time of the process, without its start, and of PostgreSQL.
        megabytes: greatest resident memory.
    """

    series: int
    seconds: dict[str, float]
    processor: dict[str, float]
    busy: tuple[float, float]
    megabytes: float


def measure(quick: bool) -> None:
    with postgres() as new_warehouse:
        told = {teams: _taken(new_warehouse, teams) for teams in (TEAMS[0] // 5, TEAMS[1] // 5) if quick} or {
            teams: _taken(new_warehouse, teams) for teams in TEAMS
        }
    show("Analytics on PostgreSQL, two years of days", _figures(told))


def work(address: str) -> None:
    """The steps, in the process that is looked at."""
    warehouse, seconds, processor = Warehouse(address), {}, {}
    for name, step in STEPS.items():
        begun, busy = time.perf_counter(), time.process_time()
        step(warehouse)
        seconds[name], processor[name] = time.perf_counter() - begun, time.process_time() - busy
    print(json.dumps([seconds, processor]))


def _taken(new_warehouse: Postgres, teams: int) -> Taken:
    warehouse = new_warehouse()
    series = _fill(warehouse, teams)
    before = new_warehouse.busy()
    command = [sys.executable, "-m", "benchmarks.analytics", warehouse.url]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as child:
        process, peak, busy = psutil.Process(child.pid), 0.0, 0.0
        while child.poll() is None:
            try:
                peak, busy = max(peak, process.memory_info().rss / 2**20), sum(process.cpu_times()[:2])
                child.wait(LOOK_SECONDS)
            except subprocess.TimeoutExpired:
                continue
            except psutil.NoSuchProcess:
                break
        said = child.stdout.read() if child.stdout else ""
    if child.returncode:
        raise RuntimeError(f"the analytics of {teams} teams failed")
    seconds, processor = json.loads(said)
    return Taken(series, seconds, processor, (busy, new_warehouse.busy() - before), peak)


def _fill(warehouse: Warehouse, teams: int) -> int:
    """Every metric of every team, day by day and week by week; how many series there are."""
    seeds = {name: (SEEDS / f"{name}.csv").read_text(encoding="utf-8") for name in ("metric_catalog", "space_catalog",
                                                                                    "tier_editions")}  # fmt: skip
    with warehouse.connect(Role.TRANSFORM) as connection:
        for name, text in seeds.items():
            columns = text.partition("\n")[0].strip().split(",")
            kinds = {"tier_rank": "int", "lower_bound": "float8", "upper_bound": "float8",
                     "is_lower_inclusive": "boolean", "is_upper_inclusive": "boolean"}  # fmt: skip
            shape = ", ".join(f"{one} {kinds.get(one, 'text')}" for one in columns)
            connection.execute(f"create table reference.{name} ({shape})".encode())
            copied = f"copy reference.{name} from stdin (format csv, header)".encode()
            with connection.cursor() as cursor, cursor.copy(copied) as copy:
                copy.write(text)
        found = connection.execute(
            "select metric, aggregation from reference.metric_catalog where aggregation <> 'share_of_days'"
        ).fetchall()
        metrics = dict(found) | {"deployment_active_days_pct": "ratio"}
        for table, extra, rows in (("days", "time_zone text", _DAYS), ("windows", "window_days int, first_date date",
                                                                       _WEEKS)):  # fmt: skip
            parts = [f"{one}_{part} float8" for one in metrics for part in ("n", "sum", "p50")]
            connection.execute(
                f"create table marts.fct_metric_{table} (scope_type text, scope text, metric_date date, {extra}, "
                f"{', '.join(parts)})".encode()
            )
            values = ", ".join(_drawn(aggregation) for aggregation in metrics.values())
            last = FIRST + timedelta(days=DAYS - 1)
            connection.execute(rows.format(values=values).encode(), [teams, FIRST, last])
        connection.execute(
            "create table bi.space_summary (scope_type text, scope text, week_start date, figure text, label text, "
            "unit text, value float8, n int, status text, period text, period_start date, period_end date)"
        )
    with warehouse.connect(autocommit=True) as connection:
        connection.execute("vacuum analyze")
        searched = len(directed_metrics(connection, LEFT_OUT))
    return teams * searched


_DAYS = """
    insert into marts.fct_metric_days
    select 'team', 'team-' || team, day::date, 'Europe/Amsterdam', {values}
    from
        generate_series(1, %s) as team, generate_series(%s::date, %s, '1 day') as day,
        lateral (select floor(-ln(1 - random()) * (1 + team %% 4)) as n) as drawn
"""
_WEEKS = """
    insert into marts.fct_metric_windows
    select 'team', 'team-' || team, day::date + 6, 7, day::date, {values}
    from
        generate_series(1, %s) as team, generate_series(%s::date, %s::date - 6, '7 days') as day,
        lateral (select floor(-ln(1 - random()) * 7 * (1 + team %% 4)) as n) as drawn
"""


def _drawn(aggregation: str) -> str:
    """Of a metric: how many, how many of them count, and their median."""
    if aggregation == "ratio":
        return "n, floor(n * random() * 0.3), null"
    if aggregation == "median":
        return "n, 20 * n, case when n > 0 then exp(3 + random() + random() - random()) end"
    return "n, n, null"


def _figures(told: dict[int, Taken]) -> Iterator[Figure]:
    most = max(told)
    for teams, one in told.items():
        whole = sum(seconds for name, seconds in one.seconds.items() if name != "backtest")
        each = ", ".join(f"{name} {seconds:.1f} (processor {one.processor[name]:.1f})"
                         for name, seconds in one.seconds.items())  # fmt: skip
        share = teams / TEAMS[-1]
        yield at_most(f"{teams} teams, {one.series:,} series: seconds without the backtest", whole, ALL_SECONDS * share,
                      each, 1)  # fmt: skip
        daily = sum(one.seconds[name] for name in DAILY)
        yield at_most(f"{teams} teams: seconds of a daily run", daily, DAY_SECONDS * share, " and ".join(DAILY), 1)
        yield Figure(f"{teams} teams: processor time with the backtest, ours and PostgreSQL's, seconds",
                     f"{one.busy[0]:.1f}, {one.busy[1]:.1f}")  # fmt: skip
        yield at_most(f"{teams} teams: greatest resident memory, MB", one.megabytes, MEGABYTES)
    least = min(told)
    growth = sum(told[most].seconds.values()) / sum(told[least].seconds.values()) / (most / least)
    yield Figure("against growing in proportion", f"{growth:.2f}", "at most 1.1", growth / 1.1)


if __name__ == "__main__":
    work(sys.argv[1])
