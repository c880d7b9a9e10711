"""The page on which an alert is judged. Opening it judges nothing: programs that look into mails open links, too."""

import hashlib
import logging
from collections import Counter
from collections.abc import Callable
from datetime import UTC, datetime
from html import escape
from typing import Any
from urllib.parse import parse_qs

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response
from starlette.routing import Route

from roosevelt_pipeline.alerting.links import PATH, alert_of
from roosevelt_pipeline.warehouse.connections import DatabaseError
from roosevelt_pipeline.warehouse.verdicts import Ballot
from roosevelt_pipeline.web.app import Part
from roosevelt_pipeline.web.survey.pages import HEADERS

VERDICTS = ("actionable", "noise")
_MOST_BYTES = 200
_LOG = logging.getLogger(__name__)
_STYLE = (
    "body{font:16px/1.5 system-ui,sans-serif;max-width:34rem;margin:2rem auto;padding:0 1rem;color:#222}"
    "h1{font-size:1.3rem;line-height:1.3}button{font:inherit;display:block;width:100%;padding:.7rem;margin:.6rem 0;"
    "border:1px solid #888;border-radius:8px;background:#fff;cursor:pointer;text-align:left}"
)
_PAGE = (
    '<!doctype html><html lang="en"><meta charset="utf-8"><meta name="viewport" content="width=device-width">'
    '<title>{title}</title><link rel="stylesheet" href="../style.css"><h1>{title}</h1>{body}</html>'
)
_FORM = (
    "<p>{scope}: {said}</p><form method='post'><button name='verdict' value='actionable'>Worth it: there was "
    "something to do</button> <button name='verdict' value='noise'>Noise</button></form>"
)


class Judging:
    """Shows an alert and takes one verdict for each link."""

    def __init__(self, ballot: Ballot, key: bytes, clock: Callable[[], datetime] = lambda: datetime.now(UTC)) -> None:
        self._ballot, self._key, self._clock = ballot, key, clock
        self.counts: Counter[str] = Counter()

    async def show(self, request: Request) -> Response:
        return await run_in_threadpool(self._answer, request.path_params["token"], None)

    async def take(self, request: Request) -> Response:
        if int(request.headers.get("content-length") or _MOST_BYTES + 1) > _MOST_BYTES:
            return self._say("not understood", "Nothing was saved", "Press one of the two buttons.", 400)
        body = (await request.body()).decode("utf-8", "replace")
        return await run_in_threadpool(self._answer, request.path_params["token"], body)

    def _answer(self, token: str, body: str | None) -> Response:
        alert_id = alert_of(self._key, token, self._clock())
        if alert_id is None:
            return self._say("unknown", "This link leads nowhere", "It was cut off on its way, or is too old.", 404)
        used = hashlib.sha256(token.encode()).digest()
        try:
            alert = self._ballot.asked(alert_id, used)
            if alert is None:
                return self._say("unknown", "This link leads nowhere", "There is no such alert any more.", 404)
            if alert.is_used:
                return self._say("used", "It was judged already", "Each link counts once.", 410)
            if body is None:
                self.counts["shown"] += 1
                form = _FORM.format(scope=escape(alert.scope), said=escape(alert.said))
                return _page(f"Was it worth it? {alert.rule.replace('_', ' ').capitalize()}", form, 200)
            verdict = parse_qs(body).get("verdict", [""])[0]
            if verdict not in VERDICTS:
                return self._say("not understood", "Nothing was saved", "Press one of the two buttons.", 400)
            if not self._ballot.judge(alert_id, verdict, used):
                return self._say("used", "It was judged already", "Each link counts once.", 410)
        except DatabaseError as error:
            _LOG.error("verdicts cannot reach their database: %s", error)
            return self._say("not reached", "Please try again later", "Nothing could be saved just now.", 503)
        return self._say("saved", "Thank you", "The verdict is saved.", 200)

    def _say(self, kind: str, title: str, text: str, status: int) -> Response:
        self.counts[kind] += 1
        return _page(title, f"<p>{escape(text)}</p>", status)


def verdicts(ballot: Ballot, key: bytes) -> Part:
    """The part that takes verdicts."""
    judging = Judging(ballot, key)

    def health() -> tuple[bool, dict[str, Any]]:
        try:
            ballot.check()
        except DatabaseError:
            return False, {"verdicts": "cannot be reached", "requests": dict(judging.counts)}
        return True, {"verdicts": "open", "requests": dict(judging.counts)}

    async def style(_: Request) -> Response:
        return Response(_STYLE, headers=HEADERS | {"Cache-Control": "max-age=3600"}, media_type="text/css")

    one = f"{PATH}/{{token}}"
    routes = [
        Route("/alerts/style.css", style, methods=["GET"]),
        Route(one, judging.show, methods=["GET"]),
        Route(one, judging.take, methods=["POST"]),
    ]
    return Part("alerts", routes, health, ballot.close)


def _page(title: str, body: str, status: int) -> Response:
    return HTMLResponse(_PAGE.format(title=escape(title), body=body), status, HEADERS)
