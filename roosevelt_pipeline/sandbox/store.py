"""What the simulated company's GitHub remembers: a SQLite file, one JSON document per object.

The simulator writes it, the server reads it. Columns beside ``doc`` are what lists are
filtered and ordered by; everything else is in the document. Instants are ISO 8601 text in
UTC ending in ``Z``, so that text order is time order.
"""

import json
import sqlite3
import threading
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, Self

Doc = dict[str, Any]

TABLES: dict[str, str] = {
    "accounts": "id integer primary key, login text not null, kind text not null",
    "repositories": "id integer primary key, name text not null",
    "teams": "id integer primary key, slug text not null",
    "pull_requests": "id integer primary key, repository_id integer not null, number integer not null,"
    " created_at text not null, updated_at text not null",
    "commits": "repository_id integer not null, oid text not null, position integer not null,"
    " committed_at text not null",
    "deployments": "id integer primary key, repository_id integer not null, created_at text not null,"
    " updated_at text not null",
    "workflows": "id integer primary key, repository_id integer not null",
    "workflow_runs": "id integer not null, run_attempt integer not null, repository_id integer not null,"
    " created_at text not null, updated_at text not null, primary key (id, run_attempt)",
    "issues": "id integer primary key, repository_id integer not null, number integer not null,"
    " created_at text not null, updated_at text not null",
    "releases": "id integer primary key, repository_id integer not null, created_at text not null",
    "tags": "repository_id integer not null, name text not null, primary key (repository_id, name)",
    "activities": "id integer primary key, repository_id integer not null, at text not null",
    "calendar_events": "calendar text not null, id text not null, primary key (calendar, id)",
    "truth_intents": "person_id integer not null, event_id text not null, primary key (person_id, event_id)",
    "truth_deployments": "repository text not null, service text not null, source text not null,"
    " source_id integer not null, attempt integer not null,"
    " primary key (repository, service, source, source_id, attempt)",
    "truth_changes": "repository text not null, service text not null, sha text not null,"
    " primary key (repository, service, sha)",
    "truth_incidents": "repository text not null, number integer not null, primary key (repository, number)",
    "people": "id integer primary key",
    "survey_answers": "id integer primary key, quarter text not null",
    "truth_surveys": "person_id integer not null, quarter text not null, primary key (person_id, quarter)",
}

# Made after the company has been played: filling first and indexing once is several times faster.
INDEXES: tuple[str, ...] = (
    "create unique index accounts_login on accounts (login)",
    "create unique index repositories_name on repositories (name)",
    "create unique index pull_requests_number on pull_requests (repository_id, number)",
    "create index pull_requests_updated on pull_requests (repository_id, updated_at, id)",
    "create index pull_requests_created on pull_requests (repository_id, created_at, id)",
    "create unique index commits_oid on commits (repository_id, oid)",
    "create unique index commits_position on commits (repository_id, position)",
    "create index deployments_created on deployments (repository_id, created_at, id)",
    "create index workflows_repository on workflows (repository_id, id)",
    "create index workflow_runs_created on workflow_runs (repository_id, created_at, id)",
    "create unique index issues_number on issues (repository_id, number)",
    "create index issues_updated on issues (repository_id, updated_at, id)",
    "create index issues_created on issues (repository_id, created_at, id)",
    "create index activities_at on activities (repository_id, at, id)",
    "create index releases_created on releases (repository_id, created_at, id)",
)

_COLUMNS: dict[str, tuple[str, ...]] = {
    table: tuple(column.split()[0] for column in columns.partition(", primary key (")[0].split(", "))
    for table, columns in TABLES.items()
}
_BATCH_ROWS = 2_000
_TRANSACTION_ROWS = 40_000


