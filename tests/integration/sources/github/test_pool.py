"""Several tokens, GitHub Apps and Enterprise addresses, over real HTTP."""

from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, HTTPServer
from threading import Thread
from typing import ClassVar

import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from pydantic import SecretStr

from roosevelt_pipeline.sandbox.apps import App as KnownApp
from roosevelt_pipeline.sandbox.apps import Installation
from roosevelt_pipeline.sandbox.faults import Fault
from roosevelt_pipeline.sandbox.limits import UNLIMITED
from roosevelt_pipeline.sandbox.server import create_app, serve
from roosevelt_pipeline.sandbox.tokens import Token
from roosevelt_pipeline.settings import Settings
from roosevelt_pipeline.sources.github.access import check_access
from roosevelt_pipeline.sources.github.apps import App
from roosevelt_pipeline.sources.github.client import GitHubClient
from roosevelt_pipeline.sources.github.errors import GitHubError, NotFoundError, TokenError
from roosevelt_pipeline.sources.github.opening import credentials
from roosevelt_pipeline.sources.github.repositories import discover
from roosevelt_pipeline.sources.github.tokens import Credentials
from tests.integration.sandbox import handmade

SETTINGS = Settings(github={"organization": "acme"})


def pair() -> tuple[str, str]:
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    private = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    public = key.public_key().public_bytes(serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo)
    return private.decode(), public.decode()


PRIVATE, PUBLIC = pair()


@pytest.fixture
def start():
    running = []

    def begin(now=None, apps=(), **tokens):
        app = create_app(handmade.store(), tokens=tokens, limits=UNLIMITED, now=now, apps=apps)
        running.append(serve(app))
        return running[-1]

    yield begin
    for one in running:
        one.stop()


def fail(sandbox, match, kind, **script):
    sandbox.state.faults.add(Fault.of({"match": match, "kind": kind} | script))


def used(sandbox, login, resource="core"):
    return sandbox.state.limiter.budget(login, resource).used


def app_of(sandbox, private=PRIVATE, installation_id=None, organization="acme"):
    app = App("77", SecretStr(private), installation_id, organization)
    return GitHubClient(Credentials((), app), sandbox.url, sleep=lambda _: None)


def known(**installations):
    return KnownApp(77, PUBLIC, {int(name[1:]): one for name, one in installations.items()})


# Tokens


def test_while_one_token_is_held_back_another_persons_is_used(start):
    sandbox = start(one=Token("carol"), two=Token("dave"))
    client = GitHubClient("one, two", sandbox.url, sleep=pytest.fail)
    fail(sandbox, "/releases", "secondary", status=403, retry_after=30)

    client.rest("/repos/acme/api/releases")

    assert used(sandbox, "dave") == 2  # who am I, and the releases


def test_tokens_of_one_person_are_one_budget_and_are_held_back_together(start):
    sandbox = start(one=Token("carol"), two=Token("carol"))
    waits = []
    client = GitHubClient("one,two", sandbox.url, sleep=waits.append)
    fail(sandbox, "/releases", "secondary", status=429, retry_after=30)

    client.rest("/repos/acme/api/releases")

    assert waits == [30]


def test_one_token_alone_is_not_asked_whose_it_is(start):
    sandbox = start(one=Token("carol"))

    GitHubClient("one", sandbox.url).rest("/repos/acme/api/releases")

    assert sandbox.state.journal.summary()["operations"] == {"GET /repos/acme/api/releases": 1}


def test_a_token_that_is_revoked_is_left_out_and_the_others_go_on(start):
    carol, dave = Token("carol"), Token("dave")
    sandbox = start(one=carol, two=dave)
    client = GitHubClient("one,two", sandbox.url)
    client.rest("/repos/acme/api")
    carol.expired = True

    for _ in range(3):
        client.rest("/repos/acme/api")

    assert sandbox.state.journal.summary()["statuses"]["401"] == 1
    dave.expired = True
    with pytest.raises(TokenError, match=r"token 1: .*expired.*; token 2: .*expired"):
        client.rest("/repos/acme/api")


def test_a_token_twice_is_one(start):
    sandbox = start(one=Token("carol"))

    assert [one.label for one in GitHubClient("one, one", sandbox.url).members] == ["token 1"]


# Apps


def test_an_app_is_found_by_its_organisation_and_reads_all_that_it_may(start):
    sandbox = start(apps=[known(_41=Installation("other"), _42=Installation("Acme"))])

    found = discover(app_of(sandbox), SETTINGS)

    assert [one.name for one in found] == ["api", "web"]
    assert used(sandbox, "app 77 installation 42", "graphql") == 1


