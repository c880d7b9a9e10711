"""iCalendar feeds over HTTPS: fetched only if they have changed."""

from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

import requests

from roosevelt_pipeline.settings import CalendarSettings
from roosevelt_pipeline.sources.calendars.errors import CalendarError, NotShared

_LOCAL = ("http://127.0.0.1:", "http://localhost:")
_PIECE = 65_536
_TRIES = 3


@dataclass(frozen=True)
class Mark:
    """What a server calls the state of a feed; shown to it, it says whether that is still so."""

    etag: str | None = None
    last_modified: str | None = None


@dataclass(frozen=True)
class Feed:
    """A feed as it was answered. ``text`` is ``None`` if it is as it was."""

    text: bytes | None
    mark: Mark
    observed_at: datetime


class Feeds:
    """Fetches, repeats what may pass, gives up with a reason. For one thread."""

    def __init__(self, settings: CalendarSettings) -> None:
        self._settings = settings
        self._session = requests.Session()
        self._session.max_redirects = 5
        self.requests = 0

    def fetch(self, address: str, mark: Mark) -> Feed:
        """The feed, unless the server says that it is as the mark says.

        Raises:
            NotShared: there is none, or it is not for us.
            CalendarError: it cannot be fetched.
        """
        if address.startswith("webcal://"):
            address = "https://" + address.removeprefix("webcal://")
        if not address.startswith(("https://", *_LOCAL)):
            raise CalendarError(
                "the feed's address does not begin with https://; correct it in the directory of people"
            )
        for left in reversed(range(_TRIES)):
            try:
                return self._fetched(address, mark)
            except _Passing:
                if not left:
                    raise CalendarError(
                        "the feed's server cannot be reached, or answers in error; run again later"
                    ) from None
        raise AssertionError("unreachable")

    def close(self) -> None:
        self._session.close()

    def _fetched(self, address: str, mark: Mark) -> Feed:
        asked = {"If-None-Match": mark.etag, "If-Modified-Since": mark.last_modified}
        headers = {name: value for name, value in asked.items() if value} | {"Accept": "text/calendar, text/plain"}
        self.requests += 1
        try:
            with self._session.get(
                address, headers=headers, timeout=self._settings.request_timeout_seconds, stream=True
            ) as response:
                if not response.url.startswith(("https://", *_LOCAL)):
                    raise CalendarError("the feed's server leads to an address without encryption; ask for another one")
                return self._answer(response, mark)
        except requests.TooManyRedirects:
            raise CalendarError("the feed's server leads in circles; correct the address") from None
        except requests.RequestException:
            raise _Passing from None

    def _answer(self, response: requests.Response, mark: Mark) -> Feed:
        status, observed_at = response.status_code, _date(response.headers.get("date"))
        if status == 304:
            return Feed(None, mark, observed_at)
        if status in (401, 403, 404, 410):
            raise NotShared("there is no such feed, or its address has been changed; take the address anew")
        if status == 429 or status >= 500:
            raise _Passing
        if status != 200:
            raise CalendarError(f"the feed's server answered {status}; correct the address")
        new = Mark(response.headers.get("etag"), response.headers.get("last-modified"))
        return Feed(self._body(response), new, observed_at)

    def _body(self, response: requests.Response) -> bytes:
        most, body = self._settings.feed_most_megabytes * 1_000_000, bytearray()
        for piece in response.iter_content(_PIECE):
            body += piece
            if len(body) > most:
                raise CalendarError(f"the feed is larger than calendars.feed_most_megabytes ({most // 1_000_000})")
        return bytes(body)


class _Passing(Exception):
    """It may be otherwise a moment later."""


def _date(header: str | None) -> datetime:
    try:
        return parsedate_to_datetime(header or "").astimezone(UTC)
    except ValueError:
        return datetime.now(UTC)
