import json
import threading
from datetime import UTC, datetime, timedelta
from uuid import uuid4

import psycopg
import pytest

from roosevelt_pipeline.warehouse.connections import Role
from roosevelt_pipeline.warehouse.landing import Cursor, Landed, land_page, read_cursor
from roosevelt_pipeline.warehouse.records import Record, Reject

STREAM = "github_pull_requests"
NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)
RUN = uuid4()


@pytest.fixture
def connection(warehouse):
    with warehouse.connect(Role.OWNER, autocommit=True) as owner:
        owner.execute(f"truncate raw.{STREAM}, raw.{STREAM}_versions, raw.rejected_records, ingest.cursors")
    with warehouse.connect(Role.INGEST, autocommit=True) as connection:
        yield connection


def land(connection, *records, at=NOON, **options):
    return land_page(connection, STREAM, "7", records, at, RUN, **options)


def record(key, state, updated_at=None, *, deleted=False):
    return Record(key, {"state": state}, updated_at, deleted)


def heads(connection):
    rows = connection.execute(f"select natural_key, payload ->> 'state', deleted from raw.{STREAM} order by 1")
    return rows.fetchall()


def history(connection):
    rows = connection.execute(f"select payload ->> 'state' from raw.{STREAM}_versions order by version_id")
    return [state for (state,) in rows]


def test_the_same_page_again_adds_nothing(connection):
    assert land(connection, record("1", "A"), record("2", "B")) == Landed(2, 2, 0)
    assert land(connection, record("2", "B"), record("1", "A"), at=NOON + timedelta(hours=1)) == Landed(2, 0, 0)
    assert history(connection) == []


def test_a_change_and_back_again_are_three_versions(connection):
    for hour, state in enumerate("ABA"):
        land(connection, record("1", state), at=NOON + timedelta(hours=hour))

    assert heads(connection) == [("1", "A", False)]
    assert history(connection) == ["A", "B"]


def test_later_changes_have_greater_version_ids(connection):
    land(connection, record("1", "A"), record("2", "A"))
    land(connection, record("1", "B"), at=NOON + timedelta(hours=1))

    newest, *_ = connection.execute(f"select natural_key from raw.{STREAM} order by version_id desc").fetchone()

    assert newest == "1"


def test_a_page_that_was_observed_earlier_does_not_move_the_head(connection):
    land(connection, record("1", "new"))
    land(connection, record("1", "old"), at=NOON - timedelta(minutes=1))

    assert heads(connection) == [("1", "new", False)]


def test_an_older_state_observed_later_does_not_move_the_head(connection):
    land(connection, record("1", "new", "2026-03-02T11:00:00Z"))
    land(connection, record("1", "old", "2026-03-02T10:00:00Z"), at=NOON + timedelta(hours=1))

    assert heads(connection) == [("1", "new", False)]


def test_of_duplicates_in_a_page_the_newest_lands(connection):
    page = [record("1", "old", "2026-03-02T10:00:00Z"), record("1", "new", "2026-03-02T11:00:00Z")]

    assert land(connection, *page) == Landed(1, 1, 0)
    assert land(connection, *reversed(page), at=NOON + timedelta(hours=1)) == Landed(1, 0, 0)
    assert heads(connection) == [("1", "new", False)]


def test_a_tombstone_is_a_version_that_keeps_what_was_known(connection):
    land(connection, record("1", "A"))

    assert land(connection, Record("1", None, deleted=True), at=NOON + timedelta(hours=1)).versions == 1
    assert heads(connection) == [("1", "A", True)]
    assert land(connection, Record("1", None, deleted=True), at=NOON + timedelta(hours=2)).versions == 0


def test_the_dead_stay_dead_until_something_newer_is_heard_of_them(connection):
    land(connection, record("1", "A", "2026-03-02T10:00:00Z"))
    land(connection, Record("1", None, deleted=True), at=NOON + timedelta(hours=1))

    land(connection, record("1", "A", "2026-03-02T10:00:00Z"), at=NOON)
    land(connection, record("1", "Z", "2026-03-02T09:00:00Z"), at=NOON + timedelta(hours=2))
    assert heads(connection) == [("1", "A", True)]

    land(connection, record("1", "B", "2026-03-02T13:30:00Z"), at=NOON + timedelta(hours=2))
    assert heads(connection) == [("1", "B", False)]


