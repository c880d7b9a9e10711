"""Google Calendar v3 by its official client: pages of events, with an end to its patience."""

import json
import logging
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Any

import google.auth.exceptions
import httplib2
from google_auth_httplib2 import AuthorizedHttp
from googleapiclient.discovery import build
from googleapiclient.errors import HttpError

from roosevelt_pipeline.settings import CalendarSettings
from roosevelt_pipeline.sources.calendars.errors import AccessError, CalendarError, NotShared, TokenExpired
from roosevelt_pipeline.sources.calendars.google_events import FIELDS, Node
from roosevelt_pipeline.sources.calendars.owners import Window
from roosevelt_pipeline.sources.google_access import Access
from roosevelt_pipeline.warehouse.validation import iso

PAGE = 2500
_LIMITS = ("rateLimitExceeded", "userRateLimitExceeded", "quotaExceeded", "calendarUsageLimitsExceeded")


@dataclass(frozen=True)
class Page:
    """Some events of a calendar.

    Attributes:
        sync_token: what reading goes on from; on the last page alone.
        observed_at: when Google answered, by its own clock.
    """

    nodes: list[Node]
    sync_token: str | None
    observed_at: datetime
    is_last: bool


class GoogleCalendars:
    """Asks, repeats what may pass, gives up with a reason. For one thread."""

    def __init__(self, access: Access, settings: CalendarSettings) -> None:
        # They would tell the address of each calendar that keeps them waiting.
        for name in ("googleapiclient.http", "googleapiclient.discovery"):
            logging.getLogger(name).addFilter(_nothing)
        self._access, self._settings = access, settings
        self._service = build(
            "calendar",
            "v3",
            http=self._wire(),
            static_discovery=True,
            client_options={"api_endpoint": settings.google_api_url.rstrip("/") + "/calendar/v3/"},
        )
        self.requests = 0

    def changed(self, calendar_id: str, sync_token: str) -> Iterator[Page]:
        """What changed since a sync token was given. Deletions always come.

        Raises:
            TokenExpired: Google no longer knows what changed since.
            CalendarError: see its subclasses.
        """
        return self._pages(calendar_id, syncToken=sync_token)

    def within(self, calendar_id: str, window: Window) -> Iterator[Page]:
        """Everything in a window, each occurrence of what recurs as an event of its own.

        Raises:
            CalendarError: see its subclasses.
        """
        return self._pages(calendar_id, timeMin=iso(window.since), timeMax=iso(window.until))

    def close(self) -> None:
        self._service.close()

    def _wire(self) -> httplib2.Http:
        return httplib2.Http(timeout=self._settings.request_timeout_seconds)

    def _pages(self, calendar_id: str, **question: Any) -> Iterator[Page]:
        http = AuthorizedHttp(self._access.credentials(calendar_id), http=self._wire())
        page_token: str | None = None
        try:
            while True:
                body, observed_at = self._ask(http, calendar_id, page_token, question)
                page_token = body.get("nextPageToken")
                nodes = [node for node in body.get("items") or [] if isinstance(node, dict)]
                yield Page(nodes, body.get("nextSyncToken"), observed_at, page_token is None)
                if page_token is None:
                    return
        finally:
            http.close()

    def _ask(
        self, http: Any, calendar_id: str, page_token: str | None, question: dict[str, Any]
    ) -> tuple[dict[str, Any], datetime]:
        request = self._service.events().list(
            calendarId=calendar_id, singleEvents=True, maxResults=PAGE, fields=FIELDS, pageToken=page_token, **question
        )
        answered: list[datetime] = []
        request.add_response_callback(lambda response: answered.append(_date(response.get("date"))))
        self.requests += 1
        try:
            body = request.execute(http=http, num_retries=self._settings.retries)
        except HttpError as error:
            raise _refusal(error, "syncToken" in question) from None
        except google.auth.exceptions.RefreshError as error:
            raise _no_access(error) from None
        except (google.auth.exceptions.GoogleAuthError, httplib2.HttpLib2Error, OSError):
            raise CalendarError("Google cannot be reached; check the network and calendars.google_api_url") from None
        except ValueError:
            raise CalendarError("Google's answer is no JSON; a proxy may have answered instead") from None
        if not isinstance(body, dict):
            raise CalendarError("Google's answer holds no list of events; please report this")
        return body, answered[-1] if answered else datetime.now(UTC)


def _refusal(error: HttpError, has_token: bool) -> CalendarError:
    status, reasons = int(error.resp.status), _reasons(error)
    if has_token and status in (400, 410):
        return TokenExpired("the place where reading stopped is no longer known")
    if status == 429 or (status == 403 and reasons & set(_LIMITS)):
        return CalendarError("Google still asks to wait after several pauses; lower calendars.workers, or run later")
    if status == 403 and reasons & {"accessNotConfigured", "SERVICE_DISABLED"}:
        return AccessError("the Google Calendar API is not switched on in the project of this key; switch it on there")
    if status in (403, 404):
        return NotShared("no such calendar, or it is not shared with whoever reads it; share it, or correct its id")
    if status == 401:
        return AccessError("Google does not accept the credentials; make them anew (docs/calendars.md)")
    return CalendarError(f"Google answered {status}; run again later, and if it stays so, please report this")


def _reasons(error: HttpError) -> set[str]:
    try:
        said = json.loads(error.content)["error"]
        return {str(one.get("reason")) for name in ("errors", "details") for one in said.get(name, ())}
    except (ValueError, KeyError, TypeError, AttributeError):
        return set()


def _no_access(error: google.auth.exceptions.RefreshError) -> CalendarError:
    """The first word that Google gives as a reason; what follows may quote an address."""
    said = str(error.args[0]) if error.args else ""
    if "unauthorized_client" in said:
        return AccessError(
            "the service account may not read in other people's name; an administrator allows its client id and "
            "the scope calendar.events.readonly (docs/calendars.md)"
        )
    if "invalid_grant" in said or "invalid_request" in said:
        return NotShared(
            "Google gives no access: there is no such account, or the consent was withdrawn or has run out; make the "
            "refresh token anew, or correct the calendar's id"
        )
    return AccessError(
        "Google does not accept the client id, the secret or the key; make them anew (docs/calendars.md)"
    )


def _date(header: str | None) -> datetime:
    try:
        return parsedate_to_datetime(header or "").astimezone(UTC)
    except ValueError:
        return datetime.now(UTC)


def _nothing(_record: logging.LogRecord) -> bool:
    return False
