"""Links by which an alert is judged, over real HTTP: none can be made up, and each counts once."""

import threading
from datetime import timedelta
from uuid import uuid4

import pytest
import requests
import uvicorn

from roosevelt_pipeline.alerting import outbox
from roosevelt_pipeline.alerting.evaluation import evaluate
from roosevelt_pipeline.alerting.links import alert_of, token_for
from roosevelt_pipeline.alerting.switching import enable
from roosevelt_pipeline.warehouse.connections import Role
from roosevelt_pipeline.warehouse.verdicts import Ballot
from roosevelt_pipeline.web import server
from roosevelt_pipeline.web.alerts.part import verdicts
from roosevelt_pipeline.web.app import create_app
from tests.integration.alerting.conftest import LAST, morning_after
from tests.integration.alerting.receivers import receiver

NOW = morning_after(LAST)
KEY, ALERT = b"k" * 32, uuid4()


def test_a_link_holds_for_its_alert_and_until_its_last_moment_alone():
    token = token_for(KEY, ALERT, "one", NOW + timedelta(days=91))

    assert alert_of(KEY, token, NOW) == ALERT
    assert alert_of(KEY, token, NOW + timedelta(days=92)) is None
    assert alert_of(b"x" * 32, token, NOW) is None
    assert alert_of(KEY, token[:-4], NOW) is None
    assert alert_of(KEY, "ä" + token[1:], NOW) is None
    assert token != token_for(KEY, ALERT, "two", NOW + timedelta(days=91))


def test_no_letter_of_a_link_can_be_changed():
    token = token_for(KEY, ALERT, "one", NOW + timedelta(days=91))
    changed = [token[:at] + ("A" if token[at] != "A" else "B") + token[at + 1 :] for at in range(len(token))]

    assert [one for one in changed if alert_of(KEY, one, NOW) is not None] == []


@pytest.fixture
def page(marts):
    """The verdict page on loopback, with a key of the test's."""
    part = verdicts(Ballot(marts.warehouse), KEY)
    with server.listener("127.0.0.1", 0) as socket:
        serving = uvicorn.Server(server.configuration(create_app([part])))
        thread = threading.Thread(target=serving.run, kwargs={"sockets": [socket]}, daemon=True)
        thread.start()
        yield f"http://127.0.0.1:{socket.getsockname()[1]}"
        serving.should_exit = True
        thread.join(10)
        part.close()


def test_a_reader_judges_once_by_the_link_of_the_message(marts, settings, page, monkeypatch):
    monkeypatch.setattr("roosevelt_pipeline.alerting.links.link_key", lambda _: KEY)
    monkeypatch.setattr("roosevelt_pipeline.alerting.links.GOOD_FOR", timedelta(days=20_000))
    with receiver() as there:
        known = settings(
            slack_webhook=None, alert_webhook=there.url, alert_webhook_secret="key", alerts={"address": page}
        )
        enable(marts.warehouse, NOW)
        marts.failures(LAST, 12)
        evaluate(marts.warehouse, known, NOW)
        outbox.deliver(marts.warehouse, known, clock=lambda: NOW, pause=lambda _: None)
    link = there.bodies[0]["items"][0]["judge"]

    shown = requests.get(link, timeout=20)
    assert shown.status_code == 200
    assert "payments" in shown.text
    assert requests.get(f"{page}/alerts/style.css", timeout=20).status_code == 200
    assert judged(marts) == []  # opening it judges nothing

    assert requests.post(link, {"verdict": "great"}, timeout=20).status_code == 400
    assert requests.post(link, {"verdict": "noise"}, timeout=20).status_code == 200
    assert requests.post(link, {"verdict": "actionable"}, timeout=20).status_code == 410
    assert requests.get(link[:-3] + "AAA", timeout=20).status_code == 404
    assert judged(marts) == [("noise", "link")]
    with marts.warehouse.connect(Role.ANALYTICS) as connection:
        [kept] = connection.execute("select content::text from delivery.alert_messages").fetchall()
    assert link.rpartition("/")[2] not in kept[0]


def judged(marts):
    with marts.warehouse.connect(Role.ANALYTICS) as connection:
        return connection.execute("select verdict, via from delivery.alert_verdicts").fetchall()
