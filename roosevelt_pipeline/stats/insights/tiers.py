"""The way into the next better tier: forecasts that are worth telling, because they are more likely than not."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from roosevelt_pipeline.stats.insights.questions import Scope

KIND = "next_tier"
BEST_FIRST = ("Elite", "High", "Medium", "Low")
_WEIGHT = 0.8
_HORIZON = 90


@dataclass(frozen=True)
class Way:
    """A tier that has not been reached, as it was forecast.

    Attributes:
        probability: of being in it, or in a better one, within 90 days.
        even_by: day by which half of the futures are; missing if fewer ever are.
        value: of the last 28 days, in ``unit``.
        told: the forecast's own sentence.
    """

    of: Scope
    metric: str
    tier: str
    probability: float
    even_by: date | None
    value: float
    unit: str
    told: str

    @property
    def key(self) -> str:
        """What makes it the same insight tomorrow."""
        return ":".join((KIND, self.of.scope_type, self.of.scope, self.metric, self.tier))


def next_ways(ways: Iterable[Way]) -> list[Way]:
    """Of each scope and metric the nearest tier, where it is more likely to be reached than not."""
    nearest: dict[tuple[Scope, str], Way] = {}
    for way in ways:
        before = nearest.get((way.of, way.metric))
        if before is None or BEST_FIRST.index(way.tier) > BEST_FIRST.index(before.tier):
            nearest[way.of, way.metric] = way
    return sorted((way for way in nearest.values() if way.even_by is not None), key=lambda way: way.key)


def usefulness(way: Way, today: date) -> float:
    """What can be done about it (0.8), times how soon it is an even chance, times how far the odds are from even.

    >>> way = Way(Scope("team", "a"), "m", "Elite", 0.75, date(2026, 2, 15), 1.0, "hours", "")
    >>> usefulness(way, date(2026, 1, 1))  # half of the futures in 45 of 90 days; 0.75 is half way from even to sure
    20.0
    """
    if way.even_by is None:
        return 0.0
    soon = 1 - min(1.0, max(0, (way.even_by - today).days) / _HORIZON)
    return round(100 * _WEIGHT * soon * max(0.0, 2 * way.probability - 1), 2)
