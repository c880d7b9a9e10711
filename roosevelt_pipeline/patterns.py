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


@lru_cache(maxsize=64)
def any_of(patterns: tuple[str, ...]) -> re.Pattern[str]:
    """One expression that fits what any of the patterns fits; of no patterns one that fits nothing."""
    return re.compile("|".join(map(_expression, patterns)) or r"(?!)", re.IGNORECASE | re.DOTALL)


@lru_cache(maxsize=1024)
def _compiled(pattern: str) -> re.Pattern[str]:
    return re.compile(_expression(pattern), re.IGNORECASE | re.DOTALL)


def _expression(pattern: str) -> str:
    special = {"*": ".*", "?": "."}
    return "".join(special.get(sign, re.escape(sign)) for sign in pattern)
