"""A comparison in a sentence: how closely two metrics moved together, over how many periods. Never why."""

from dataclasses import dataclass

_OF = {"organization": "the organisation", "team": "team", "service": "service", "repository": "repository"}


@dataclass(frozen=True)
class Comparison:
    """What a sentence needs. ``tests`` is how many comparisons were made beside this one, itself included."""

    first: str
    second: str
    scope_type: str
    scope: str
    lag: int
    period: str
    status: str
    periods: int
    effective: float
    pearson: float
    spearman: float
    low: float
    high: float
    fdr: float
    is_significant: bool
    is_strong: bool
    tests: int
    least_periods: int


def sentence(one: Comparison) -> str:
    """The comparison in words.

    >>> sentence(Comparison("Focus time", "Defect density", "team", "payments", 0, "week", "ok", 51, 36.4, -0.76, -0.72,
    ...     -0.87, -0.58, 0.011, True, True, 420, 12))
    'Focus time and defect density of team payments moved together from week to week, in opposite directions, \
strongly: rank correlation of the changes -0.72, Pearson -0.76 (95 % interval -0.87 to -0.58), over 51 weeks, worth 36 \
independent ones. False-discovery rate 1.1 % over 420 comparisons. It does not say which of them leads, or what moves \
both.'
    """
    of = _OF.get(one.scope_type, one.scope_type)
    of = of if one.scope_type == "organization" else f"{of} {one.scope}"
    both = f"{one.first} and {_later(one)}{_within(one.second)} of {of}"
    if one.status != "ok":
        return f"{both}: {_why_not(one)}"
    figures = (
        f"rank correlation of the changes {one.spearman:.2f}, Pearson {one.pearson:.2f} (95 % interval {one.low:.2f} "
        f"to {one.high:.2f}), over {one.periods} {one.period}s, worth {one.effective:.0f} independent ones. "
        f"False-discovery rate {_percent(one.fdr)} over {one.tests:,} comparisons."
    )
    if not one.is_significant:
        return f"{both} were not seen to move together, which does not show that they do not: {figures}"
    way = "in opposite directions" if one.pearson < 0 else "in the same direction"
    how = f"{way}, strongly" if one.is_strong else way
    return (
        f"{both} moved together from {one.period} to {one.period}, {how}: {figures} It does not say which of them "
        f"leads, or what moves both."
    )


def _within(label: str) -> str:
    return label[:1].lower() + label[1:] if label[1:2].islower() else label


def _later(one: Comparison) -> str:
    if one.lag == 0:
        return ""
    count = f"{abs(one.lag)} {one.period}{'s' if abs(one.lag) > 1 else ''}"
    return f"({count} {'later' if one.lag > 0 else 'earlier'}) "


def _why_not(one: Comparison) -> str:
    if one.status == "no_data":
        return f"there are no two {one.period}s in a row of which both are known."
    if one.status == "constant":
        return "one of them never changed, so nothing can be said."
    return (
        f"not enough data. {one.periods} {one.period}s are known, worth {one.effective:.0f} independent ones; "
        f"{one.least_periods} are needed."
    )


def _percent(ratio: float) -> str:
    return "under 0.1 %" if ratio < 0.001 else f"{100 * ratio:.1f} %"
