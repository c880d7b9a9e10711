"""Patterns of names, as roosevelt.toml writes them: ``*`` and ``?`` alone are special, case does not matter."""

import re
from collections.abc import Iterable
from functools import lru_cache


def matches(name: str, pattern: str) -> bool:
    """Whether a name fits a pattern. Brackets are literal: they belong to the names of GitHub's apps."""
    return _compiled(pattern).fullmatch(name) is not None


def matches_any(name: str, patterns: Iterable[str]) -> bool:
    """Whether a name fits at least one of the patterns."""
    return any(matches(name, pattern) for pattern in patterns)


@lru_cache(maxsize=1024)
def _compiled(pattern: str) -> re.Pattern[str]:
    special = {"*": ".*", "?": "."}
    return re.compile("".join(special.get(sign, re.escape(sign)) for sign in pattern), re.IGNORECASE | re.DOTALL)
