"""What we send is taken by receivers that are as strict as the real ones, and shown."""

import itertools
import re
import threading
from collections import Counter
from datetime import timedelta

import pytest
import requests
import uvicorn
from starlette.applications import Starlette
from starlette.responses import JSONResponse
from starlette.routing import Mount

from roosevelt_pipeline.alerting import outbox
from roosevelt_pipeline.alerting.evaluation import evaluate
from roosevelt_pipeline.alerting.switching import enable
from roosevelt_pipeline.alerting.trying import try_route
from roosevelt_pipeline.sandbox.alert_receivers import Receivers, routes
from roosevelt_pipeline.sandbox.receivers.mail import mail_server
from roosevelt_pipeline.sandbox.receivers.pagerduty import pagerduty_faults
from roosevelt_pipeline.sandbox.receivers.slack import slack_fault
from roosevelt_pipeline.warehouse.connections import Role
from roosevelt_pipeline.web import server
from tests.integration.alerting.conftest import LAST, morning_after

NOW = morning_after(LAST)
ROUTES = [
    {"name": "slack", "channel": "slack"}, {"name": "webhook", "channel": "webhook"},
    {"name": "pagerduty", "channel": "pagerduty"},
    {"name": "mail", "channel": "email", "to": ["lead@acme.invalid", "nobody@acme.invalid"]},
]  # fmt: skip


@pytest.fixture
def sandbox(request):
    """The receivers by themselves, or below a path of another application, as in the demo."""
    place = getattr(request, "param", "")
    receivers = Receivers(clock=itertools.count(step=2.0).__next__)  # a message a second at most is no subject here
    with mail_server(receivers.arrivals) as receivers.mail, server.listener("127.0.0.1", 0) as socket:
        serving = uvicorn.Server(server.configuration(Starlette(routes=[Mount(place, routes=routes(receivers))])))
        thread = threading.Thread(target=serving.run, kwargs={"sockets": [socket]}, daemon=True)
        thread.start()
        yield receivers, f"http://127.0.0.1:{socket.getsockname()[1]}{place}"
        serving.should_exit = True
        thread.join(10)


def test_all_channels_take_a_storm_and_its_end_and_the_page_shows_it(marts, settings, sandbox):
    receivers, url = sandbox
    known = settings(
        slack_webhook=f"{url}/services/T0/B0/demo", alert_webhook=f"{url}/webhook", alert_webhook_secret="key",
        pagerduty_routing_key="demo", survey_key="5e" * 32, alerts={"pagerduty_url": url, "routes": ROUTES},
        surveys={"smtp_host": "127.0.0.1", "smtp_port": receivers.mail[0], "smtp_ca_file": receivers.mail[1],
                 "sender": "roosevelt@acme.invalid"},
    )  # fmt: skip
    teams = [f"team-{number:02}" * 20 for number in range(25)]
    enable(marts.warehouse, NOW)
    receivers.arrivals.troubles = {"slack": [429], "pagerduty": [500], "email": [451]}
    for day, hits in enumerate((12, 1, 1)):
        marts.failures(LAST + timedelta(days=day), hits, teams=teams)
        evaluate(marts.warehouse, known, NOW + timedelta(days=day))
        for hour in range(2):
            moment = NOW + timedelta(days=day, hours=hour)
            outbox.deliver(marts.warehouse, known, clock=lambda: moment, pause=lambda _: None)  # noqa: B023

    refused = [(one.channel, one.status) for one in receivers.arrived if one.status >= 400]
    # The address that bounces is refused four times: with what opened (twice, as the server refused the first try
    # as a whole), that it bounced, and what is over. It keeps nobody else waiting.
    assert Counter(refused) == {("pagerduty", 500): 1, ("slack", 429): 1, ("email", 451): 1, ("email", 550): 4}
    assert len(receivers.arrivals.incidents) == 25
    assert set(receivers.arrivals.incidents.values()) == {"resolved"}
    mails = [one for one in receivers.arrived if one.channel == "email" and one.status == 250]
    assert [one.body["to"] for one in mails] == ["lead@acme.invalid"] * 3
    shown = requests.get(url, timeout=20).text
    assert shown.count("Quality issue in 25 scopes") >= 4
    assert "the incident is resolved" in shown
    assert "Slack refused (429); it is tried again<" in shown
    assert "E-mail refused (550)<" in shown
    links = re.findall(r'href="#(m\d+)"', shown)
    assert len(links) == 30
    assert all(f"id={link}>" in shown for link in links)
    assert try_route(known, "webhook", NOW).kind == "sent"


