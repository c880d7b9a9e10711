"""How well a detector did: its alerts against the labels, one to one."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from benchmarks.anomalies.labels import Labelled


@dataclass(frozen=True)
class Score:
    """Counts over many series.

    Attributes:
        found: alerts that found a bad event that can be seen.
        false: alerts that found nothing, or what another alert had found, or good news.
        missed: bad events that can be seen and that no alert found.
        lucky: alerts on bad events that could not be seen; they count neither way.
    """

    found: int = 0
    false: int = 0
    missed: int = 0
    lucky: int = 0

    def __add__(self, other: "Score") -> "Score":
        return Score(self.found + other.found, self.false + other.false, self.missed + other.missed,
                     self.lucky + other.lucky)  # fmt: skip

    @property
    def precision(self) -> float:
        return self.found / max(1, self.found + self.false)

    @property
    def recall(self) -> float:
        return self.found / max(1, self.found + self.missed)

    @property
    def f1(self) -> float:
        return 2 * self.found / max(1, 2 * self.found + self.false + self.missed)


def score(series: Labelled, alerts: Iterable[int]) -> Score:
    """Match alerts to events.

    Args:
        alerts: of each, the row on which it was raised. In order of time each takes the earliest bad event that is not
            taken, has begun and is not past its deadline.
    """
    open_events = sorted((one for one in series.events if one.is_bad), key=lambda one: one.onset)
    found = false = lucky = 0
    for row in sorted(alerts):
        event = next((one for one in open_events if one.onset <= row <= one.deadline), None)
        if event is None:
            false += 1
            continue
        open_events.remove(event)
        found, lucky = found + event.is_visible, lucky + (not event.is_visible)
    return Score(found, false, sum(one.is_visible for one in open_events), lucky)


def total(scores: Sequence[Score]) -> Score:
    return sum(scores, Score())
