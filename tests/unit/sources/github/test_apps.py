"""Tokens of an App's installation over their hour, by a clock of the test's own."""

import json
from datetime import UTC, datetime

import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from pydantic import SecretStr

from roosevelt_pipeline.sources.github.answers import read_answer
from roosevelt_pipeline.sources.github.apps import App, Installation

NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)


@pytest.fixture(scope="module")
def key():
    private = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    form = (serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    return SecretStr(private.private_bytes(*form).decode())


class GitHub:
    """Gives a new token each time; each lives an hour by its own clock."""

    def __init__(self):
        self.given = 0

    def send(self, _verb, _address, authorization):
        assert authorization.startswith("Bearer ")
        self.given += 1
        body = {"token": f"ghs_{self.given}", "expires_at": "2026-03-02T13:00:00Z", "permissions": {"issues": "read"}}
        return read_answer(201, {"Date": "Mon, 02 Mar 2026 12:00:00 GMT"}, json.dumps(body), NOON)


def test_a_token_serves_until_two_minutes_before_its_end(key):
    now, github = [5000.0], GitHub()
    installation = Installation(App("77", key, 42), github.send, lambda: now[0])
    used = []
    for seconds in (0, 1800, 3479, 3480, 3481):
        now[0] = 5000.0 + seconds
        used.append(installation.authorization())

    assert used == ["token ghs_1"] * 3 + ["token ghs_2"] * 2
    assert installation.permissions == {"issues": "read"}


def test_a_token_that_github_refused_is_not_used_again(key):
    github = GitHub()
    installation = Installation(App("77", key, 42), github.send)
    installation.authorization()
    installation.renew()

    assert installation.authorization() == "token ghs_2"


def test_neither_key_nor_token_is_shown(key):
    app = App("77", key, 42)
    installation = Installation(app, GitHub().send)
    installation.authorization()

    assert "PRIVATE" not in f"{app!r} {installation!r}"
    assert "ghs_" not in f"{app!r} {installation!r}"
