"""The form as a browser without scripts sees it, at a real address, before a real database."""

import contextlib
import re
import threading
from datetime import UTC, datetime, timedelta
from html.parser import HTMLParser
from uuid import uuid4

import pytest
import requests
import uvicorn

from roosevelt_pipeline.privacy.sealing import SurveyKeys, digest
from roosevelt_pipeline.settings import Settings, SettingsError
from roosevelt_pipeline.surveys.collection import collect_answers
from roosevelt_pipeline.surveys.links import link_to, token_of
from roosevelt_pipeline.warehouse.connections import DatabaseError, Role, Warehouse
from roosevelt_pipeline.warehouse.desk import Desk
from roosevelt_pipeline.warehouse.invitations import Invitation, enlist
from roosevelt_pipeline.web import server
from roosevelt_pipeline.web.app import create_app
from roosevelt_pipeline.web.survey.part import survey
from tests.support.people import emptied

KEY = b"s" * 32
QUARTER = "2026-Q3"


class Visited:
    """A form that is being served, and one person who was asked."""

    def __init__(self, url, warehouse, settings):
        self.url, self.warehouse, self.settings = url, warehouse, settings
        self.keys = SurveyKeys(KEY)
        with warehouse.connect(Role.INGEST, autocommit=True) as connection:
            ask = "select user_id from vault.resolve_identities(%s, '{github}')"
            ((self.person,),) = connection.execute(ask, ([b"p" * 32],)).fetchall()
        (self.token,) = self.keys.tokens(f"quarterly|{self.person}|{QUARTER}")
        self.link = link_to(url, self.token)
        with warehouse.connect(Role.INGEST, autocommit=True) as connection:
            connection.execute(
                "insert into raw.participants values (%s, '2026-01-01', null, %s, '1', 'command')", (self.person,) * 2
            )
        self.ask(datetime.now(UTC) + timedelta(days=9))

    def ask(self, closes_at):
        one = Invitation("quarterly", self.person, QUARTER, "email", digest(self.token), closes_at)
        with self.warehouse.connect(Role.INGEST, autocommit=True) as connection:
            enlist(connection, [one])
            connection.execute("update survey.invitations set closes_at = %s", (closes_at,))

    def post(self, link=None, **fields):
        return requests.post(link or self.link, data=fields, timeout=20)

    def get(self, link=None):
        return requests.get(link or self.link, timeout=20)

    def submissions(self):
        with self.warehouse.connect() as connection:
            return connection.execute(
                "select nps_score, satisfaction_score, sealed from survey.submissions order by id"
            ).fetchall()


@pytest.fixture
def desk(warehouse):
    settings = Settings(surveys={"address": "https://surveys.acme.example"}, survey_key=KEY.hex())
    part = survey(settings, Desk(warehouse), SurveyKeys(KEY))
    with serving(part) as url:
        yield Visited(url, emptied(warehouse), settings)


@contextlib.contextmanager
def serving(part):
    with server.listener("127.0.0.1", 0) as socket:
        running = uvicorn.Server(server.configuration(create_app([part])))
        thread = threading.Thread(target=running.run, kwargs={"sockets": [socket]}, daemon=True)
        thread.start()
        try:
            yield f"http://127.0.0.1:{socket.getsockname()[1]}"
        finally:
            running.should_exit = True
            thread.join(10)
            part.close()


class Page(HTMLParser):
    """What a screen reader needs: labels, fields, what describes them."""

    def __init__(self, text):
        super().__init__()
        self.elements = []
        self.feed(text)

    def handle_starttag(self, tag, attrs):
        self.elements.append((tag, dict(attrs)))

    def all(self, tag):
        return [attributes for name, attributes in self.elements if name == tag]


def test_an_answer_reaches_raw_with_its_text_sealed(desk):
    assert desk.get().status_code == 200

    thanks = desk.post(nps_score="9", satisfaction_score="4", feedback="Fewer meetings\r\nplease")

    assert (thanks.status_code, thanks.url) == (200, f"{desk.link}/thanks")
    assert "Thank you" in thanks.text
    collect_answers(desk.settings, desk.warehouse, uuid4())
    with desk.warehouse.connect() as connection:
        ((payload,),) = connection.execute("select payload from raw.survey_answers").fetchall()
        ((row, sealed),) = connection.execute("select answer_key, sealed from survey.feedback").fetchall()
    assert (payload["nps_score"], payload["satisfaction_score"], payload["quarter"]) == (9, 4, QUARTER)
    assert payload["survey_user_id"] == str(desk.person)
    assert desk.keys.unseal(sealed, row) == "Fewer meetings\nplease"
    assert desk.submissions() == []


