import json
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from roosevelt_pipeline.warehouse.records import Record
from roosevelt_pipeline.warehouse.validation import canonical, prepare

OBSERVED = datetime(2026, 3, 2, tzinfo=UTC)


def prepared(**payload):
    return prepare(Record("1", payload), OBSERVED)


def test_the_order_of_keys_does_not_change_the_content():
    one, _ = prepared(a=1, b=[{"c": 2, "d": 3}])
    other, _ = prepared(b=[{"d": 3, "c": 2}], a=1)

    assert one.content_sha == other.content_sha


@pytest.mark.parametrize("text", ["nul \0 inside", "lone \ud800 surrogate"])
def test_text_that_no_database_holds_is_marked_visibly(text):
    record, rejects = prepared(title=text)

    assert "\N{REPLACEMENT CHARACTER}" in json.loads(record.payload)["title"]
    assert rejects == []


def test_ordinary_unicode_is_kept_as_it_is():
    text = "Störung 🚒 \u202e عربى \\u0000"

    assert json.loads(canonical({"title": text}))["title"] == text


@pytest.mark.parametrize("value", ["1989-12-31T23:59:59Z", "2026-03-03T00:00:01Z", "0001-01-01T00:00:00Z"])
def test_a_record_of_an_implausible_time_is_rejected(value):
    record, rejects = prepared(created_at=value)

    assert record is None
    assert [reject.reason for reject in rejects] == ["implausible_time: created_at"]


def test_a_clock_that_is_off_by_less_than_a_day_is_believed():
    record, rejects = prepared(created_at="2026-03-02T23:00:00Z")

    assert record is not None
    assert rejects == []


def test_a_commit_with_a_wrong_clock_still_counts_without_its_time():
    record, rejects = prepared(commits=[{"oid": "a", "authored_at": "1970-01-01T00:00:00Z"}, {"oid": "b"}])

    assert json.loads(record.payload)["commits"] == [{"authored_at": None, "oid": "a"}, {"oid": "b"}]
    assert [reject.reason for reject in rejects] == ["implausible_time: commits[0].authored_at"]


@pytest.mark.parametrize("value", [2**63, -(2**63) - 1, 1.5, float("nan")])
def test_numbers_that_do_not_fit_are_rejected(value):
    record, rejects = prepared(number=value)

    assert record is None
    assert rejects[0].reason == "implausible_number: number"


def test_the_largest_id_fits():
    assert prepared(number=2**63 - 1)[0] is not None


def test_a_record_that_is_too_large_is_rejected_without_its_content():
    record, rejects = prepared(title="x" * 4_000_001)

    assert record is None
    assert rejects[0].reason.startswith("too_large")
    assert rejects[0].record is None


@pytest.mark.parametrize("key", ["nul \0", "\ud800", "f" * 201])
def test_a_key_that_no_index_holds_is_refused(key):
    record, rejects = prepare(Record(key, {"a": 1}), OBSERVED)

    assert record is None
    assert [reject.reason for reject in rejects] == ["implausible_key"]


VALUES = st.one_of(
    st.none(),
    st.booleans(),
    st.floats(allow_nan=False),
    st.integers(-(2**65), 2**65),
    st.sampled_from(["", "text", "2026-03-03T00:00:00Z", "2026-03-03T00:00:01Z", "1990-01-01T00:00:00Z", "1989"]),
)
KEYS = st.sampled_from(["authored_at", "created_at", "number", "at", "labels"])
ITEMS = st.dictionaries(KEYS, VALUES, max_size=3)
PAYLOADS = st.dictionaries(KEYS, VALUES | st.lists(VALUES | ITEMS, max_size=3), max_size=5)


def leaves(value, key=""):
    """Key and value of everything that stands in a payload, however deep."""
    if isinstance(value, dict):
        return [leaf for name, item in value.items() for leaf in leaves(item, name)]
    if isinstance(value, list):
        return [leaf for item in value for leaf in leaves(item)]
    return [(key, value)]


def is_wrong(key, value):
    if isinstance(value, str):
        return key.endswith("_at") and not "1990-01-01T00:00:00Z" <= value <= "2026-03-03T00:00:00Z"
    return isinstance(value, float) or (isinstance(value, int) and not -(2**63) < value < 2**63)


@given(PAYLOADS)
def test_every_time_and_number_is_judged_wherever_it_stands(payload):
    wrong = [(key, value) for key, value in leaves(payload) if is_wrong(key, value)]

    record, rejects = prepared(**payload)

    assert bool(rejects) == bool(wrong)
    assert (record is not None) == all(key == "authored_at" and isinstance(value, str) for key, value in wrong)