def test_the_receivers_refuse_what_the_real_ones_would():
    section = {"type": "section", "text": {"type": "plain_text", "text": "x"}}

    assert slack_fault({"text": "x", "blocks": [section] * 50}) is None
    assert slack_fault({"text": "x", "blocks": [section] * 51}) == "invalid_blocks"
    assert slack_fault({"blocks": [section]}) == "no_text"
    assert slack_fault({"text": "x", "blocks": [{"type": "header", "text": {"type": "mrkdwn", "text": "x"}}]})
    assert pagerduty_faults({"routing_key": "k", "event_action": "resolve", "dedup_key": "a"}) == []
    assert pagerduty_faults({"routing_key": "k", "event_action": "trigger", "payload": {"summary": "x" * 1025}})


@pytest.mark.parametrize("sandbox", ["", "/_sandbox/alerts"], indirect=True)
def test_a_bot_s_message_brings_its_chart_and_is_sent_without_it_if_need_be(marts, settings, sandbox, monkeypatch):
    receivers, url = sandbox
    known = settings(
        slack_webhook=None, slack_bot_token="xoxb-demo", surveys={"slack_api_url": f"{url}/api/"},
        alerts={"routes": [{"name": "slack", "channel": "slack", "to": ["C0DEMO"]}]},
    )  # fmt: skip
    enable(marts.warehouse, NOW)
    for week in range(5, 0, -1):
        marts.failures(LAST - timedelta(days=7 * week), week, teams=["payments", "identity"])
    marts.failures(LAST, 12, teams=["payments"])
    evaluate(marts.warehouse, known, NOW)
    outbox.deliver(marts.warehouse, known, clock=lambda: NOW, pause=lambda _: None)

    [message] = receivers.arrived
    [number] = message.body["files"]
    assert receivers.arrivals.files[number].startswith(b"\x89PNG")
    assert f'src="file/{number}"' in requests.get(url, timeout=20).text

    monkeypatch.setattr(receivers.slack, "_complete", lambda _: JSONResponse({"ok": False, "error": "missing_scope"}))
    marts.failures(LAST + timedelta(days=7), 12, teams=["identity"])
    evaluate(marts.warehouse, known, NOW + timedelta(days=7))
    outbox.deliver(marts.warehouse, known, clock=lambda: NOW + timedelta(days=7), pause=lambda _: None)
    with marts.warehouse.connect(Role.ANALYTICS) as connection:
        tries = connection.execute("select outcome, reason from delivery.alert_attempts order by attempt_id").fetchall()
    assert tries == [("sent", None), ("sent", "without its chart: Slack: missing_scope")]


def test_a_mail_brings_its_chart_in_itself(marts, settings, sandbox):
    receivers, _ = sandbox
    known = settings(
        slack_webhook=None, survey_key="5e" * 32,
        alerts={"routes": [ROUTES[3]], "bounces_to": "bounces@acme.invalid"},
        surveys={"smtp_host": "127.0.0.1", "smtp_port": receivers.mail[0], "smtp_ca_file": receivers.mail[1],
                 "sender": "roosevelt@acme.invalid"},
    )  # fmt: skip
    enable(marts.warehouse, NOW)
    for week in range(5, -1, -1):
        marts.failures(LAST - timedelta(days=7 * week), 12 if week == 0 else week)
    evaluate(marts.warehouse, known, NOW)
    outbox.deliver(marts.warehouse, known, clock=lambda: NOW, pause=lambda _: None)

    body = next(one.body for one in receivers.arrived if one.status == 250)
    page = body["html"]
    assert body["bounces_to"] == "bounces@acme.invalid"  # where a server sends back what it cannot deliver later
    assert 'src="data:image/png;base64,' in page
    assert "cid:" not in page