def test_a_tombstone_of_something_unknown_is_nothing(connection):
    land(connection, Record("1", None, deleted=True))

    assert heads(connection) == []


def test_the_cursor_moves_with_its_page(connection):
    cursor = Cursor("backfill", {"after": "x"}, NOON, complete=True)

    land(connection, record("1", "A"), cursor=cursor)

    assert read_cursor(connection, STREAM, "7", "backfill") == cursor
    assert read_cursor(connection, STREAM, "8", "backfill") == Cursor("backfill")


def die_before_the_commit(warehouse):
    cursor = Cursor("backfill", {"after": "x"})
    with warehouse.connect(Role.INGEST, autocommit=True) as victim, victim.transaction():
        assert land_page(victim, STREAM, "7", [record("1", "A")], NOON, RUN, cursor=cursor).versions == 1
        with warehouse.connect(autocommit=True) as admin:
            admin.execute("select pg_terminate_backend(%s)", (victim.info.backend_pid,))


def test_a_crash_before_the_commit_leaves_neither_rows_nor_cursor(warehouse, connection):
    with pytest.raises(psycopg.OperationalError):
        die_before_the_commit(warehouse)

    assert heads(connection) == []
    assert read_cursor(connection, STREAM, "7", "backfill") == Cursor("backfill")


def test_what_does_not_fit_is_kept_with_its_reason_once_and_the_rest_lands(connection):
    page = [record("1", "A"), Record("2", {"created_at": "1970-01-01T00:00:00Z"}), record("3", "nul \0")]

    for hour in range(2):
        landed = land(connection, *page, at=NOON + timedelta(hours=hour), rejects=[Reject(None, "no key", {"x": 1})])

    assert landed.rejects == 2
    assert heads(connection) == [("1", "A", False), ("3", "nul \N{REPLACEMENT CHARACTER}", False)]
    rows = connection.execute("select natural_key, reason, record from raw.rejected_records order by reason").fetchall()
    assert rows[0] == ("2", "implausible_time: created_at", {"created_at": "1970-01-01T00:00:00Z"})
    assert (rows[1][1:], len(rows[1][0])) == (("no key", {"x": 1}), 64)
    assert len(rows) == 2


def test_workers_that_land_the_same_keys_at_once_land_each_once(warehouse, connection):
    def work(number):
        with warehouse.connect(Role.INGEST, autocommit=True) as mine:
            for page in range(5):
                records = [record(str(key), f"{page}") for key in range(page * 20, page * 20 + 40)]
                land_page(mine, STREAM, "7", records, NOON + timedelta(minutes=page), RUN)

    threads = [threading.Thread(target=work, args=(number,)) for number in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    # Keys 20 to 79 are in two pages: 0-39, 20-59, 40-79, 60-99, 80-119.
    assert len(heads(connection)) == 120
    assert len(history(connection)) == 80


def test_an_object_that_changes_hands_is_filed_under_its_new_repository(connection):
    land_page(connection, STREAM, "7", [record("1", "A")], NOON, RUN)
    land_page(connection, STREAM, "8", [record("1", "B")], NOON + timedelta(hours=1), RUN)

    assert connection.execute(f"select scope from raw.{STREAM}").fetchall() == [("8",)]
    assert connection.execute(f"select scope from raw.{STREAM}_versions").fetchall() == [("7",)]


def test_the_content_hash_is_that_of_the_payload(connection):
    land(connection, Record("1", {"b": [1, {"ä": None}], "a": "x"}))

    sha, payload = connection.execute(f"select content_sha, payload from raw.{STREAM}").fetchone()

    text = json.dumps(payload, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    assert connection.execute("select sha256(convert_to(%s, 'UTF8'))", (text,)).fetchone() == (sha,)
