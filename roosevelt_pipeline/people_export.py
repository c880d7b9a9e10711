"""What is held about one person, in one file, for that person."""

import json
import os
import re
from collections.abc import Collection
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any
from uuid import UUID

from roosevelt_pipeline.people import UnknownPersonError, identity_of, open_vault
from roosevelt_pipeline.privacy.keys import survey_key
from roosevelt_pipeline.privacy.sealing import SealError, SurveyKeys
from roosevelt_pipeline.settings import Settings, home
from roosevelt_pipeline.warehouse.connections import Role, Warehouse
from roosevelt_pipeline.warehouse.held_records import held_about, persons_among, sealed_texts
from roosevelt_pipeline.warehouse.withdrawal import surrogates_of

if TYPE_CHECKING:
    import psycopg

ABOUT = (
    "What Roosevelt holds about you, table by table, as it stands there. It measures how software is delivered and, of "
    "those who agreed, how work goes; figures are shown of groups alone. You stand in it under the pseudonyms below; "
    "'somebody else' stands for other persons. Rows of raw and survey were read or asked; those of intermediate, "
    "marts, bi and analytics are made of them. Who may read which of them, and for how long they are kept: "
    "docs/security.md."
)
SOMEBODY_ELSE = "somebody else"
_ID = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}")


class ExportFileError(RuntimeError):
    """The file cannot be written. The message says why, and what to do."""


@dataclass(frozen=True)
class Exported:
    """What was written: how many rows of how many tables, and how many texts are among them or left sealed."""

    tables: int
    rows: int
    texts: int
    texts_opened: bool

    def line(self, target: Path) -> str:
        texts = f"; {self.texts} texts, {'opened' if self.texts_opened else 'left sealed'}" if self.texts else ""
        return f"{self.rows} rows of {self.tables} tables, in {target}, readable by you alone{texts}"


def export_person(
    settings: Settings, warehouse: Warehouse, who: str, target: Path, *, opens_texts: bool = False
) -> Exported:
    """Write everything that is held about one person as JSON, into a file that only its owner can read.

    Args:
        who: GitHub login or number, or an e-mail address.
        target: the file; must not be there yet.
        opens_texts: what the person wrote in surveys is given in words. Whoever makes the file can then read it.

    Raises:
        UnknownPersonError: nobody is known by that.
        ExportFileError: the file is there already, or cannot be written.
        GitHubError: a login must be looked up and cannot be.
    """
    identity = identity_of(settings, warehouse, who)
    with warehouse.connect(Role.INGEST) as connection:
        user_id = open_vault(settings, connection).find(connection, [identity]).get(identity)
    if user_id is None:
        raise UnknownPersonError("nobody is known under this; give a GitHub login, its number or a known address")
    with warehouse.connect() as connection, connection.transaction():
        connection.execute("set transaction isolation level repeatable read, read only")
        document = _document(settings, connection, user_id, opens_texts=opens_texts)
    _write(target, document)
    tables = document["tables"]
    rows = sum(len(table["rows"]) for table in tables.values())
    return Exported(len(tables), rows, len(document["texts"]), opens_texts)


def _document(
    settings: Settings, connection: "psycopg.Connection[Any]", user_id: UUID, *, opens_texts: bool
) -> dict[str, Any]:
    own, also_answering = surrogates_of(connection, [user_id])
    surrogates = {user_id, *own, *also_answering}
    tables = {one.name: {"holds": one.holds, "rows": one.rows} for one in held_about(connection, surrogates)}
    sealed = sealed_texts(connection, surrogates)
    return {
        "about": ABOUT,
        "made_at": datetime.now(UTC).isoformat(timespec="seconds"),
        "pseudonyms": sorted(map(str, surrogates)),
        "kept_for_days": {"work": settings.privacy.keep_days, "texts": settings.surveys.feedback_days},
        "texts": _texts(settings, sealed) if opens_texts else {key: "sealed" for key, _ in sealed},
        "tables": _without_others(connection, tables, surrogates),
    }


def _texts(settings: Settings, sealed: list[tuple[str, bytes]]) -> dict[str, str]:
    keys = SurveyKeys(survey_key(settings, home()))
    opened = {}
    for row, text in sealed:
        try:
            opened[row] = keys.unseal(text, row)
        except SealError as error:
            opened[row] = f"(cannot be opened: {error})"
    return opened


def _without_others(
    connection: "psycopg.Connection[Any]", tables: dict[str, Any], surrogates: Collection[UUID]
) -> dict[str, Any]:
    """The same rows, in which other persons are nobody in particular."""
    text = json.dumps(tables)
    others = persons_among(connection, set(_ID.findall(text))) - set(map(str, surrogates))
    hidden = _ID.sub(lambda found: SOMEBODY_ELSE if found[0] in others else found[0], text)
    found: dict[str, Any] = json.loads(hidden)
    return found


def _write(target: Path, document: dict[str, Any]) -> None:
    try:
        handle = os.open(target.expanduser(), os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        raise ExportFileError(f"{target}: there is such a file already; name another one") from None
    except OSError as error:
        raise ExportFileError(f"{target}: {error.strerror}") from None
    with os.fdopen(handle, "w", encoding="utf-8") as file:
        json.dump(document, file, indent=1, ensure_ascii=False)
