"""A team among others: where the middle half of them lies, and whether it is in there. Never a rank."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

import numpy as np

LEAST_TEAMS = 5
Place = Literal["below", "within", "above"]


@dataclass(frozen=True)
class Position:
    """A team's value against all teams', its own included.

    Attributes:
        value: its own; missing if it has none.
        teams: how many have one.
        low, median, high: quartiles to two digits; missing where too few teams have a value.
    """

    value: float | None
    teams: int
    low: float | None
    median: float | None
    high: float | None
    place: Place | None

    @property
    def status(self) -> str:
        """ok, no_data (of the team itself), or suppressed (too few teams)."""
        if self.value is None:
            return "no_data"
        return "ok" if self.place else "suppressed"


def position(team: str, values: Mapping[str, float]) -> Position:
    """Where a team stands.

    Args:
        values: of each team that takes part and has one that may be shown; what is not finite counts as none.
    """
    known = {name: value for name, value in values.items() if np.isfinite(value)}
    own = known.get(team)
    if own is None or len(known) < LEAST_TEAMS:
        return Position(own, len(known), None, None, None, None)
    low, median, high = np.quantile(list(known.values()), [0.25, 0.5, 0.75])
    place: Place = "below" if own < low else "above" if own > high else "within"
    return Position(own, len(known), two_digits(low), two_digits(median), two_digits(high), place)


def two_digits(value: float) -> float:
    """Rounded, so that it cannot be looked up elsewhere by its digits.

    >>> two_digits(0.03456), two_digits(1234.5), two_digits(0.0)
    (0.035, 1200.0, 0.0)
    """
    return float(f"{value:.2g}")


def sentence(label: str, unit: str, team: str, found: Position) -> str:
    """The position in words.

    >>> sentence("Change lead time", "hours", "payments", Position(31.4, 6, 18.0, 24.0, 40.0, "within"))
    'Change lead time of team payments: 31 hours. The middle half of the 6 teams that take part lies between 18 and 40 \
hours, and payments within it.'
    """
    if found.value is None:
        return f"{label} of team {team}: no value that may be shown."
    own = f"{label} of team {team}: {two_digits(found.value):g} {_unit(unit)}."
    if found.low is None or found.high is None:
        return f"{own} {found.teams} teams that take part have a value; {LEAST_TEAMS} are needed for a comparison."
    return (
        f"{own} The middle half of the {found.teams} teams that take part lies between {found.low:g} and "
        f"{found.high:g} {_unit(unit)}, and {team} {found.place} it."
    )


def _unit(unit: str) -> str:
    return "%" if unit == "percent" else unit
