"""The same past gives the same answer, in whatever order, however often and in whatever batches it came in."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from itertools import groupby, pairwise
from random import Random
from typing import Any
from uuid import uuid4

import pytest

from roosevelt_pipeline.sandbox.company import Company
from roosevelt_pipeline.warehouse.connections import Role, Warehouse
from roosevelt_pipeline.warehouse.landing import land_page
from roosevelt_pipeline.warehouse.records import Record
from roosevelt_pipeline.warehouse.streams import STREAMS
from tests.integration.dbt.tiny import fill_beside, streams
from tests.support.pipeline import MODELS_ONLY, collect_everything, dbt_build, digests, rows, running_company

OBSERVED_AT = datetime(2026, 2, 1, tzinfo=UTC)


@dataclass(frozen=True)
class Page:
    """Records of one stream and scope that one answer of the source brought."""

    stream: str
    scope: str
    observed_at: datetime
    records: tuple[Record, ...]


def test_events_in_another_order_twice_and_in_batches_change_nothing(built, new_warehouse, tmp_path):
    warehouse = new_warehouse()
    fill_beside(warehouse)
    told = [
        Page(stream, "1", OBSERVED_AT, tuple(Record(key, payload) for key, payload in payloads.items()))
        for stream, payloads in streams().items()
    ]

    for batch in shuffled_batches(told, Random(26), batches=2):
        land(warehouse, batch)
        dbt_build(warehouse, tmp_path, *MODELS_ONLY)

    assert rows(warehouse, "select * from raw.rejected_records") == []
    assert digests(warehouse) == digests(built)


@pytest.mark.soak
@pytest.mark.parametrize("seed", range(8))
def test_a_company_read_twice_may_arrive_in_any_order_and_in_any_batches(new_warehouse, tmp_path, seed):
    read, replayed = new_warehouse(), new_warehouse()
    with running_company(Company.of_days(300 + seed, date(2026, 3, 2), 40)) as company:
        assert collect_everything(company, read) == []
        assert collect_everything(company.days_later(5), read) == []
    dbt_build(read, tmp_path, *MODELS_ONLY)
    copy_beside(read, replayed)

    for batch in shuffled_batches(told_to(read), Random(seed), batches=4):
        land(replayed, batch)
        dbt_build(replayed, tmp_path, *MODELS_ONLY)

    assert of_metrics(digests(replayed)) == of_metrics(digests(read))


def shuffled_batches(told: Sequence[Page], rng: Random, batches: int) -> Iterator[list[Page]]:
    """Each record twice, on random pages, in random order; a page again in whichever batch it happens to fall."""
    pages = [*random_pages(told, rng), *random_pages(told, rng)]
    rng.shuffle(pages)
    cuts = [0, *sorted(rng.sample(range(1, len(pages)), batches - 1)), len(pages)]
    for start, end in pairwise(cuts):
        yield pages[start:end]


def random_pages(told: Sequence[Page], rng: Random) -> Iterator[Page]:
    """The same records, put together anew: one to seven of one answer's on a page."""
    for page in told:
        records = list(page.records)
        rng.shuffle(records)
        while records:
            size = rng.randint(1, 7)
            yield replace(page, records=tuple(records[:size]))
            del records[:size]


def land(warehouse: Warehouse, pages: Sequence[Page]) -> None:
    with warehouse.connect(Role.INGEST) as connection:
        for page in pages:
            land_page(connection, page.stream, page.scope, page.records, page.observed_at, uuid4())


def told_to(warehouse: Warehouse) -> list[Page]:
    """Every version that landed, together with what the same answer told."""
    return [
        Page(stream, scope, observed_at, tuple(record_of(version) for version in versions))
        for stream in STREAMS
        for (scope, observed_at), versions in groupby(
            rows(
                warehouse,
                f"""select scope, observed_at, natural_key, payload, source_updated_at, deleted from raw.{stream}
                union all
                select scope, observed_at, natural_key, payload, source_updated_at, deleted from raw.{stream}_versions
                order by scope, observed_at, natural_key""",
            ),
            key=lambda version: (version["scope"], version["observed_at"]),
        )
    ]


def record_of(version: dict[str, Any]) -> Record:
    updated_at: datetime | None = version["source_updated_at"]
    told = updated_at and updated_at.astimezone(UTC).isoformat().replace("+00:00", "Z")
    return Record(version["natural_key"], version["payload"], told, version["deleted"])


def copy_beside(source: Warehouse, target: Warehouse) -> None:
    """What is no stream: persons, accounts, policy and the records of collections."""
    held = {*STREAMS, *(f"{stream}_versions" for stream in STREAMS)}
    tables = [row["name"] for row in rows(source, "select tablename as name from pg_tables where schemaname = 'raw'")]
    with source.connect(Role.OWNER) as reading, target.connect(Role.OWNER) as writing:
        for name in ["vault.persons", *(f"raw.{table}" for table in tables if table not in held)]:
            with (
                reading.cursor().copy(f"copy {name} to stdout".encode()) as out,
                writing.cursor().copy(f"copy {name} from stdin".encode()) as into,
            ):
                for data in out:
                    into.write(data)


def of_metrics(found: dict[str, str]) -> dict[str, str]:
    """Without the health of the data, which is about how they arrived."""
    left_out = ("health", "collections", "findings", "team_members")
    return {name: digest for name, digest in found.items() if not any(word in name for word in left_out)}
