"""A webhook's address is its credential."""

import socket
import traceback

import pytest
from pydantic import SecretStr

from roosevelt_pipeline.alerting.slack import SlackError, post_text

PATH = "services/T000/B000/canary-of-the-webhook"


@pytest.fixture
def closed_port() -> int:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return int(listener.getsockname()[1])


@pytest.mark.parametrize(
    "address", ["http://127.0.0.1:{port}/" + PATH, "not an address " + PATH, "file:///" + PATH, ""]
)
def test_no_failure_shows_the_address(address, closed_port):
    with pytest.raises(SlackError) as caught:
        post_text(SecretStr(address.format(port=closed_port)), "hello")

    shown = "".join(traceback.format_exception(caught.value))
    assert "canary" not in shown
    assert "SLACK_WEBHOOK" in shown