def test_answering_again_replaces_the_answer(desk):
    desk.post(nps_score="1", feedback="Angry")
    desk.post(nps_score="8")

    assert desk.submissions() == [(8, None, None)]


def test_of_two_answers_with_a_run_between_them_the_later_counts(desk):
    desk.post(nps_score="1", feedback="Angry")
    collect_answers(desk.settings, desk.warehouse, uuid4())
    desk.post(nps_score="8")
    collect_answers(desk.settings, desk.warehouse, uuid4())

    with desk.warehouse.connect() as connection:
        assert connection.execute("select payload ->> 'nps_score' from raw.survey_answers").fetchall() == [("8",)]
        assert connection.execute("select 1 from survey.feedback").fetchall() == []


def test_the_answer_of_somebody_who_opted_out_meanwhile_is_dropped(desk):
    desk.post(nps_score="1", feedback="Angry")
    with desk.warehouse.connect() as connection:
        connection.execute("update raw.participants set ended_at = now(), ended_because = 'opted out'")

    collect_answers(desk.settings, desk.warehouse, uuid4())

    with desk.warehouse.connect() as connection:
        assert connection.execute("select 1 from raw.survey_answers").fetchall() == []
        assert connection.execute("select 1 from survey.feedback").fetchall() == []


@pytest.mark.parametrize(
    ("fields", "named", "words"),
    [
        ({}, "nps_score", "Answer at least one of the questions"),
        ({"nps_score": "11"}, "nps_score", "from 0 to 10"),
        ({"nps_score": "9", "satisfaction_score": "0"}, "satisfaction_score", "from 1 to 5"),
        ({"nps_score": "nine"}, "nps_score", "from 0 to 10"),
        ({"feedback": "x" * 5001}, "feedback", "1 characters too long"),
    ],
)
def test_what_does_not_fit_is_said_at_its_field_and_nothing_typed_is_lost(desk, fields, named, words):
    answer = desk.post(**({"feedback": "Keep <this> & that"} if "feedback" not in fields and fields else {}) | fields)

    assert answer.status_code == 422
    page = Page(answer.text)
    assert "<title>Error: " in answer.text
    assert words in answer.text
    assert [one["role"] for one in page.all("div") if "role" in one] == ["alert"]
    faulty = [one for tag, one in page.elements if one.get("aria-invalid") == "true"]
    assert [f"{named}-fault" in one["aria-describedby"] for one in faulty] == [True]
    assert {one["id"] for one in page.all("p") if "id" in one} >= {f"{named}-fault"}
    jumps = [one["href"] for one in page.all("a")]
    assert all(jump.removeprefix("#") in {one.get("id") for _, one in page.elements} for jump in jumps)
    if "feedback" not in fields and fields:
        assert "Keep &lt;this&gt; &amp; that" in answer.text
    assert desk.submissions() == []


def test_every_field_has_a_label_and_every_group_a_legend(desk):
    page = Page(desk.get().text)

    labels = {one["for"] for one in page.all("label")}
    fields = [one["id"] for tag in ("input", "textarea") for one in page.all(tag)]
    assert labels == set(fields)
    assert len(fields) == 11 + 5 + 1
    assert len(page.all("legend")) == len(page.all("fieldset")) == 2
    assert page.all("html")[0]["lang"] == "en"
    assert page.all("script") == []
    assert not any(name.startswith("on") for _, one in page.elements for name in one)


