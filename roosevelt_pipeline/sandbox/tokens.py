"""Who may ask for what: the tokens that the sandbox accepts."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

PERMISSIONS = frozenset(
    {"metadata", "contents", "pull_requests", "issues", "deployments", "actions", "checks", "members"}
)


class TokenKind(StrEnum):
    CLASSIC = "classic"
    FINE_GRAINED = "fine-grained"
    INSTALLATION = "installation"


@dataclass
class Token:
    """One token, of a person or of an App's installation.

    Change it while the server runs to expire it or take a right away.

    Attributes:
        login: the account that it belongs to; budgets are shared by an account's tokens.
        kind: a classic token has scopes, which its answers name; a fine-grained one has permissions.
        permissions: what it may read, of `PERMISSIONS`.
        repositories: names it may see; ``None`` for all.
        expired: answers 401 from now on.
        expires_at: the same from then on, by the sandbox's clock.
    """

    login: str = "roosevelt-reader"
    kind: TokenKind = TokenKind.FINE_GRAINED
    permissions: frozenset[str] = PERMISSIONS
    repositories: frozenset[str] | None = None
    expired: bool = False
    scopes: tuple[str, ...] = ("read:org", "repo")
    user_id: int = field(default=0)
    expires_at: datetime | None = None

    def __post_init__(self) -> None:
        self.user_id = self.user_id or 90_000_000 + sum(ord(c) * 31**i for i, c in enumerate(self.login)) % 9_999_991

    def may_see(self, repository_name: str) -> bool:
        return self.repositories is None or repository_name in self.repositories

    def may_read(self, permission: str) -> bool:
        return permission in self.permissions

    @property
    def refusal(self) -> str:
        """How GitHub words that the token lacks a permission."""
        who = "integration" if self.kind is TokenKind.INSTALLATION else "personal access token"
        return f"Resource not accessible by {who}"


def authenticate(tokens: Mapping[str, Token], authorization: str | None, now: datetime) -> Token | None:
    """The token of an Authorization header; ``None`` if it is unknown or expired."""
    scheme, _, secret = (authorization or "").partition(" ")
    if scheme.lower() not in ("token", "bearer"):
        return None
    token = tokens.get(secret.strip())
    if token is None or token.expired or (token.expires_at is not None and token.expires_at <= now):
        return None
    return token
