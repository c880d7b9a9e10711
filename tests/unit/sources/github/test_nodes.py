import json

import pytest

from roosevelt_pipeline.sources.github.nodes import UnfitError, instant, integer, person, scrubbed, sort_out
from roosevelt_pipeline.warehouse.records import Record


def test_instants_are_brought_to_utc_and_to_the_second():
    assert instant({"at": "2026-03-29T03:30:00.25+05:30"}, "at") == "2026-03-28T22:00:00Z"
    assert instant({"at": "0001-01-01T00:00:00Z"}, "at") == "0001-01-01T00:00:00Z"


@pytest.mark.parametrize("value", ["2026-03-29T03:30:00", "yesterday", "2026-13-01T00:00:00Z", 12, None])
def test_what_is_no_instant_makes_a_record_unfit(value):
    with pytest.raises(UnfitError):
        instant({"at": value}, "at")


def test_large_ids_arrive_as_text_and_too_large_ones_are_unfit():
    assert integer({"id": "9007199254740993"}, "id") == 9007199254740993
    for value in (2**63, True, 1.5, "12a", None):
        with pytest.raises(UnfitError):
            integer({"id": value}, "id")


def test_an_account_that_is_gone_is_nobody():
    assert person(None) is None
    assert person({"__typename": "EnterpriseUserAccount", "login": "x"}) is None


def test_what_does_not_fit_is_set_aside_and_the_rest_is_read():
    def read(node):
        return Record(str(integer(node, "databaseId")), {})

    records, rejects = sort_out([{"databaseId": 1}, {"databaseId": "x"}, None, {"databaseId": 3}], read)

    assert [record.natural_key for record in records] == ["1", "3"]
    assert [reject.reason for reject in rejects] == ["not_an_integer: databaseId", "not_an_object"]


def test_a_reject_names_and_quotes_nobody():
    node = {
        "databaseId": 5, "title": "canary title", "createdAt": "soon", "labels": {"nodes": [{"name": "canary"}]},
        "author": {"login": "canary", "databaseId": 4711}, "body": "canary", "state": "OPEN",
        "actor": {"id": 4711},
        "commits": {"nodes": [{"commit": {"author": {"email": "canary@x"}, "message": "canary"}}]},
    }  # fmt: skip

    kept = json.dumps(scrubbed(node))

    assert "canary" not in kept
    assert "4711" not in kept
    assert '"databaseId": 5' in kept
    assert '"state": "OPEN"' in kept
