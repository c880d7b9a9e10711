"""Focus time on years of calendars put into raw directly: built anew, and a week more.

Everybody has three meetings a working day, one of them declined by every seventh person, and a day away in
twenty. Nothing is random: the same size gives the same rows.
"""

import os
import subprocess
import tempfile
import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path

from benchmarks.figures import Figure, at_most, show
from benchmarks.places import Postgres, postgres, stopwatch
from roosevelt_pipeline.dbt_manifest import DBT_PROJECT, dbt_executable
from roosevelt_pipeline.settings import GitHubSettings, PrivacySettings, Settings
from roosevelt_pipeline.warehouse.connections import Role, Warehouse
from roosevelt_pipeline.warehouse.policy import write_policy

SIZES = (500, 2_000, 10_000)
WEEKS = 104
LAST_DAY = date(2026, 11, 1)  # a Sunday
WEEK_SECONDS = 60
RUN = uuid.UUID(int=7)


@dataclass(frozen=True)
class Built:
    """What was measured of one size.

    Attributes:
        full_busy, week_busy: seconds of processor time that PostgreSQL spent on it, whatever else the machine did.
    """

    events: int
    load_seconds: float
    full_seconds: float
    week_seconds: float
    full_busy: float
    week_busy: float


def measure(quick: bool) -> None:
    sizes = SIZES[:1] if quick else SIZES
    told = {}
    with postgres() as new_warehouse, tempfile.TemporaryDirectory(prefix="rv-bench-calendars-") as target:
        for people in sizes:
            told[people] = _built(new_warehouse, people, Path(target) / str(people))
    show("Calendars: two years, built anew, and one week more", _figures(told))


def load(warehouse: Warehouse, people: int, weeks: int) -> None:
    """Fill an empty warehouse with participants and so many weeks of their calendars."""
    first = LAST_DAY - timedelta(days=7 * weeks - 1)
    take_part(warehouse, people, first)
    add(warehouse, people, first, LAST_DAY)
    with warehouse.connect(autocommit=True) as connection:
        connection.execute("vacuum analyze")


def take_part(warehouse: Warehouse, people: int, first: date) -> None:
    """Everybody agreed the day before."""
    with warehouse.connect() as connection:
        connection.execute(_HELPERS)
        for statement in (_PARTICIPANTS, _SETTINGS):
            connection.execute(statement, {"people": people, "first": first})


def add(warehouse: Warehouse, people: int, first: date, last: date) -> None:
    """The days from the first to the last, and a collection for each person that has read them."""
    values = {
        "people": people,
        "first": first,
        "last": last,
        "run": RUN,
        "started": LAST_DAY - timedelta(days=7 * WEEKS),
    }
    with warehouse.connect() as connection:
        connection.execute(_EVENTS, values)
        connection.execute(_COLLECTIONS, values)
    with warehouse.connect(Role.INGEST) as connection:
        kept = PrivacySettings(keep_days=3650)  # two years are more than are kept by default
        write_policy(connection, Settings(github=GitHubSettings(organization="calendars"), privacy=kept), last, RUN)


def _built(server: Postgres, people: int, target: Path) -> Built:
    warehouse = server()
    with stopwatch() as loaded:
        load(warehouse, people, WEEKS)
    idle = server.busy()
    with stopwatch() as full:
        _build(warehouse, target)
    full_busy = server.busy() - idle
    add(warehouse, people, LAST_DAY + timedelta(days=1), LAST_DAY + timedelta(days=7))
    idle = server.busy()
    with stopwatch() as week:
        _build(warehouse, target)
    week_busy = server.busy() - idle
    with warehouse.connect() as connection:
        row = connection.execute("select count(*) from raw.calendar_events").fetchone()
    return Built(row[0] if row else 0, loaded(), full(), week(), full_busy, week_busy)


def _build(warehouse: Warehouse, target: Path) -> None:
    """The models from calendars to days, as the weekly run makes them."""
    left_out = [word for kind in ("unit_test", "test") for word in ("--exclude-resource-type", kind)]
    places = ["--project-dir", DBT_PROJECT, "--profiles-dir", DBT_PROJECT, "--target-path", target]
    command = [dbt_executable(), "build", "--select", "+int_person_days__focused", *places, *left_out]
    environment = {**os.environ, **warehouse.dbt_environment()}
    done = subprocess.run(list(map(str, command)), env=environment, capture_output=True, text=True, check=False)
    if done.returncode:
        raise RuntimeError(done.stdout[-4000:])


