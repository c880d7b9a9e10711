"""The door for other systems: as the role that they have, with the tools that they have."""

import os
import subprocess
from datetime import timedelta
from uuid import uuid4

import psycopg
import pytest

from roosevelt_pipeline.imports import land_posted_events
from roosevelt_pipeline.psql import connection_environment
from roosevelt_pipeline.warehouse.connections import Role
from roosevelt_pipeline.warehouse.landing import Landed

POST = "insert into ingest.deployment_events ({}) values ({})"
EVENT = {
    "repository": "acme/web",
    "environment": "production",
    "id": "7",
    "sha": "abcdef1",
    "status": "success",
    "finished_at": "2026-03-02T10:00:00Z",
}


def post(connection, **changes):
    event = {name: value for name, value in (EVENT | changes).items() if value is not None}
    connection.execute(POST.format(", ".join(event), ", ".join(f"%({name})s" for name in event)), event)


def landed(warehouse):
    with warehouse.connect(Role.TRANSFORM) as connection:
        rows = connection.execute("select payload from raw.deployment_events order by payload ->> 'id', natural_key")
        return [payload for (payload,) in rows]


def land(warehouse):
    with warehouse.connect(Role.INGEST, autocommit=True) as connection:
        return land_posted_events(connection, uuid4())


def waiting(warehouse):
    with warehouse.connect(Role.INGEST) as connection:
        return connection.execute("select count(*) from ingest.deployment_events").fetchone()[0]


@pytest.mark.parametrize(
    "statement",
    [
        "select 1 from ingest.deployment_events",
        "select received_at from ingest.deployment_events",
        "update ingest.deployment_events set status = 'failure'",
        "delete from ingest.deployment_events",
        "truncate ingest.deployment_events",
        "insert into ingest.deployment_events (environment, received_at) values ('x', now())",
        "insert into ingest.deployment_events (event_number, environment) overriding system value values (1, 'x')",
        "insert into ingest.deployment_events (repository, environment, status, finished_at) "
        "values ('a', 'b', 'success', now()) returning event_number",
        "select 1 from ingest.cursors",
        "select 1 from ingest.migrations",
        "select 1 from raw.deployment_events",
        "select 1 from bi.dora_summary",
        "create table ingest.mine (x int)",
        "create function ingest.mine() returns int language sql as 'select 1'",
        "select vault.key_fits(1, '')",
        "set role roosevelt_ingest",
    ],
)
def test_a_poster_can_do_nothing_but_post(poster, statement):
    with pytest.raises(psycopg.errors.InsufficientPrivilege):
        poster.execute(statement)


def test_ingestion_takes_events_out_and_changes_none(fresh_warehouse):
    with fresh_warehouse.connect(Role.INGEST, autocommit=True) as connection:
        connection.execute("delete from ingest.deployment_events")
        for statement in (
            "update ingest.deployment_events set status = 'failure'",
            "insert into ingest.deployment_events (environment) values ('x')",
        ):
            with pytest.raises(psycopg.errors.InsufficientPrivilege):
                connection.execute(statement)


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"repository": None}, "name a service or a repository"),
        ({"environment": None}, 'null value in column "environment"'),
        ({"environment": ""}, "service, repository, environment, id: 1 to 200 characters"),
        ({"status": None}, 'null value in column "status"'),
        ({"status": "SUCCESS"}, "status is success, failure, cancelled or in_progress"),
        ({"sha": "main"}, "sha is 7 to 64 hexadecimal digits in lower case"),
        ({"attempt": 0}, "attempt is a number from 1 on"),
        ({"finished_at": None}, "in_progress needs started_at, any other status finished_at"),
        ({"status": "in_progress"}, "in_progress needs started_at, any other status finished_at"),
        ({"started_at": "2026-03-02T10:00:01Z"}, "finished_at is not before started_at"),
        ({"finished_at": "2999-01-01T00:00:00Z"}, "times lie between 1990 and one day from now"),
        ({"finished_at": "1970-01-01T00:00:00Z"}, "times lie between 1990 and one day from now"),
        ({"url": "javascript:alert(1)"}, "url begins with https:// or http://"),
    ],
)
def test_nonsense_is_refused_at_the_door_in_words(poster, fresh_warehouse, changes, said):
    with pytest.raises(psycopg.IntegrityError) as caught:
        post(poster, **changes)

    assert said in str(caught.value)
    assert waiting(fresh_warehouse) == 0


def test_what_was_posted_lands_once_and_leaves_the_door(poster, fresh_warehouse):
    post(poster, status="in_progress", finished_at=None, started_at="2026-03-02T09:55:00Z")
    post(poster, url="https://user:pass@ci.test/7?token=1")
    post(poster, url="https://user:pass@ci.test/7?token=2")

    assert land(fresh_warehouse) == Landed(2, 2, 0)
    assert waiting(fresh_warehouse) == 0
    assert [(one["status"], one["started_at"], one["finished_at"], one["url"]) for one in landed(fresh_warehouse)] == [
        ("success", None, "2026-03-02T10:00:00Z", "https://ci.test/7"),
        ("in_progress", "2026-03-02T09:55:00Z", None, None),
    ]

    post(poster)
    post(poster, status="failure")
    assert land(fresh_warehouse) == Landed(1, 1, 0)
    assert {one["status"] for one in landed(fresh_warehouse)} == {"failure", "in_progress"}
    assert land(fresh_warehouse) == Landed()


