"""Files to raw, by the command that people type."""

import resource
from uuid import uuid4

import pytest

from roosevelt_pipeline.imports import import_file
from roosevelt_pipeline.settings import DeploymentImport
from roosevelt_pipeline.warehouse.connections import Role

HEADER = "service,environment,id,sha,status,started_at,finished_at"
GOOD = "web,production,{0},abcdef1,success,2026-03-02T09:00:00Z,2026-03-02T09:05:00Z"


def write(folder, *rows, header=HEADER, name="deploys.csv"):
    path = folder / name
    path.write_text("\n".join([header, *rows]) + "\n", encoding="utf-8")
    return str(path)


def counts(tally):
    return (tally.read, tally.new, tally.changed, tally.unchanged, tally.rejected)


def rows(warehouse, query):
    with warehouse.connect(Role.TRANSFORM) as connection:
        return connection.execute(query.encode()).fetchall()


@pytest.fixture
def load(fresh_warehouse):
    def load(path, settings=None, **options):
        return import_file(fresh_warehouse, path, settings or DeploymentImport(), uuid4(), **options)

    return load


def test_the_same_file_again_changes_nothing_and_a_corrected_one_what_was_corrected(load, fresh_warehouse, tmp_path):
    path = write(tmp_path, *(GOOD.format(number) for number in range(3)))

    assert counts(load(path)) == (3, 3, 0, 0, 0)
    assert counts(load(path)) == (3, 0, 0, 3, 0)

    path = write(tmp_path, GOOD.format(0), GOOD.format(1).replace("success", "failure"), GOOD.format(3))
    assert counts(load(path)) == (3, 1, 1, 1, 0)
    assert rows(fresh_warehouse, "select count(*) from raw.deployment_events_versions") == [(1,)]
    assert counts(load(path)) == (3, 0, 0, 3, 0)


def test_bad_rows_are_told_and_kept_with_their_place_and_the_rest_lands(load, fresh_warehouse, tmp_path):
    path = write(
        tmp_path,
        GOOD.format(1),
        GOOD.format(2).replace("2026-03-02T09:05:00Z", "yesterday, said Ada"),
        GOOD.format(3).replace("success", "Ada"),
        GOOD.format(4).replace("2026-03-02T09:05:00Z", "yesterday"),
        GOOD.format(5),
    )
    told = []

    for _ in range(2):
        tally = load(path, on_reject=told.append)

    assert counts(tally) == (5, 0, 0, 2, 3)
    assert told[:3] == [
        "deploys.csv:3: has 8 cells where the header has 7",
        "deploys.csv:4: status: means nothing we know; say what it means under imports.deployments.statuses",
        "deploys.csv:5: finished_at: is no time; write 2026-03-02T12:00:00Z",
    ]
    kept = rows(
        fresh_warehouse, "select source, stream, natural_key, record, reason from raw.rejected_records order by 3"
    )
    assert [row[:4] for row in kept] == [
        ("import", "deployment_events", f"deploys.csv:{line}", {"file": "deploys.csv", "line": line, "column": column})
        for line, column in ((3, None), (4, "status"), (5, "finished_at"))
    ]
    assert "Ada" not in str(kept)


def test_a_dry_run_says_what_would_happen_and_keeps_nothing(load, fresh_warehouse, tmp_path):
    path = write(tmp_path, GOOD.format(1), GOOD.format(2).replace("success", "odd"), GOOD.format(1))

    assert counts(load(path, dry_run=True)) == (3, 1, 0, 1, 1)
    assert rows(fresh_warehouse, "select 1 from raw.deployment_events") == []
    assert rows(fresh_warehouse, "select 1 from raw.rejected_records") == []


def test_of_two_words_on_one_deployment_in_a_file_the_later_holds(load, fresh_warehouse, tmp_path):
    path = write(tmp_path, GOOD.format(1).replace("success", "failure"), GOOD.format(1), GOOD.format(1))

    assert counts(load(path)) == (3, 1, 1, 1, 0)
    assert rows(fresh_warehouse, "select payload ->> 'status' from raw.deployment_events") == [("success",)]


def test_a_hundred_thousand_rows_take_no_more_memory_than_a_thousand(load, tmp_path):
    small = write(tmp_path, *(GOOD.format(number) for number in range(2_000)), name="small.csv")
    large = write(tmp_path, *(GOOD.format(number) for number in range(40_000)), name="large.csv")
    load(small)
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss

    assert counts(load(large)) == (40_000, 38_000, 0, 2_000, 0)
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 30_000  # kB; the file alone has 3,000
