"""Files and posted events to raw: row by row, page by page; what does not fit is told and kept, the rest lands."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import PurePath
from typing import TYPE_CHECKING, Any
from uuid import UUID

from roosevelt_pipeline.settings import DeploymentImport, ImportSettings, IncidentImport, SettingsError
from roosevelt_pipeline.sources.imports import deployments, incidents
from roosevelt_pipeline.sources.imports.cells import Cells
from roosevelt_pipeline.sources.imports.errors import Unfit
from roosevelt_pipeline.sources.imports.files import opened
from roosevelt_pipeline.sources.imports.tables import BadRow, Row, read_table
from roosevelt_pipeline.warehouse.connections import Role, Warehouse
from roosevelt_pipeline.warehouse.door import clock, take_posted
from roosevelt_pipeline.warehouse.heads import known_keys
from roosevelt_pipeline.warehouse.landing import Landed, land_page, lock_stream
from roosevelt_pipeline.warehouse.records import Record, Reject

if TYPE_CHECKING:
    import psycopg

SCOPE = "org"
PAGE = 1_000
EVENTS = "deployment_events"


@dataclass(frozen=True)
class Kind:
    """A kind of file: where it lands, how a row is read, and without which columns none can be."""

    stream: str
    read: Callable[[Cells], Record]
    required: tuple[str, ...]


KINDS: dict[type[ImportSettings], Kind] = {
    DeploymentImport: Kind(EVENTS, deployments.read_event, deployments.REQUIRED),
    IncidentImport: Kind("imported_incidents", incidents.read_incident, incidents.REQUIRED),
}


@dataclass
class Tally:
    """What became of the rows of a file. Each row that was read is one of the other four."""

    read: int = 0
    new: int = 0
    changed: int = 0
    unchanged: int = 0
    rejected: int = 0
    ignored_columns: list[str] = field(default_factory=list)


def import_file(
    warehouse: Warehouse,
    name: str,
    settings: ImportSettings,
    run_id: UUID,
    *,
    severities: Mapping[str, str] | None = None,
    dry_run: bool = False,
    on_reject: Callable[[str], None] = lambda _line: None,
) -> Tally:
    """Land a file's rows. The same file again changes nothing.

    Args:
        name: path of the file; ``-`` for standard input.
        settings: what its columns are called and its words mean.
        severities: what words for a severity mean by policy.
        dry_run: do everything, and take it back at the end.
        on_reject: told of each row that did not fit: file, line, column, reason.

    Raises:
        ImportFileError: the file cannot be read at all.
        DatabaseError: the warehouse cannot be used.
    """
    kind = KINDS[type(settings)]
    _check_severities(settings, severities or {})
    columns = {ours: settings.columns.get(ours, ours) for ours in settings.fields}
    required = [columns[ours] for ours in kind.required if ours not in settings.defaults]
    with opened(name) as text, warehouse.connect(Role.INGEST, autocommit=True) as connection:
        rows, ignored = read_table(text, name, set(columns.values()), required, settings.delimiter)
        importer = _Importer(connection, kind, settings, severities or {}, run_id, PurePath(name).name, on_reject)
        importer.tally.ignored_columns = ignored
        if dry_run:
            with connection.transaction(force_rollback=True):
                importer.land(rows)
        else:
            importer.land(rows)
    return importer.tally


def _check_severities(settings: ImportSettings, known: Mapping[str, str]) -> None:
    """A mapping in a file of its own may name severities too; the policy's own were checked when it was read."""
    strange = sorted(set(settings.meanings("severity").values()) - set(known.values()))
    if strange and known:
        raise SettingsError(
            f"severities: no severity {', '.join(strange)}; known: {', '.join(sorted(set(known.values())))}"
        )


def land_posted_events(connection: "psycopg.Connection[Any]", run_id: UUID) -> Landed:
    """Land what stands in the door, oldest first; each page leaves it in the transaction that lands it."""
    total = Landed()
    while True:
        with connection.transaction():
            posted = take_posted(connection, PAGE)
            if not posted:
                return total
            total += _land_posted(connection, posted, clock(connection), run_id)


