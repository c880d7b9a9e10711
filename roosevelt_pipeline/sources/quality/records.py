"""Measures of code as they land."""

from datetime import UTC, datetime
from typing import Any

from roosevelt_pipeline.sources.quality.reports import Coverage
from roosevelt_pipeline.warehouse.records import Record
from roosevelt_pipeline.warehouse.validation import iso


def coverage_record(
    key: str, repository: str, coverage: Coverage, *, source: str, sha: str | None, measured_at: str
) -> Record:
    """A report. ``measured_at`` says when, as far as its source knows."""
    payload: dict[str, Any] = {
        "repository": repository,
        "sha": sha,
        "measured_at": measured_at,
        "lines_valid": coverage.lines_valid,
        "lines_covered": coverage.lines_covered,
        "source": source,
        "format": coverage.format,
    }
    return Record(key, payload, measured_at)


def lines_record(repository: str, lines: int, method: str, at: datetime, details: dict[str, Any]) -> Record:
    """A count of lines. Of one method and day the last one holds."""
    moment = at.astimezone(UTC)
    payload = {"repository": repository, "counted_at": iso(moment), "lines": lines, "method": method, **details}
    return Record(f"{method}|{repository}|{moment.date().isoformat()}", payload, iso(moment))
