"""Google's partial answers: ``fields=a,b(c,d(e))`` leaves everything else out."""

import re
from typing import Any

_WORD = re.compile(r"[A-Za-z0-9*]+|[(),/]")
Wanted = dict[str, "Wanted"]


def only(value: Any, fields: str) -> Any:
    """The value with nothing but the fields.

    Raises:
        ValueError: they are not well formed.
    """
    words = _WORD.findall(fields)
    if "".join(words) != fields:
        raise ValueError(fields)
    wanted, rest = _parsed(words)
    if rest:
        raise ValueError(fields)
    return _kept(value, wanted)


def _parsed(words: list[str]) -> tuple[Wanted, list[str]]:
    wanted: Wanted = {}
    while words:
        name, *words = words
        if name in "(),/":
            raise ValueError(name)
        wanted[name] = {}
        if words[:1] == ["("]:
            wanted[name], words = _parsed(words[1:])
            if words[:1] != [")"]:
                raise ValueError("unclosed")
            words = words[1:]
        if words[:1] != [","]:
            return wanted, words
        words = words[1:]
    return wanted, words


def _kept(value: Any, wanted: Wanted) -> Any:
    if not wanted:
        return value
    if isinstance(value, list):
        return [_kept(one, wanted) for one in value]
    return {name: _kept(value[name], below) for name, below in wanted.items() if name in value}
