"""`select refresh_dora_summary();` leads to a run, and ten of them lead to one."""

from collections.abc import Iterator

import dagster as dg
import psycopg
import pytest

from roosevelt_pipeline.defs.requests import requested_daily, requested_weekly
from roosevelt_pipeline.warehouse.connections import Role, Warehouse
from roosevelt_pipeline.warehouse.roles import READER, ensure_reader


@pytest.fixture
def instance() -> Iterator[dg.DagsterInstance]:
    with dg.DagsterInstance.ephemeral() as one:
        yield one


def ask(warehouse: Warehouse, function: str) -> int:
    with warehouse.connect(Role.BI) as connection:
        (number,) = connection.execute(f"SELECT {function}();").fetchone()
    return number


def look(sensor, warehouse, instance, cursor=None):
    return sensor(
        dg.build_sensor_context(instance=instance, cursor=cursor, resources={"warehouse_unlocked": warehouse})
    )


def open_requests(warehouse):
    with warehouse.connect(Role.ANALYTICS) as connection:
        found = connection.execute("select request_number from delivery.run_requests where taken_at is null order by 1")
        return [number for (number,) in found]


def test_several_open_requests_are_one_run_and_are_taken_once_it_is_there(fresh_warehouse, instance):
    numbers = [ask(fresh_warehouse, "refresh_dora_summary") for _ in range(3)]

    first = look(requested_daily, fresh_warehouse, instance)
    assert [(one.run_key, one.tags["roosevelt/request"]) for one in first.run_requests] == [
        (f"request-{numbers[-1]}", str(numbers[-1]))
    ]
    assert open_requests(fresh_warehouse) == numbers  # until Dagster has kept the cursor, the run may not be there

    assert isinstance(look(requested_daily, fresh_warehouse, instance, first.cursor), dg.SkipReason)
    assert open_requests(fresh_warehouse) == []


def test_a_look_that_died_before_its_run_was_there_asks_for_the_same_run_again(fresh_warehouse, instance):
    ask(fresh_warehouse, "refresh_dora_summary")

    died, again = (look(requested_daily, fresh_warehouse, instance) for _ in range(2))

    assert died.run_requests[0].run_key == again.run_requests[0].run_key


def test_what_is_asked_for_while_a_run_goes_on_gets_one_of_its_own_after_it(fresh_warehouse, instance):
    first = ask(fresh_warehouse, "refresh_dora_summary")
    cursor = look(requested_daily, fresh_warehouse, instance).cursor
    run = dg.DagsterRun(job_name="daily", status=dg.DagsterRunStatus.STARTED)
    instance.add_run(run)
    later = [ask(fresh_warehouse, "refresh_dora_summary") for _ in range(2)]

    assert isinstance(look(requested_daily, fresh_warehouse, instance, cursor), dg.SkipReason)
    assert open_requests(fresh_warehouse) == later
    instance.delete_run(run.run_id)
    asked = look(requested_daily, fresh_warehouse, instance, cursor)

    assert [one.run_key for one in asked.run_requests] == [f"request-{later[-1]}"]
    assert first < later[0]


def test_each_function_asks_for_its_own_job(fresh_warehouse, instance):
    ask(fresh_warehouse, "aggregate_space_metrics")

    assert isinstance(look(requested_daily, fresh_warehouse, instance), dg.SkipReason)
    assert len(look(requested_weekly, fresh_warehouse, instance).run_requests) == 1


def test_a_login_that_only_reads_is_told_what_to_say_and_then_may(fresh_warehouse):
    with fresh_warehouse.connect(autocommit=True) as admin:
        ensure_reader(admin, "secret")
    url = psycopg.conninfo.make_conninfo(fresh_warehouse.url, user=READER, password="secret")

    with psycopg.connect(url, autocommit=True) as reader:
        with pytest.raises(psycopg.errors.ReadOnlySqlTransaction, match="only reads") as refused:
            reader.execute("SELECT refresh_dora_summary();")
        assert refused.value.diag.message_hint == "Say: begin read write; select refresh_dora_summary(); commit;"
        reader.execute("begin read write")
        assert reader.execute("select refresh_dora_summary()").fetchone() is not None
        reader.execute("commit")
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            reader.execute("select * from delivery.run_requests")
    assert len(open_requests(fresh_warehouse)) == 1


def test_a_warehouse_that_is_away_is_a_reason_and_no_failure(instance):
    away = Warehouse("postgresql://nobody@127.0.0.1:1/none")

    assert isinstance(look(requested_daily, away, instance), dg.SkipReason)
