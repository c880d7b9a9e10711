"""Texts that the database keeps and cannot read: AES-256-GCM in the application, bound to the row that they belong to.

A sealed text is ``v1``, four bytes that name the key, twelve random bytes, then the text under
the key. It opens only as the text of the same row: moved to another one it is refused.
"""

import hashlib
import hmac
import os

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from roosevelt_pipeline.privacy.keys import KEY_BYTES, SurveyKeyError

_MARK = b"v1"
_ID_BYTES, _NONCE_BYTES = 4, 12


class SealError(RuntimeError):
    """A sealed text cannot be opened: its key is gone, it was changed, or it was moved from another row."""


class SurveyKeys:
    """What surveys need keys for, each purpose with one derived for it alone.

    Args:
        key: 32 bytes, or several keys in a row, oldest first: new texts are sealed with the last.
    """

    def __init__(self, key: bytes) -> None:
        parts = [key[start : start + KEY_BYTES] for start in range(0, len(key), KEY_BYTES)]
        if not parts or len(parts[-1]) != KEY_BYTES:
            raise SurveyKeyError(f"the survey key must be a multiple of {KEY_BYTES} bytes")
        self._texts = {_name(part): _derived(part, b"roosevelt survey text") for part in parts}
        self._newest = _name(parts[-1])
        self._links = [_derived(part, b"roosevelt survey link") for part in parts]

    def seal(self, text: str, row: str) -> bytes:
        """The text, for the row of this key alone."""
        nonce = os.urandom(_NONCE_BYTES)
        sealed = AESGCM(self._texts[self._newest]).encrypt(nonce, text.encode(), _bound(row, self._newest))
        return _MARK + self._newest + nonce + sealed

    def unseal(self, sealed: bytes, row: str) -> str:
        """What was sealed for this row.

        Raises:
            SealError: it was not, or not with a key that is at hand.
        """
        head, rest = sealed[: len(_MARK) + _ID_BYTES], sealed[len(_MARK) + _ID_BYTES :]
        name = head[len(_MARK) :]
        if not head.startswith(_MARK) or name not in self._texts:
            raise SealError("a text was sealed with a key that is not at hand; put the old key before the new one")
        try:
            plain = AESGCM(self._texts[name]).decrypt(rest[:_NONCE_BYTES], rest[_NONCE_BYTES:], _bound(row, name))
        except InvalidTag:
            raise SealError("a sealed text was changed, or moved from another row") from None
        return plain.decode()

    def tokens(self, asked: str) -> list[bytes]:
        """What may open the form for one person and quarter, by each key, the newest first: 32 bytes each."""
        return [hmac.digest(key, asked.encode(), "sha256") for key in reversed(self._links)]


def digest(token: bytes) -> bytes:
    """What is kept of a token. It is random enough that no salt is needed."""
    return hashlib.sha256(token).digest()


def _derived(key: bytes, purpose: bytes) -> bytes:
    return HKDF(SHA256(), KEY_BYTES, salt=None, info=purpose).derive(key)


def _name(key: bytes) -> bytes:
    return _derived(key, b"roosevelt survey key name")[:_ID_BYTES]


def _bound(row: str, key_name: bytes) -> bytes:
    return f"survey.feedback|{row}|sealed|{key_name.hex()}".encode()
