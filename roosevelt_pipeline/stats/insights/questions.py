"""What is asked of the data, and what comes of it: a question is a test, whether or not there is something to tell."""

from dataclasses import dataclass
from datetime import date
from typing import Literal

Status = Literal["tested", "not_enough_data", "no_data"]


@dataclass(frozen=True)
class Scope:
    """A service, a team or the organisation."""

    scope_type: str
    scope: str

    def __str__(self) -> str:
        return "the organisation" if self.scope_type == "organization" else f"{self.scope_type} {self.scope}"


@dataclass(frozen=True)
class Finding:
    """The answer to a question, if it stands up to all the others that were asked.

    Attributes:
        subject: what it is about: a weekday, a stage, a week.
        is_good: whether it is good news; missing where it is neither.
        observed, compared: of the subject, and of what it is held against, in ``unit``.
        ratio: observed over compared, with its 95 % interval, of this comparison alone.
        n, n_compared: events on either side.
        reach: share of the scope's events that it concerns.
        first, last: days that it is made from, both included.
        told: the finding in a sentence.
        part: number of the weekday or window, or the smallest size of the large ones: what finds its events again.
    """

    subject: str
    is_good: bool | None
    observed: float
    compared: float
    unit: str
    ratio: float
    low: float
    high: float
    n: int
    n_compared: int
    reach: float
    first: date
    last: date
    told: str
    part: float | None = None


@dataclass(frozen=True)
class Question:
    """A test.

    Attributes:
        kind: of `KINDS`.
        status: tested, not_enough_data or no_data; only what was tested has a ``chance``.
        n: events that it could be made from.
        chance: of an answer this far out if nothing is the matter, corrected for the best of several being picked here.
        finding: the answer; missing where nothing was tested.
        is_conclusive: whether a large effect would have been found: otherwise to have found none tells nothing.
        said: why nothing can be told, in a sentence, for the time that it is not.
    """

    kind: str
    of: Scope
    metric: str
    status: Status
    n: int
    chance: float | None
    finding: Finding | None
    is_conclusive: bool
    said: str
