"""What sources hand to the warehouse: records that may land, and records that do not fit."""

from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True, slots=True)
class Record:
    """One object as its source told it.

    Attributes:
        natural_key: the source's own lasting id.
        payload: JSON values only (and ``privacy.identities.Person`` until pseudonymised);
            ``None`` in a tombstone keeps what was known.
        source_updated_at: the source's own time of change, ISO 8601 with ``Z``; orders versions.
        deleted: the source no longer has it.
    """

    natural_key: str
    payload: dict[str, Any] | None
    source_updated_at: str | None = None
    deleted: bool = False


@dataclass(frozen=True, slots=True)
class Reject:
    """A record, or a part of one, that does not fit, with the reason; ``record`` is scrubbed."""

    natural_key: str | None
    reason: str
    record: Any = field(default=None, repr=False)
