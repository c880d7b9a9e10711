"""A file of survey answers from disk to raw, as large as companies make it in years.

Everybody answers at least ten times in 450 days; one row in 50 has a score that does not exist, one in five has a text.
The file is taken in by a process of its own, whose memory is looked at from outside.
"""

import subprocess
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import psutil

from benchmarks.figures import Figure, at_most, show
from benchmarks.places import postgres, stopwatch
from roosevelt_pipeline.people import open_vault
from roosevelt_pipeline.settings import Settings, SurveyImport
from roosevelt_pipeline.surveys.files import import_answers
from roosevelt_pipeline.warehouse.connections import Role, Warehouse

SIZES = ((10_000, 1_000), (100_000, 10_000), (1_000_000, 10_000), (1_000_000, 100_000))  # rows, people
DAYS = 450
MEGABYTES = 400
LOOK_SECONDS = 0.2
GROUP = 5_000


@dataclass(frozen=True)
class Taken:
    """What was measured of one size; memory in MB: soon after the start, at the end, and the greatest."""

    seconds: float
    cpu_seconds: float
    early: float
    last: float
    peak: float
    said: str


def measure(quick: bool) -> None:
    sizes = SIZES[:2] if quick else SIZES
    with postgres() as new_warehouse, tempfile.TemporaryDirectory(prefix="rv-bench-surveys-") as folder:
        told = {size: _taken(new_warehouse(), *size, Path(folder)) for size in sizes}
    show("Files of survey answers, from disk to committed", _figures(told))


def take_in(address: str, path: str) -> None:
    """The work itself, in the process that is looked at."""
    tally = import_answers(Settings(), Warehouse(address), path, SurveyImport())
    print(f"{tally.read:,} read, {tally.new:,} new, {tally.changed:,} changed, {tally.rejected:,} rejected")


def _taken(warehouse: Warehouse, rows: int, people: int, folder: Path) -> Taken:
    path = folder / f"{rows}.csv"
    _take_part(warehouse, people)
    _write(path, people, rows // people)
    command = [sys.executable, "-m", "benchmarks.survey_files", warehouse.url, str(path)]
    with stopwatch() as seconds, subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as child:
        looked, busy = [], 0.0
        process = psutil.Process(child.pid)
        while child.poll() is None:
            try:
                with process.oneshot():
                    looked.append(process.memory_info().rss / 2**20)
                    busy = sum(process.cpu_times()[:2])
                child.wait(LOOK_SECONDS)
            except subprocess.TimeoutExpired:
                continue
            except psutil.NoSuchProcess:
                break
        said = child.stdout.read().strip() if child.stdout else ""
    path.unlink()
    if child.returncode:
        raise RuntimeError(f"taking in {rows} rows failed")
    resident = [size for size in looked if size > 1]
    return Taken(seconds(), busy, resident[len(resident) // 10], resident[-2], max(resident), said)


def _take_part(warehouse: Warehouse, people: int) -> None:
    """Everybody took part long enough ago, under a pseudonym for work and another for answers."""
    since = datetime.now(UTC) - timedelta(days=800)
    with warehouse.connect(Role.INGEST) as connection:
        vault = open_vault(Settings(), connection)
        for first in range(0, people, GROUP):
            numbers = range(first, min(first + GROUP, people))
            own = vault.settle(connection, [[("email", _address(one))] for one in numbers])
            carried = vault.settle(connection, [[("survey", str(user_id))] for user_id in own])
            with connection.cursor() as cursor:
                cursor.executemany(
                    "insert into raw.participants (user_id, started_at, survey_user_id, text_version, channel) "
                    "values (%s, %s, %s, '1', 'directory')",
                    [(user_id, since, answering) for user_id, answering in zip(own, carried, strict=True)],
                )
    with warehouse.connect(autocommit=True) as connection:
        connection.execute("vacuum analyze")


def _write(path: Path, people: int, answers: int) -> None:
    """Round by round, so that nobody's two answers of a quarter lie side by side."""
    today = datetime.now(UTC).date()
    with path.open("w", encoding="utf-8") as file:
        file.write("respondent,answered_at,nps_score,satisfaction_score,feedback\n")
        for number in range(answers):
            day = today - timedelta(days=1 + DAYS * (answers - 1 - number) // answers)
            for one in range(people):
                score = 11 if (one + number) % 50 == 0 else one % 11
                text = "Fewer meetings before ten, and no alerts at night." if one % 5 == 0 else ""
                file.write(f'{_address(one)},{day},{score},{1 + one % 5},"{text}"\n')


def _address(number: int) -> str:
    return f"person{number}@acme.example"


def _figures(told: dict[tuple[int, int], Taken]) -> Iterator[Figure]:
    for (rows, people), one in told.items():
        name = f"{rows:,} rows of {people:,} people"
        each = f"{1000 * one.cpu_seconds / rows:.2f} ms of Python's processor time a row"
        yield Figure(f"{name} ({one.said}): seconds", f"{one.seconds:,.1f}", "", None, each)
        yield at_most(f"{name}: greatest resident memory, MB", one.peak, MEGABYTES, "a page of 1,000 rows")
        yield Figure(f"{name}: memory at a tenth of the time and at the end, MB", f"{one.early:.0f}, {one.last:.0f}")


if __name__ == "__main__":
    take_in(sys.argv[1], sys.argv[2])
