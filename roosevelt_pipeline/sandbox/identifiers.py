"""Numbers and hashes like GitHub's: unique, growing, and the same in every replay."""

from hashlib import sha1

# First number and gap of each kind. Kinds whose GraphQL ``databaseId`` is a 32-bit integer
# stay below 2**31; pull requests and issues cross 2**32 early, as GitHub's did.
_KINDS = {
    "account": (2_140_000, 7_919),
    "repository": (301_400_000, 4_127),
    "team": (4_120_000, 211),
    "workflow": (61_300_000, 1_013),
    "deployment": (1_180_000_000, 37),
    "release": (128_000_000, 2_003),
    "pull_request": (4_294_960_000, 173),
    "issue": (4_294_965_000, 191),
    "review": (4_310_000_000, 67),
    "comment": (4_520_000_000, 59),
    "event": (23_400_000_000, 83),
    "status": (5_600_000_000, 41),
    "activity": (19_400_000_000, 61),
    "run": (16_200_000_000, 97),
    "job": (45_100_000_000, 89),
}


class Identifiers:
    """Hands out the next number of each kind."""

    def __init__(self) -> None:
        self._used = dict.fromkeys(_KINDS, 0)

    def next(self, kind: str) -> int:
        first, gap = _KINDS[kind]
        place = self._used[kind]
        self._used[kind] = place + 1
        return first + place * gap + place * 7 % gap


def oid(*parts: object) -> str:
    """A commit's name, derived from what identifies it."""
    return sha1("\0".join(map(str, parts)).encode(), usedforsecurity=False).hexdigest()
