"""Buttons in Slack and acknowledgements in PagerDuty, over real HTTP: none can be forged, and none counts twice."""

import json
import threading
import time
from datetime import UTC, datetime, timedelta
from urllib.parse import urlencode
from uuid import uuid4

import pytest
import requests
import uvicorn

from roosevelt_pipeline.alerting import outbox
from roosevelt_pipeline.alerting.evaluation import evaluate
from roosevelt_pipeline.alerting.switching import enable
from roosevelt_pipeline.sandbox.receivers.pressing import pagerduty_headers, slack_headers
from roosevelt_pipeline.warehouse.connections import Role
from roosevelt_pipeline.warehouse.verdicts import Ballot
from roosevelt_pipeline.web import server
from roosevelt_pipeline.web.alerts.buttons import buttons
from roosevelt_pipeline.web.app import create_app
from tests.integration.alerting.conftest import LAST, SECRET, morning_after
from tests.integration.alerting.receivers import receiver

NOW = morning_after(LAST)
SIGNING, PAGING = "signing-secret", "paging-secret"
STANDING = "select state, acknowledged_by, ended_date from delivery.alerts"


class Door:
    """`roosevelt serve` for buttons, an open alert, and the Slack that its message went to."""

    def __init__(self, marts, url, slack, alert_id) -> None:
        self.marts, self.url, self.there, self.alert_id = marts, url, slack, alert_id

    def slack(self, action, *, secret=SIGNING, age=0, headers=None, value=None, answer_to=""):
        payload = {"type": "block_actions", "user": {"id": "U0JANE", "username": "jane"}, "response_url": answer_to,
                   "actions": [{"action_id": action, "value": value or self.alert_id}]}  # fmt: skip
        body = urlencode({"payload": json.dumps(payload)}).encode()
        headers = headers or slack_headers(body, secret, int(time.time()) - age)
        return requests.post(f"{self.url}/alerts/slack", body, headers=headers, timeout=20).status_code

    def pagerduty(self, kind, *, secret=PAGING, number=None, age=timedelta(0)):
        event = {"id": number or uuid4().hex, "event_type": f"incident.{kind}",
                 "occurred_at": (datetime.now(UTC) - age).isoformat(),
                 "data": {"incident_key": f"roosevelt-{self.alert_id}"}}  # fmt: skip
        body = json.dumps({"event": event}).encode()
        headers = pagerduty_headers(body, secret)
        return requests.post(f"{self.url}/alerts/pagerduty", body, headers=headers, timeout=20).status_code

    def rows(self, query):
        with self.marts.warehouse.connect(Role.ANALYTICS) as connection:
            return connection.execute(query).fetchall()


@pytest.fixture
def door(marts, settings):
    with receiver() as there, server.listener("127.0.0.1", 0) as socket:
        known = settings(
            slack_webhook=f"{there.url}/{SECRET}", slack_signing_secret=SIGNING, pagerduty_webhook_secret=PAGING,
            surveys={"slack_api_url": f"{there.url}/api/"},
        )  # fmt: skip
        enable(marts.warehouse, NOW)
        marts.failures(LAST, 12)
        evaluate(marts.warehouse, known, NOW)
        outbox.deliver(marts.warehouse, known, clock=lambda: NOW, pause=lambda _: None)
        part = buttons(known, Ballot(marts.warehouse), b"k" * 32)
        serving = uvicorn.Server(server.configuration(create_app([part])))
        thread = threading.Thread(target=serving.run, kwargs={"sockets": [socket]}, daemon=True)
        thread.start()
        with marts.warehouse.connect(Role.ANALYTICS) as connection:
            [(alert_id,)] = connection.execute("select alert_id::text from delivery.alerts").fetchall()
        yield Door(marts, f"http://127.0.0.1:{socket.getsockname()[1]}", there, alert_id)
        serving.should_exit = True
        thread.join(10)
        part.close()


def test_the_message_has_a_button_for_each_thing_that_can_be_said(door):
    [row] = [block for block in door.there.bodies[0]["blocks"] if block["type"] == "actions"]

    assert [one["action_id"] for one in row["elements"]] == ["actionable", "noise", "acknowledge", "silence"]
    assert {one["value"] for one in row["elements"]} == {door.alert_id}


def test_a_press_judges_acknowledges_and_silences_and_says_so_to_whoever_pressed(door):
    answer_to = f"{door.there.url}/said"
    pressed = [door.slack(one, answer_to=answer_to) for one in ("noise", "actionable", "acknowledge")]
    assert pressed == [200, 200, 200]
    assert door.rows("select verdict, via from delivery.alert_verdicts order by verdict_id") == [
        ("noise", "slack"), ("actionable", "slack"),
    ]  # fmt: skip
    [(state, by, _)] = door.rows(STANDING)
    assert state == "acknowledged"
    assert by.startswith("slack:")
    assert "jane" not in by.lower()

    assert door.slack("silence") == 200
    assert door.rows(STANDING)[0][0] == "silenced"
    [(scope, days)] = door.rows("select scope, round(extract(epoch from until_at - made_at) / 86400) "
                                "from delivery.alert_silences")  # fmt: skip
    assert (scope, days) == ("team:payments", 7)
    deadline = time.monotonic() + 10
    while len(door.there.taken) < 4 and time.monotonic() < deadline:
        time.sleep(0.02)
    said = {body["text"] for path, _, body in door.there.taken if path == "/said"}
    assert said == {"Saved: noise.", "Saved: it was worth it.", "Saved: somebody sees to it; it is not repeated."}


def test_no_press_can_be_made_up_changed_or_sent_again(door):
    payload = urlencode({"payload": json.dumps({"user": {"id": "U1"}, "actions": [
        {"action_id": "noise", "value": door.alert_id}]})}).encode()  # fmt: skip
    headers = slack_headers(payload, SIGNING, int(time.time()))
    address = f"{door.url}/alerts/slack"

    assert door.slack("noise", secret="another") == 401
    assert door.slack("noise", age=301) == 401
    assert door.slack("noise", age=-301) == 401
    assert door.slack("noise", headers={"Content-Type": "application/x-www-form-urlencoded"}) == 401
    assert requests.post(address, payload + b"&x=1", headers=headers, timeout=20).status_code == 401
    assert [requests.post(address, payload, headers=headers, timeout=20).status_code for _ in range(3)] == [200] * 3
    assert door.slack("explode") == 400
    assert door.slack("noise", value="no alert") == 400
    assert door.rows("select verdict from delivery.alert_verdicts") == [("noise",)]


def test_answers_go_to_slack_alone(door):
    with receiver() as elsewhere:
        assert door.slack("noise", answer_to=f"{elsewhere.url}/said") == 200
        time.sleep(0.2)
        assert elsewhere.taken == []


def test_who_acknowledges_in_pagerduty_acknowledges_here_until_it_is_taken_back(door):
    assert door.pagerduty("acknowledged", secret="another") == 401
    assert door.pagerduty("acknowledged", age=timedelta(days=8)) == 400
    assert door.pagerduty("triggered") == 200
    assert door.rows(STANDING) == [("notified", None, None)]

    assert door.pagerduty("acknowledged", number="one") == 200
    assert door.rows(STANDING) == [("acknowledged", "pagerduty", None)]
    assert door.pagerduty("unacknowledged") == 200
    assert door.pagerduty("acknowledged", number="one") == 200  # the same event again changes nothing
    assert door.rows(STANDING) == [("notified", None, None)]
