"""The key of the identity vault: from the environment, or a file that only its owner can read."""

import contextlib
import os
import secrets
import tempfile
from pathlib import Path

from roosevelt_pipeline.settings import Settings

KEY_BYTES = 32
FILE_NAME = "identity.key"


class IdentityKeyError(RuntimeError):
    """There is no usable key. The message says where it was looked for; it holds no part of it."""


def identity_key(settings: Settings, home: Path) -> bytes:
    """The vault's key: 32 bytes, or several such keys in a row, oldest first, after rotations.

    ``ROOSEVELT_IDENTITY_KEY`` (hexadecimal) wins over ``identity.key`` under ``home``, which is
    made on first use. Whoever loses the key loses the ties between accounts and surrogates.

    Raises:
        IdentityKeyError: the key is not hexadecimal or not a multiple of 32 bytes, or its file
            can be read by others.
    """
    if settings.identity_key is not None:
        return _decoded(settings.identity_key.get_secret_value(), "ROOSEVELT_IDENTITY_KEY")
    path = home / FILE_NAME
    if not path.exists():
        _make(path)
    if path.stat().st_mode & 0o077:
        raise IdentityKeyError(f"{path} can be read by others; run: chmod 600 {path}")
    return _decoded(path.read_text(encoding="ascii", errors="replace"), str(path))


def _make(path: Path) -> None:
    """Write a whole new key or none; of two processes that do so at once, the first one's stays."""
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, draft = tempfile.mkstemp(dir=path.parent, prefix=".identity-")
    try:
        with os.fdopen(handle, "w", encoding="ascii") as file:
            file.write(secrets.token_hex(KEY_BYTES) + "\n")
            file.flush()
            os.fsync(file.fileno())
        with contextlib.suppress(FileExistsError):
            os.link(draft, path)
    finally:
        Path(draft).unlink()


def _decoded(text: str, where: str) -> bytes:
    try:
        key = bytes.fromhex("".join(text.split()))
    except ValueError:
        key = b""
    if not key or len(key) % KEY_BYTES:
        raise IdentityKeyError(f"{where} must hold {KEY_BYTES * 2} hexadecimal digits (32 random bytes)") from None
    return key
