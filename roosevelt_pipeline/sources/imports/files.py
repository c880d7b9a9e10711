"""Bytes to lines, whatever program wrote them. One line is held at a time."""

import codecs
import io
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Literal, TextIO, cast

from roosevelt_pipeline.sources.imports.errors import ImportFileError, Unfit

STDIN = "-"
LONGEST_LINE = 1_000_000  # characters; what is longer is no row of a table that people keep
# UTF-32 first: its mark begins with that of UTF-16.
_MARKS = (
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)


def _as_windows(error: UnicodeError) -> tuple[str, int]:
    """What is no UTF-8 was written by Excel as cp1252; what that has no letter for becomes a lone surrogate."""
    assert isinstance(error, UnicodeDecodeError)
    bad = error.object[error.start : error.end]
    return "".join(bytes([byte]).decode("cp1252", "ignore") or chr(0xDC00 + byte) for byte in bad), error.end


codecs.register_error("roosevelt.cp1252", _as_windows)


@contextmanager
def opened(name: str, legacy: Literal["cp1252"] | None = None) -> Iterator[TextIO]:
    """A file as text: in the encoding that its byte order mark names, else UTF-8; ``-`` is standard input.

    Bytes that are no UTF-8 become what they are in ``legacy``, else lone surrogates: one bad cell spoils no other.

    Raises:
        ImportFileError: it cannot be opened.
    """
    try:
        binary = cast(io.BufferedReader, sys.stdin.buffer) if name == STDIN else Path(name).open("rb")  # noqa: SIM115
    except OSError as error:
        raise ImportFileError(f"{name}: {error.strerror}; name a file that can be read, or - for input") from None
    beginning = binary.peek(4)[:4]
    encoding = next((encoding for mark, encoding in _MARKS if beginning.startswith(mark)), "utf-8")
    undecodable = f"roosevelt.{legacy}" if legacy else "surrogateescape"
    errors = undecodable if encoding.startswith("utf-8") else "replace"
    text = io.TextIOWrapper(binary, encoding=encoding, errors=errors, newline="")
    try:
        yield text
    finally:
        if name == STDIN:
            text.detach()
        else:
            text.close()


class Lines:
    """The lines of a text, counted. A line that is too long raises, and the next one can be asked for.

    Attributes:
        number: of the line that was read last, from 1.
    """

    def __init__(self, text: TextIO) -> None:
        self._text = text
        self.number = 0

    def __iter__(self) -> "Lines":
        return self

    def __next__(self) -> str:
        line = self._text.readline(LONGEST_LINE)
        if not line:
            raise StopIteration
        self.number += 1
        if len(line) < LONGEST_LINE or line.endswith(("\n", "\r")):
            return line
        while (rest := self._text.readline(LONGEST_LINE)) and not rest.endswith(("\n", "\r")):
            pass
        raise Unfit(None, f"is longer than {LONGEST_LINE:,} characters")
