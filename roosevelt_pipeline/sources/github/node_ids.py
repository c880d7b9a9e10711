"""The number inside a global node id of the new format: a prefix, then base64 of msgpack ``[0, ..., number]``.

GraphQL declares most ``databaseId`` as 32-bit integers and answers null with an error for
larger ones, which REST and webhooks show whole. Only then is the id looked into.
"""

import base64
import binascii

_UNSIGNED = {0xCC: 1, 0xCD: 2, 0xCE: 4, 0xCF: 8}
_LARGEST_FIXED_INTEGER, _FIXED_ARRAY = 0x7F, 0x90


def number_in(node_id: object) -> int | None:
    """The last number of a node id; ``None`` if it is not of the format."""
    if not isinstance(node_id, str):
        return None
    _, underscore, packed = node_id.partition("_")
    try:
        data = base64.b64decode(packed + "=" * (-len(packed) % 4), altchars=b"-_", validate=True)
    except (binascii.Error, ValueError):
        return None
    numbers = _numbers(data) if underscore else None
    return numbers[-1] if numbers else None


def _numbers(data: bytes) -> list[int] | None:
    """A msgpack array of unsigned integers; ``None`` if it is anything else."""
    if not data or not _FIXED_ARRAY <= data[0] <= _FIXED_ARRAY + 15:
        return None
    found, place = [], 1
    while place < len(data):
        if data[place] <= _LARGEST_FIXED_INTEGER:
            found.append(data[place])
            place += 1
            continue
        size = _UNSIGNED.get(data[place])
        if size is None or place + 1 + size > len(data):
            return None
        found.append(int.from_bytes(data[place + 1 : place + 1 + size], "big"))
        place += 1 + size
    return found if len(found) == data[0] - _FIXED_ARRAY else None