def _figures(told: dict[int, Built]) -> Iterator[Figure]:
    least = min(told)
    for people, one in told.items():
        name = f"{people:,} people, {one.events:,} entries"
        yield at_most(f"{name}: a week more, seconds", one.week_seconds, WEEK_SECONDS, "processor", 1)
        yield Figure(f"{people:,} people: a week more, PostgreSQL's processor time", f"{one.week_busy:.1f} s")
        yield Figure(f"{people:,} people: two years anew, seconds", f"{one.full_seconds:,.1f}")
        yield Figure(f"{people:,} people: anew, PostgreSQL's processor time", f"{one.full_busy:.1f} s")
        for name, spent, first in (
            ("a week", one.week_busy, told[least].week_busy), ("anew", one.full_busy, told[least].full_busy),
        ):  # fmt: skip
            growth = spent / (first * people / least)
            yield Figure(f"{people:,} people: {name}, processor time against growing in proportion", f"{growth:.2f}")
        yield Figure(f"{people:,} people: put into raw, seconds", f"{one.load_seconds:,.1f}")


_HELPERS = """
create schema if not exists bench;
create or replace function bench.person(p_number int) returns uuid
immutable parallel safe language sql as
$$ select ('00000000-0000-4000-8000-' || lpad(p_number::text, 12, '0'))::uuid $$
"""

_PARTICIPANTS = """
insert into raw.participants (user_id, started_at, survey_user_id, text_version, channel)
select bench.person(n), %(first)s::date - 1, bench.person(n), '1', 'command'
from generate_series(1, %(people)s::int) as n
"""

_SETTINGS = """
insert into raw.people_settings (user_id, time_zone, workday_start, workday_end, working_days, observed_at)
select bench.person(n), (array['Europe/Amsterdam', 'America/New_York', 'Asia/Tokyo', 'UTC'])[1 + n %% 4],
       '09:00', '17:30', '{1,2,3,4,5}', %(first)s::date
from generate_series(1, %(people)s::int) as n
"""

_EVENTS = """
insert into raw.calendar_events (natural_key, scope, payload, content_sha, first_seen_at, observed_at, run_id)
select 'google_calendar:' || md5(n || ':' || d.day || ':' || e.place), bench.person(n)::text, jsonb_build_object(
    'event_type', case when e.place = 3 then 'outOfOffice' else 'default' end, 'status', 'confirmed',
    'transparency', 'opaque', 'answer', case when e.place = 1 and n %% 7 = 0 then 'declined' else 'accepted' end,
    'attendees_count', 2 + (n + e.place) %% 6, 'is_all_day', false,
    'start', to_char(d.day + e.starts, 'YYYY-MM-DD"T"HH24:MI:SS"Z"'),
    'end', to_char(d.day + e.starts + e.lasts, 'YYYY-MM-DD"T"HH24:MI:SS"Z"')),
    '', d.day, d.day, %(run)s
from generate_series(1, %(people)s::int) as n
cross join generate_series(%(first)s::date, %(last)s::date, '1 day') as d (day)
cross join lateral (
    values
    (0, make_interval(hours => 8 + (n + extract(doy from d.day)::int) %% 5), interval '30 minutes', true),
    (1, make_interval(hours => 10 + (n + extract(day from d.day)::int) %% 4, mins => 15), interval '1 hour', true),
    (2, make_interval(hours => 15 - n %% 2), interval '45 minutes', true),
    (3, interval '0', interval '24 hours', (n + extract(doy from d.day)::int) %% 20 = 0)
) as e (place, starts, lasts, is_there)
where extract(isodow from d.day) < 6 and e.is_there
"""

# One for each person that has read all of it, as the first reading and then each week would leave.
_COLLECTIONS = """
insert into raw.calendar_collections
    (run_id, user_id, lane, started_at, ended_at, outcome, known_from, known_until, requests, rows_seen, versions_added,
     gone, rejects)
select %(run)s, bench.person(n), 'incremental', w.read_at, w.read_at, 'complete', %(started)s, w.read_at, 1, 0, 0, 0, 0
from generate_series(1, %(people)s::int) as n
cross join generate_series(
    %(first)s::date + interval '7 days 12 hours', %(last)s::date + interval '1 day 12 hours', '7 days'
) as w (read_at)
"""