class Store:
    """One company's history. Safe to read from several threads; written by one."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self.connection = connection
        self._lock = threading.RLock()
        self._encode = json.JSONEncoder(ensure_ascii=False, separators=(",", ":")).encode
        self._waiting: dict[str, list[tuple[Any, ...]]] = {table: [] for table in TABLES}
        self._since_commit = 0

    @classmethod
    def open(cls, path: Path | str | None = None) -> Self:
        """Open the store at ``path``, making it if there is none; in memory if ``path`` is None."""
        connection = sqlite3.connect(str(path) if path else ":memory:", check_same_thread=False)
        connection.row_factory = sqlite3.Row
        # A store that was cut off is played again, so durability buys nothing here.
        connection.execute("pragma journal_mode = memory")
        connection.execute("pragma synchronous = off")
        for table, columns in TABLES.items():
            body, _, key = columns.partition(", primary key (")
            key = f", primary key ({key}" if key else ""
            connection.execute(f"create table if not exists {table} ({body}, doc text not null{key})")
        return cls(connection)

    def close(self) -> None:
        with self._lock:
            self.connection.close()

    def copy(self) -> "Store":
        """The company as it is now, in memory."""
        made = Store.open()
        with self._lock:
            self.connection.backup(made.connection)
        return made

    # Writing

    def put(self, table: str, doc: Mapping[str, Any], **columns: Any) -> None:
        """Write one object, replacing what has the same key; visible after ``flush``.

        Columns are taken from ``columns``, else from the document itself.
        """
        row = tuple(columns[name] if name in columns else doc[name] for name in _COLUMNS[table])
        waiting = self._waiting[table]
        waiting.append((*row, self._encode(doc)))
        if len(waiting) >= _BATCH_ROWS:
            self._write(table)

    def remove(self, table: str, key: int) -> None:
        """Forget the object with this id, at once."""
        self.flush()
        with self._lock:
            self.connection.execute(f"delete from {_known(table)} where id = ?", (key,))
            self.connection.commit()

    def flush(self) -> None:
        """Write out what ``put`` has gathered, in one transaction."""
        for table in TABLES:
            self._write(table)
        with self._lock:
            self.connection.commit()

    def index(self) -> None:
        """Make the indexes that readers need. Call once, when everything is written."""
        self.flush()
        with self._lock:
            for statement in INDEXES:
                self.connection.execute(statement.replace(" index ", " index if not exists ", 1))
            self.connection.commit()

    def clear(self) -> None:
        """Forget everything, so that a company can be played into this store again."""
        with self._lock:
            for table in TABLES:
                self._waiting[table].clear()
                self.connection.execute(f"delete from {table}")
            self.connection.commit()

    def _write(self, table: str) -> None:
        rows = self._waiting[table]
        if not rows:
            return
        names = ", ".join((*_COLUMNS[table], "doc"))
        marks = ", ".join("?" * (len(_COLUMNS[table]) + 1))
        with self._lock:
            self.connection.executemany(f"insert or replace into {table} ({names}) values ({marks})", rows)
            self._since_commit += len(rows)
            if self._since_commit >= _TRANSACTION_ROWS:
                self.connection.commit()
                self._since_commit = 0
        rows.clear()

    # Reading

    def rows(self, sql: str, parameters: Sequence[Any] | Mapping[str, Any] = ()) -> list[sqlite3.Row]:
        """Run a query and return its rows."""
        with self._lock:
            return self.connection.execute(sql, parameters).fetchall()

    def docs(self, sql: str, parameters: Sequence[Any] | Mapping[str, Any] = ()) -> list[Doc]:
        """Run a query that selects a ``doc`` column and return the documents."""
        return [json.loads(row["doc"]) for row in self.rows(sql, parameters)]

    def doc(self, table: str, key: int) -> Doc | None:
        """The object of ``table`` with this id, or None."""
        found = self.docs(f"select doc from {_known(table)} where id = ?", (key,))
        return found[0] if found else None

    def count(self, table: str, where: str = "1", parameters: Sequence[Any] = ()) -> int:
        return int(self.rows(f"select count(*) from {_known(table)} where {where}", parameters)[0][0])

    def page(
        self,
        table: str,
        *,
        where: str = "1",
        parameters: Sequence[Any] = (),
        order: str = "id",
        limit: int = 100,
        offset: int = 0,
    ) -> list[Doc]:
        """One page of documents. ``where`` and ``order`` are SQL of the caller's own, never of a client's."""
        sql = f"select doc from {_known(table)} where {where} order by {order} limit ? offset ?"
        return self.docs(sql, (*parameters, limit, offset))

    def each(self, table: str, order: str = "rowid") -> Iterator[Doc]:
        """All documents of a table, a batch at a time, so that a large store need not fit in memory."""
        cursor = self.connection.execute(f"select doc from {_known(table)} order by {order}")
        while batch := cursor.fetchmany(_BATCH_ROWS):
            yield from (json.loads(row["doc"]) for row in batch)


def _known(table: str) -> str:
    if table not in TABLES:
        raise KeyError(table)
    return table
