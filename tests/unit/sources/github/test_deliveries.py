"""Which deliveries are believed to be GitHub's, and what is kept of them."""

import json
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from roosevelt_pipeline.sources.github.deliveries import is_authentic, parse_body, read_delivery, sign
from roosevelt_pipeline.sources.github.nodes import UnfitError
from roosevelt_pipeline.warehouse.inbox import Hint

# The example that GitHub publishes for testing an implementation.
SECRET, BODY = b"It's a Secret to Everybody", b"Hello, World!"
SIGNATURE = "sha256=757107ea0eb2509fc211221cce984b8a37570b6d7586c22c46f4379c8b043e17"
DELIVERY = "72d3162e-cc78-11e3-81ab-4c9367dc0958"
EXAMPLES = {
    (one["event"], one["payload"].get("action")): one["payload"]
    for one in json.loads((Path(__file__).parents[3] / "contract" / "webhooks.excerpt.json").read_text("utf-8"))
}


def test_the_example_that_github_publishes_is_authentic():
    assert sign(BODY, SECRET) == SIGNATURE
    assert is_authentic(BODY, SIGNATURE, [SECRET])


def test_while_a_secret_is_changed_the_one_before_it_is_good_as_well():
    assert is_authentic(BODY, SIGNATURE, [b"the new one", SECRET])


@pytest.mark.parametrize(
    "signature",
    [
        None,
        "",
        "sha256=",
        SIGNATURE[:-1],
        SIGNATURE + "0",
        SIGNATURE[:-1] + "6",
        SIGNATURE.upper(),
        SIGNATURE.replace("757107ea", "757107EA"),
        SIGNATURE.removeprefix("sha256="),
        SIGNATURE.replace("sha256", "sha1"),
        "sha1=01dc10d0c83e72ed246219cdd91669667fe2ca59",
        "sha256=" + "é" * 64,
        f"{SIGNATURE}, {SIGNATURE}",
    ],
)
def test_anything_else_in_the_header_is_not(signature):
    assert not is_authentic(BODY, signature, [SECRET])


def test_one_flipped_bit_of_the_body_is_enough():
    for place in range(len(BODY)):
        for bit in range(8):
            forged = bytearray(BODY)
            forged[place] ^= 1 << bit
            assert not is_authentic(bytes(forged), SIGNATURE, [SECRET])


def read(event, action=None):
    return read_delivery(event, DELIVERY, EXAMPLES[event, action])


def expected(event, action, kind, **facts):
    return Hint(DELIVERY, event, action, kind, **facts)


HELLO_WORLD = {"repository_id": 186853002, "repository_node_id": "MDEwOlJlcG9zaXRvcnkxODY4NTMwMDI="}
SECOND_CHANGE = {"object_id": 279147437, "object_node_id": "MDExOlB1bGxSZXF1ZXN0Mjc5MTQ3NDM3"}


@pytest.mark.parametrize(
    ("event", "action", "moment"),
    [
        ("pull_request", "closed", "2019-05-15T15:21:18Z"),
        ("pull_request_review", "submitted", "2019-05-15T15:20:38Z"),
        ("pull_request_review_comment", "deleted", "2019-05-15T15:20:38Z"),
    ],
)
def test_whatever_happens_to_a_pull_request_points_at_it(event, action, moment):
    hint = read(event, action)

    assert hint == expected(event, action, "pull_request", **HELLO_WORLD, **SECOND_CHANGE, occurred_at=moment)


def test_what_github_counts_as_an_issue_but_is_a_pull_request_points_at_the_pull_request():
    hint = read("issues", "demilestoned")

    # Its number as an issue, 444500167, is not its number as a pull request.
    assert (hint.kind, hint.object_id, hint.object_node_id) == ("pull_request", None, SECOND_CHANGE["object_node_id"])


