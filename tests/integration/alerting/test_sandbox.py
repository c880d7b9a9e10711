"""What we send is taken by receivers that are as strict as the real ones, and shown."""

import itertools
import threading
from datetime import timedelta

import pytest
import requests
import uvicorn

from roosevelt_pipeline.alerting import outbox
from roosevelt_pipeline.alerting.evaluation import evaluate
from roosevelt_pipeline.alerting.switching import enable
from roosevelt_pipeline.alerting.trying import try_route
from roosevelt_pipeline.sandbox.alert_receivers import Receivers, create, pagerduty_faults, slack_fault
from roosevelt_pipeline.web import server
from tests.integration.alerting.conftest import LAST, morning_after

NOW = morning_after(LAST)


@pytest.fixture
def sandbox():
    receivers = Receivers(clock=itertools.count(step=2.0).__next__)  # a message a second at most is no subject here
    with server.listener("127.0.0.1", 0) as socket:
        serving = uvicorn.Server(server.configuration(create(receivers)))
        thread = threading.Thread(target=serving.run, kwargs={"sockets": [socket]}, daemon=True)
        thread.start()
        yield receivers, f"http://127.0.0.1:{socket.getsockname()[1]}"
        serving.should_exit = True
        thread.join(10)


def test_all_channels_take_a_storm_and_its_end_and_the_page_shows_it(marts, settings, sandbox):
    receivers, url = sandbox
    known = settings(
        slack_webhook=f"{url}/services/T0/B0/demo", alert_webhook=f"{url}/webhook", alert_webhook_secret="key",
        pagerduty_routing_key="demo", alerts={"pagerduty_url": url},
    )  # fmt: skip
    teams = [f"team-{number:02}" * 20 for number in range(25)]
    enable(marts.warehouse, NOW)
    receivers.troubles = {"slack": [429], "pagerduty": [500]}
    for day, hits in enumerate((12, 1, 1)):
        marts.failures(LAST + timedelta(days=day), hits, teams=teams)
        evaluate(marts.warehouse, known, NOW + timedelta(days=day))
        for hour in range(2):
            moment = NOW + timedelta(days=day, hours=hour)
            outbox.deliver(marts.warehouse, known, clock=lambda: moment, pause=lambda _: None)  # noqa: B023

    refused = [(one.channel, one.status) for one in receivers.arrived if one.status >= 400]
    assert sorted(refused) == [("pagerduty", 500), ("slack", 429)]
    assert len(receivers.incidents) == 25
    assert set(receivers.incidents.values()) == {"resolved"}
    assert "Quality issue in 25 scopes" in requests.get(url, timeout=20).text
    assert try_route(known, "webhook", NOW).kind == "sent"


def test_the_receivers_refuse_what_the_real_ones_would():
    section = {"type": "section", "text": {"type": "plain_text", "text": "x"}}

    assert slack_fault({"text": "x", "blocks": [section] * 50}) is None
    assert slack_fault({"text": "x", "blocks": [section] * 51}) == "invalid_blocks"
    assert slack_fault({"blocks": [section]}) == "no_text"
    assert slack_fault({"text": "x", "blocks": [{"type": "header", "text": {"type": "mrkdwn", "text": "x"}}]})
    assert pagerduty_faults({"routing_key": "k", "event_action": "resolve", "dedup_key": "a"}) == []
    assert pagerduty_faults({"routing_key": "k", "event_action": "trigger", "payload": {"summary": "x" * 1025}})