def test_text_stands_out_from_what_is_behind_it_by_day_and_by_night(desk):
    """WCAG 2.2, 1.4.3: at least 4.5 to 1 for text; 1.4.11: 3 to 1 for the outlines of fields."""
    css = requests.get(f"{desk.url}/survey/style.css", timeout=20).text
    day, night = (
        dict(re.findall(r"--([\w-]+): (#\w{6})", block)) for block in re.findall(r":root \{(.*?)\}", css, re.S)
    )

    for colours in (day, night):
        for behind in ("page", "sheet"):
            for text in ("text", "quiet", "accent"):
                assert contrast(colours[text], colours[behind]) >= 4.5, (text, behind)
            assert contrast(colours["line"], colours[behind]) >= 3
        assert contrast(colours["on-accent"], colours["accent"]) >= 4.5
        assert contrast(colours["fault"], colours["fault-back"]) >= 4.5
        assert contrast(colours["fault"], colours["sheet"]) >= 4.5


def contrast(one, other):
    """The ratio that WCAG 2.2 defines."""

    def luminance(colour):
        channels = [int(colour[place : place + 2], 16) / 255 for place in (1, 3, 5)]
        linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels]
        return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]

    light, dark = sorted((luminance(one), luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


def test_a_link_that_was_never_given_out_leads_nowhere(desk):
    for wrong in (desk.link[:-1], desk.link + "A", f"{desk.url}/survey/x", link_to(desk.url, b"\0" * 32)):
        assert desk.get(wrong).status_code == 404
        assert desk.post(wrong, nps_score="9").status_code == 404
    assert desk.submissions() == []


def test_a_survey_that_has_closed_takes_nothing_and_says_so(desk):
    desk.ask(datetime.now(UTC) - timedelta(minutes=1))

    assert desk.get().status_code == 410
    answer = desk.post(nps_score="9")
    assert (answer.status_code, desk.submissions()) == (410, [])
    assert "asked again" in answer.text


def test_pages_may_be_kept_by_nobody_and_framed_by_nobody(desk):
    for answer in (desk.get(), desk.post(nps_score="9"), desk.get(f"{desk.url}/survey/x")):
        assert answer.headers["Cache-Control"] == "no-store"
        assert answer.headers["Referrer-Policy"] == "no-referrer"
        assert "frame-ancestors 'none'" in answer.headers["Content-Security-Policy"]
        assert "default-src 'none'" in answer.headers["Content-Security-Policy"]
        assert "set-cookie" not in answer.headers


def test_a_body_that_no_form_sends_is_refused(desk):
    assert requests.post(desk.link, data=b"feedback=" + b"%41" * 40_000, timeout=20).status_code == 413
    assert requests.post(desk.link, data="nps_score=9é".encode(), timeout=20).status_code == 400
    assert desk.submissions() == []


def test_the_longest_text_in_the_widest_letters_fits(desk):
    assert desk.post(feedback="😀" * 5000).status_code == 200


def test_without_its_database_the_form_says_so_and_health_too(desk):
    closed = Desk(Warehouse("postgresql://nobody@127.0.0.1:1/none"))
    with serving(survey(desk.settings, closed, desk.keys)) as url:
        answer = requests.get(link_to(url, desk.token), timeout=20)
        assert (answer.status_code, requests.get(f"{url}/health", timeout=20).status_code) == (503, 503)
        assert "Please try again later" in answer.text


def test_the_form_can_read_no_table_and_no_word_of_an_answer(desk):
    desk.post(nps_score="9", feedback="Secret")
    door = Desk(desk.warehouse)
    for table in ("invitations", "submissions", "feedback"):
        with pytest.raises(DatabaseError, match="permission denied"):
            door.use(lambda connection, table=table: connection.execute(f"select * from survey.{table}"))
    door.close()


def test_links_are_read_as_they_were_written_and_nothing_else_is():
    assert token_of(link_to("https://x.example/", b"t" * 32).rpartition("/")[2]) == b"t" * 32
    assert token_of("é" * 43) is token_of("") is token_of("A" * 44) is None


def test_the_form_is_served_where_people_reach_it_and_webhooks_where_there_is_a_secret(
    warehouse, tmp_path, monkeypatch
):
    monkeypatch.setenv("ROOSEVELT_HOME", str(tmp_path))
    form, hooks = {"surveys": {"address": "https://s.example"}}, {"github_webhook_secret": "s" * 32}

    def names(**settings):
        return [part.name for part in server.parts_of(Settings(**settings), warehouse)]

    assert names(**form) == ["survey"]
    assert names(**form, **hooks) == ["survey", "webhooks"]
    assert names(**hooks) == ["webhooks"]
    with pytest.raises(SettingsError):
        names()