def test_an_app_is_preferred_to_a_token(start):
    sandbox = start(apps=[known(_42=Installation("acme"))], one=Token("carol"))
    both = Credentials((SecretStr("one"),), App("77", SecretStr(PRIVATE), 42))

    GitHubClient(both, sandbox.url).rest("/repos/acme/api")

    assert (used(sandbox, "carol"), used(sandbox, "app 77 installation 42")) == (0, 1)


def test_a_token_of_an_app_that_github_refuses_is_renewed(start):
    begin = datetime(2026, 3, 2, 12, tzinfo=UTC)
    sandbox = start(now=begin, apps=[known(_42=Installation("acme"))])
    client = app_of(sandbox, installation_id=42)
    client.rest("/repos/acme/api")
    client.rest("/repos/acme/api")
    assert sandbox.state.journal.summary()["statuses"]["201"] == 1

    sandbox.state.now = begin + timedelta(hours=2)
    client.rest("/repos/acme/api")

    assert sandbox.state.journal.summary()["statuses"]["201"] == 2


def test_a_machine_whose_clock_is_hours_off_signs_in_githubs_time(start):
    sandbox = start(now=datetime(2026, 3, 2, 12, tzinfo=UTC), apps=[known(_42=Installation("acme"))])

    app_of(sandbox).rest("/repos/acme/api")

    assert sandbox.state.journal.summary()["statuses"] == {"401": 1, "200": 2, "201": 1}


def test_an_app_that_is_not_installed_is_told_as_such(start):
    sandbox = start(apps=[known(_41=Installation("other"))])

    with pytest.raises(TokenError, match="app 77 in acme: it is not installed in 'acme'"):
        app_of(sandbox).rest("/repos/acme/api")
    with pytest.raises(TokenError, match="app 77 installation 99: it has no installation 99; check"):
        app_of(sandbox, installation_id=99).rest("/repos/acme/api")


def test_a_suspended_installation_is_told_as_such(start):
    sandbox = start(apps=[known(_42=Installation("acme", suspended=True))])

    with pytest.raises(TokenError, match="app 77 in acme: its installation is suspended"):
        app_of(sandbox).rest("/repos/acme/api")


def test_a_key_of_another_app_is_refused_without_showing_it(start):
    sandbox = start(apps=[known(_42=Installation("acme"))])
    other, _ = pair()

    with pytest.raises(TokenError, match="app 77 in acme: GitHub refuses its key") as refused:
        app_of(sandbox, private=other).rest("/repos/acme/api")

    assert other[40:80] not in str(refused.value)


@pytest.mark.parametrize(
    "key", ["not a key", "-----BEGIN PRIVATE KEY-----\nc2VjcmV0LWNhbmFyeQ==\n-----END PRIVATE KEY-----"]
)
def test_a_key_that_is_none_is_refused_without_showing_it(start, key):
    with pytest.raises(TokenError, match="GITHUB_APP_PRIVATE_KEY is not a private key") as refused:
        app_of(start(), private=key).rest("/repos/acme/api")

    assert key not in str(refused.value)
    assert "c2Vj" not in str(refused.value)


def test_when_github_cannot_give_a_token_now_that_is_no_fault_of_the_key(start):
    sandbox = start(apps=[known(_42=Installation("acme"))])
    fail(sandbox, "access_tokens", "status", status=500, times=3)

    app_of(sandbox, installation_id=42).rest("/repos/acme/api")


# Settings


@pytest.mark.parametrize("given", ["one,two", " one , two ,", "one,one,two"])
def test_tokens_are_separated_by_commas(given):
    assert [one.get_secret_value() for one in credentials(Settings(github_token=given)).tokens] == ["one", "two"]


def test_the_key_of_an_app_may_stand_in_a_file_or_in_one_line(tmp_path):
    path = tmp_path / "app.pem"
    path.write_text(PRIVATE)
    by_file = credentials(Settings(github_app_id="77", github_app_private_key_file=path))
    by_line = credentials(Settings(github_app_id="77", github_app_private_key=PRIVATE.replace("\n", "\\n")))

    assert by_file.app is not None
    assert by_file.app.private_key == by_line.app.private_key


def test_an_app_that_is_named_in_part_is_told_what_is_missing(tmp_path):
    with pytest.raises(TokenError, match="GITHUB_APP_ID is not set"):
        credentials(Settings(github_app_private_key=PRIVATE))
    with pytest.raises(TokenError, match="GITHUB_APP_ID needs GITHUB_APP_PRIVATE_KEY"):
        credentials(Settings(github_app_id="77"))
    with pytest.raises(TokenError, match="No such file"):
        credentials(Settings(github_app_id="77", github_app_private_key_file=tmp_path / "none.pem"))


# Enterprise, and nobody else's server


