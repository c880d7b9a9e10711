"""The form of the quarterly survey, one page for each person and quarter, behind a link that nobody can guess.

Nothing of a visitor is logged: not the address, not the link, not a word of an answer.
"""

import asyncio
import logging
from collections import Counter
from datetime import timedelta
from typing import Any

from starlette.concurrency import run_in_threadpool
from starlette.requests import ClientDisconnect, Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from roosevelt_pipeline.privacy.sealing import SurveyKeys, digest
from roosevelt_pipeline.settings import Settings
from roosevelt_pipeline.sources.surveys.answers import LONGEST_FEEDBACK
from roosevelt_pipeline.surveys.links import PATH, token_of
from roosevelt_pipeline.warehouse.connections import DatabaseError
from roosevelt_pipeline.warehouse.desk import Asked, Desk
from roosevelt_pipeline.web.app import Part
from roosevelt_pipeline.web.survey import pages
from roosevelt_pipeline.web.survey.form import Filled, UnreadableFormError, read_form

LARGEST_BODY = 100_000  # a text of the allowed length, each character of four bytes and each byte as %F0
BODY_SECONDS = 20.0
_LOG = logging.getLogger(__name__)


class Form:
    """Shows the form and takes answers in.

    Attributes:
        counts: how many pages were shown, answers saved, refused, by reason, since the start.
    """

    def __init__(self, settings: Settings, desk: Desk, keys: SurveyKeys) -> None:
        self._feedback_days = settings.surveys.feedback_days
        self._desk, self._keys = desk, keys
        self.counts: Counter[str] = Counter()

    async def show(self, request: Request) -> Response:
        return await run_in_threadpool(self._answered, request, None)

    async def take(self, request: Request) -> Response:
        try:
            body = await _body(request)
        except (TimeoutError, ClientDisconnect):
            return self._refused(
                "too slow", "Nothing was saved", "The answer did not arrive in time. Send it again.", 408
            )
        if body is None:
            words = f"This is far longer than a form can be. Write at most {LONGEST_FEEDBACK:,} characters."
            return self._refused("too large", "Nothing was saved", words, 413)
        return await run_in_threadpool(self._answered, request, body)

    async def thanks(self, request: Request) -> Response:
        return await run_in_threadpool(self._thanked, request)

    async def style(self, _: Request) -> Response:
        return pages.style()

    def _answered(self, request: Request, body: bytes | None) -> Response:
        """The page for a request: the form if nothing was sent, or what was sent does not fit."""
        token = token_of(request.path_params["token"])
        try:
            asked = self._desk.asked(digest(token)) if token else None
            if asked is None or token is None:
                return self._unknown()
            if not asked.is_open:
                return self._closed()
            return self._form(request, asked, Filled()) if body is None else self._taken(request, token, asked, body)
        except DatabaseError as error:
            _LOG.error("the survey form cannot reach its database: %s", error)
            return self._refused(
                "not reached", "Please try again later", "Nothing could be read or saved just now.", 503
            )

    def _taken(self, request: Request, token: bytes, asked: Asked, body: bytes) -> Response:
        try:
            filled = read_form(body)
        except UnreadableFormError:
            return self._refused("not understood", "Nothing was saved", "Fill in the form and send it again.", 400)
        if filled.faults:
            self.counts["to be mended"] += 1
            return self._form(request, asked, filled)
        sealed = self._keys.seal(filled.feedback, asked.answer_key) if filled.feedback else None
        if not self._desk.submit(digest(token), filled.nps_score, filled.satisfaction_score, sealed):
            return self._closed()
        self.counts["saved"] += 1
        # So that loading the page again sends nothing again.
        return RedirectResponse(f"{_address(request)}/thanks", 303, pages.HEADERS)

    def _thanked(self, request: Request) -> Response:
        token = token_of(request.path_params["token"])
        try:
            asked = self._desk.asked(digest(token)) if token else None
        except DatabaseError:
            return pages.message("Thank you", "Your answer is saved.", 200)
        return pages.page("thanks", address=_address(request), last_day=_last_day(asked)) if asked else self._unknown()

    def _form(self, request: Request, asked: Asked, filled: Filled) -> Response:
        self.counts["shown"] += 1
        return pages.page(
            "form", 422 if filled.faults else 200, address=_address(request), quarter=_in_words(asked.quarter),
            last_day=_last_day(asked), given=filled.given, faults=filled.faults, feedback_days=self._feedback_days,
        )  # fmt: skip

    def _unknown(self) -> Response:
        words = "It may have been cut off on its way: open it from the message again, or copy all of it."
        return self._refused("unknown", "This link leads nowhere", words, 404)

    def _closed(self) -> Response:
        words = "Answers are no longer taken for that quarter. You will be asked again in the next one."
        return self._refused("closed", "This survey has closed", words, 410)

    def _refused(self, kind: str, title: str, text: str, status: int) -> Response:
        self.counts[kind] += 1
        return pages.message(title, text, status)


def survey(settings: Settings, desk: Desk, keys: SurveyKeys) -> Part:
    """The part that serves the form."""
    form = Form(settings, desk, keys)

    def health() -> tuple[bool, dict[str, Any]]:
        try:
            desk.check()
        except DatabaseError as error:
            _LOG.error("the survey form cannot reach its database: %s", error)
            return False, {"form": "cannot be reached", "requests": dict(form.counts)}
        return True, {"form": "open", "requests": dict(form.counts)}

    one = f"{PATH}/{{token}}"
    routes = [
        Route(pages.STYLE_PATH, form.style, methods=["GET"]),
        Route(one, form.show, methods=["GET"]),
        Route(one, form.take, methods=["POST"]),
        Route(f"{one}/thanks", form.thanks, methods=["GET"]),
    ]
    return Part("survey", routes, health, desk.close)


async def _body(request: Request) -> bytes | None:
    """The body, within limits; ``None`` if it is longer."""
    body = bytearray()
    async with asyncio.timeout(BODY_SECONDS):
        async for chunk in request.stream():
            body += chunk
            if len(body) > LARGEST_BODY:
                return None
    return bytes(body)


def _address(request: Request) -> str:
    return f"{PATH}/{request.path_params['token']}"


def _last_day(asked: Asked) -> str:
    return pages.written(asked.closes_at - timedelta(seconds=1))


def _in_words(quarter: str) -> str:
    year, _, number = quarter.partition("-Q")
    return f"{('first', 'second', 'third', 'fourth')[int(number) - 1]} quarter of {year}"
