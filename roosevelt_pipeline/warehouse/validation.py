"""What a record must be to land: storable text, plausible instants, ids that fit. Pure; asks no clock."""

import hashlib
import json
import math
import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from typing import Any

from roosevelt_pipeline.warehouse.records import Record, Reject

EARLIEST = "1990-01-01T00:00:00Z"
LARGEST_BYTES = 4_000_000
LARGEST_INTEGER = 2**63 - 1
LONGEST_KEY = 200  # characters; no id of a source comes near, and an index could not hold much more
REPLACEMENT = "\N{REPLACEMENT CHARACTER}"
_UNSTORABLE = re.compile("[\0\ud800-\udfff]")
# Set by the clock of whoever committed. A wrong one is emptied and noted; the commit itself still counts.
GIT_INSTANTS = frozenset({"authored_at", "committed_at", "merge_committed_at", "tagged_at"})


@dataclass(frozen=True, slots=True)
class Prepared:
    """A record as the landing statement takes it."""

    natural_key: str
    content_sha: bytes | None
    source_updated_at: str | None
    deleted: bool
    payload: str | None


def prepare(record: Record, now: datetime) -> tuple[Prepared | None, list[Reject]]:
    """Turn a record into what lands, or into the reason why it does not.

    Text that PostgreSQL cannot hold (NUL, lone surrogates) is replaced by U+FFFD, visibly; a key
    of such text is refused, because two could become one.

    Args:
        now: what lies more than a day after it has not happened.

    Returns:
        the record, or ``None``; and what was rejected of it, or it itself.
    """
    if len(record.natural_key) > LONGEST_KEY or storable(record.natural_key) != record.natural_key:
        return None, [_reject(record, "implausible_key")]
    if record.payload is None:
        return Prepared(record.natural_key, None, record.source_updated_at, record.deleted, None), []
    payload, latest, notes = record.payload, _latest(now), []
    if _may_be_faulty(payload, latest):
        faults = _Faults(latest)
        payload, notes = faults.judged(payload), faults.notes
        if faults.fatal:
            return None, [_reject(record, faults.fatal)]
    text = canonical(payload)
    if len(text) > LARGEST_BYTES:
        return None, [Reject(record.natural_key, f"too_large: {len(text)} characters")]
    sha = hashlib.sha256(text.encode()).digest()
    prepared = Prepared(record.natural_key, sha, record.source_updated_at, record.deleted, text)
    return prepared, [Reject(record.natural_key, note) for note in notes]


def canonical(value: Any) -> str:
    """JSON with sorted keys, in which every character can be stored.

    Raises:
        ValueError: it holds a number that JSON cannot.
    """
    text = _encoded(value)
    return text if text.isascii() and "\\" not in text else _storable_text(text, value)


def storable(value: Any) -> Any:
    """The same value with every character that PostgreSQL refuses replaced by U+FFFD; what is no number as text."""
    if isinstance(value, str):
        return _UNSTORABLE.sub(REPLACEMENT, value)
    if isinstance(value, dict):
        return {storable(key): storable(item) for key, item in value.items()}
    if isinstance(value, list):
        return [storable(item) for item in value]
    if isinstance(value, float) and not math.isfinite(value):
        return str(value)
    return value


def iso(instant: datetime) -> str:
    """ISO 8601 in UTC, to the second, with ``Z``: such strings sort as the instants do."""
    return instant.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


# Made once: json.dumps() would make one for each record.
_encoded = json.JSONEncoder(sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False).encode


def _storable_text(text: str, value: Any) -> str:
    return _encoded(storable(value)) if "\\u0000" in text or not _encodable(text) else text


@lru_cache(maxsize=64)
def _latest(now: datetime) -> str:
    """The last instant that is believed: clocks may be off by a day."""
    return iso(now + timedelta(days=1))


def _may_be_faulty(payload: dict[str, Any], latest: str) -> bool:
    """A quick look that lets pass what is certainly right: nearly everything. `_Faults` judges the rest."""
    for key, value in payload.items():
        kind = type(value)
        if kind is str:
            if key[-3:] == "_at" and not EARLIEST <= value <= latest:
                return True
        elif value is None or kind is bool:
            continue
        elif kind is list:
            for item in value:
                if _may_be_faulty(item, latest) if type(item) is dict else not _is_harmless(item):
                    return True
        elif not _is_harmless(value):
            return True
    return False


def _is_harmless(value: Any) -> bool:
    return (
        value is None
        or type(value) in _HARMLESS
        or (type(value) is int and -LARGEST_INTEGER <= value <= LARGEST_INTEGER)
    )


_HARMLESS = frozenset({str, bool})


class _Faults:
    """Collects what is wrong while it copies only what must change."""

    def __init__(self, latest: str) -> None:
        self._latest = latest
        self.fatal: str | None = None
        self.notes: list[str] = []

    def judged(self, payload: dict[str, Any], path: str = "") -> dict[str, Any]:
        emptied: dict[str, Any] | None = None
        for key, value in payload.items():
            if isinstance(value, str):
                if key.endswith("_at") and not EARLIEST <= value <= self._latest:
                    if key in GIT_INSTANTS:
                        self.notes.append(f"implausible_time: {path}{key}")
                        emptied = (emptied or {}) | {key: None}
                    else:
                        self.fatal = f"implausible_time: {path}{key}"
            elif isinstance(value, list):
                judged = [
                    self.judged(item, f"{path}{key}[{place}].") if isinstance(item, dict) else self._number(key, item)
                    for place, item in enumerate(value)
                ]
                if any(new is not old for new, old in zip(judged, value, strict=True)):
                    emptied = (emptied or {}) | {key: judged}
            else:
                self._number(path + key, value)
        return payload | emptied if emptied else payload

    def _number(self, where: str, value: Any) -> Any:
        if isinstance(value, float) or (isinstance(value, int) and abs(value) > LARGEST_INTEGER):
            self.fatal = f"implausible_number: {where}"
        return value


def _encodable(text: str) -> bool:
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True


def _reject(record: Record, reason: str) -> Reject:
    return Reject(record.natural_key, reason, record.payload)
