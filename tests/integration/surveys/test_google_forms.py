"""Responses of a Google form through the official client, from a stand-in that pages and filters as Google does."""

import json
import re
from http.server import BaseHTTPRequestHandler
from urllib.parse import parse_qs, urlsplit

import pytest
from pydantic import SecretStr

from tests.support.loopback import served

QUESTIONS = {"nps_score": "aa01", "satisfaction_score": "aa02", "feedback": "aa03"}


class FakeForms:
    """Google's token endpoint and forms.responses.list.

    Attributes:
        responses: what the form holds, in the order in which it is told.
        asked: the filter of each request for a first page.
        status: of the next answers, instead of the right one.
        per_page: responses on a page.
    """

    def __init__(self):
        self.responses, self.asked, self.status, self.per_page, self.url = [], [], [], 2, ""

    def respond(self, number, at, email="anouk@acme.org", nps="9", satisfaction="4", words=None):
        values = {"aa01": nps, "aa02": satisfaction, "aa03": words}
        answers = {
            key: {"questionId": key, "textAnswers": {"answers": [{"value": value}]}}
            for key, value in values.items()
            if value is not None
        }
        one = {"responseId": f"ACYDBN{number}", "createTime": at, "lastSubmittedTime": at, "answers": answers}
        self.responses.append(one | ({"respondentEmail": email} if email else {}))

    def answer(self, path):
        parts = urlsplit(path)
        query = {key: values[0] for key, values in parse_qs(parts.query).items()}
        if self.status:
            return self.status.pop(0), {"error": {"message": "canary-words"}}
        if "/forms/form-1/" not in parts.path:
            return 404, {"error": {"status": "NOT_FOUND"}}
        since = re.fullmatch(r"timestamp >= (.+)", query.get("filter", "timestamp >= 0000"))[1]
        if "pageToken" not in query:
            self.asked.append(query.get("filter"))
        fitting = [one for one in self.responses if one["lastSubmittedTime"] >= since]
        start = int(query.get("pageToken", 0))
        body = {"responses": fitting[start : start + self.per_page]}
        more = start + self.per_page < len(fitting)
        return 200, body | ({"nextPageToken": str(start + self.per_page)} if more else {})


@pytest.fixture
def forms():
    fake = FakeForms()

    class Handler(BaseHTTPRequestHandler):
        def _send(self, status, said):
            self.send_response(status)
            self.send_header("Content-Type", "application/json")
            self.end_headers()
            self.wfile.write(json.dumps(said).encode())

        def do_GET(self):
            self._send(*fake.answer(self.path))

        def do_POST(self):
            given = parse_qs(self.rfile.read(int(self.headers["Content-Length"])).decode())
            good = given["refresh_token"] == ["refresh"]
            token = {"access_token": "access", "expires_in": 3600, "token_type": "Bearer"}
            self._send(200 if good else 400, token if good else {"error": "invalid_grant"})

        def log_message(self, *_words):
            pass

    with served(Handler) as url:
        fake.url = url
        yield fake


@pytest.fixture
def office(new_office, forms):
    made = new_office(
        google_form="form-1", google_questions=QUESTIONS, google_api_url=f"{forms.url}/",
        google_token_url=f"{forms.url}/token",
    )  # fmt: skip
    secrets = {
        "google_forms_client_id": "id", "google_forms_client_secret": SecretStr("secret"),
        "google_forms_refresh_token": SecretStr("refresh"),
    }  # fmt: skip
    made.settings = made.settings.model_copy(update=secrets)
    return made


def test_every_page_of_responses_lands_and_unknown_people_leave_nothing(office, forms):
    forms.respond(1, "2026-03-02T10:00:00Z", words="Fewer meetings")
    forms.respond(2, "2026-03-02T11:00:00.123Z", "bram@acme.org", "7", None)
    forms.respond(3, "2026-03-03T10:00:00Z", "stranger@acme.org")
    forms.respond(4, "2026-03-04T10:00:00Z", "carol@acme.org", None, "2")

    collected = office.collect()

    assert collected.problem is None
    assert (collected.tally.new, collected.tally.not_participating) == (3, 1)
    assert sorted(row[2:] for row in office.scores() if row[2]) == [(7, None), (9, 4)]
    assert office.texts() == ["Fewer meetings"]


def test_only_what_is_new_is_asked_for_and_a_changed_answer_counts(office, forms):
    forms.respond(1, "2026-03-02T10:00:00Z", nps="3")
    office.collect()
    forms.respond(1, "2026-03-05T10:00:00Z", nps="8")

    office.collect()

    assert forms.asked == [None, "timestamp >= 2026-03-02T10:00:00Z"]
    assert [row[2] for row in office.scores()] == [8]


def test_a_response_that_does_not_fit_is_named_by_question_and_not_by_person(office, forms):
    forms.respond(1, "2026-03-02T10:00:00Z", nps="11")
    forms.respond(2, "2026-03-02T10:00:00Z", email=None)
    forms.respond(3, "2026-03-02T10:00:00Z", "bram@acme.org")

    assert office.collect().tally.new == 1

    rejected = office.rows("select reason, t::text from raw.rejected_records as t order by 1")
    assert [reason for reason, _ in rejected] == [
        "nps_score: is no whole number from 0 to 10",
        "respondentEmail: is missing; let the form collect e-mail addresses",
    ]
    assert "ACYDBN" not in str(rejected)


@pytest.mark.parametrize(
    ("status", "said"), [(403, "check surveys.google_form"), (401, "make them anew"), (400, "Google answered 400")]
)
def test_a_form_that_cannot_be_read_is_a_problem_and_files_are_taken_in_all_the_same(office, forms, status, said):
    forms.status = [status] * 9
    office.drop("good.csv", "respondent,answered_at,nps_score\nanouk@acme.org,2026-03-02,9\n")

    collected = office.collect()

    assert said in collected.problem
    assert "canary-words" not in collected.problem
    assert len(office.scores()) == 1


def test_credentials_that_are_there_in_part_are_named(office):
    office.settings = office.settings.model_copy(update={"google_forms_refresh_token": None})

    assert "GOOGLE_FORMS_REFRESH_TOKEN not set" in office.collect().problem


def test_a_consent_that_was_withdrawn_is_told_without_the_token(office):
    office.settings = office.settings.model_copy(update={"google_forms_refresh_token": SecretStr("canary-token")})

    problem = office.collect().problem
    assert "make them anew" in problem
    assert "canary" not in problem
