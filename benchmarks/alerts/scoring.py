"""Alerts against causes: which were worth it, which were not, what was missed, and how late the rest was."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from benchmarks.alerts.causes import Cause

Told = tuple[int, str, str, str, str]  # day, rule, metric, scope type, scope


@dataclass
class Tally:
    """Counts over many years.

    Attributes:
        right: alerts, by rule, behind which there is a cause that the observer sees.
        wrong: alerts, by rule, behind which there is none, or that say once more what the same alert had said.
        unseen: alerts on causes that even the observer does not see; they count neither way.
        found, missed: causes that the observer sees, by kind.
        delays: days from the observer's to the first alert on the same cause; negative where it came first.
    """

    right: dict[str, int] = field(default_factory=dict)
    wrong: dict[str, int] = field(default_factory=dict)
    unseen: int = 0
    found: dict[str, int] = field(default_factory=dict)
    missed: dict[str, int] = field(default_factory=dict)
    delays: list[int] = field(default_factory=list)

    def add(self, told: Sequence[Told], causes: Sequence[tuple[Cause, int | None]]) -> None:
        """A year: what was told, and each cause with the day on which the observer sees it."""
        first: dict[int, int] = {}
        taken: set[tuple[int, str, str, str, str]] = set()
        for day, rule, metric, scope_type, scope in sorted(told):
            behind = [place for place, (cause, _) in enumerate(causes) if cause.explains(metric, scope_type, scope, day)
                      and (place, rule, metric, scope_type, scope) not in taken]  # fmt: skip
            if not behind:
                _count(self.wrong, rule)
                continue
            for place in behind:
                first.setdefault(place, day)
            taken |= {(place, rule, metric, scope_type, scope) for place in behind}
            if any(causes[place][1] is not None for place in behind):
                _count(self.right, rule)
            else:
                self.unseen += 1
        for place, (cause, day_seen) in enumerate(causes):
            if day_seen is None:
                continue
            _count(self.found if place in first else self.missed, cause.kind)
            if place in first:
                self.delays.append(first[place] - day_seen)

    @property
    def precision(self) -> float:
        return share(sum(self.right.values()), sum(self.wrong.values()))

    @property
    def recall(self) -> float:
        return share(sum(self.found.values()), sum(self.missed.values()))


def share(some: int, others: int) -> float:
    return some / max(1, some + others)


def _count(counts: dict[str, int], name: str) -> None:
    counts[name] = counts.get(name, 0) + 1
