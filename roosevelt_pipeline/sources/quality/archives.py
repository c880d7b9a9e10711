"""Coverage reports inside the zip of an artifact. It may come from anywhere: sizes are bounded before unpacking."""

import zipfile
from io import BytesIO

from roosevelt_pipeline.patterns import matches_any
from roosevelt_pipeline.sources.quality.errors import QualityError
from roosevelt_pipeline.sources.quality.reports import LARGEST_BYTES, Coverage, added, read_report

MOST_FILES = 200
LARGEST_RATIO = 200  # of unpacked to packed; text packs to a tenth, bombs to a thousandth


def read_archive(name: str, body: bytes, files: tuple[str, ...]) -> Coverage | None:
    """All reports in a zip, added up; ``None`` if it holds none.

    Args:
        files: patterns of the names of files that are reports.

    Raises:
        QualityError: it is no zip, or unpacks to too much, or a report in it is not sound.
    """
    try:
        with zipfile.ZipFile(BytesIO(body)) as archive:
            chosen = [one for one in archive.infolist() if _is_report(one, files)]
            if len(chosen) > MOST_FILES or sum(one.file_size for one in chosen) > LARGEST_BYTES:
                raise QualityError(
                    f"{name}: unpacks to too much; name the reports more closely in quality.report_files"
                )
            reports = [read_report(f"{name}: {_short(one)}", _unpacked(name, archive, one)) for one in chosen]
    except (zipfile.BadZipFile, NotImplementedError, RuntimeError, EOFError) as error:
        if isinstance(error, QualityError):
            raise
        raise QualityError(f"{name}: not a zip that can be read") from None
    return added(reports) if reports else None


def _is_report(entry: zipfile.ZipInfo, files: tuple[str, ...]) -> bool:
    return not entry.is_dir() and matches_any(_short(entry), files)


def _short(entry: zipfile.ZipInfo) -> str:
    return entry.filename.replace("\\", "/").rpartition("/")[2]


def _unpacked(name: str, archive: zipfile.ZipFile, entry: zipfile.ZipInfo) -> bytes:
    """Never more than the entry declares, whatever it really holds."""
    if entry.file_size > LARGEST_RATIO * max(entry.compress_size, 1):
        raise QualityError(f"{name}: {_short(entry)} unpacks to {entry.file_size} bytes from {entry.compress_size}")
    with archive.open(entry) as file:
        body = file.read(entry.file_size + 1)
    if len(body) > entry.file_size:
        raise QualityError(f"{name}: {_short(entry)} holds more than it declares")
    return body
