"""What nobody should find of the simulated company's people: names, accounts, addresses, titles, answers."""

import json
import re
import zlib
from collections.abc import Iterable, Iterator
from pathlib import Path

import psycopg
from psycopg import sql

from roosevelt_pipeline.sandbox.calendars.diary import PLACES, SUBJECTS
from roosevelt_pipeline.sandbox.store import Store

SHORTEST = 12  # shorter words people do use by chance


class Unspeakable:
    """Looks for what the company's people are called, and for what they wrote."""

    def __init__(self, store: Store) -> None:
        people = [doc for doc in store.docs("select doc from accounts") if doc["kind"] == "User"]
        logins = "|".join(sorted(re.escape(doc["login"]) for doc in people))
        addresses = {doc["email"] for doc in people if doc["email"]}
        pulls, issues = (store.docs(f"select doc from {table}") for table in ("pull_requests", "issues"))
        written = {doc["title"] for doc in [*pulls, *issues]} | {doc["head_ref"] for doc in pulls}
        written |= {*SUBJECTS, *PLACES} | {doc["name"] for doc in people if doc["name"]}
        written |= {one["feedback"] for one in store.each("survey_answers") if one["feedback"]}
        self.words = {word for word in written if len(word) >= SHORTEST} | addresses
        self._logins = re.compile(rf"(?<![\w/.-])(?:{logins})(?![\w/.-])")
        self._forms = {form: word for word in self.words for form in (word, json.dumps(word)[1:-1])}

    def found_in(self, text: str) -> set[str]:
        """As they are, or as JSON writes them."""
        return {word for form, word in self._forms.items() if form in text} | set(self._logins.findall(text))


def rows_of(url: str) -> Iterator[tuple[str, str]]:
    """All that a database holds, table by table; what is compressed is opened."""
    with psycopg.connect(url, autocommit=True) as connection:
        tables = connection.execute(
            "select schemaname, tablename from pg_tables where schemaname !~ '^(pg_|information_schema$)'"
        ).fetchall()
        for schema, table in tables:
            found = connection.execute(sql.SQL("select * from {}").format(sql.Identifier(schema, table)))
            yield f"{schema}.{table}", "\n".join(_plain(cell) for row in found for cell in row)


def files_of(folder: Path, without: Iterable[Path]) -> Iterator[tuple[str, str]]:
    """All that lies in a folder, but for what lies below some others."""
    for path in folder.rglob("*"):
        if path.is_file() and not any(path.is_relative_to(one) for one in without):
            yield str(path.relative_to(folder)), path.read_bytes().decode(errors="replace")


def _plain(cell: object) -> str:
    if not isinstance(cell, bytes):
        return str(cell)
    try:
        return zlib.decompress(cell).decode(errors="replace")
    except zlib.error:
        return cell.decode(errors="replace")
