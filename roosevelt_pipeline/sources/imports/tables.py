"""Lines to rows: CSV with a header, or one JSON object on each line."""

import csv
import json
import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain
from typing import Any, TextIO

from roosevelt_pipeline.sources.imports.errors import ImportFileError, Unfit
from roosevelt_pipeline.sources.imports.files import Lines

DELIMITERS = (",", ";", "\t")
_SEPARATOR = re.compile('"?sep=([,;\t])"?', re.IGNORECASE)  # a line before the header, which tells Excel


@dataclass(frozen=True, slots=True)
class Row:
    """A row: the line that it begins on, and its cells by the file's own names of columns."""

    line: int
    cells: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class BadRow:
    """A row that could not be read, and why."""

    line: int
    fault: Unfit


Rows = Iterator[Row | BadRow]


def is_json_lines(name: str, first_line: str) -> bool:
    """Whether a file holds JSON lines, by its name, else by how it begins."""
    ending = name.lower().rpartition(".")[2]
    if ending in ("csv", "tsv", "jsonl", "ndjson"):
        return ending in ("jsonl", "ndjson")
    return first_line.lstrip("\ufeff \t").startswith(("{", "["))


def read_table(
    text: TextIO, name: str, wanted: Collection[str], required: Collection[str], delimiter: str | None
) -> tuple[Rows, list[str]]:
    """The rows of a file, and the columns in it that nobody asked for.

    Args:
        name: of the file, for messages and for the kind of file.
        wanted: columns that are read, by the file's own names.
        required: those without which no row could be kept.
        delimiter: of CSV; found in the header if ``None``.

    Raises:
        ImportFileError: it is empty, no table, or lacks a required column.
    """
    lines = Lines(text)
    try:
        first = next(lines, None)
    except Unfit as fault:
        raise ImportFileError(f"{name}: the first line {fault}; it is neither CSV nor JSON lines") from None
    if first is None or not first.strip():
        raise ImportFileError(f"{name}: empty, or without a header; the first line names the columns")
    if "\0" in first:
        raise ImportFileError(f"{name}: looks like UTF-16 without its byte order mark; save it as UTF-8")
    if told := _SEPARATOR.fullmatch(first.strip()):
        delimiter, first = delimiter or told[1], next(lines, "")
    if is_json_lines(name, first):
        if first.lstrip().startswith("["):
            raise ImportFileError(
                f"{name}: a JSON array; one object on each line is needed, as `jq -c .[]` writes them"
            )
        return _json_rows(first, lines), []
    return _csv_table(first, lines, name, wanted, required, delimiter)


def _csv_table(
    first: str, lines: Lines, name: str, wanted: Collection[str], required: Collection[str], delimiter: str | None
) -> tuple[Rows, list[str]]:
    delimiter = delimiter or _delimiter(first, wanted)
    reader = csv.reader(chain([first], lines), delimiter=delimiter, strict=True)
    try:
        header = [cell.strip() for cell in next(reader)]
    except (csv.Error, Unfit) as fault:
        raise ImportFileError(f"{name}: the header cannot be read: {fault}") from None
    missing = [column for column in required if column not in header]
    if missing:
        raise ImportFileError(
            f"{name}: no column {', '.join(missing)}; its columns are: {', '.join(header)[:500]}. "
            "Say which is which under [imports] in roosevelt.toml, or with --mapping"
        )
    twice = sorted({column for column in header if column in wanted and header.count(column) > 1})
    if twice:
        raise ImportFileError(f"{name}: the column {', '.join(twice)} stands there twice; keep one")
    return _csv_rows(reader, lines, header), [column for column in header if column not in wanted]


def _delimiter(first: str, wanted: Collection[str]) -> str:
    """The one under which the header has most of the columns that we know; then the one with most columns at all."""

    def columns(delimiter: str) -> tuple[int, int]:
        cells = next(csv.reader([first], delimiter=delimiter), [])
        return sum(cell.strip() in wanted for cell in cells), len(cells)

    return max(DELIMITERS, key=columns)


def _csv_rows(reader: Iterator[list[str]], lines: Lines, header: Sequence[str]) -> Rows:
    while True:
        line = lines.number + 1
        try:
            cells = next(reader)
        except StopIteration:
            return
        except Unfit as fault:
            yield BadRow(line, fault)
        except csv.Error as error:
            yield BadRow(line, Unfit(None, f"is no CSV: {error}"))
        else:
            if not any(cell.strip() for cell in cells):
                continue  # Excel writes such rows of cells that were emptied or only formatted
            if len(cells) == len(header):
                yield Row(line, dict(zip(header, cells, strict=True)))
            else:
                yield BadRow(line, Unfit(None, f"has {len(cells)} cells where the header has {len(header)}"))


def _json_rows(first: str, lines: Lines) -> Rows:
    text: str | None = first
    while text is not None:
        line = lines.number
        if text.strip("\ufeff \t\r\n"):
            yield _json_row(text, line)
        try:
            text = next(lines, None)
        except Unfit as fault:
            yield BadRow(lines.number, fault)
            text = ""


def _json_row(text: str, line: int) -> Row | BadRow:
    try:
        value = json.loads(text)
    except (ValueError, RecursionError):
        return BadRow(line, Unfit(None, "is no JSON"))
    if not isinstance(value, dict):
        return BadRow(line, Unfit(None, "is no JSON object"))
    return Row(line, value)
