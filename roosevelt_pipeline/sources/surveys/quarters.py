"""Quarters of a year, as surveys name them: 2026-Q3."""

import re
from dataclasses import dataclass
from datetime import date

_FORMS = (
    re.compile(r"(?P<year>\d{4})[\s_/-]*Q(?P<quarter>[1-4])", re.IGNORECASE),
    re.compile(r"Q(?P<quarter>[1-4])[\s_/-]*(?P<year>\d{4})", re.IGNORECASE),
)


@dataclass(frozen=True, order=True)
class Quarter:
    """A quarter of a calendar year."""

    year: int
    number: int

    def __str__(self) -> str:
        return f"{self.year:04}-Q{self.number}"

    @property
    def first_day(self) -> date:
        return date(self.year, self.number * 3 - 2, 1)

    @property
    def following(self) -> "Quarter":
        return Quarter(self.year + 1, 1) if self.number == 4 else Quarter(self.year, self.number + 1)


def quarter_of(day: date) -> Quarter:
    return Quarter(day.year, (day.month + 2) // 3)


def parse_quarter(text: str) -> Quarter | None:
    """The quarter of ``2026-Q3``, ``2026 q3`` or ``Q3 2026``; ``None`` for anything else."""
    match = next((match for form in _FORMS if (match := form.fullmatch(text.strip()))), None)
    return Quarter(int(match["year"]), int(match["quarter"])) if match else None
