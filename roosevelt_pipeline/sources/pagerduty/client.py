"""PagerDuty's REST API v2 by its official client, with an end to its patience.

Left alone, that client repeats a request for ever while it is told 429.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Any

import pagerduty
from pydantic import SecretStr

from roosevelt_pipeline.sources.pagerduty.errors import NoSuchIncident, PagerDutyError

# With the client's own doubling pauses (3, 6, 12, ... seconds) three minutes: its limit is one of requests a minute.
RETRIES = {429: 6, 500: 3, 502: 3, 503: 3, 504: 3}
_REMEDIES = {
    401: "it does not accept PAGERDUTY_TOKEN; make a read-only REST API key; in the EU, set pagerduty.api_url too",
    403: "PAGERDUTY_TOKEN may not read this; use a key of the account, or of a user who sees every service",
    429: "it still asks to wait after six pauses; another program may be using the same key",
}


class _Client(pagerduty.RestApiV2Client):
    """The official client; on this machine it may speak without TLS, as the sandbox does."""

    @property
    def url(self) -> str:
        return str(self._url)

    @url.setter
    def url(self, address: str) -> None:
        self._url: Any = address


@dataclass(frozen=True)
class Answer:
    """A body, and when PagerDuty gave it by its own clock."""

    body: Mapping[str, Any]
    observed_at: datetime


class PagerDutyClient:
    """Asks, repeats what may pass, gives up with a reason.

    Args:
        api_url: settings see to it that it is https, or this machine.
        pause: first pause before a repetition, in seconds; each next one is twice as long.
    """

    def __init__(self, token: SecretStr, api_url: str, *, timeout: int = 30, pause: float = 1.5) -> None:
        self._client = _Client(token.get_secret_value(), base_url=api_url.rstrip("/"))
        self._client.retry = dict(RETRIES)
        self._client.timeout = timeout
        self._client.sleep_timer = pause
        self.requests = 0

    def get(self, path: str, **parameters: Any) -> Answer:
        """One answer.

        Raises:
            NoSuchIncident: 404.
            PagerDutyError: anything else that is no answer.
        """
        self.requests += 1
        try:
            response = self._client.get(path, params=parameters)
        except pagerduty.HttpError as error:
            raise _refusal(path, error.response.status_code if error.response is not None else 0) from None
        except pagerduty.Error:
            raise PagerDutyError(
                f"PagerDuty cannot be reached ({path}); check the network and pagerduty.api_url"
            ) from None
        if not response.is_success:
            raise _refusal(path, response.status_code)
        return Answer(_object(path, response), _date(response.headers.get("date")))

    def close(self) -> None:
        self._client.close()


def _refusal(path: str, status: int) -> PagerDutyError:
    if status == 404:
        return NoSuchIncident(f"PagerDuty knows nothing at {path}")
    remedy = _REMEDIES.get(status, "run again later; if it stays so, please report this")
    return PagerDutyError(f"PagerDuty answered {status} to {path}: {remedy}")


def _object(path: str, response: Any) -> Mapping[str, Any]:
    try:
        body = response.json()
    except ValueError:
        body = None
    if not isinstance(body, dict):
        raise PagerDutyError(f"PagerDuty's answer to {path} is no JSON object; a proxy may have answered instead")
    return body


def _date(header: str | None) -> datetime:
    try:
        return parsedate_to_datetime(header or "").astimezone(UTC)
    except ValueError:
        return datetime.now(UTC)
