"""Links to the form: a token for each person and quarter, in 43 characters."""

import base64
import binascii

PATH = "/survey"
TOKEN_BYTES = 32


def link_to(address: str, token: bytes) -> str:
    """Where somebody answers, under the address at which people reach `roosevelt serve`."""
    return f"{address.rstrip('/')}{PATH}/{text_of(token)}"


def text_of(token: bytes) -> str:
    """A token as links have it."""
    return base64.urlsafe_b64encode(token).rstrip(b"=").decode()


def token_of(text: str) -> bytes | None:
    """The bytes of a token as links have it; ``None`` for anything else."""
    try:
        token = base64.urlsafe_b64decode(text + "=" * (-len(text) % 4)) if text.isascii() and len(text) < 100 else b""
    except (ValueError, binascii.Error):
        return None
    return token if len(token) == TOKEN_BYTES and text_of(token) == text else None