@pytest.mark.parametrize(
    ("event", "action", "kind", "number", "claims_removal"),
    [
        ("issues", "deleted", "issue", 444500041, True),
        ("issues", "transferred", "issue", 512748900, True),
        ("issue_comment", "created", "issue", 444500041, False),
        ("deployment", "created", "deployment", 145988746, False),
        ("deployment_status", "created", "deployment", 145988746, False),
        ("release", "published", "release", 17372790, False),
        ("release", "deleted", "release", 17372790, True),
        ("workflow_run", "completed", "workflow_run", 1589141559, False),
        ("push", None, None, None, None),
        ("repository", "renamed", "repository", None, False),
        ("membership", "removed", "teams", None, False),
        ("team", "deleted", "teams", None, False),
        ("organization", "member_added", "teams", None, False),
        ("ping", None, None, None, None),
        ("status", None, None, None, None),
        ("workflow_job", "completed", None, None, None),
    ],
)
def test_each_event_of_the_published_examples_points_at_what_must_be_read_again(
    event, action, kind, number, claims_removal
):
    hint = read(event, action)

    assert (hint and hint.kind, hint and hint.object_id, hint and hint.claims_removal) == (kind, number, claims_removal)


def test_only_a_push_to_the_default_branch_tells_of_new_commits():
    push = EXAMPLES["push", None]  # of a tag
    home = push["repository"]["default_branch"]

    assert read_delivery("push", DELIVERY, push | {"ref": f"refs/heads/{home}", "deleted": False}) == expected(
        "push", None, "commits", **HELLO_WORLD
    )
    assert read_delivery("push", DELIVERY, push | {"ref": f"refs/tags/{home}"}) is None
    assert read_delivery("push", DELIVERY, push | {"ref": "refs/heads/topic"}) is None
    assert read_delivery("push", DELIVERY, push | {"ref": f"refs/heads/{home}", "deleted": True}) is None


@pytest.mark.parametrize(
    ("event", "delivery", "reason"),
    [
        (None, DELIVERY, "missing: X-GitHub-Event"),
        ("pull_request", None, "missing: X-GitHub-Delivery"),
        ("pull_request", "../../etc", "malformed: X-GitHub-Delivery"),
        ("pull request", DELIVERY, "malformed: X-GitHub-Event"),
    ],
)
def test_a_delivery_without_its_headers_is_not_understood(event, delivery, reason):
    with pytest.raises(UnfitError, match=reason):
        read_delivery(event, delivery, EXAMPLES["pull_request", "closed"])


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"pull_request": None}, "missing: pull_request"),
        ({"pull_request": {"id": 1}}, "missing: pull_request.node_id"),
        ({"pull_request": {"id": 2**63, "node_id": "x"}}, "implausible_number: id"),
        ({"pull_request": {"id": 1, "node_id": "Ada Lovelace"}}, "malformed: pull_request.node_id"),
        ({"repository": []}, "not_an_object: repository"),
        ({"repository": {"id": True, "node_id": "x"}}, "not_an_integer: id"),
        ({"action": "closed by Ada"}, "malformed: action"),
    ],
)
def test_an_event_that_does_not_say_what_it_is_about_is_not_understood(change, reason):
    with pytest.raises(UnfitError, match=reason):
        read_delivery("pull_request", DELIVERY, EXAMPLES["pull_request", "closed"] | change)


@pytest.mark.parametrize("body", [b"", b"{", b"[1]", b"null", b"\xff\xfe{}", b"[" * 100_000, b'{"a": ' + b"9" * 9000])
def test_a_body_that_is_no_object_is_not_understood(body):
    with pytest.raises(UnfitError):
        parse_body(body)


JSON = st.recursive(st.none() | st.booleans() | st.integers() | st.text(), lambda inner: st.lists(inner), max_leaves=5)
KEYS = st.sampled_from(["action", "id", "node_id", "repository", "pull_request", "issue", "ref", "updated_at"])


@settings(deadline=None)
@given(st.sampled_from(["pull_request", "issues", "push", "team"]), st.recursive(
    st.dictionaries(KEYS, JSON), lambda inner: st.dictionaries(KEYS, inner | JSON), max_leaves=12))  # fmt: skip
def test_whatever_a_payload_holds_it_is_a_hint_or_nothing_or_not_understood(event, payload):
    try:
        hint = read_delivery(event, DELIVERY, payload)
    except UnfitError:
        return
    assert hint is None or hint.kind in ("pull_request", "issue", "commits", "teams")
