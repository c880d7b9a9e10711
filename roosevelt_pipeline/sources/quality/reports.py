"""Coverage reports: Cobertura XML and LCOV, read for two numbers. Paths and names in them are dropped.

A report may come from anywhere, so nothing in it is believed: entities and external documents
are refused, and so is what is too large or contradicts itself.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from io import BytesIO
from typing import Any
from xml.etree.ElementTree import ParseError

from defusedxml.common import DefusedXmlException
from defusedxml.ElementTree import iterparse

from roosevelt_pipeline.sources.quality.errors import QualityError

LARGEST_BYTES = 64 * 1024 * 1024
MOST_LINES = 100_000_000


@dataclass(frozen=True)
class Coverage:
    """How many lines tests reach, of how many they could.

    Attributes:
        measured_at: as the report says; ``None`` where it does not.
    """

    format: str
    lines_valid: int
    lines_covered: int
    measured_at: datetime | None = None


def read_report(name: str, body: bytes) -> Coverage:
    """A report of either format, told apart by its first bytes.

    Raises:
        QualityError: it is neither, too large, or not sound; the message names the file.
    """
    if len(body) > LARGEST_BYTES:
        raise QualityError(f"{name}: larger than {LARGEST_BYTES // 1024 // 1024} MB; is it a coverage report?")
    start = body.lstrip(b"\xef\xbb\xbf \t\r\n")[:200]
    if start.startswith(b"<"):
        return read_cobertura(name, body)
    if start.startswith((b"TN:", b"SF:", b"#")):
        return read_lcov(name, body)
    raise QualityError(f"{name}: neither Cobertura XML nor LCOV; write it with `coverage xml` or `coverage lcov`")


def read_cobertura(name: str, body: bytes) -> Coverage:
    """Cobertura XML, by its lines; by the sums that its root declares where it has no lines.

    A line that several classes list counts once for each file.
    """
    lines: dict[tuple[str, str], bool] = {}
    root: dict[str, str] = {}
    file = ""
    try:
        for event, element in iterparse(BytesIO(body), events=("start", "end"), forbid_dtd=False):
            tag = element.tag.rpartition("}")[2]
            if event == "start":
                root = root or ({"": tag} | dict(element.attrib))
                file = element.get("filename", file) if tag == "class" else file
            elif tag == "line" and element.get("number"):
                place = (file, element.get("number", ""))
                lines[place] = lines.get(place, False) or _count(name, element.get("hits")) > 0
            if event == "end":
                element.clear()
    except DefusedXmlException:
        raise QualityError(
            f"{name}: declares entities, which a coverage report has no need of; it was not read"
        ) from None
    except (ParseError, ValueError, LookupError) as error:
        raise QualityError(f"{name}: not sound XML ({str(error)[:120]})") from None
    if root.get("") != "coverage":
        raise QualityError(f"{name}: XML, but not Cobertura: its root is not <coverage>")
    measured_at = _moment(root.get("timestamp"))
    if lines:
        return _checked(name, Coverage("cobertura", len(lines), sum(lines.values()), measured_at))
    declared = [_count(name, root.get(key, "0")) for key in ("lines-valid", "lines-covered")]
    return _checked(name, Coverage("cobertura", declared[0], declared[1], measured_at))


_RECORD = re.compile(rb"^(SF|DA):(.*)$")


def read_lcov(name: str, body: bytes) -> Coverage:
    """LCOV tracefile: a line of a file counts once, however many tests list it."""
    lines: dict[tuple[bytes, bytes], bool] = {}
    file = b""
    for number, text in enumerate(body.splitlines(), 1):
        match = _RECORD.match(text.strip())
        if match is None:
            continue
        if match[1] == b"SF":
            file = match[2]
            continue
        parts = match[2].split(b",")
        if len(parts) < 2 or not parts[0].strip().isdigit():
            raise QualityError(f"{name}: line {number}: DA needs a line number and a count")
        place = (file, parts[0].strip())
        lines[place] = (
            lines.get(place, False) or _count(f"{name}: line {number}", parts[1].decode("ascii", "replace")) > 0
        )
    return _checked(name, Coverage("lcov", len(lines), sum(lines.values())))


def _checked(name: str, coverage: Coverage) -> Coverage:
    if not 0 < coverage.lines_valid <= MOST_LINES:
        raise QualityError(f"{name}: tells of no lines that tests could reach; was it written before any test ran?")
    if not 0 <= coverage.lines_covered <= coverage.lines_valid:
        raise QualityError(f"{name}: says that {coverage.lines_covered} of {coverage.lines_valid} lines are reached")
    return coverage


def _count(name: str, text: Any) -> int:
    """A count of hits; some tools write -1 or 1e3."""
    try:
        return int(float(str(text).strip()))
    except (ValueError, OverflowError):
        raise QualityError(f"{name}: {str(text)[:40]!r} is no count") from None


def _moment(text: str | None) -> datetime | None:
    """Seconds or milliseconds since 1970, as tools differ."""
    if not text or not text.strip().isdigit() or len(text.strip()) > 13:
        return None
    seconds = int(text) / (1000 if len(text.strip()) > 11 else 1)
    found = datetime.fromtimestamp(seconds, UTC)
    return found if found.year >= 2000 else None


def added(parts: Iterable[Coverage]) -> Coverage:
    """Reports of parts of one commit as one: of packages that are tested apart."""
    parts = list(parts)
    moments = [one.measured_at for one in parts if one.measured_at]
    return Coverage(
        parts[0].format if len({one.format for one in parts}) == 1 else "mixed",
        sum(one.lines_valid for one in parts),
        sum(one.lines_covered for one in parts),
        max(moments, default=None),
    )
