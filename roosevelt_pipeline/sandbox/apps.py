"""GitHub Apps: what they are, where they are installed, and the tokens that they are given."""

import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

import jwt

from roosevelt_pipeline.sandbox.tokens import PERMISSIONS, Token, TokenKind

LIFE = timedelta(hours=1)
LONGEST_SIGNATURE = timedelta(minutes=10)
TOLERANCE = timedelta(seconds=60)


class SignatureError(Exception):
    """GitHub refuses the App's JSON web token, and says why."""


@dataclass
class Installation:
    """An App in one organisation. Change it while the server runs to suspend it or take a right away.

    Attributes:
        organization: login of where it is installed.
        repositories: names it may see; ``None`` for all.
    """

    organization: str
    permissions: frozenset[str] = PERMISSIONS
    repositories: frozenset[str] | None = None
    suspended: bool = False


@dataclass
class App:
    """An App that the sandbox knows.

    Attributes:
        public_key: PEM, of the private key that signs for it.
        installations: by number.
    """

    app_id: int
    public_key: str
    installations: dict[int, Installation] = field(default_factory=dict)


def recognise(apps: Mapping[int, App], authorization: str | None, now: datetime) -> App:
    """The App that signed.

    Raises:
        SignatureError: nobody did, or not in a way that is valid now.
    """
    scheme, _, signed = (authorization or "").partition(" ")
    if scheme.lower() != "bearer" or not signed:
        raise SignatureError("A JSON web token could not be decoded")
    try:
        claims = jwt.decode(signed, options={"verify_signature": False})
        app = apps[int(claims["iss"])]
        jwt.decode(signed, app.public_key, algorithms=["RS256"], options={"verify_exp": False, "verify_iat": False})
        begins, ends = (
            datetime.fromtimestamp(claims["iat"], now.tzinfo),
            datetime.fromtimestamp(claims["exp"], now.tzinfo),
        )
    except (jwt.PyJWTError, KeyError, ValueError, TypeError):
        raise SignatureError("A JSON web token could not be decoded") from None
    if begins > now + TOLERANCE:
        raise SignatureError(
            "'Issued at' claim ('iat') must be an Integer representing the time that the assertion was issued"
        )
    if ends <= now:
        raise SignatureError("'Expiration time' claim ('exp') must be a time in the future")
    if ends > now + LONGEST_SIGNATURE + TOLERANCE:
        raise SignatureError("'Expiration time' claim ('exp') is too far in the future")
    return app


def new_token(app: App, number: int, now: datetime) -> tuple[str, Token]:
    """A token of an installation, good for an hour."""
    installation = app.installations[number]
    token = Token(
        login=f"app {app.app_id} installation {number}",
        kind=TokenKind.INSTALLATION,
        permissions=installation.permissions,
        repositories=installation.repositories,
        expires_at=now + LIFE,
    )
    return f"ghs_{secrets.token_hex(18)}", token


def granted(permissions: frozenset[str]) -> dict[str, Any]:
    """Permissions as GitHub words them."""
    return dict.fromkeys(sorted(permissions), "read")
