"""Who asks GitHub on our behalf: personal tokens and App installations, and what to do when one is refused."""

import hashlib
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Protocol

from pydantic import SecretStr

from roosevelt_pipeline.governor import Account
from roosevelt_pipeline.sources.github.answers import Answer
from roosevelt_pipeline.sources.github.apps import App, Installation, Send
from roosevelt_pipeline.sources.github.errors import TokenError

SEPARATOR = ","
NO_TOKEN = "there is no token; set GITHUB_TOKEN in .env"  # noqa: S105


@dataclass(frozen=True)
class Credentials:
    """All that may be used to ask.

    Attributes:
        tokens: personal access tokens.
        app: is used before the tokens: its budget grows with the organisation, and no person stands behind it.
    """

    tokens: tuple[SecretStr, ...] = ()
    app: App | None = None


class Authority(Protocol):
    """Something that authorises requests."""

    def authorization(self) -> str:
        """What the ``Authorization`` header says now."""
        ...

    def renew(self) -> bool:
        """Get ready to authorise anew after a refusal; ``False`` if there is nothing to renew."""
        ...


@dataclass(frozen=True)
class PersonalToken:
    """A token that a person made."""

    token: SecretStr

    def authorization(self) -> str:
        return f"token {self.token.get_secret_value()}"

    def renew(self) -> bool:
        return False


@dataclass
class Member:
    """One of the pool.

    Attributes:
        label: what people are told it is.
        account: whom GitHub counts its requests against; tokens of one person share it.
        refused: why it is out of the pool; ``None`` while it is in.
        renewals: refusals since it last worked.
    """

    authority: Authority
    label: str
    account: Account
    refused: str | None = None
    renewals: int = field(default=0, repr=False)


class TokenPool:
    """The members, best first.

    Args:
        send: asks GitHub with an authorization of the caller's.
    """

    def __init__(self, credentials: Credentials, host: str, send: Send) -> None:
        self._send = send
        self._lock = threading.Lock()
        self._know_each_other = len(credentials.tokens) < 2
        self.members = [*_installations(credentials.app, host, send), *_personal(credentials.tokens, host)]
        self._in_use = self.members
        if not self.members:
            raise TokenError(NO_TOKEN)

    def usable(self) -> list[Member]:
        """Those that GitHub has not refused, best first.

        Raises:
            TokenError: none is left; each is named with the reason.
        """
        self._find_accounts()
        found = [member for member in self._in_use if member.refused is None]
        if not found:
            raise TokenError("; ".join(f"{one.label}: {one.refused}" for one in self._in_use))
        return found

    @contextmanager
    def only(self, member: Member) -> Iterator[None]:
        """Use this member alone inside the block, for checks of one after another."""
        self._in_use = [member]
        try:
            yield
        finally:
            self._in_use = self.members

    def worked(self, member: Member) -> None:
        """GitHub accepted it."""
        member.renewals = 0

    def refuse(self, member: Member, why: str) -> None:
        """Take a member out that GitHub refused, unless it can renew itself, which is tried once."""
        with self._lock:
            member.renewals += 1
            if member.renewals > 1 or not member.authority.renew():
                member.refused = why

    def _find_accounts(self) -> None:
        """Ask once, where there are several tokens, which of them are one person's: those share a budget."""
        with self._lock:
            if self._know_each_other:
                return
            first: dict[int, Account] = {}
            for member in self.members:
                if isinstance(member.authority, PersonalToken):
                    number = _owner(self._send("GET", "/user", member.authority.authorization()))
                    if number is not None:
                        member.account = first.setdefault(number, member.account)
            self._know_each_other = True


def split_tokens(text: str) -> tuple[SecretStr, ...]:
    """The tokens of ``GITHUB_TOKEN``: one, or several with commas between.

    Raises:
        TokenError: one of them holds what no token does; it is not quoted.
    """
    tokens = [token.strip() for token in text.split(SEPARATOR) if token.strip()]
    for token in tokens:
        if not token.isascii() or not token.isprintable() or " " in token:
            raise TokenError("GITHUB_TOKEN holds characters that no token has; copy it again")
    return tuple(SecretStr(token) for token in dict.fromkeys(tokens))


def _personal(tokens: Sequence[SecretStr], host: str) -> list[Member]:
    members = []
    for place, token in enumerate(tokens, 1):
        account = Account(_short_hash(host, token.get_secret_value()), f"token {place}", host)
        members.append(Member(PersonalToken(token), account.label, account))
    return members


def _installations(app: App | None, host: str, send: Send) -> list[Member]:
    if app is None:
        return []
    place = f"installation {app.installation_id}" if app.installation_id else f"in {app.organization}"
    label = f"app {app.app_id} {place}"
    return [Member(Installation(app, send), label, Account(_short_hash(host, label), label, host))]


def _short_hash(host: str, text: str) -> str:
    return hashlib.sha256(f"{host} {text}".encode()).hexdigest()[:16]


def _owner(answer: Answer) -> int | None:
    """Whose token it was; ``None`` if GitHub does not say."""
    number = answer.document.get("id") if answer.status == 200 and isinstance(answer.document, dict) else None
    return number if isinstance(number, int) else None
