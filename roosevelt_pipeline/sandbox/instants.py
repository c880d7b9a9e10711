"""Instants as the store writes them: ISO 8601, UTC, whole seconds, ``Z``; they sort as text."""

from datetime import UTC, date, datetime


def stored_instant(text: str) -> str:
    """An instant that a client wrote, as the store writes it. Without a zone it is UTC.

    Raises:
        ValueError: the text is no date or time.
    """
    moment = datetime.fromisoformat(text.strip().replace(" ", "+", 1) if "T" in text else text.strip())
    moment = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def created_range(text: str) -> list[tuple[str, str]]:
    """The comparisons that GitHub's date syntax asks for (``A..B``, ``>=A``, ``<A``, ``A``).

    A bare day stands for all of it.

    Raises:
        ValueError: a part of it is no date or time.
    """
    if ".." in text:
        start, _, end = text.partition("..")
        lower = [] if start == "*" else [(">=", _edge(start, last=False))]
        return lower + ([] if end == "*" else [("<=", _edge(end, last=True))])
    for sign in (">=", "<=", ">", "<"):
        if text.startswith(sign):
            return [(sign, _edge(text[len(sign) :], last=sign in ("<=", ">")))]
    return [(">=", _edge(text, last=False)), ("<=", _edge(text, last=True))]


def _edge(text: str, *, last: bool) -> str:
    try:
        day = date.fromisoformat(text)
    except ValueError:
        return stored_instant(text)
    return f"{day}T23:59:59Z" if last else f"{day}T00:00:00Z"
