"""When the policy included which repository, as runs find it."""

from datetime import UTC, datetime
from uuid import uuid4

from roosevelt_pipeline.warehouse.connections import Role
from roosevelt_pipeline.warehouse.inclusions import record_discovery


def day(number: int) -> datetime:
    return datetime(2026, 1, number, 1, tzinfo=UTC)


def discover(warehouse, number: int, found: dict[int, str], answered_at: datetime | None = None) -> None:
    with warehouse.connect(Role.INGEST) as connection:
        record_discovery(connection, uuid4(), found, day(number), answered_at)


def periods(warehouse) -> list[tuple]:
    query = "select repository, extract(day from included_from), extract(day from included_until)"
    with warehouse.connect(Role.TRANSFORM) as connection:
        return connection.execute(f"{query} from raw.github_inclusions order by 1, 2").fetchall()


def test_a_repository_that_goes_and_comes_back_has_two_periods(fresh_warehouse):
    discover(fresh_warehouse, 1, {1: "acme/api", 2: "acme/web"})
    discover(fresh_warehouse, 2, {1: "acme/api", 2: "acme/web"})
    discover(fresh_warehouse, 3, {1: "acme/api"})
    discover(fresh_warehouse, 5, {1: "acme/api", 2: "acme/web"})

    assert periods(fresh_warehouse) == [("acme/api", 1, None), ("acme/web", 1, 3), ("acme/web", 5, None)]


def test_a_renamed_repository_stays_included_under_its_new_name(fresh_warehouse):
    discover(fresh_warehouse, 1, {1: "acme/api"})
    discover(fresh_warehouse, 2, {1: "acme/backend"})

    assert periods(fresh_warehouse) == [("acme/backend", 1, None)]


def test_a_run_that_finds_nothing_ends_all_periods_and_is_kept(fresh_warehouse):
    discover(fresh_warehouse, 1, {1: "acme/api"}, answered_at=day(1))
    discover(fresh_warehouse, 2, {})

    assert periods(fresh_warehouse) == [("acme/api", 1, 2)]
    with fresh_warehouse.connect(Role.TRANSFORM) as connection:
        kept = connection.execute("select repositories, answered_at from raw.github_discoveries order by discovered_at")
        assert kept.fetchall() == [(1, day(1)), (0, None)]


def test_transform_sees_where_reading_stopped_but_not_the_positions(fresh_warehouse):
    with fresh_warehouse.connect(Role.TRANSFORM) as connection:
        seen = connection.execute("select * from raw.ingest_cursors")

    assert [column.name for column in seen.description] == [
        "source", "stream", "scope", "lane", "watermark", "complete", "updated_at",
    ]  # fmt: skip
