"""Google Calendar v3 and iCalendar feeds over HTTP, as far as reading events goes: pages, tokens, fields, refusals."""

import base64
import hashlib
import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.utils import format_datetime
from typing import Any
from urllib.parse import parse_qs

import jwt
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from roosevelt_pipeline.sandbox.calendars.book import Calendars, Doc, begins, occurrences
from roosevelt_pipeline.sandbox.calendars.feed import as_feed
from roosevelt_pipeline.sandbox.calendars.partial import only
from roosevelt_pipeline.sandbox.loopback import served_routes

CLIENT_ID = "calendar-sandbox.apps.example"
CLIENT_SECRET = "calendar-sandbox-secret"  # noqa: S105  (opens a simulated company only)
REFRESH_TOKEN = "calendar-sandbox-refresh-token"  # noqa: S105
_FORBIDDEN = ("iCalUID", "orderBy", "privateExtendedProperty", "q", "sharedExtendedProperty", "timeMin", "timeMax",
              "updatedMin")  # fmt: skip
_MOST, _USUAL = 2500, 250


@dataclass
class Desk:
    """Who may read what, and how it behaves.

    Attributes:
        unshared: calendars that nobody but their owners can read.
        refusals: statuses and reasons with which the next requests for events are answered, in order.
        requests: paths with queries that were asked for.
        most: events on a page, if fewer than the client asks for.
        epoch: of the tokens that still hold; raise it, and every older one has expired.
        service_key: public key of the service account, in PEM; without it nobody can sign.
    """

    calendars: Calendars
    unshared: set[str] = field(default_factory=set)
    refusals: list[tuple[int, str]] = field(default_factory=list)
    requests: list[str] = field(default_factory=list)
    most: int = _MOST
    epoch: int = 0
    service_key: str | None = None
    revoked: bool = False

    def feed_path(self, calendar_id: str) -> str:
        """Where a calendar's feed is: an address that nobody guesses."""
        return f"/feeds/{hashlib.sha256(calendar_id.encode()).hexdigest()[:24]}/{calendar_id}/basic.ics"


def routes(desk: Desk) -> list[Route]:
    async def events(request: Request) -> Response:
        desk.requests.append(f"{request.url.path}?{request.url.query}")
        status, body = _events(desk, request)
        return JSONResponse(body, status, _stamp(desk))

    async def token(request: Request) -> Response:
        body = request.scope.get("sandbox.body")  # read already where the company's other doors are
        text = (await request.body() if body is None else body).decode()
        asked = {key: values[0] for key, values in parse_qs(text).items()}
        status, body = _token(desk, asked)
        return JSONResponse(body, status)

    async def feed(request: Request) -> Response:
        desk.requests.append(request.url.path)
        return _feed(desk, request)

    return [
        Route("/calendar/v3/calendars/{calendar}/events", events),
        Route("/calendar/token", token, methods=["POST"]),
        Route("/feeds/{secret}/{calendar}/basic.ics", feed),
    ]


@contextmanager
def served(desk: Desk) -> Iterator[str]:
    """Serve a desk alone on loopback, from a thread; its address."""
    with served_routes(routes(desk), "calendars") as address:
        yield address


def _token(desk: Desk, asked: dict[str, str]) -> tuple[int, Doc]:
    if asked.get("grant_type") == "refresh_token":
        if asked.get("refresh_token") != REFRESH_TOKEN or asked.get("client_secret") != CLIENT_SECRET or desk.revoked:
            return 400, {"error": "invalid_grant", "error_description": "Token has been expired or revoked."}
        return 200, {"access_token": "consent", "expires_in": 3599, "token_type": "Bearer"}
    try:
        claims = jwt.decode(
            asked.get("assertion", ""), desk.service_key or "", ["RS256"], options={"verify_aud": False}
        )
    except jwt.InvalidTokenError:
        return 400, {"error": "invalid_grant", "error_description": "Invalid JWT Signature."}
    subject = claims.get("sub", "")
    if desk.revoked:
        return 401, {
            "error": "unauthorized_client",
            "error_description": f"Client is unauthorized to act as {subject}.",
        }
    if subject and desk.calendars.documents(subject) is None:
        return 400, {"error": "invalid_grant", "error_description": f"Invalid email or User ID: {subject}"}
    return 200, {"access_token": f"as:{subject}", "expires_in": 3599, "token_type": "Bearer"}


