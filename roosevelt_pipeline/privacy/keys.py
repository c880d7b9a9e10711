"""Keys of the identity vault and of surveys: from the environment, or files that only their owner can read."""

import contextlib
import os
import secrets
import tempfile
from pathlib import Path

from pydantic import SecretStr

from roosevelt_pipeline.settings import Settings

KEY_BYTES = 32
FILE_NAME = "identity.key"
SURVEY_FILE_NAME = "survey.key"


class SecretKeyError(RuntimeError):
    """There is no usable key. The message says where it was looked for; it holds no part of it."""


class IdentityKeyError(SecretKeyError):
    """The vault's key is not usable."""


class SurveyKeyError(SecretKeyError):
    """The key of survey links and texts is not usable."""


def identity_key(settings: Settings, home: Path) -> bytes:
    """The vault's key: 32 bytes, or several such keys in a row, oldest first, after rotations.

    ``ROOSEVELT_IDENTITY_KEY`` (hexadecimal) wins over ``identity.key`` under ``home``, which is
    made on first use. Whoever loses the key loses the ties between accounts and surrogates.

    Raises:
        IdentityKeyError: the key is not hexadecimal or not a multiple of 32 bytes, or its file
            can be read by others.
    """
    return _key(settings.identity_key, "ROOSEVELT_IDENTITY_KEY", home / FILE_NAME, IdentityKeyError)


def survey_key(settings: Settings, home: Path) -> bytes:
    """The key that survey links are made with and texts are sealed with; like the vault's, and not the same.

    ``ROOSEVELT_SURVEY_KEY`` wins over ``survey.key`` under ``home``. Whoever loses it loses the texts, for good.

    Raises:
        SurveyKeyError: as for the vault's.
    """
    return _key(settings.survey_key, "ROOSEVELT_SURVEY_KEY", home / SURVEY_FILE_NAME, SurveyKeyError)


def _key(given: SecretStr | None, name: str, path: Path, error: type[SecretKeyError]) -> bytes:
    if given is not None:
        return _decoded(given.get_secret_value(), name, error)
    if not path.exists():
        _make(path)
    if path.stat().st_mode & 0o077:
        raise error(f"{path} can be read by others; run: chmod 600 {path}")
    return _decoded(path.read_text(encoding="ascii", errors="replace"), str(path), error)


def _make(path: Path) -> None:
    """Write a whole new key or none; of two processes that do so at once, the first one's stays."""
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, draft = tempfile.mkstemp(dir=path.parent, prefix=f".{path.stem}-")
    try:
        with os.fdopen(handle, "w", encoding="ascii") as file:
            file.write(secrets.token_hex(KEY_BYTES) + "\n")
            file.flush()
            os.fsync(file.fileno())
        with contextlib.suppress(FileExistsError):
            os.link(draft, path)
    finally:
        Path(draft).unlink()


def _decoded(text: str, where: str, error: type[SecretKeyError]) -> bytes:
    try:
        key = bytes.fromhex("".join(text.split()))
    except ValueError:
        key = b""
    if not key or len(key) % KEY_BYTES:
        raise error(f"{where} must hold {KEY_BYTES * 2} hexadecimal digits (32 random bytes)") from None
    return key
