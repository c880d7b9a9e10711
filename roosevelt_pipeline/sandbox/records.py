"""Reading the store for the server: documents by id, by page, by filter.

One instance serves one request; accounts and repositories that the request meets more
than once are read once. Only counts and what is ``kept`` outlive it, while the store does not change.
"""

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

from roosevelt_pipeline.sandbox.store import Doc as Doc
from roosevelt_pipeline.sandbox.store import Store

ORGANIZATION_ID = 74_110_204
GHOST: Doc = {"id": 10_137, "login": "ghost", "name": "Deleted user", "email": None, "kind": "User", "team": None}

LIVE_RUNS = "run_attempt = (select max(n.run_attempt) from workflow_runs n where n.id = workflow_runs.id)"


@dataclass(frozen=True)
class Query:
    """A filtered, ordered list of one table's documents."""

    table: str
    where: tuple[str, ...] = ()
    params: tuple[Any, ...] = ()
    order: str = "id"
    descending: bool = False

    @property
    def condition(self) -> str:
        return " and ".join(self.where) or "true"


@dataclass
class Records:
    """Documents of the store. Every method reads; none writes."""

    store: Store
    counts: dict[tuple[Any, ...], int] = field(default_factory=dict)
    kept: dict[tuple[Any, ...], Any] = field(default_factory=dict)
    _accounts: dict[int, Doc | None] = field(default_factory=dict)
    _repositories: dict[int, Doc] = field(default_factory=dict)

    def select(self, sql: str, params: Sequence[Any] = ()) -> list[Doc]:
        """The documents in the first column of a statement's rows."""
        return [json.loads(row[0]) for row in self.store.rows(sql, params)]

    def scalar(self, sql: str, params: Sequence[Any] = ()) -> Any:
        rows = self.store.rows(sql, params)
        return rows[0][0] if rows else None

    def one(self, table: str, where: str, *params: Any) -> Doc | None:
        found = self.select(f"select doc from {table} where {where} limit 1", params)
        return found[0] if found else None

    def count(self, query: Query) -> int:
        """How many there are. Counted once while the store stays as it is: a large one takes its time."""
        asked = (query.table, query.where, query.params)
        if asked not in self.counts:
            sql = f"select count(*) from {query.table} where {query.condition}"
            self.counts[asked] = int(self.scalar(sql, query.params))
        return self.counts[asked]

    def page(self, query: Query, limit: int, offset: int = 0) -> list[Doc]:
        direction = "desc" if query.descending else "asc"
        # An id tells rows of one instant apart; commits have none, and their position is unique.
        order = f"{query.order} {direction}" + ("" if query.order in ("id", "position") else f", id {direction}")
        sql = f"select doc from {query.table} where {query.condition} order by {order} limit ? offset ?"
        return self.select(sql, (*query.params, limit, offset))

    def keyset(
        self, query: Query, limit: int, *, after: Sequence[Any] | None, before: Sequence[Any] | None, reverse: bool
    ) -> list[tuple[tuple[Any, ...], Doc]]:
        """Rows behind one key and before another, in the query's order, each with its key.

        Args:
            reverse: take the last ``limit`` rows instead of the first (still in order).
        """
        keys = ("id",) if query.order == "id" else (query.order, "id")
        row = f"({', '.join(keys)})"
        marks = f"({', '.join('?' * len(keys))})"
        where, params = [query.condition], list(query.params)
        for key, sign in ((after, "<" if query.descending else ">"), (before, ">" if query.descending else "<")):
            if key is not None:
                where.append(f"{row} {sign} {marks}")
                params += key
        direction = "desc" if query.descending != reverse else "asc"
        order = ", ".join(f"{key} {direction}" for key in keys)
        sql = f"select {', '.join(keys)}, doc from {query.table} where {' and '.join(where)} order by {order} limit ?"
        rows = [(tuple(r[:-1]), json.loads(r[-1])) for r in self.store.rows(sql, (*params, limit))]
        return rows[::-1] if reverse else rows

    def account(self, account_id: int | None) -> Doc | None:
        """An account; ``None`` for nobody and for a person who left."""
        if account_id is None:
            return None
        if account_id not in self._accounts:
            self._accounts[account_id] = self.one("accounts", "id = ?", account_id)
        return self._accounts[account_id]

    def account_by_login(self, login: str) -> Doc | None:
        return self.one("accounts", "login = ? collate nocase", login)

    def repositories(self) -> list[Doc]:
        """All repositories, by id."""
        found = self.select("select doc from repositories order by id")
        self._repositories.update({doc["id"]: doc for doc in found})
        return found

    def repository(self, repository_id: int) -> Doc | None:
        if repository_id not in self._repositories:
            found = self.one("repositories", "id = ?", repository_id)
            if found is None:
                return None
            self._repositories[repository_id] = found
        return self._repositories[repository_id]

    def repository_by_name(self, owner: str, name: str) -> Doc | None:
        """A repository by its address; GitHub ignores the case of both parts."""
        for doc in self.select("select doc from repositories where name = ? collate nocase", (name,)):
            if doc["owner"].lower() == owner.lower():
                return self._repositories.setdefault(doc["id"], doc)
        return None

    def commit(self, repository_id: int, oid: str) -> Doc | None:
        return self.one("commits", "repository_id = ? and oid = ?", repository_id, oid)

    def is_organization(self, login: str) -> bool:
        return (self.organization_login() or "").lower() == login.lower()

    def organization_login(self) -> str | None:
        """Whose most repositories are: one that was transferred has another owner."""
        owner = self.scalar(
            "select json_extract(doc, '$.owner') from repositories group by 1 order by count(*) desc, min(id) limit 1"
        )
        return None if owner is None else str(owner)


def one_of(expression: str, values: Iterable[Any]) -> tuple[str, tuple[Any, ...]]:
    """An SQL condition that an expression is one of some values, and its parameters."""
    wanted = tuple(values)
    return f"{expression} in ({', '.join('?' * len(wanted))})", wanted


def has_label(labels: Iterable[str]) -> tuple[str, tuple[Any, ...]]:
    """An SQL condition that a document carries at least one of some labels."""
    condition, wanted = one_of("value", labels)
    return f"exists (select 1 from json_each(doc, '$.labels') where {condition})", wanted
