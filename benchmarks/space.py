"""SPACE of ten thousand people: what the weekly run builds, on two years of pull requests and of calendars.

Everybody takes part, in teams of eight, and seven of ten answered the last survey; two thousand of them write and
review the pull requests. What is about persons is kept 90 days, as it is by default, so each build reads two years and
tells of a quarter.
"""

import os
import subprocess
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

from benchmarks import calendars, history
from benchmarks.figures import Figure, at_most, show
from benchmarks.history import History, add_day
from benchmarks.places import Postgres, postgres, stopwatch
from roosevelt_pipeline.dbt_manifest import DBT_PROJECT, dbt_executable
from roosevelt_pipeline.publishing import publish
from roosevelt_pipeline.settings import PrivacySettings
from roosevelt_pipeline.warehouse.connections import Role, Warehouse

SIZES = ((100, 10_000, 5), (1_000, 100_000, 50), (10_000, 1_000_000, 500))  # people, pull requests, repositories
TEAM = 8
WEEK_SECONDS = 60
SPACE = ("tag:space",)


@dataclass(frozen=True)
class Built:
    """What was measured of one size.

    Attributes:
        weekly_busy: processor time of PostgreSQL in the weekly build.
        decided: figures about which the gate decided, and the seconds that took.
    """

    load_seconds: float
    first_seconds: float
    weekly_seconds: float
    weekly_busy: float
    decided: int
    gate_seconds: float


def measure(quick: bool) -> None:
    told = {}
    with postgres() as new_warehouse, tempfile.TemporaryDirectory(prefix="rv-bench-space-") as target:
        for people, pulls, repositories in SIZES[: 1 if quick else None]:
            past = past_of(people, pulls, repositories)
            told[people, pulls] = _built(new_warehouse, people, past, Path(target) / str(people))
    show("SPACE: the weekly build, on two years", _figures(told))


def past_of(people: int, pulls: int, repositories: int) -> History:
    return History(pulls, repositories, teams=max(history.TEAMS, people // TEAM))


def load(warehouse: Warehouse, people: int, past: History) -> None:
    """Fill an empty warehouse, up to the day before the week that is measured."""
    history.load(warehouse, past)
    calendars.take_part(warehouse, people, past.first_day)
    calendars.add(warehouse, people, past.last_day - timedelta(days=90), past.last_day)
    with warehouse.connect() as connection:
        connection.execute(_INTO_TEAMS, {"teams": max(1, people // TEAM)})
        connection.execute(_ANSWERS, {"people": people, "run": history.RUN})
        connection.execute(_INVITATIONS, {"people": people})
    history.policy(warehouse, past, past.last_day)
    with warehouse.connect(autocommit=True) as connection:
        connection.execute("vacuum analyze")


def add_week(warehouse: Warehouse, people: int, past: History) -> None:
    """What comes in until the next weekly run."""
    for day in range(1, 8):
        add_day(warehouse, past, day)
    last = past.last_day + timedelta(days=7)
    calendars.add(warehouse, people, past.last_day + timedelta(days=1), last)
    history.policy(warehouse, past, last)


def _built(server: Postgres, people: int, past: History, target: Path) -> Built:
    warehouse = server()
    with stopwatch() as loaded:
        load(warehouse, people, past)
    with stopwatch() as first:
        _build(warehouse, target, *(f"+{one}" for one in SPACE))
    add_week(warehouse, people, past)
    idle = server.busy()
    with stopwatch() as weekly:
        _build(warehouse, target, *SPACE)
    busy = server.busy() - idle
    with stopwatch() as gate:
        list(publish(warehouse, PrivacySettings(), history.RUN))
    with warehouse.connect(Role.OWNER) as connection:
        row = connection.execute("select count(*) from published.space_figures").fetchone()
    return Built(loaded(), first(), weekly(), busy, row[0] if row else 0, gate())


def _build(warehouse: Warehouse, target: Path, *selected: str) -> None:
    left_out = [word for kind in ("unit_test", "test") for word in ("--exclude-resource-type", kind)]
    places = ["--project-dir", DBT_PROJECT, "--profiles-dir", DBT_PROJECT, "--target-path", target]
    command = [dbt_executable(), "build", "--select", *selected, *places, *left_out]
    environment = {**os.environ, **warehouse.dbt_environment()}
    done = subprocess.run(list(map(str, command)), env=environment, capture_output=True, text=True, check=False)
    if done.returncode:
        raise RuntimeError(done.stdout[-4000:])


def _figures(told: dict[tuple[int, int], Built]) -> Iterator[Figure]:
    least, small = next(iter(told.items()))
    for (people, pulls), one in told.items():
        name = f"{people:,} people, {pulls:,} pull requests"
        yield at_most(f"{name}: weekly build, seconds", one.weekly_seconds, WEEK_SECONDS, "processor", 1)
        growth = one.weekly_busy / (small.weekly_busy * pulls / least[1])
        yield Figure(f"{name}: PostgreSQL's processor time, seconds", f"{one.weekly_busy:.1f}")
        yield Figure(f"{name}: that against growing in proportion", f"{growth:.2f}")
        yield Figure(f"{name}: the gate decides about {one.decided:,} figures, seconds", f"{one.gate_seconds:.1f}")
        yield Figure(f"{name}: first build with all that it stands on, seconds", f"{one.first_seconds:,.1f}")
        yield Figure(f"{name}: put into raw, seconds", f"{one.load_seconds:,.1f}")


_INTO_TEAMS = """
update raw.people_settings set
    team = (select 'team-' || lpad(k, greatest(2, length(k)), '0')
            from (select (right(user_id::text, 12)::bigint %% %(teams)s)::text as k) as one)
"""

_ANSWERS = """
insert into raw.survey_answers (natural_key, scope, payload, content_sha, first_seen_at, observed_at, run_id)
select 'quarterly|' || bench.person(n) || '|2026-Q3', 'org', jsonb_build_object(
    'survey', 'quarterly', 'survey_user_id', bench.person(n), 'survey_date', '2026-07-15', 'quarter', '2026-Q3',
    'nps_score', n %% 11, 'satisfaction_score', 1 + n %% 5), '', '2026-07-15', '2026-07-15', %(run)s
from generate_series(1, %(people)s::int) as n
where n %% 10 < 7
"""

_INVITATIONS = """
insert into survey.invitations
    (survey, survey_user_id, quarter, channel, closes_at, invited_at, invitation, noted_at)
select 'quarterly', bench.person(n), '2026-Q3', 'slack', '2026-07-22', '2026-07-01', 'sent', '2026-07-01'
from generate_series(1, %(people)s::int) as n
"""
