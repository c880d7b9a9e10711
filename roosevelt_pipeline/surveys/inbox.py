"""The folder that people drop files of answers into: each is taken in, moved aside, and answered with a report."""

import os
import time
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from fnmatch import fnmatchcase
from pathlib import Path

from roosevelt_pipeline.settings import Settings, SurveyImport, demo_files, home
from roosevelt_pipeline.sources.imports.errors import ImportFileError
from roosevelt_pipeline.surveys.files import import_answers, summary
from roosevelt_pipeline.surveys.landing import Tally
from roosevelt_pipeline.warehouse.connections import Warehouse

DONE, REJECTED = "done", "rejected"
SETTLED_SECONDS = 5  # a file that was touched just now may still be on its way
MOST_LINES = 1_000
REPORT = ".report.txt"


@dataclass(frozen=True)
class FileReport:
    """What became of a file.

    Attributes:
        problem: why nothing of it could be read; ``None`` if its rows were.
    """

    name: str
    tally: Tally
    problem: str | None = None

    @property
    def is_done(self) -> bool:
        """Whether nothing is left to mend in it."""
        return self.problem is None and not self.tally.rejected


def inbox_folder(settings: Settings) -> Path:
    """Where files are dropped. Files that were taken in lie in ``done`` and ``rejected`` below it."""
    usual = demo_files() / "surveys" if settings.is_demo else home() / "surveys"
    return (settings.surveys.inbox or usual).expanduser().resolve()


def waiting_files(settings: Settings) -> list[Path]:
    """The files that lie there and are not still being written, oldest first. None where there is no folder."""
    folder = inbox_folder(settings)
    if not folder.is_dir():
        return []
    now = time.time()
    found = [
        (entry.stat().st_mtime, entry.name)
        for entry in os.scandir(folder)
        if entry.is_file(follow_symlinks=False) and not entry.name.startswith((".", "~$"))
    ]
    return [folder / name for touched, name in sorted(found) if abs(now - touched) >= SETTLED_SECONDS]


def format_of(settings: Settings, name: str) -> SurveyImport:
    """What a file looks like: the first format whose pattern its name matches, else the usual columns."""
    base = Path(name).name
    fitting = (one for one in settings.surveys.formats if any(fnmatchcase(base, pattern) for pattern in one.files))
    return next(fitting, settings.imports.surveys)


def take_in_files(settings: Settings, warehouse: Warehouse) -> Iterator[FileReport]:
    """Take in what waits, file by file. A crash leaves a file where it is, and taking it in again changes nothing.

    Raises:
        DatabaseError: the warehouse cannot be used.
    """
    for path in waiting_files(settings):
        lines: list[str] = []
        before = _touched(path)

        def note(line: str, lines: list[str] = lines) -> None:
            if len(lines) < MOST_LINES:
                lines.append(line)

        try:
            columns = format_of(settings, path.name)
            report = FileReport(path.name, import_answers(settings, warehouse, str(path), columns, on_reject=note))
        except ImportFileError as error:
            report = FileReport(path.name, Tally(), str(error).replace(str(path), path.name))
        if before is None or _touched(path) != before:
            continue  # it was taken away, or somebody went on writing: then the whole of it is taken in next time
        _move(path, report, lines)
        yield report
    clear_away(settings)


def rejected_files(settings: Settings) -> list[Path]:
    """Files that wait to be mended, without the reports beside them."""
    folder = inbox_folder(settings) / REJECTED
    found = sorted(folder.iterdir()) if folder.is_dir() else []
    return [path for path in found if not path.name.endswith(REPORT)]


def clear_away(settings: Settings) -> int:
    """Delete files whose time is over: they hold what people wrote, under their own names. Returns how many."""
    oldest = time.time() - settings.surveys.keep_files_days * 86_400
    folders = (inbox_folder(settings) / name for name in (DONE, REJECTED))
    old = [path for folder in folders if folder.is_dir() for path in folder.iterdir() if path.stat().st_ctime <= oldest]
    for path in old:
        path.unlink(missing_ok=True)
    return len(old)


def _touched(path: Path) -> tuple[int, int] | None:
    """Size and time of the last change; ``None`` if somebody took the file away."""
    try:
        looked = path.stat()
    except FileNotFoundError:
        return None
    return looked.st_size, looked.st_mtime_ns


def _move(path: Path, report: FileReport, lines: list[str]) -> None:
    folder = path.parent / (DONE if report.is_done else REJECTED)
    folder.mkdir(mode=0o700, exist_ok=True)
    target = folder / f"{datetime.now(UTC):%Y%m%dT%H%M%S%fZ}-{path.name}"
    text = "\n".join([*_words(report, lines), ""])
    target.with_name(target.name + REPORT).write_text(text, encoding="utf-8")
    path.replace(target)


def _words(report: FileReport, lines: list[str]) -> list[str]:
    if report.problem:
        return [report.problem, "nothing of this file was kept; mend it and drop it in again"]
    more = report.tally.rejected - len(lines)
    told = [*lines, f"... and {more} more"] if more > 0 else lines
    remedy = ["what was not rejected has landed; mend the rows and drop the whole file in again"] if told else []
    return [*told, *summary(report.tally, dry_run=False), *remedy]