def _events(desk: Desk, request: Request) -> tuple[int, Doc]:
    calendar = request.path_params["calendar"]
    bearer = request.headers.get("authorization", "").removeprefix("Bearer ")
    if bearer != "consent" and not bearer.startswith("as:"):
        return _error(401, "authError", "Invalid Credentials")
    if desk.refusals:
        return _error(*desk.refusals.pop(0), "Refused on demand")
    documents = desk.calendars.documents(calendar)
    if documents is None or (calendar in desk.unshared and bearer != f"as:{calendar}"):
        return _error(404, "notFound", "Not Found")
    asked = request.query_params
    if "syncToken" in asked:
        wrong = [name for name in _FORBIDDEN if name in asked]
        if wrong or asked.get("showDeleted") == "false":
            return _error(400, "invalid", f"{wrong} cannot be used with a sync token")
    try:
        return _page(desk, calendar, documents, dict(asked))
    except _Gone:
        return _error(410, "fullSyncRequired", "Sync token is no longer valid, a full sync is required.")
    except ValueError:
        return _error(400, "invalid", "Invalid value")


def _page(desk: Desk, calendar: str, documents: list[Doc], asked: dict[str, str]) -> tuple[int, Doc]:
    newest = max((doc["updated"] for doc in documents), default="")
    token = asked.get("syncToken")
    found = _changed(desk, calendar, documents, token) if token is not None else _within(desk, documents, asked)
    size = min(int(asked.get("maxResults", _USUAL)), _MOST, desk.most)
    place = int(base64.urlsafe_b64decode(asked["pageToken"])) if "pageToken" in asked else 0
    items = [_shown(doc, calendar) for doc in found[place : place + size]]
    body: Doc = {"kind": "calendar#events", "summary": calendar, "timeZone": "UTC", "items": items}
    if place + size < len(found):
        body["nextPageToken"] = base64.urlsafe_b64encode(str(place + size).encode()).decode()
    else:
        body["nextSyncToken"] = _sync_token(desk, calendar, newest)
    return 200, only(body, asked["fields"]) if "fields" in asked else body


def _within(desk: Desk, documents: list[Doc], asked: dict[str, str]) -> list[Doc]:
    since, until = (datetime.fromisoformat(asked[n]) if n in asked else None for n in ("timeMin", "timeMax"))
    if since and until and since >= until:
        raise ValueError
    deleted = asked.get("showDeleted") == "true"
    found = occurrences(documents, since, until, desk.calendars.present())
    return [one for one in found if deleted or one["status"] != "cancelled"]


def _changed(desk: Desk, calendar: str, documents: list[Doc], token: str) -> list[Doc]:
    try:
        its_calendar, epoch, since = json.loads(base64.urlsafe_b64decode(token))
    except ValueError:
        raise ValueError("no token") from None
    if its_calendar != calendar or epoch != desk.epoch:
        raise _Gone
    known = occurrences(documents, None, None, desk.calendars.present())
    return [one for one in known if one["updated"] > since]


def _sync_token(desk: Desk, calendar: str, newest: str) -> str:
    return base64.urlsafe_b64encode(json.dumps([calendar, desk.epoch, newest]).encode()).decode()


def _shown(doc: Doc, calendar: str) -> Doc:
    """A deleted event tells hardly more than its id; of the guests its owner is marked."""
    if doc["status"] == "cancelled":
        return {"id": doc["id"], "status": "cancelled", "kind": "calendar#event"}
    guests = [guest | ({"self": True} if guest.get("email") == calendar else {}) for guest in doc.get("attendees", ())]
    return {"kind": "calendar#event", "eventType": "default"} | doc | ({"attendees": guests} if guests else {})


def _feed(desk: Desk, request: Request) -> Response:
    calendar = request.path_params["calendar"]
    documents = desk.calendars.documents(calendar)
    if documents is None or calendar in desk.unshared or request.url.path != desk.feed_path(calendar):
        return Response("not found", 404)
    if desk.refusals:
        return Response("refused", desk.refusals.pop(0)[0])
    living = sorted((doc for doc in documents if doc["status"] != "cancelled" or "recurringEventId" in doc), key=_order)
    text = as_feed(living, calendar)
    etag = f'"{hashlib.sha256(text).hexdigest()[:16]}"'
    headers = {"etag": etag, **_stamp(desk)}
    if request.headers.get("if-none-match") == etag:
        return Response(status_code=304, headers=headers)
    return Response(text, 200, headers, media_type="text/calendar")


def _order(doc: Doc) -> tuple[str, str]:
    return (begins(doc).astimezone(UTC).isoformat() if "start" in doc else "", doc["id"])


def _stamp(desk: Desk) -> dict[str, str]:
    return {"date": format_datetime(desk.calendars.present().astimezone(UTC), usegmt=True)}


def _error(status: int, reason: str, message: str) -> tuple[int, Doc]:
    one: dict[str, Any] = {"domain": "usageLimits" if "Limit" in reason else "global", "reason": reason}
    return status, {"error": {"code": status, "message": message, "errors": [one | {"message": message}]}}


class _Gone(Exception):
    """A token that no longer holds."""
