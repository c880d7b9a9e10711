"""A file of answers to raw, row by row: what does not fit is told by row and column, the rest lands."""

import uuid
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path

from roosevelt_pipeline.people import open_vault
from roosevelt_pipeline.privacy.keys import survey_key
from roosevelt_pipeline.privacy.sealing import SurveyKeys
from roosevelt_pipeline.settings import Settings, SurveyImport, home
from roosevelt_pipeline.sources.imports.cells import Cells
from roosevelt_pipeline.sources.imports.errors import ImportFileError, Unfit
from roosevelt_pipeline.sources.imports.files import STDIN, opened
from roosevelt_pipeline.sources.imports.tables import BadRow, Row, Rows, read_table
from roosevelt_pipeline.sources.surveys.answers import REQUIRED, Answer, read_answer
from roosevelt_pipeline.surveys.landing import PAGE, Lander, Tally
from roosevelt_pipeline.warehouse.connections import Role, Warehouse
from roosevelt_pipeline.warehouse.records import Reject


def import_answers(
    settings: Settings,
    warehouse: Warehouse,
    name: str,
    columns: SurveyImport,
    *,
    dry_run: bool = False,
    on_reject: Callable[[str], None] = lambda _line: None,
) -> Tally:
    """Land a file's answers. The same file again changes nothing.

    Args:
        name: path of the file; ``-`` for standard input.
        columns: what its columns are called, and how its days are written.
        dry_run: do everything, and take it back at the end.
        on_reject: told of each row that did not fit: file, line, column, reason.

    Raises:
        ImportFileError: the file cannot be read at all, or is no table of answers.
        DatabaseError: the warehouse cannot be used.
    """
    _check_is_text(name)
    called = {ours: columns.columns.get(ours, ours) for ours in columns.fields}
    required = [called[ours] for ours in REQUIRED if ours not in columns.defaults]
    with opened(name, legacy="cp1252") as text, warehouse.connect(Role.INGEST, autocommit=True) as connection:
        rows, ignored = read_table(text, name, set(called.values()), required, columns.delimiter)
        vault, keys = open_vault(settings, connection), SurveyKeys(survey_key(settings, home()))
        lander = Lander(connection, vault, keys, settings, uuid.uuid4(), "import")
        lander.tally.ignored_columns = ignored
        pages = _pages(rows, columns, Path(name).name, on_reject)
        if dry_run:
            with connection.transaction(force_rollback=True):
                _land(lander, pages)
        else:
            _land(lander, pages)
    return lander.tally


def summary(tally: Tally, *, dry_run: bool) -> list[str]:
    """The report, in lines. It holds counts alone: who takes part is nobody's business."""
    lines = [f"not read, and not kept: {', '.join(tally.ignored_columns)}"[:500]] if tally.ignored_columns else []
    lines.append(
        f"{tally.read} read: {tally.new} new, {tally.changed} changed, {tally.unchanged} unchanged, "
        f"{tally.unanswered} asked and silent, {tally.rejected} rejected, "
        f"{tally.not_participating} of people who do not take part"
    )
    if dry_run:
        lines.append("nothing was kept, as it was a dry run")
    return lines


def _check_is_text(name: str) -> None:
    """A workbook, a picture or a PDF is refused by its first bytes, before anything of it is read."""
    if name == STDIN:
        return
    try:
        with Path(name).open("rb") as file:
            beginning = file.read(4096)
    except OSError as error:
        raise ImportFileError(f"{name}: {error.strerror}; name a file that can be read, or - for input") from None
    if beginning.startswith((b"PK\x03\x04", b"\xd0\xcf\x11\xe0")):
        raise ImportFileError(f"{name}: is a workbook; save the sheet as 'CSV UTF-8' and give that file")
    is_wide = beginning.startswith((b"\xff\xfe", b"\xfe\xff", b"\x00\x00\xfe\xff"))
    if b"\0" in beginning and not is_wide:
        raise ImportFileError(f"{name}: is no text; a CSV file, or one JSON object on each line, is needed")


def _pages(
    rows: Rows, columns: SurveyImport, name: str, on_reject: Callable[[str], None]
) -> Iterator[tuple[list[Answer], list[Reject]]]:
    """The rows in pages: a million of them need no more memory than a thousand."""
    now = datetime.now(UTC)
    answers: list[Answer] = []
    rejects: list[Reject] = []
    for row in rows:
        try:
            answers.append(_read(row, columns, now))
        except Unfit as fault:
            on_reject(f"{name}:{row.line}: {fault}")
            where = {"file": name, "line": row.line, "column": fault.column}
            rejects.append(Reject(f"{name}:{row.line}", str(fault), where))
        if len(answers) + len(rejects) >= PAGE:
            yield answers, rejects
            answers, rejects = [], []
    if answers or rejects:
        yield answers, rejects


def _read(row: Row | BadRow, columns: SurveyImport, now: datetime) -> Answer:
    if isinstance(row, BadRow):
        raise row.fault
    return read_answer(Cells(row.cells, columns, now))


def _land(lander: Lander, pages: Iterator[tuple[list[Answer], list[Reject]]]) -> None:
    for answers, rejects in pages:
        lander.tally.read += len(answers) + len(rejects)
        lander.land(answers, rejects)
