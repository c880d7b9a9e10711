"""Responses of a Google form, by the official client: only those since the last time, page by page."""

import hashlib
import logging
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import google.auth.exceptions
import httplib2
from google_auth_httplib2 import AuthorizedHttp
from googleapiclient.discovery import build
from googleapiclient.errors import HttpError

from roosevelt_pipeline.settings import FormQuestions, SurveyImport, SurveySettings
from roosevelt_pipeline.sources.imports.cells import Cells
from roosevelt_pipeline.sources.imports.errors import Unfit
from roosevelt_pipeline.sources.surveys.answers import Answer, read_answer
from roosevelt_pipeline.sources.surveys.errors import FormsError
from roosevelt_pipeline.warehouse.records import Reject

PAGE = 5_000
RETRIES = 4
TIMEOUT_SECONDS = 30


@dataclass(frozen=True)
class ResponsePage:
    """Some responses.

    Attributes:
        newest_at: the newest time of submission on it, as Google writes it; ``None`` if it is empty.
    """

    answers: list[Answer]
    rejects: list[Reject]
    newest_at: str | None


def read_responses(credentials: Any, settings: SurveySettings, since: str | None) -> Iterator[ResponsePage]:
    """The responses that were submitted at an instant or later; all of them if ``since`` is ``None``.

    Raises:
        FormsError: the form cannot be read.
    """
    assert settings.google_form is not None
    assert settings.google_questions is not None
    # They would tell the address of the form that keeps them waiting.
    for name in ("googleapiclient.http", "googleapiclient.discovery"):
        logging.getLogger(name).setLevel(logging.ERROR)
    http = AuthorizedHttp(credentials, http=httplib2.Http(timeout=TIMEOUT_SECONDS))
    options = {"api_endpoint": settings.google_api_url}
    with build("forms", "v1", http=http, static_discovery=True, client_options=options) as service:
        token: str | None = None
        while True:
            body = _ask(service, settings.google_form, since, token)
            yield _page(body.get("responses") or [], settings.google_questions)
            following = body.get("nextPageToken")
            if not following:
                return
            if following == token:
                raise FormsError("the Google form: paging does not advance; run again")
            token = following


def read_response(response: Mapping[str, Any], questions: FormQuestions, now: datetime) -> Answer:
    """A response as an answer.

    Raises:
        Unfit: it cannot be kept.
    """
    answers = response.get("answers")
    answers = answers if isinstance(answers, dict) else {}
    cells = {
        "respondent": response.get("respondentEmail"),
        "answered_at": response.get("lastSubmittedTime"),
        "nps_score": _text(answers, questions.nps_score),
        "satisfaction_score": _text(answers, questions.satisfaction_score),
        "feedback": _text(answers, questions.feedback),
    }
    if not cells["respondent"]:
        raise Unfit("respondentEmail", "is missing; let the form collect e-mail addresses")
    return read_answer(Cells(cells, SurveyImport(), now))


def _page(responses: list[Any], questions: FormQuestions) -> ResponsePage:
    now = datetime.now(UTC)
    answers: list[Answer] = []
    rejects: list[Reject] = []
    for response in responses:
        one = response if isinstance(response, dict) else {}
        try:
            answers.append(read_response(one, questions, now))
        except Unfit as fault:
            # The response's own id would lead back to whoever gave it.
            number = hashlib.sha256(str(one.get("responseId")).encode()).hexdigest()[:16]
            rejects.append(Reject(f"google form:{number}", str(fault), {"column": fault.column}))
    times = [one["lastSubmittedTime"] for one in responses if isinstance(one, dict) and one.get("lastSubmittedTime")]
    return ResponsePage(answers, rejects, max(times, default=None, key=datetime.fromisoformat))


def _text(answers: Mapping[str, Any], question: str | None) -> str | None:
    """What was answered to a question, as text; ``None`` if it was left open."""
    answer = answers.get(question or "")
    texts = answer.get("textAnswers", {}).get("answers", []) if isinstance(answer, dict) else []
    values = [one.get("value") for one in texts if isinstance(one, dict)]
    return "\n".join(value for value in values if isinstance(value, str)) or None


def _ask(service: Any, form: str, since: str | None, token: str | None) -> Mapping[str, Any]:
    more = {"filter": f"timestamp >= {since}"} if since else {}
    request = service.forms().responses().list(formId=form, pageSize=PAGE, pageToken=token, **more)
    try:
        body = request.execute(num_retries=RETRIES)
    except HttpError as error:
        raise FormsError(_refusal(int(error.resp.status))) from None
    except google.auth.exceptions.RefreshError:
        raise FormsError("Google does not accept the credentials of GOOGLE_FORMS_...; make them anew") from None
    except (google.auth.exceptions.GoogleAuthError, httplib2.HttpLib2Error, OSError):
        raise FormsError("Google cannot be reached; check the network and surveys.google_api_url") from None
    except ValueError:
        raise FormsError("Google's answer is no JSON; a proxy may have answered instead") from None
    return body if isinstance(body, dict) else {}


def _refusal(status: int) -> str:
    if status in (403, 404):
        return (
            "no such Google form, or it is not shared with whoever reads it, or the Forms API is not switched on; "
            "check surveys.google_form"
        )
    if status == 401:
        return "Google does not accept the credentials of GOOGLE_FORMS_...; make them anew"
    if status == 429:
        return "Google still asks to wait after several pauses; run later"
    return f"Google answered {status} for the form; run again later"