@pytest.mark.parametrize("prefix", ["", "/api/v3", "/api/v3/"])
def test_everything_goes_to_the_configured_server_below_its_prefix(start, prefix):
    sandbox = start(apps=[known(_42=Installation("acme"))], one=Token("carol"), two=Token("dave"))
    app = App("77", SecretStr(PRIVATE), None, "acme")
    client = GitHubClient(Credentials((SecretStr("one"), SecretStr("two")), app), sandbox.url + prefix)

    client.rest("/rate_limit")
    assert [one.name for one in discover(client, SETTINGS)] == ["api", "web"]
    assert len(list(client.rest_pages("/repos/acme/api/actions/runs", {"per_page": 50}))) == 3

    path = "/api/v3" if prefix else ""
    asked = sandbox.state.journal.summary()["operations"]
    assert all(name == "OrganizationRepositories" or f" {path}/" in name for name in asked), asked
    assert {f"GET {path}/user", f"GET {path}/orgs/acme/installation", f"GET {path}/rate_limit"} <= set(asked)


def test_an_enterprise_server_without_limits_is_asked_without_end(start):
    sandbox = start(one=Token("carol"))
    fail(sandbox, "/rate_limit", "status", status=404)
    gone = dict.fromkeys(("x-ratelimit-limit", "x-ratelimit-remaining", "x-ratelimit-reset"))
    fail(sandbox, "releases", "headers", times=20, headers=gone)
    client = GitHubClient("one", sandbox.url + "/api/v3", sleep=pytest.fail)

    with pytest.raises(NotFoundError):
        client.rest("/rate_limit")
    for _ in range(14):
        client.rest("/repos/acme/api/releases")


class Stranger(BaseHTTPRequestHandler):
    """Another server, which writes down what it is sent."""

    seen: ClassVar[list[str]] = []

    def do_GET(self):
        self.seen.append(str(self.headers))
        self.send_response(200)
        self.end_headers()

    do_POST = do_GET  # noqa: N815

    def log_message(self, *_):
        pass


@pytest.mark.parametrize("status", [301, 302, 307, 308])
def test_a_redirect_to_another_server_never_brings_it_the_token(start, status):
    stranger = HTTPServer(("127.0.0.1", 0), Stranger)
    Thread(target=stranger.serve_forever, daemon=True).start()
    try:
        sandbox = start(one=Token("carol"))
        address = f"http://127.0.0.1:{stranger.server_port}"
        fail(sandbox, "releases|graphql", "status", status=status, times=9, headers={"location": f"{address}/releases"})
        client = GitHubClient("one", sandbox.url)

        with pytest.raises(GitHubError, match="redirected to another server"):
            client.rest("/repos/acme/api/releases")
        with pytest.raises(GitHubError, match="redirected to another server"):
            client.graphql("repository_head", {"owner": "acme", "name": "api"})
        assert Stranger.seen == []
    finally:
        stranger.shutdown()
        stranger.server_close()


def test_a_repository_that_moved_is_followed_with_the_whole_question(start):
    sandbox = start(one=Token("carol"))
    sandbox.state.renamed = {"old": "api"}

    answer = GitHubClient("one", sandbox.url).rest("/repos/acme/old/actions/runs", {"per_page": 2, "page": 3})

    assert len(answer.document["workflow_runs"]) == 2
    assert "page=4" in answer.headers["link"]


# What doctor tells of each


def told(client):
    return [(one.subject, one.ok, one.message) for one in check_access(client, SETTINGS)]


def test_each_token_and_app_is_told_with_what_is_left_of_its_hour(start):
    sandbox = start(apps=[known(_42=Installation("acme"))], one=Token("carol"), two=Token("dave"))
    app = App("77", SecretStr(PRIVATE), 42)
    client = GitHubClient(Credentials((SecretStr("one"), SecretStr("two")), app), sandbox.url)

    findings = {subject: (ok, message) for subject, ok, message in told(client)}

    assert [subject for subject, (ok, _) in findings.items() if not ok] == []
    for label in ("app 77 installation 42", "token 1", "token 2"):
        assert "of 1,000,000,000 requests, " in findings[label][1]
        assert f"permission Issues, {label}" in findings


def test_a_token_that_sees_fewer_repositories_than_another_is_told(start):
    sandbox = start(one=Token("carol"), two=Token("dave", repositories=frozenset({"web"})))

    findings = told(GitHubClient("one,two", sandbox.url))

    assert (
        f"GitHub {sandbox.url.removeprefix('http://')}, token 2", False, "sees 1 repositories where another sees 2",
    ) in findings  # fmt: skip


def test_a_token_of_several_that_is_refused_is_named_and_the_others_are_looked_at(start):
    sandbox = start(one=Token("carol", expired=True), two=Token("dave"))

    findings = told(GitHubClient("one,two", sandbox.url))

    wrong = [(subject, message) for subject, ok, message in findings if not ok]
    assert len(wrong) == 1
    assert wrong[0][0].endswith(", token 1")
    assert "expired" in wrong[0][1]
    assert ("organisation acme", True, "2 of 2 repositories") in findings
