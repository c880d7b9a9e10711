"""When people work: zones, weekends, holidays, and the quiet weeks around Christmas.

Instants are whole seconds since 1970 in UTC; days are numbered from 1970-01-01.
"""

import math
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from random import Random
from zoneinfo import ZoneInfo

MINUTE = 60
HOUR = 3_600
DAY = 86_400

AMSTERDAM = "Europe/Amsterdam"
NEW_YORK = "America/New_York"

OPENS_AT = 9 * HOUR
CLOSES_AT = 17 * HOUR + 30 * MINUTE

_EPOCH = date(1970, 1, 1).toordinal()
_EVERYWHERE = frozenset({(1, 1), (12, 24), (12, 25), (12, 31)})
_HOLIDAYS = {
    AMSTERDAM: _EVERYWHERE | {(4, 27), (5, 5), (5, 29), (12, 5), (12, 26)},
    NEW_YORK: _EVERYWHERE | {(1, 19), (5, 25), (6, 19), (7, 3), (7, 4), (9, 7), (11, 11), (11, 26), (11, 27)},
}
WEEKEND_SHARE = 0.03
LULL_SHARE = 0.25
FRIDAY_SHARE = 0.85


def day_number(day: date) -> int:
    return day.toordinal() - _EPOCH


@lru_cache(maxsize=4_096)
def date_of(day: int) -> date:
    return date.fromordinal(day + _EPOCH)


@lru_cache(maxsize=4_096)
def _date_text(day: int) -> str:
    return date_of(day).isoformat()


def iso(moment: int) -> str:
    """An instant as GitHub writes it: ``2026-03-02T09:15:00Z``."""
    day, second = divmod(moment, DAY)
    return f"{_date_text(day)}T{second // HOUR:02}:{second // MINUTE % 60:02}:{second % 60:02}Z"


@lru_cache(maxsize=16_384)
def office_hours(zone: str, day: int) -> tuple[int, int]:
    """The instants between which people of a zone work on a day, if they work at all."""
    midnight = datetime.combine(date_of(day), time(), tzinfo=ZoneInfo(zone)) + timedelta(hours=12)
    local_midnight = int(midnight.astimezone(UTC).timestamp()) - 12 * HOUR
    return local_midnight + OPENS_AT, local_midnight + CLOSES_AT


@lru_cache(maxsize=16_384)
def is_working_day(zone: str, day: int) -> bool:
    on = date_of(day)
    return on.weekday() < 5 and (on.month, on.day) not in _HOLIDAYS.get(zone, _EVERYWHERE)


def activity_share(zone: str, day: int) -> float:
    """How much of an ordinary working day's activity a day sees, 0 to 1."""
    on = date_of(day)
    if not is_working_day(zone, day):
        return WEEKEND_SHARE
    if (on.month, on.day) >= (12, 21) or (on.month, on.day) <= (1, 3):
        return LULL_SHARE
    return FRIDAY_SHARE if on.weekday() == 4 else 1.0


def moment_in(rng: Random, zone: str, day: int) -> int:
    """An instant within a day's office hours, busiest before and after lunch."""
    opens, closes = office_hours(zone, day)
    return opens + int((closes - opens) * (rng.random() + rng.random()) / 2)


def after_working(zone: str, moment: int, seconds: float) -> int:
    """The instant at which ``seconds`` of office hours have passed since ``moment``."""
    left = max(0, int(seconds))
    day = moment // DAY - 1  # a zone's day may have begun on the UTC day before
    while True:
        if is_working_day(zone, day):
            opens, closes = office_hours(zone, day)
            begins = max(opens, moment)
            if begins < closes:
                if begins + left < closes:
                    return begins + left
                left -= closes - begins
        day += 1


def around(rng: Random, median: float, sigma: float = 0.8) -> float:
    """A positive draw with this median and a long tail to the right."""
    return median * math.exp(rng.gauss(0.0, sigma))


def arrivals(rng: Random, mean: float) -> int:
    """How many of something happen in a period that sees ``mean`` of it (Poisson)."""
    limit, count, product = math.exp(-mean), 0, rng.random()
    while product > limit:
        count += 1
        product *= rng.random()
    return count
