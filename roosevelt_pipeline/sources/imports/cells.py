"""A row's cells as values: text, choices, instants. Each that does not fit says why, never what it holds."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import urlsplit, urlunsplit
from zoneinfo import ZoneInfo

from roosevelt_pipeline.settings import ImportSettings
from roosevelt_pipeline.sources.imports.errors import Unfit
from roosevelt_pipeline.warehouse.validation import EARLIEST, iso

LONGEST_TEXT = 200
_EPOCH = re.compile(r"\d{10}|\d{13}")  # seconds or milliseconds: between 2001 and 2286
_SHA = re.compile(r"[0-9a-f]{7,64}")
_COUNT = re.compile(r"[0-9]{1,9}")
_UNPRINTABLE = re.compile(r"[\x00-\x1f\x7f\ud800-\udfff]")


@dataclass(frozen=True)
class Cells:
    """One row, asked by our names of its columns.

    Attributes:
        settings: which of the file's columns is which, and what holds where a cell is empty.
        now: the database's clock: nothing has happened later.
        severities: what words for a severity mean, where the file's own section does not say.
    """

    cells: Mapping[str, Any]
    settings: ImportSettings
    now: datetime
    severities: Mapping[str, str] = field(default_factory=dict)

    def text(self, field: str, longest: int = LONGEST_TEXT) -> str | None:
        """A text in one line, trimmed; ``None`` for an empty cell without a default."""
        value = self._value(field)
        if value is None or value == "":
            value = self.settings.defaults.get(field)
        if value is None:
            return None
        if isinstance(value, bool) or not isinstance(value, str | int):
            raise self.unfit(field, "is neither text nor a whole number")
        text = str(value).strip()
        if found := _UNPRINTABLE.search(text):
            is_decoding = "\ud800" <= found[0] <= "\udfff"
            raise self.unfit(
                field, "is no UTF-8; save the file as UTF-8" if is_decoding else "holds a control character"
            )
        if len(text) > longest:
            raise self.unfit(field, f"is longer than {longest} characters")
        return text or self.settings.defaults.get(field)

    def prose(self, field: str, longest: int) -> str | None:
        """A text of many lines, trimmed, as somebody wrote it: whatever it begins with, it is text."""
        value = self._value(field)
        if value is None or (isinstance(value, str) and not value.strip()):
            return None
        if isinstance(value, bool) or not isinstance(value, str | int):
            raise self.unfit(field, "is no text")
        text = "\n".join(str(value).splitlines()).strip()
        if _UNPRINTABLE.search(text.replace("\n", " ").replace("\t", " ")):
            raise self.unfit(field, "holds a control character, or is no UTF-8; save the file as UTF-8")
        if len(text) > longest:
            raise self.unfit(field, f"is longer than {longest} characters")
        return text

    def required(self, field: str) -> str:
        text = self.text(field)
        if text is None:
            raise self.unfit(field, "is empty")
        return text

    def choice(self, field: str, meanings: Mapping[str, str]) -> str | None:
        """What a word means; the policy's own meanings come first, case does not matter."""
        word = self.text(field)
        if word is None:
            return None
        declared = {key.lower(): meaning for key, meaning in self.settings.meanings(field).items()}
        found = declared.get(word.lower()) or meanings.get(word.lower().replace("-", "_").replace(" ", "_"))
        if found is None:
            raise self.unfit(field, f"means nothing we know; say what it means{self._where(field)}")
        return found

    def instant(self, field: str) -> str | None:
        """ISO 8601 in UTC with ``Z``. Epoch seconds and milliseconds are read too."""
        text = self.text(field)
        if text is None:
            return None
        moment = self._moment(field, text)
        if iso(moment) < EARLIEST:
            raise self.unfit(field, "lies before 1990")
        if moment > self.now + timedelta(days=1):
            raise self.unfit(field, "lies in the future")
        return iso(moment)

    def sha(self, field: str) -> str | None:
        """A commit, in full or abbreviated, in lower case."""
        sha = (self.text(field) or "").lower()
        if sha and not _SHA.fullmatch(sha):
            raise self.unfit(field, "is no commit: 7 to 64 hexadecimal digits")
        return sha or None

    def count(self, field: str, least: int = 0) -> int | None:
        """A whole number of at most nine digits."""
        text = self.text(field)
        if text is None:
            return None
        if not _COUNT.fullmatch(text) or int(text) < least:
            raise self.unfit(field, f"is no whole number from {least} on")
        return int(text)

    def url(self, field: str) -> str | None:
        """An address without what may be secret or personal in it: credentials, query, fragment."""
        text = self.text(field, longest=2000)
        if text is None:
            return None
        try:
            parts = urlsplit(text)
            host = parts.hostname
        except ValueError:
            parts, host = urlsplit(""), None
        if parts.scheme not in ("https", "http") or not host:
            raise self.unfit(field, "is no address that begins with https://")
        return urlunsplit((parts.scheme, parts.netloc.rpartition("@")[2], parts.path, "", ""))

    def unfit(self, field: str, reason: str) -> Unfit:
        """The fault, under the name that the file has for the column."""
        return Unfit(self.settings.columns.get(field, field), reason)

    def _where(self, field: str) -> str:
        plural = self.settings.place(field)
        return f" under {plural}" if plural.rpartition(".")[2] in type(self.settings).model_fields else ""

    def _value(self, field: str) -> Any:
        name = self.settings.columns.get(field, field)
        if name in self.cells:
            return self.cells[name]
        value: Any = self.cells
        for part in name.split("."):  # of JSON alone: CSV has no nested cells
            value = value.get(part) if isinstance(value, dict) else None
        return value

    def _moment(self, field: str, text: str) -> datetime:
        if _EPOCH.fullmatch(text):
            return datetime.fromtimestamp(int(text) / (1000 if len(text) == 13 else 1), UTC)
        try:
            moment = datetime.fromisoformat(text)
        except ValueError:
            raise self.unfit(field, "is no time; write 2026-03-02T12:00:00Z") from None
        if not 1971 <= moment.year <= 9998:  # an offset could carry the edges of the calendar beyond it
            raise self.unfit(field, "lies before 1990 or in the future")
        return (moment if moment.tzinfo else self._in_declared_zone(field, moment)).astimezone(UTC)

    def _in_declared_zone(self, field: str, moment: datetime) -> datetime:
        if self.settings.timezone is None:
            raise self.unfit(
                field, f"has no zone; write 2026-03-02T12:00:00Z, or declare {self.settings.place('timezone')}"
            )
        zone = ZoneInfo(self.settings.timezone)
        there = moment.replace(tzinfo=zone)
        if there.astimezone(UTC).astimezone(zone).replace(tzinfo=None) != moment:
            raise self.unfit(field, f"is left out by the clocks of {self.settings.timezone}")
        return there
