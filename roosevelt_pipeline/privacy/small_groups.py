"""The gate: which figures about groups of persons may be published, and why the others may not."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from roosevelt_pipeline.privacy.disclosure import PublishedGroups, audit_of, exposes_changes

Reason = Literal["too_few", "dominated", "differencing", "too_few_changed", "too_late"]

LARGEST_SHARE = 0.8  # of a sum; above it, the sum tells of one person


@dataclass(frozen=True)
class Candidate:
    """A figure of one group and period that could be published.

    Attributes:
        name: the group, unique among the candidates of a figure and period.
        contributors: persons with more than nothing in it.
        members: persons whose values it is made of, zeroes included.
        largest_share: share of a sum that its largest contributor has, if it is one.
    """

    name: str
    contributors: int
    members: int
    largest_share: float | None = None


@dataclass(frozen=True)
class Limits:
    """What the organisation allows.

    Attributes:
        minimum: fewest contributors, and fewest persons of whom anything may be worked out.
        compared_below: groups with fewer members are held against what was published of earlier periods.
    """

    minimum: int
    compared_below: int = 20


Classes = Mapping[frozenset[str], int]


def judge(
    candidates: Sequence[Candidate],
    members: Classes,
    contributors: Classes,
    limits: Limits,
    *,
    persons: Mapping[str, frozenset[str]] | None = None,
    earlier: Sequence[frozenset[str]] = (),
) -> dict[str, Reason | None]:
    """The reason for which each candidate of a figure and period is withheld; ``None`` for those to be published.

    The largest groups come first, so that it is the smallest that are withheld for others' sake.

    Args:
        members: how many persons are members of just these groups.
        contributors: the same of those who contribute.
        persons: who is in a group, for groups that are compared with earlier periods.
        earlier: who was in groups whose figures were published of those.
    """
    names = [one.name for one in candidates]
    audits = [audit_of(classes, names, limits.minimum) for classes in (members, contributors)]
    known = PublishedGroups(earlier)
    verdicts: dict[str, Reason | None] = {}
    for one in sorted(candidates, key=lambda candidate: (-candidate.members, candidate.name)):
        group = (persons or {}).get(one.name) if one.members < limits.compared_below else None
        reason: Reason | None = None
        if one.contributors < limits.minimum:
            reason = "too_few"
        elif one.largest_share is not None and one.largest_share > LARGEST_SHARE:
            reason = "dominated"
        elif any(audit.exposes(rows[one.name]) for audit, rows in audits):
            reason = "differencing"
        elif group and exposes_changes(known, group, limits.minimum):
            reason = "too_few_changed"
        verdicts[one.name] = reason
        if reason is None:
            for audit, rows in audits:
                audit.publish(rows[one.name])
            if group:
                known.add(group)
    return verdicts
