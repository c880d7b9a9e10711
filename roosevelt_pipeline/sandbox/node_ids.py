"""GitHub's global node ids and paging cursors: msgpack inside base64.

Ids follow the new format, a prefix per type and ``[0, path...]``; cursors follow the
recorded ``cursor:v2:`` plus ``[id]`` or ``[value, id]``. Both are opaque to clients.
"""

import base64
import binascii
from collections.abc import Sequence

Part = int | str

PREFIXES = {
    "Artifact": "AR",
    "Organization": "O",
    "User": "U",
    "Bot": "BOT",
    "Team": "T",
    "Repository": "R",
    "Ref": "REF",
    "Commit": "C",
    "PullRequest": "PR",
    "PullRequestCommit": "PURC",
    "PullRequestReview": "PRR",
    "PullRequestReviewComment": "PRRC",
    "ReviewRequest": "RR",
    "IssueComment": "IC",
    "Issue": "I",
    "Label": "LA",
    "Tag": "TA",
    "Push": "PSH",
    "Deployment": "DE",
    "DeploymentStatus": "DES",
    "Release": "RE",
    "Workflow": "W",
    "WorkflowRun": "WFR",
    "CheckSuite": "CS",
    "CheckRun": "CR",
    "App": "A",
    "Language": "L",
    "ReadyForReviewEvent": "RFRE",
    "ConvertToDraftEvent": "CTDE",
    "ReviewRequestedEvent": "RRE",
    "ReopenedEvent": "REE",
    "LabeledEvent": "LE",
    "UnlabeledEvent": "UNLE",
    "ClosedEvent": "CE",
}
_TYPES = {prefix: name for name, prefix in PREFIXES.items()}
_CURSOR = b"cursor:v2:"


def global_id(type_name: str, *path: Part) -> str:
    """The node id of an object, for example ``global_id("PullRequest", repository_id, id)``."""
    packed = base64.urlsafe_b64encode(pack([0, *path])).rstrip(b"=").decode()
    return f"{PREFIXES[type_name]}_{packed}"


def parse_global_id(node_id: str) -> tuple[str, list[Part]] | None:
    """The type and path of a node id; ``None`` if it is none of ours."""
    prefix, _, packed = node_id.partition("_")
    try:
        version, *path = unpack(base64.urlsafe_b64decode(packed + "=" * (-len(packed) % 4)))
    except (ValueError, binascii.Error, IndexError):
        return None
    return (_TYPES[prefix], path) if prefix in _TYPES and version == 0 else None


def cursor(*key: Part) -> str:
    """An opaque position in an ordered list: behind the row with this key."""
    return base64.b64encode(_CURSOR + pack(list(key))).decode()


def parse_cursor(text: str) -> list[Part] | None:
    """The key inside a cursor; ``None`` if the text is no cursor of ours."""
    try:
        raw = base64.b64decode(text, validate=True)
        return unpack(raw[len(_CURSOR) :]) if raw.startswith(_CURSOR) else None
    except (ValueError, binascii.Error, IndexError):
        return None


def pack(parts: Sequence[Part]) -> bytes:
    """A msgpack array of unsigned numbers and texts; numbers as GitHub writes them, 32 bits or 64."""
    return bytes([0x90 | len(parts)]) + b"".join(_pack_part(part) for part in parts)


def _pack_part(part: Part) -> bytes:
    if isinstance(part, int):
        if part == 0:
            return b"\x00"
        return b"\xce" + part.to_bytes(4) if part < 2**32 else b"\xcf" + part.to_bytes(8)
    text = part.encode()
    head = bytes([0xA0 | len(text)]) if len(text) < 32 else b"\xd9" + bytes([len(text)])
    return head + text


def unpack(raw: bytes) -> list[Part]:
    """The inverse of `pack`.

    Raises:
        ValueError: the bytes hold something else.
    """
    if not raw or raw[0] & 0xF0 != 0x90:
        raise ValueError("no array")
    parts: list[Part] = []
    at = 1
    for _ in range(raw[0] & 0x0F):
        part, at = _unpack_part(raw, at)
        parts.append(part)
    if at != len(raw):
        raise ValueError("bytes left over")
    return parts


def _unpack_part(raw: bytes, at: int) -> tuple[Part, int]:
    kind = raw[at]
    if kind < 0x80:
        return kind, at + 1
    if kind in (0xCE, 0xCF):
        size = 4 if kind == 0xCE else 8
        return int.from_bytes(raw[at + 1 : at + 1 + size]), at + 1 + size
    if kind == 0xD9 or kind & 0xE0 == 0xA0:
        start = at + (2 if kind == 0xD9 else 1)
        end = start + (raw[at + 1] if kind == 0xD9 else kind & 0x1F)
        return raw[start:end].decode(), end
    raise ValueError(f"unknown kind {kind:#x}")
