"""GitHub Apps: a key that signs, an installation, and the tokens of an hour that it is given."""

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from urllib.parse import quote

import jwt
from github.Auth import AppAuth
from pydantic import SecretStr

from roosevelt_pipeline.sources.github.answers import Answer, Trouble, judge_rest
from roosevelt_pipeline.sources.github.errors import GitHubError, TokenError

RENEW_BEFORE_END_SECONDS = 120.0
DEFAULT_LIFE_SECONDS = 3600.0
CLOCK_TOLERANCE_SECONDS = 30.0

Send = Callable[[str, str, str], Answer]
"""Sends verb, address and authorization."""


@dataclass(frozen=True)
class App:
    """A GitHub App as settings name it.

    Attributes:
        private_key: PEM.
        installation_id: where it is installed; looked up by the organisation if ``None``.
    """

    app_id: str
    private_key: SecretStr
    installation_id: int | None = None
    organization: str | None = None


class DeclinedError(GitHubError):
    """GitHub gives no token. What follows is for whoever wanted to ask with it to decide."""

    def __init__(self, trouble: Trouble) -> None:
        super().__init__(trouble.message)
        self.trouble = trouble


class Installation:
    """The tokens of one installation: shared by all threads, renewed before they end.

    Times are GitHub's: a machine whose clock is off signs with the corrected time, and a token
    lives as long as GitHub's own two stamps say.
    """

    def __init__(self, app: App, send: Send, clock: Callable[[], float] = time.monotonic) -> None:
        self._app, self._send, self._clock = app, send, clock
        self._lock = threading.RLock()
        self._skew = 0.0
        self._id = app.installation_id
        self._token, self._renew_at = "", 0.0
        self.permissions: dict[str, str] = {}

    @property
    def installation_id(self) -> int:
        """The installation's number.

        Raises:
            DeclinedError: the App is not installed in the organisation, or GitHub cannot say now.
            TokenError: nothing says where to look.
        """
        with self._lock:
            if self._id is None:
                self._id = int(self._find()["id"])
            return self._id

    def authorization(self) -> str:
        """What the ``Authorization`` header says now.

        Raises:
            DeclinedError: GitHub does not give a token, for ever or now.
            TokenError: the key is none.
        """
        with self._lock:
            if not self._token or self._clock() >= self._renew_at:
                self._exchange()
            return f"token {self._token}"

    def renew(self) -> bool:
        """Forget a token that GitHub refused; the next request asks for another."""
        with self._lock:
            self._token = ""
        return True

    def _find(self) -> dict[str, Any]:
        organization = self._app.organization
        if not organization:
            raise TokenError("GITHUB_APP_INSTALLATION_ID is not set, and roosevelt.toml names no organisation")
        return self._signed(
            "GET",
            f"/orgs/{quote(organization)}/installation",
            f"it is not installed in {organization!r}; install it there, or set GITHUB_APP_INSTALLATION_ID",
        )

    def _exchange(self) -> None:
        number = self.installation_id
        missing = f"it has no installation {number}; check GITHUB_APP_INSTALLATION_ID"
        given = self._signed("POST", f"/app/installations/{number}/access_tokens", missing)
        self._token = str(given["token"])
        self.permissions = {str(name): str(level) for name, level in (given.get("permissions") or {}).items()}
        life = given["life_seconds"]
        self._renew_at = self._clock() + max(life - RENEW_BEFORE_END_SECONDS, life / 2)

    def _signed(self, verb: str, address: str, missing: str) -> dict[str, Any]:
        """Ask as the App itself; once more with GitHub's time if ours seems to be why it refused."""
        for is_second in (False, True):
            answer = self._send(verb, address, f"Bearer {self._signature()}")
            if answer.status in (200, 201) and isinstance(answer.document, dict):
                return answer.document | {"life_seconds": _life(answer)}
            skew = answer.observed_at.timestamp() - time.time()
            if answer.status != 401 or is_second or abs(skew - self._skew) < CLOCK_TOLERANCE_SECONDS:
                break
            self._skew = skew
        raise DeclinedError(_why(answer, missing))

    def _signature(self) -> str:
        try:
            sign = AppAuth.create_jwt_sign(self._app.private_key.get_secret_value(), "RS256")

            def sign_in_githubs_time(claims: dict[str, Any]) -> str | bytes:
                return sign(claims | {name: int(claims[name] + self._skew) for name in ("iat", "exp")})

            return AppAuth(self._app.app_id, sign_func=sign_in_githubs_time).create_jwt()
        except (jwt.PyJWTError, ValueError, TypeError):  # of a library whose message might quote the key
            raise TokenError(
                "GITHUB_APP_PRIVATE_KEY is not a private key in PEM format; download a new one from the App's page"
            ) from None


def _why(answer: Answer, missing: str) -> Trouble:
    """What the absence of a token means, in words for whoever set the App up."""
    trouble = judge_rest(answer) or Trouble("transient", "GitHub gave no token")
    if answer.status == 401:
        words = "GitHub refuses its key; check GITHUB_APP_ID, and that the key is this App's"
    elif answer.status == 404:
        words = missing
    elif answer.status == 403 and trouble.kind == "final":
        words = "its installation is suspended, or may not be used"
    else:
        return trouble
    return Trouble("final", words, error=TokenError)


def _life(answer: Answer) -> float:
    """Seconds that a new token lives, by GitHub's clock alone."""
    try:
        ends = datetime.fromisoformat(str(answer.document["expires_at"]))
        return max(0.0, (ends - answer.observed_at).total_seconds())
    except (KeyError, ValueError, TypeError):
        return DEFAULT_LIFE_SECONDS
