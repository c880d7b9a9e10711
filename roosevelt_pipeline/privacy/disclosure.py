"""What could be worked out about few people by adding and subtracting what is published about many.

Every published sum, mean or ratio is an equation: the values of its members add up to a known number. A group's own
total can be worked out exactly if its members' indicator lies in the row space of the published ones. Persons who are
in the same publications cannot be told apart by them, so the audit speaks of classes of such persons: whatever can be
worked out is about whole classes.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from itertools import combinations

import numpy as np
import numpy.typing as npt

Vector = npt.NDArray[np.float64]

TOLERANCE = 1e-7


class Audit:
    """The publications so far about one set of classes.

    Args:
        sizes: persons in each class.
        minimum: fewest persons of whom a total may be known.
    """

    def __init__(self, sizes: Sequence[int], minimum: int) -> None:
        self._sizes = np.asarray(sizes, dtype=np.int64)
        self._minimum = minimum
        # Projects on what the publications leave open; nothing is published, so everything is open.
        self._open: Vector = np.eye(len(sizes))

    def exposes(self, row: Vector) -> bool:
        """Whether one more publication, of the classes marked 1, would determine some group of too few persons."""
        after = self._after(row)
        return after is not None and _determines_few(after, self._sizes, self._minimum)

    def publish(self, row: Vector) -> None:
        """Take a publication into account."""
        after = self._after(row)
        self._open = self._open if after is None else after

    def _after(self, row: Vector) -> Vector | None:
        """What would be left open; ``None`` if the publication can be worked out already."""
        news = self._open @ row
        length = float(row @ news)
        if length < TOLERANCE:
            return None
        remaining: Vector = self._open - np.outer(news, news) / length
        return remaining


def _determines_few(remaining: Vector, sizes: npt.NDArray[np.int64], minimum: int) -> bool:
    """Whether some set of classes with fewer than ``minimum`` persons in all has nothing left open.

    Such a set's vectors add up to nothing, so its halves add up to opposites. Halves are looked up by their product
    with a vector of chance, and what agrees there is checked.
    """
    small = np.flatnonzero(sizes < minimum)
    if not len(small):
        return False
    if np.any(remaining[small, small] < TOLERANCE):
        return True
    shadows = remaining @ np.random.default_rng(7).standard_normal(len(sizes))
    longest = (min(minimum - 1, len(small)) + 1) // 2
    halves = [
        group
        for length in range(1, longest + 1)
        for group in combinations(small.tolist(), length)
        if int(sizes[list(group)].sum()) < minimum
    ]
    sums = np.asarray([shadows[list(group)].sum() for group in halves])
    order = np.argsort(sums)
    firsts = np.searchsorted(sums[order], -sums - TOLERANCE)
    lasts = np.searchsorted(sums[order], -sums + TOLERANCE, side="right")
    for at in np.flatnonzero(lasts > firsts):
        for other in order[firsts[at] : lasts[at]]:
            union = set(halves[at]) | set(halves[other])
            if len(union) == len(halves[at]) + len(halves[other]) and _is_determined(remaining, sizes, union, minimum):
                return True
    return False


def _is_determined(remaining: Vector, sizes: npt.NDArray[np.int64], classes: Collection[int], minimum: int) -> bool:
    chosen = sorted(classes)
    few = int(sizes[chosen].sum()) < minimum
    return few and float(remaining[np.ix_(chosen, chosen)].sum()) < TOLERANCE


def audit_of(
    classes: Mapping[frozenset[str], int], names: Iterable[str], minimum: int
) -> tuple[Audit, dict[str, Vector]]:
    """An audit of publications by name, and each one's row.

    Args:
        classes: how many persons are in just these publications.
        names: all that might be published.
    """
    patterns = sorted(classes, key=sorted)
    rows = {name: np.asarray([float(name in pattern) for pattern in patterns]) for name in names}
    return Audit([classes[pattern] for pattern in patterns], minimum), rows


def exposes_changes(published: Sequence[frozenset[str]], candidate: frozenset[str], minimum: int) -> bool:
    """Whether groups of persons, published before and now, differ by so few that these could be worked out.

    Only what hangs together with the candidate by persons is looked at; nothing else can tell of it.
    """
    related, reached = _related(published, candidate)
    patterns: dict[frozenset[str], int] = {}
    groups = {str(at): group for at, group in enumerate([*related, candidate])}
    for person in reached:
        pattern = frozenset(name for name, group in groups.items() if person in group)
        patterns[pattern] = patterns.get(pattern, 0) + 1
    audit, rows = audit_of(patterns, groups, minimum)
    for name in list(groups)[:-1]:
        audit.publish(rows[name])
    return audit.exposes(rows[str(len(related))])


def _related(
    published: Sequence[frozenset[str]], candidate: frozenset[str]
) -> tuple[list[frozenset[str]], frozenset[str]]:
    reached, waiting, related = candidate, list(dict.fromkeys(published)), []
    while touching := [group for group in waiting if group & reached]:
        related += touching
        waiting = [group for group in waiting if not group & reached]
        reached = reached.union(*touching)
    return related, reached
