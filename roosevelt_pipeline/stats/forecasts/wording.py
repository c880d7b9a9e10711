"""Forecasts in sentences: how likely, by when, and on whose word. Never as a certainty."""

from dataclasses import dataclass
from datetime import date

_OF = {"organization": "the organisation", "team": "team", "service": "service"}
HORIZON = 90


@dataclass(frozen=True)
class Way:
    """What a sentence about a tier needs.

    Attributes:
        target: what the edition says of the tier, such as "more than 1 a day".
        chance: of getting there within the horizon, 0 to 1.
        by: day by which half of the futures are there; missing if fewer are.
    """

    label: str
    scope_type: str
    scope: str
    tier: str
    target: str
    edition: str
    now: float
    unit: str
    chance: float
    by: date | None


def sentence(way: Way) -> str:
    """The way into a tier, in words.

    >>> way = Way("Deployment frequency", "team", "payments", "Elite", "more than 1 a day", "roosevelt-2026", 0.82,
    ...     "deployments per day", 0.7, date(2026, 12, 24))
    >>> sentence(way)
    'At the current pace team payments reaches Elite in deployment frequency (more than 1 a day, edition \
roosevelt-2026) by 2026-12-24 with a probability of 50 %, and within 90 days with 70 %. Over the last 28 \
days: 0.82 deployments per day.'
    """
    goal = f"{way.tier} in {_lower(way.label)} ({way.target}, edition {way.edition})"
    now = f"Over the last 28 days: {figure(way.now)} {_unit(way.unit)}."
    who = _scope(way.scope_type, way.scope)
    if way.by is None:
        return (
            f"At the current pace {who} does not reach {goal} within {HORIZON} days: probability "
            f"{percent(1 - way.chance)} that it does not, {percent(way.chance)} that it does. {now}"
        )
    return (
        f"At the current pace {who} reaches {goal} by {way.by} with a probability of 50 %, and within {HORIZON} days "
        f"with {percent(way.chance)}. {now}"
    )


def held(way: Way) -> str:
    """What is said of a tier that has been reached."""
    who = _scope(way.scope_type, way.scope)
    return (
        f"Over the last 28 days {who} is {way.tier} in {_lower(way.label)}: {figure(way.now)} {_unit(way.unit)} "
        f"({way.target}, edition {way.edition})."
    )


def percent(chance: float) -> str:
    """A probability, never as a certainty.

    >>> percent(0.999), percent(0.0), percent(0.734)
    ('over 99 %', 'under 1 %', '73 %')
    """
    if chance > 0.99:
        return "over 99 %"
    return "under 1 %" if chance < 0.01 else f"{100 * chance:.0f} %"


def figure(value: float) -> str:
    """A number with two or three digits that mean something."""
    return f"{value:,.0f}" if abs(value) >= 100 else f"{value:.1f}" if abs(value) >= 10 else f"{value:.2f}"


def _lower(label: str) -> str:
    return label if label[:2].isupper() else label[:1].lower() + label[1:]


def _scope(scope_type: str, scope: str) -> str:
    kind = _OF.get(scope_type, scope_type)
    return kind if scope_type == "organization" else f"{kind} {scope}"


def _unit(unit: str) -> str:
    return "%" if unit == "percent" else unit
