"""The simulated company: who it is, and the call that plays it."""

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta

from roosevelt_pipeline.sandbox.store import Store

ORGANIZATION = "helios-labs"


@dataclass(frozen=True)
class Company:
    """What decides the whole history: the same seed, start and scale give the same one.

    ``end`` is the day on which nothing has happened yet: the history ends at its 00:00 UTC,
    so a company that lives up to yesterday ends today.
    """

    seed: int
    start: date
    end: date
    scale: float = 1.0

    @classmethod
    def of_days(cls, seed: int, start: date, days: int, scale: float = 1.0) -> "Company":
        return cls(seed, start, start + timedelta(days=days), scale)

    @property
    def ends_at(self) -> datetime:
        return datetime(self.end.year, self.end.month, self.end.day, tzinfo=UTC)


def play(company: Company, store: Store) -> None:
    """Play the company from its start to its end and leave its state then in an empty ``store``."""
    store.index()
