"""What every table of roosevelt.toml is, and what a misspelled name is answered with."""

import difflib
from collections.abc import Iterable

from pydantic import BaseModel


class Section(BaseModel, frozen=True, extra="forbid"):
    """A table of roosevelt.toml. A misspelled key is an error, not a default."""


def suggestion(name: str, known: Iterable[str]) -> str:
    """The nearest known names, as the end of a message; the first dozen of them where none is near."""
    names = sorted(known)
    close = difflib.get_close_matches(name, names, n=2, cutoff=0.6)
    return f"; did you mean {' or '.join(close)}?" if close else f"; known here: {', '.join(names[:12])}"
