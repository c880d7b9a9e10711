"""The door for webhooks over real HTTP: who gets in, what is kept, and what it survives."""

import contextlib
import json
import random
import socket
from concurrent.futures import ThreadPoolExecutor

import psycopg
import pytest
import requests
from psycopg.conninfo import conninfo_to_dict

from roosevelt_pipeline.settings import Settings, SettingsError
from roosevelt_pipeline.sources.github.deliveries import LARGEST_BODY, sign
from roosevelt_pipeline.warehouse.connections import Role, Warehouse
from roosevelt_pipeline.warehouse.inbox import Letterbox
from roosevelt_pipeline.web.webhooks import Receiver, webhooks
from tests.integration.web.conftest import EXAMPLES, example
from tests.support.door import SECRET

DELIVERY = "72d3162e-cc78-11e3-81ab-4c9367dc0958"
KEPT = "select delivery_id, event, action, kind, repository_id, object_id, attempts, done_at from ingest.webhook_inbox"


def test_a_signed_delivery_is_accepted_and_stands_in_the_inbox(door):
    answer = door.post(example("deployment_status"), "deployment_status", X_GitHub_Delivery=DELIVERY)

    assert (answer.status_code, answer.text) == (202, "accepted")
    assert door.rows(KEPT) == [(DELIVERY, "deployment_status", "created", "deployment", 186853002, 145988746, 0, None)]


def test_the_same_delivery_again_is_welcome_and_changes_nothing(door):
    answers = [door.post(example("release"), "release", X_GitHub_Delivery=DELIVERY) for _ in range(3)]

    assert [answer.status_code for answer in answers] == [202] * 3
    assert [answer.text for answer in answers] == ["accepted", "known already", "known already"]
    assert len(door.rows()) == 1


@pytest.mark.parametrize(
    "headers",
    [
        {"X_Hub_Signature_256": None},
        {"X_Hub_Signature_256": "sha256=" + "0" * 64},
        {"X_Hub_Signature_256": None, "X_Hub_Signature": "sha1=" + "0" * 40},
        {"X_Hub_Signature_256": "sha256=" + "\xe9" * 64},
    ],
)
def test_without_the_right_signature_nothing_is_stored_and_it_is_counted(door, headers):
    answer = door.post(example("pull_request"), **headers)

    assert answer.status_code == 401
    assert door.rows() == []
    assert door.health().json()["webhooks"]["deliveries"] == {"not authentic": 1}


def test_a_wrong_secret_or_one_changed_byte_is_refused(door):
    body = json.dumps(example("pull_request")).encode()

    assert door.post(body, secret="guessed").status_code == 401
    changed = body.replace(b"186853002", b"186853003")
    assert door.post(changed, X_Hub_Signature_256=sign(body, SECRET.encode())).status_code == 401
    assert door.rows() == []


def test_while_the_secret_is_changed_both_are_good_and_afterwards_only_the_new_one(open_door, fresh_warehouse):
    changing = open_door(fresh_warehouse, github_webhook_secret="new", github_webhook_secret_previous=SECRET)
    changed = open_door(fresh_warehouse, github_webhook_secret="new")

    assert [changing.post(example("release"), "release", secret).status_code for secret in ("new", SECRET)] == [202] * 2
    assert [changed.post(example("release"), "release", secret).status_code for secret in ("new", SECRET)] == [202, 401]


@pytest.mark.parametrize("secret", ["", "  ", None])
def test_it_does_not_open_without_a_secret(secret, warehouse):
    with pytest.raises(SettingsError, match="GITHUB_WEBHOOK_SECRET is not set"):
        webhooks(Settings(github_webhook_secret=secret), Letterbox(warehouse))
    with pytest.raises(ValueError, match="believe anybody"):
        Receiver([(secret or "").encode()], Letterbox(warehouse))


def test_ping_is_answered_and_what_is_not_used_is_taken_without_being_kept(door):
    assert door.post(example("ping"), "ping").text == "pong"
    unused = [door.post(example(event), event) for event in ("status", "workflow_job", "push")]

    assert {answer.status_code for answer in unused} == {202}
    assert all(answer.text.startswith("ignored") for answer in unused)
    assert door.rows() == []
    assert door.health().json()["webhooks"]["deliveries"] == {"ping": 1, "ignored": 3}


def test_other_addresses_methods_and_types_are_refused_as_http_has_it(door):
    assert requests.get(door.url + "/webhooks/github", timeout=5).status_code == 405
    assert requests.put(door.url + "/webhooks/github", timeout=5).headers["allow"] == "POST"
    assert requests.post(door.url + "/webhooks/gitlab", timeout=5).status_code == 404
    form = door.post(b"payload=%7B%7D", Content_Type="application/x-www-form-urlencoded")
    assert (form.status_code, form.text) == (415, "set the webhook's content type to application/json")