def test_what_cannot_land_after_all_is_kept_with_its_reason(poster, fresh_warehouse):
    post(poster, repository="line\nbreak")
    post(poster)

    assert land(fresh_warehouse) == Landed(1, 1, 1)
    with fresh_warehouse.connect(Role.TRANSFORM) as connection:
        found = connection.execute("select source, natural_key, reason from raw.rejected_records").fetchall()
    assert found == [("posted", "posted event 1", "repository: holds a control character")]


def test_events_stay_in_the_door_if_landing_them_fails(poster, fresh_warehouse):
    post(poster)
    with fresh_warehouse.connect(Role.OWNER, autocommit=True) as owner:
        owner.execute("alter table raw.deployment_events add constraint broken check (false)")

    with pytest.raises(psycopg.errors.CheckViolation):
        land(fresh_warehouse)
    assert waiting(fresh_warehouse) == 1


def copy(address, columns, text, options):
    """psql's \\copy from standard input."""
    command = f"\\copy ingest.deployment_events ({columns}) from pstdin {options}"
    return subprocess.run(
        ["psql", "-X", "-v", "ON_ERROR_STOP=1", "-c", command],
        env=os.environ | connection_environment(address), input=text, capture_output=True, text=True,
    )  # fmt: skip


JSON_LINES = r"with (format csv, quote E'\x01', delimiter E'\x02')"


def test_json_lines_can_be_copied_in_and_what_they_hold_besides_is_dropped(address, fresh_warehouse):
    lines = (
        '{"service": "web", "environment": "production", "id": 8, "sha": "ABCDEF1", "status": "success",'
        ' "finished_at": "2026-03-02T11:00:00+01:00", "deployed_by": "Ada, \\"the\\" Countess", "attempt": 2}\n'
        '{"repository": "web", "environment": "production", "status": "failure", "finished_at": "2026-03-02T10:00Z"}\n'
    )

    done = copy(address, "document", lines, JSON_LINES)

    assert (done.stdout, done.stderr) == ("COPY 2\n", "")
    with fresh_warehouse.connect(Role.INGEST) as connection:
        kept = connection.execute("select document, service, sha from ingest.deployment_events order by 3").fetchall()
    assert kept == [(None, "web", "abcdef1"), (None, None, None)]
    assert land(fresh_warehouse) == Landed(2, 2, 0)
    assert [(one["id"], one["attempt"], one["finished_at"]) for one in landed(fresh_warehouse)] == [
        ("-@2026-03-02T10:00:00Z", 1, "2026-03-02T10:00:00Z"),
        ("8", 2, "2026-03-02T10:00:00Z"),
    ]


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ('{"service": "web", "environment": "p", "status": "success", "finished_at": "2026-03-02T11:00:00"}',
         "finished_at has no zone; write 2026-03-02T12:00:00Z"),
        ('["web"]', "document is no JSON object"),
        ('{"service": "web", "environment": "p", "status": "success"}', "any other status finished_at"),
        ("{broken", "invalid input syntax for type json"),
    ],
)  # fmt: skip
def test_a_json_line_is_judged_like_any_other_row(address, fresh_warehouse, line, said):
    done = copy(address, "document", line + "\n", JSON_LINES)

    assert done.returncode != 0
    assert said in done.stderr
    assert waiting(fresh_warehouse) == 0


def test_csv_can_be_copied_in_by_naming_its_columns(address, fresh_warehouse):
    done = copy(address, "repository, environment, status, finished_at",
                "web,production,success,2026-03-02T10:00:00Z\n", "with (format csv)")  # fmt: skip

    assert done.stdout == "COPY 1\n"
    assert land(fresh_warehouse) == Landed(1, 1, 0)


def test_two_landings_at_once_do_no_harm(poster, fresh_warehouse):
    for number in range(20):
        post(poster, id=str(number))
    with (
        fresh_warehouse.connect(Role.INGEST, autocommit=True) as one,
        fresh_warehouse.connect(Role.INGEST, autocommit=True, application_name="other") as other,
    ):
        with one.transaction():
            one.execute("delete from ingest.deployment_events where false")
            assert land_posted_events(other, uuid4()).versions == 20
        assert land_posted_events(one, uuid4()) == Landed()
    assert len(landed(fresh_warehouse)) == 20


def test_the_clock_of_the_database_dates_what_arrives(poster, fresh_warehouse):
    post(poster)
    with fresh_warehouse.connect(Role.INGEST) as connection:
        (age,) = connection.execute("select now() - received_at from ingest.deployment_events").fetchone()
    assert timedelta() <= age < timedelta(minutes=5)
