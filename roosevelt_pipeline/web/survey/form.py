"""What somebody filled in: read, and judged field by field with what to do about each."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from urllib.parse import parse_qs

from roosevelt_pipeline.sources.surveys.answers import LONGEST_FEEDBACK, NPS, SATISFACTION

MOST_FIELDS = 20


class UnreadableFormError(ValueError):
    """A request that no form of ours sends."""


@dataclass(frozen=True)
class Filled:
    """A form as it was filled in.

    Attributes:
        given: what stood in each field, to show it again.
        faults: what is wrong with a field, and what to do.
    """

    nps_score: int | None = None
    satisfaction_score: int | None = None
    feedback: str | None = field(default=None, repr=False)
    given: Mapping[str, str] = field(default_factory=dict, repr=False)
    faults: Mapping[str, str] = field(default_factory=dict)


def read_form(body: bytes) -> Filled:
    """Read what a browser sent.

    Raises:
        UnreadableFormError: no browser sent it.
    """
    try:
        sent = parse_qs(body.decode("ascii"), errors="strict", max_num_fields=MOST_FIELDS)
    except (UnicodeDecodeError, ValueError):
        raise UnreadableFormError("not understood") from None
    given = {name: values[-1].strip() for name, values in sent.items()}
    faults: dict[str, str] = {}
    nps = _choice(given, "nps_score", *NPS, faults)
    satisfaction = _choice(given, "satisfaction_score", *SATISFACTION, faults)
    feedback = _text(given, faults)
    if not faults and nps is None and satisfaction is None and feedback is None:
        faults["nps_score"] = "Nothing is filled in yet. Answer at least one of the questions."
    return Filled(nps, satisfaction, feedback, given, faults)


def _choice(given: Mapping[str, str], name: str, least: int, most: int, faults: dict[str, str]) -> int | None:
    value = given.get(name, "")
    if not value:
        return None
    if value.isascii() and value.isdigit() and len(value) <= 2 and least <= int(value) <= most:
        return int(value)
    faults[name] = f"Choose one of the numbers from {least} to {most}."
    return None


def _text(given: Mapping[str, str], faults: dict[str, str]) -> str | None:
    lines = given.get("feedback", "").splitlines()
    text = "\n".join("".join(c for c in line if c.isprintable() or c == "\t") for line in lines).strip()
    if len(text) > LONGEST_FEEDBACK:
        over = len(text) - LONGEST_FEEDBACK
        faults["feedback"] = f"This is {over:,} characters too long. Shorten it to {LONGEST_FEEDBACK:,} characters."
        return None
    return text or None
