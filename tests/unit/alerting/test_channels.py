"""An address is a credential: no outcome shows it, whatever is wrong with it."""

import socket

import pytest

from roosevelt_pipeline.alert_settings import AlertRoute
from roosevelt_pipeline.alerting.channels import send
from roosevelt_pipeline.alerting.envelopes import Envelope
from roosevelt_pipeline.settings import Settings

PATH = "services/T000/B000/canary-of-the-webhook"
CONTENT = {"kind": "note", "rule": "failures", "severity": "critical", "title": "daily failed", "text": "Why.",
           "html": None, "day": "2026-03-01", "items": [], "says": "", "owner": None, "runbook": None}  # fmt: skip


@pytest.fixture
def closed_port() -> int:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return int(listener.getsockname()[1])


@pytest.mark.parametrize(
    ("address", "kind"),
    [
        ("http://127.0.0.1:{port}/" + PATH, "not_sent"), ("not an address " + PATH, "refused"),
        ("file:///" + PATH, "refused"), ("http://slack.invalid/" + PATH, "refused"), ("", "not_sent"),
        ("https://[canary/" + PATH, "unknown"),
    ],
)  # fmt: skip
def test_no_failure_shows_the_address(address, kind, closed_port, caplog):
    settings = Settings(slack_webhook=address.format(port=closed_port))
    outcome = send(settings, AlertRoute(name="slack", channel="slack"), Envelope("1", "1", CONTENT, False))

    assert outcome.kind == kind
    assert outcome.reason
    assert "canary" not in outcome.reason + caplog.text


def test_a_token_of_a_bot_is_not_shown_either(closed_port, caplog):
    settings = Settings(
        slack_bot_token="xoxb-canary",
        surveys={"slack_api_url": f"http://127.0.0.1:{closed_port}/api/"},
    )
    caplog.set_level("DEBUG")
    route = AlertRoute(name="slack", channel="slack", to=("C1",))
    outcome = send(settings, route, Envelope("1", "1", CONTENT, False))

    assert outcome.kind == "not_sent"
    assert "canary" not in outcome.reason + caplog.text
