"""A finding in a sentence: what was seen, what was expected, how sure. Never why."""

from dataclasses import dataclass
from datetime import date

_WHOLE_FROM = 9.95
_OF = {"organization": "the organisation", "team": "team", "service": "service", "repository": "repository"}


@dataclass(frozen=True)
class Incident:
    """What a sentence needs; the window is from ``first`` to ``last``, both included."""

    label: str
    scope_type: str
    scope: str
    law: str
    unit: str
    is_high: bool
    is_bad: bool
    state: str
    first: date
    last: date
    ended: date | None
    observed: float
    expected: float
    low: float
    high: float
    chance: float


def sentence(incident: Incident) -> str:
    """The finding in words.

    >>> day = date(2026, 3, 8)
    >>> sentence(Incident("Deployment frequency", "team", "payments", "count", "deployments", False, True, "open",
    ...     date(2026, 3, 2), day, None, 3, 14.2, 7, 23, 0.00008))
    'Deployment frequency of team payments: 3 deployments in the 7 days to 2026-03-08, where 14 were expected (95 % of \
such windows: 7 to 23). A window this far out comes by chance once in about 12,000. Worse, and still so.'
    """
    days = (incident.last - incident.first).days + 1
    when = f"on {incident.last}" if days == 1 else f"in the {days} days to {incident.last}"
    expected, low, high = (_figure(one) for one in (incident.expected, incident.low, incident.high))
    seen = f"{_figure(incident.observed)} {_unit(incident.unit)}"
    among = "days" if days == 1 else "windows"
    whole = int(1 / max(incident.chance, 1e-12))
    often = max(1, round(whole, 2 - len(str(whole))))  # two digits mean something
    often_said = f"about {often:,}" if often < 1_000_000 else "a million or more"
    return (
        f"{incident.label} of {_scope(incident)}: {seen} {when}, where {expected} were expected (95 % of such {among}: "
        f"{low} to {high}). A window this far out comes by chance once in {often_said}. {_outcome(incident)}"
    )


def _scope(incident: Incident) -> str:
    kind = _OF.get(incident.scope_type, incident.scope_type)
    return kind if incident.scope_type == "organization" else f"{kind} {incident.scope}"


def _unit(unit: str) -> str:
    return "%" if unit == "percent" else unit


def _figure(value: float) -> str:
    """One digit behind the point below ten, if it says something.

    >>> [_figure(one) for one in (0.02, 0.56, 9.97, 10.4, 1234.0)]
    ['0', '0.6', '10', '10', '1,234']
    """
    return f"{value:,.0f}" if abs(value) >= _WHOLE_FROM else f"{value:.1f}".removesuffix(".0")


def _outcome(incident: Incident) -> str:
    verdict = "Worse" if incident.is_bad else "Better"
    if incident.state == "open":
        return f"{verdict}, and still so."
    if incident.state == "new_normal":
        return f"{verdict}, and it stayed: from {incident.first} on this is taken for normal."
    return f"{verdict}; back to normal after {incident.ended}."
