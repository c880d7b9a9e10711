"""Requests are signed and believed as Slack's own documentation has it: its worked example, word for word."""

from datetime import UTC, datetime, timedelta

import pytest
from starlette.applications import Starlette
from starlette.testclient import TestClient

from roosevelt_pipeline.sandbox.receivers.pressing import slack_headers
from roosevelt_pipeline.settings import Settings
from roosevelt_pipeline.web.alerts.buttons import SLACK, Pressed, Route

# docs.slack.dev, "Verifying requests from Slack".
SECRET, STAMP = "8f742231b10e8888abcd99yyyzzz85a5", 1531420618
BODY = (
    b"token=xyzz0WbapA4vBCDEFasx0q6G&team_id=T1DC2JH3J&team_domain=testteamnow&channel_id=G8PSS9T3V&channel_name=foobar"
    b"&user_id=U2CERLKJA&user_name=roadrunner&command=%2Fwebhook-collect&text=&response_url=https%3A%2F%2Fhooks.slack.com"
    b"%2Fcommands%2FT1DC2JH3J%2F397700885554%2F96rGlfmibIGlgcZRskXaIFfN&trigger_id=398738663015.47445629121."
    b"803a0bc887a14d10d2c447fce8b6703c"
)
SIGNATURE = "v0=a2114d57b48eac39b9ad189dd8316235a7b4a8d21a10bd27519666489c69b503"


def test_the_sandbox_signs_as_slack_does():
    assert slack_headers(BODY, SECRET, STAMP)["X-Slack-Signature"] == SIGNATURE


@pytest.mark.parametrize(
    ("late", "secret", "status"),
    # What is authentic is no button and so not understood; all else is not believed.
    [(299, SECRET, 400), (301, SECRET, 401), (-301, SECRET, 401), (0, "another", 401), (0, " ", 401)],
)
def test_slack_s_example_is_believed_for_five_minutes_and_by_its_secret_alone(late, secret, status):
    now = datetime.fromtimestamp(STAMP, UTC) + timedelta(seconds=late)
    pressed = Pressed(Settings(slack_signing_secret=secret), None, b"k", lambda: now)
    app = Starlette(routes=[Route(SLACK, pressed.slack, methods=["POST"])])
    headers = {"X-Slack-Request-Timestamp": str(STAMP), "X-Slack-Signature": SIGNATURE}

    assert TestClient(app).post(SLACK, content=BODY, headers=headers).status_code == status
