"""What could be worked out about few people by adding and subtracting what is published about many.

Every published sum, mean or ratio is an equation: the values of its members add up to a known number. A group's own
total can be worked out exactly if its members' indicator lies in the row space of the published ones. Persons who are
in the same publications cannot be told apart by them, so the audit speaks of classes of such persons: whatever can be
worked out is about whole classes.

Publications that share nobody tell nothing of each other, so classes fall into blocks that are audited each on its own,
however many there are. Only the total of everybody ties all of them together. With it something small comes out only
if of each block that does not tell its own total at least one class is in it: few such blocks must be left.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations

import numpy as np
import numpy.typing as npt

Vector = npt.NDArray[np.float64]
Row = tuple[int, ...]  # numbers of the classes in a publication, ascending

TOLERANCE = 1e-7


@dataclass(frozen=True, eq=False)
class Block:
    """Classes that hang together by publications.

    Attributes:
        open: projects on what the publications leave open of these classes.
        rest: what is left open of their total.
        least: fewest persons in any of the classes.
    """

    classes: Row
    open: Vector
    rest: Vector
    least: int

    @property
    def is_total_known(self) -> bool:
        return float(self.rest.sum()) < TOLERANCE


class Audit:
    """The publications so far about one set of classes.

    Args:
        sizes: persons in each class.
        minimum: fewest persons of whom a total may be known.
    """

    def __init__(self, sizes: Sequence[int], minimum: int) -> None:
        self._sizes = np.asarray(sizes, dtype=np.int64)
        self._minimum = minimum
        self._whole = tuple(range(len(sizes)))
        self._is_whole_known = False
        # Nothing is published, so each class is alone, and everything is open.
        self._block_of = [self._block((number,), np.eye(1)) for number in self._whole]
        self._loose = dict.fromkeys(self._block_of)
        self._loose_persons = sum(block.least for block in self._loose)
        self._loose_rest = float(len(sizes))

    def exposes(self, row: Row) -> bool:
        """Whether one more publication, of these classes, would determine some group of too few persons."""
        if row == self._whole:
            return not self._is_whole_known and self._whole_exposes(self._loose, self._loose_persons)
        touched = self._touched(row)
        merged = self._merged(touched, row)
        if merged is None or self._follows_from_whole(touched, row):
            return False
        if _determines_few(merged.open, self._sizes[list(merged.classes)], self._minimum):
            return True
        if not self._is_whole_known:
            return False
        persons = self._loose_persons - sum(block.least for block in touched if block in self._loose)
        persons += 0 if merged.is_total_known else merged.least
        if persons >= self._minimum:
            return False
        blocks = [block for block in self._loose if block not in touched]
        return self._whole_exposes([*blocks, *([] if merged.is_total_known else [merged])], persons)

    def publish(self, row: Row) -> None:
        """Take a publication into account."""
        if row == self._whole:
            self._is_whole_known = True
            return
        touched = self._touched(row)
        merged = self._merged(touched, row)
        if merged is None:
            return
        for block in touched:
            if block in self._loose:
                del self._loose[block]
                self._loose_persons -= block.least
                self._loose_rest -= float(block.rest.sum())
        if not merged.is_total_known:
            self._loose[merged] = None
            self._loose_persons += merged.least
            self._loose_rest += float(merged.rest.sum())
        for number in merged.classes:
            self._block_of[number] = merged

    def _block(self, classes: Row, still_open: Vector) -> Block:
        return Block(classes, still_open, still_open.sum(axis=1), int(self._sizes[list(classes)].min()))

    def _touched(self, row: Row) -> list[Block]:
        return list(dict.fromkeys(self._block_of[number] for number in row))

    def _merged(self, touched: Sequence[Block], row: Row) -> Block | None:
        """The blocks that a publication ties together, after it; ``None`` if they tell it already."""
        classes, still_open = _side_by_side(touched)
        news = still_open[:, np.isin(classes, row)].sum(axis=1)
        length = float(news @ news)
        if length < TOLERANCE:
            return None
        return self._block(tuple(classes), still_open - np.outer(news, news) / length)

    def _follows_from_whole(self, touched: Iterable[Block], row: Row) -> bool:
        """Whether the total of everybody, less what is known, tells the publication already."""
        if not self._is_whole_known or self._loose_rest < TOLERANCE:
            return False
        inside, length, shared = set(row), 0.0, 0.0
        for block in touched:
            chosen = [place for place, number in enumerate(block.classes) if number in inside]
            length += float(block.open[np.ix_(chosen, chosen)].sum())
            shared += float(block.rest[chosen].sum())
        return length - shared * shared / self._loose_rest < TOLERANCE

    def _whole_exposes(self, blocks: Collection[Block], persons: int) -> bool:
        """Whether the total of everybody determines too few, where these blocks' own totals are open.

        Args:
            persons: fewest that a group with one class of each block can have.
        """
        if not blocks or persons >= self._minimum:
            return False
        classes, still_open = _side_by_side(blocks)
        rest = still_open.sum(axis=1)
        remaining: Vector = still_open - np.outer(rest, rest) / float(rest.sum())
        return _determines_few(remaining, self._sizes[classes], self._minimum)


def _side_by_side(blocks: Collection[Block]) -> tuple[list[int], Vector]:
    """The classes of all of them, and what is open of these."""
    classes = [number for block in blocks for number in block.classes]
    still_open: Vector = np.zeros((len(classes), len(classes)))
    place = 0
    for block in blocks:
        end = place + len(block.classes)
        still_open[place:end, place:end] = block.open
        place = end
    return classes, still_open


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


def audit_of(classes: Mapping[frozenset[str], int], names: Iterable[str], minimum: int) -> tuple[Audit, dict[str, Row]]:
    """An audit of publications by name, and each one's row.

    Args:
        classes: how many persons are in just these publications.
        names: all that might be published.
    """
    patterns = sorted(classes, key=sorted)
    rows: dict[str, list[int]] = {name: [] for name in names}
    for number, pattern in enumerate(patterns):
        for name in pattern & rows.keys():
            rows[name].append(number)
    return Audit([classes[pattern] for pattern in patterns], minimum), {name: tuple(row) for name, row in rows.items()}


class PublishedGroups:
    """PublishedGroups of persons that were published, found by any person in them."""

    def __init__(self, groups: Iterable[frozenset[str]] = ()) -> None:
        self._known = set[frozenset[str]]()
        self._of = defaultdict[str, list[frozenset[str]]](list)
        for group in groups:
            self.add(group)

    def add(self, group: frozenset[str]) -> None:
        if group not in self._known:
            self._known.add(group)
            for person in group:
                self._of[person].append(group)

    def hanging_together_with(self, candidate: frozenset[str]) -> tuple[list[frozenset[str]], set[str]]:
        """Those that share persons with the candidate, or with one that does; and everybody in them."""
        related, reached, waiting = dict[frozenset[str], None](), set(candidate), list(candidate)
        while waiting:
            for group in self._of.get(waiting.pop(), ()):
                if group not in related:
                    related[group] = None
                    waiting += group - reached
                    reached |= group
        return list(related), reached


def exposes_changes(published: PublishedGroups, candidate: frozenset[str], minimum: int) -> bool:
    """Whether groups of persons, published before and now, differ by so few that these could be worked out.

    Only what hangs together with the candidate by persons is looked at; nothing else can tell of it.
    """
    related, reached = published.hanging_together_with(candidate)
    groups_of: dict[str, list[str]] = {person: [] for person in reached}
    groups = {str(at): group for at, group in enumerate([*related, candidate])}
    for name, group in groups.items():
        for person in group:
            groups_of[person].append(name)
    patterns: dict[frozenset[str], int] = defaultdict(int)
    for names in groups_of.values():
        patterns[frozenset(names)] += 1
    audit, rows = audit_of(patterns, groups, minimum)
    for name in list(groups)[:-1]:
        audit.publish(rows[name])
    return audit.exposes(rows[str(len(related))])
