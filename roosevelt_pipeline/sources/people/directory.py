"""The directory of people: a file outside of the repository, in CSV or TOML, that is read and never kept.

A row that cannot be used is named by file, row and column with what to do, never with what
stands in it; the others are read all the same.
"""

import tomllib
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time
from pathlib import Path
from typing import Any

from roosevelt_pipeline.settings import Settings, demo_files
from roosevelt_pipeline.sources.imports.cells import Cells
from roosevelt_pipeline.sources.imports.errors import ImportFileError, Unfit
from roosevelt_pipeline.sources.imports.files import opened
from roosevelt_pipeline.sources.imports.tables import BadRow, Row, Rows, read_table
from roosevelt_pipeline.sources.people.members import DirectoryColumns, Member, read_member


class DirectoryError(RuntimeError):
    """The directory cannot be read at all. The message names the file and says what to do."""


@dataclass
class Directory:
    """What a directory says.

    Attributes:
        members: those whose rows can be used, in the file's order.
        faults: a message for each row that cannot.
        ignored: columns that nobody asked for.
    """

    members: list[Member] = field(default_factory=list)
    faults: list[str] = field(default_factory=list)
    ignored: list[str] = field(default_factory=list)


def directory_path(settings: Settings) -> Path | None:
    """Where the directory is; ``None`` where there is none."""
    path = settings.people.directory or (demo_files() / "people.csv" if settings.is_demo else None)
    return path.expanduser().resolve() if path else None


def read_directory(settings: Settings) -> Directory:
    """Read the file that the settings name.

    Raises:
        DirectoryError: there is none, or nothing in it can be read.
    """
    path = directory_path(settings)
    if path is None:
        raise DirectoryError("people.directory is not set in roosevelt.toml; name the file that lists the people")
    columns = DirectoryColumns(columns=settings.people.columns)
    try:
        found = _read_toml(path, columns, settings) if path.suffix == ".toml" else _read_csv(path, columns, settings)
    except ImportFileError as error:
        raise DirectoryError(str(error)) from None
    if not found.members and not found.faults:
        raise DirectoryError(f"{path}: lists nobody; write a row for each person, or unset people.directory")
    return found


def _read_csv(path: Path, columns: DirectoryColumns, settings: Settings) -> Directory:
    names = {columns.columns.get(ours, ours) for ours in columns.fields}
    with opened(str(path), legacy="cp1252") as text:
        rows, ignored = read_table(text, str(path), names, (), None)
        found = _sort_out(_of_people(rows, path, names), path, columns, settings)
    found.ignored = ignored
    return found


def _of_people(rows: Rows, path: Path, names: set[str]) -> Rows:
    """The rows of a table, as long as it is one of people."""
    for row in rows:
        if isinstance(row, Row) and not names & row.cells.keys():
            raise ImportFileError(f"{path}: none of its columns is known; they are called {', '.join(sorted(names))}")
        yield row


def _read_toml(path: Path, columns: DirectoryColumns, settings: Settings) -> Directory:
    try:
        entries = tomllib.loads(path.read_text(encoding="utf-8")).get("people", [])
    except OSError as error:
        raise DirectoryError(f"{path}: {error.strerror}; correct people.directory in roosevelt.toml") from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError):
        # Without the parser's words, which may quote the line.
        raise DirectoryError(f"{path}: is no TOML; write [[people]] before each person's keys") from None
    if not isinstance(entries, list) or not all(isinstance(entry, dict) for entry in entries):
        raise DirectoryError(f"{path}: people is no list; write [[people]] before each person's keys")
    rows = (
        Row(place, {key: _as_text(value) for key, value in entry.items()}) for place, entry in enumerate(entries, 1)
    )
    found = _sort_out(rows, path, columns, settings, place="person ")
    known = {columns.columns.get(ours, ours) for ours in columns.fields}
    found.ignored = sorted({key for entry in entries for key in entry} - known)
    return found


def _as_text(value: Any) -> Any:
    if isinstance(value, list):
        return " ".join(str(item) for item in value)
    if isinstance(value, bool):
        return "yes" if value else "no"
    return value.isoformat() if isinstance(value, date | time) else value


def _sort_out(
    rows: Iterator[Row | BadRow], path: Path, columns: DirectoryColumns, settings: Settings, place: str = ""
) -> Directory:
    found, now = Directory(), datetime.now(UTC)
    seen: dict[tuple[str, str], int] = {}
    for row in rows:
        try:
            if isinstance(row, BadRow):
                raise row.fault
            member = read_member(Cells(row.cells, columns, now), row.line, settings)
            _check_is_new(member, seen, columns, place)
        except Unfit as fault:
            found.faults.append(f"{path.name}:{place}{row.line}: {fault}")
        else:
            found.members.append(member)
    return found


def _check_is_new(member: Member, seen: dict[tuple[str, str], int], columns: DirectoryColumns, place: str) -> None:
    """An account or address belongs to one person."""
    login = [("login", member.github.lower())] if member.github else []
    mine = [*login, *member.identities()]
    for kind, value in mine:
        if (kind, value) in seen:
            column = {"login": "github", "github": "github_id", "email": "emails"}.get(kind, kind)
            raise Unfit(
                columns.columns.get(column, column),
                f"stands at {place or 'row '}{seen[kind, value]} already; keep one row for each person",
            )
    seen.update(dict.fromkeys(mine, member.line))