def _land_posted(
    connection: "psycopg.Connection[Any]", posted: list[dict[str, Any]], now: datetime, run_id: UUID
) -> Landed:
    records, rejects = [], []
    for row in posted:
        number = row.pop("event_number")
        cells = {name: value.isoformat() if isinstance(value, datetime) else value for name, value in row.items()}
        try:
            records.append(deployments.read_event(Cells(cells, DeploymentImport(), now)))
        except Unfit as fault:
            rejects.append(Reject(f"posted event {number}", str(fault)))
    return land_page(connection, EVENTS, SCOPE, records, now, run_id, rejects=rejects, source="posted")


class _Importer:
    """One file on its way."""

    def __init__(
        self,
        connection: "psycopg.Connection[Any]",
        kind: Kind,
        settings: ImportSettings,
        severities: Mapping[str, str],
        run_id: UUID,
        name: str,
        on_reject: Callable[[str], None],
    ) -> None:
        self.connection, self.kind, self.settings, self.run_id = connection, kind, settings, run_id
        self.severities, self.name, self.on_reject = severities, name, on_reject
        self.tally = Tally()

    def land(self, rows: Iterator[Row | BadRow]) -> None:
        now = clock(self.connection)
        page: dict[str, Record] = {}
        rejects: list[Reject] = []
        for row in rows:
            self.tally.read += 1
            try:
                record = self._read(row, now)
            except Unfit as fault:
                rejects.append(self._rejected(row.line, fault))
            else:
                if record.natural_key in page and page[record.natural_key] != record:
                    self._land_page(page, rejects)  # two words on one thing land one after the other, as in two files
                    page, rejects = {}, []
                self.tally.unchanged += record.natural_key in page
                page[record.natural_key] = record
            if len(page) + len(rejects) >= PAGE:
                self._land_page(page, rejects)
                page, rejects = {}, []
        self._land_page(page, rejects)

    def _read(self, row: Row | BadRow, now: datetime) -> Record:
        if isinstance(row, BadRow):
            raise row.fault
        return self.kind.read(Cells(row.cells, self.settings, now, self.severities))

    def _rejected(self, line: int, fault: Unfit) -> Reject:
        self.tally.rejected += 1
        self.on_reject(f"{self.name}:{line}: {fault}")
        return Reject(f"{self.name}:{line}", str(fault), {"file": self.name, "line": line, "column": fault.column})

    def _land_page(self, page: Mapping[str, Record], rejects: list[Reject]) -> None:
        stream, tally = self.kind.stream, self.tally
        with self.connection.transaction():
            lock_stream(self.connection, stream, SCOPE)
            before = known_keys(self.connection, stream, page.keys())
            landed = land_page(
                self.connection, stream, SCOPE, page.values(), clock(self.connection), self.run_id,
                rejects=rejects, source="import",
            )  # fmt: skip
        new = len(page) - len(before)
        tally.new += new
        tally.changed += landed.versions - new
        tally.unchanged += len(page) - landed.versions


def summary(tally: Tally, *, dry_run: bool) -> list[str]:
    """The report, in lines."""
    lines = []
    if tally.ignored_columns:
        lines.append(f"not read, and not kept: {', '.join(tally.ignored_columns)}"[:500])
    lines.append(
        f"{tally.read} read: {tally.new} new, {tally.changed} changed, {tally.unchanged} unchanged, "
        f"{tally.rejected} rejected"
    )
    if dry_run:
        lines.append("nothing was kept, as it was a dry run")
    elif tally.rejected:
        lines.append("what was rejected stands in raw.rejected_records with its reason; mend it and import again")
    if not dry_run and tally.new + tally.changed:
        lines.append("the numbers follow with the next daily run, or now with `roosevelt run daily`")
    return lines