@pytest.mark.parametrize(
    ("body", "headers", "reason"),
    [
        (b"{", {}, "not_json"),
        (b"[]", {}, "not_an_object"),
        (b"{}", {}, "missing: repository"),
        (b"{}", {"X_GitHub_Event": None}, "missing: X-GitHub-Event"),
        (b"{}", {"X_GitHub_Delivery": "; drop table"}, "malformed: X-GitHub-Delivery"),
    ],
)
def test_a_signed_delivery_that_says_nothing_is_refused_with_the_reason(door, body, headers, reason):
    answer = door.post(body, **headers)

    assert (answer.status_code, answer.text) == (400, f"not understood ({reason})")
    assert door.rows() == []


def test_more_than_github_sends_is_refused_announced_or_not(door):
    def endless():
        for _ in range(LARGEST_BODY // 2**20 + 2):
            yield b" " * 2**20

    headers = {"Content-Type": "application/json"}
    with socket.create_connection(("127.0.0.1", int(door.url.rpartition(":")[2]))) as line:
        line.sendall(
            b"POST /webhooks/github HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n"
            b"Content-Length: 26214401\r\n\r\n"
        )
        assert line.recv(64).startswith(b"HTTP/1.1 413 ")
    with contextlib.suppress(requests.ConnectionError):  # it may hang up before all of it was sent
        assert requests.post(door.url + "/webhooks/github", endless(), headers=headers, timeout=20).status_code == 413
    assert door.health().json()["webhooks"]["deliveries"] == {"too large": 2}


def test_a_thousand_strange_bodies_and_a_cut_line_do_it_no_harm(door):
    rng = random.Random(1901)
    whole = [json.dumps(one["payload"], ensure_ascii=False).encode() for one in EXAMPLES]

    def strange() -> bytes:
        body = bytearray(rng.choice(whole))
        for _ in range(rng.randrange(1, 6)):
            place = rng.randrange(len(body) or 1)
            match rng.randrange(4):
                case 0:
                    body[place : place + 1] = bytes([rng.randrange(256)])
                case 1:
                    del body[place:]
                    body += b"}"
                case 2:
                    body[place:place] = rng.choice([b"\0", b"\xed\xa0\x80", b"null", b'"', b"[" * 2000, b"1e999", b"-"])
                case _:
                    del body[place : place + rng.randrange(1, 50)]
        return bytes(body)

    bodies = [strange() for _ in range(1000)]
    with ThreadPoolExecutor(4) as senders:
        events = ("pull_request", "issues", "push", "release", "team")
        sent = senders.map(lambda place: door.post(bodies[place], events[place % 5]).status_code, range(1000))
        statuses = set(sent)
    with socket.create_connection(("127.0.0.1", int(door.url.rpartition(":")[2]))) as line:
        line.sendall(b"POST /webhooks/github HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n"
                     b"Content-Length: 100\r\n\r\n{")  # fmt: skip

    assert statuses <= {202, 400}
    assert door.post(example("release"), "release").status_code == 202
    assert door.health().status_code == 200


def test_a_flood_of_large_bodies_without_a_signature_is_held_within_bounds(door):
    body = b" " * LARGEST_BODY

    def flood(_: int) -> int:
        try:
            return door.post(body, X_Hub_Signature_256="sha256=" + "0" * 64).status_code
        except requests.ConnectionError:
            return 503  # hung up on

    with ThreadPoolExecutor(8) as senders:
        statuses = list(senders.map(flood, range(8)))

    assert set(statuses) <= {401, 503}
    assert door.post(example("release"), "release").status_code == 202


def test_while_the_database_is_away_deliveries_fail_visibly_and_afterwards_they_are_taken(
    open_door, fresh_warehouse, server
):
    parts = conninfo_to_dict(fresh_warehouse.url)
    door = open_door(fresh_warehouse)
    assert door.post(example("release"), "release").status_code == 202
    with psycopg.connect(server.url(), autocommit=True) as admin:
        admin.execute(f"alter database {parts['dbname']} with allow_connections false")
        admin.execute("select pg_terminate_backend(pid) from pg_stat_activity where datname = %s", [parts["dbname"]])

        answer = door.post(example("release"), "release")
        assert (answer.status_code, answer.headers["retry-after"]) == (503, "60")
        assert door.health().status_code == 503
        assert parts["password"] not in answer.text + door.health().text

        admin.execute(f"alter database {parts['dbname']} with allow_connections true")
    Letterbox.PAUSE_SECONDS, kept = 0.0, Letterbox.PAUSE_SECONDS
    try:
        while door.health().status_code == 503:
            pass
    finally:
        Letterbox.PAUSE_SECONDS = kept
    assert door.post(example("release"), "release").status_code == 202
    assert len(door.rows()) == 2


def test_a_connection_that_was_lost_in_between_is_no_reason_to_refuse(door):
    door.post(example("release"), "release")
    with door.warehouse.connect(autocommit=True) as admin:
        admin.execute(
            "select pg_terminate_backend(pid) from pg_stat_activity where application_name = 'roosevelt receiver' "
            "and datname = current_database()"
        )

    assert door.post(example("release"), "release").status_code == 202
    assert len(door.rows()) == 2


def test_the_receivers_role_may_drop_in_and_nothing_else(warehouse):
    letterbox = Letterbox(warehouse)
    with warehouse.connect(Role.RECEIVER, autocommit=True) as connection:
        for forbidden in (
            "select delivery_id from ingest.webhook_inbox",
            "update ingest.webhook_inbox set done_at = now()",
            "delete from ingest.webhook_inbox",
            "insert into ingest.webhook_inbox (delivery_id, event, kind, done_at, outcome) "
            "values ('x', 'x', 'teams', now(), 'landed')",
            "select * from ingest.cursors",
            "select * from raw.github_pull_requests",
            "select * from vault.persons",
        ):
            with pytest.raises(psycopg.errors.InsufficientPrivilege):
                connection.execute(forbidden)
    letterbox.check()
    letterbox.close()


def test_a_login_with_the_receivers_role_alone_is_enough_for_the_receiver(open_door, fresh_warehouse, server):
    name = conninfo_to_dict(fresh_warehouse.url)["dbname"]
    with psycopg.connect(server.url(), autocommit=True) as admin:
        admin.execute("drop role if exists doorkeeper")
        admin.execute("create role doorkeeper login password 'p' in role roosevelt_receiver")
    try:
        door = open_door(fresh_warehouse, url=server.url(name, "doorkeeper", "p"))

        assert door.post(example("release"), "release").status_code == 202
        with Warehouse(server.url(name, "doorkeeper", "p")).connect(autocommit=True) as connection:
            for forbidden in ("set role roosevelt_ingest", "select 1 from ingest.webhook_inbox"):
                with pytest.raises(psycopg.errors.InsufficientPrivilege):
                    connection.execute(forbidden)
    finally:
        with psycopg.connect(server.url(), autocommit=True) as admin:
            admin.execute("drop role doorkeeper")


def test_nothing_that_names_anybody_or_quotes_them_is_in_the_database(door):
    for one in EXAMPLES:
        assert door.post(one["payload"], one["event"]).status_code == 202

    text = "\n".join(str(row) for row in door.rows())
    said = {value for one in EXAMPLES for value in _texts(one["payload"]) if len(value) > 6}
    words = {"Codertocat", "octocat", "Hello-World", "Spelling error in the README file", "gr2m"}
    assert words & said
    allowed = {value for value in said if value in _ids(EXAMPLES)}
    assert len(door.rows()) > 10
    assert [value for value in said - allowed if value in text] == []


def _texts(value):
    if isinstance(value, dict):
        for key, inner in value.items():
            # States, times and words of GitHub's own name nobody.
            if key not in (
                "action",
                "created_at",
                "updated_at",
                "node_id",
                "pushed_at",
                "submitted_at",
                "type",
                "status",
            ):
                yield from _texts(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from _texts(inner)
    elif isinstance(value, str):
        yield value


def _ids(value):
    if isinstance(value, dict):
        return {v for k, v in value.items() if k == "node_id"} | {i for v in value.values() for i in _ids(v)}
    return {i for v in value for i in _ids(v)} if isinstance(value, list) else set()


def test_two_receivers_before_one_inbox_keep_each_delivery_once(open_door, fresh_warehouse):
    doors = [open_door(fresh_warehouse), open_door(fresh_warehouse)]
    names = [f"00000000-0000-0000-0000-{number:012d}" for number in range(40)] * 2
    with ThreadPoolExecutor(6) as senders:
        answers = list(senders.map(
            lambda place: doors[place % 2].post(example("release"), "release", X_GitHub_Delivery=names[place]).text,
            range(80)))  # fmt: skip

    assert sorted(answers) == ["accepted"] * 40 + ["known already"] * 40
    assert len(doors[0].rows()) == 40


def test_the_warehouse_that_was_never_migrated_is_no_crash_but_a_503(open_door, server):
    server.ensure_database("never_migrated")
    bare = Warehouse(server.url("never_migrated"))

    assert open_door(bare).post(example("release"), "release").status_code == 503
    with psycopg.connect(server.url(), autocommit=True) as admin:
        admin.execute("drop database never_migrated with (force)")
