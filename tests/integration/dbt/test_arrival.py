"""The same past gives the same answer, whatever way it came in and however often it is built."""

from tests.integration.dbt.tiny import fill_raw
from tests.support.pipeline import dbt_build, rows


def test_building_again_from_rows_in_another_order_changes_nothing(built, tmp_path):
    before = digests(built)

    fill_raw(built, backwards=True)
    dbt_build(built, tmp_path, "--exclude-resource-type", "unit_test", "--exclude-resource-type", "test")

    assert digests(built) == before


def digests(warehouse) -> dict[str, str]:
    """What each table of marts and bi holds, whatever the order of its rows."""
    tables = rows(
        warehouse,
        "select schemaname || '.' || tablename as name from pg_tables where schemaname in ('marts', 'bi') order by 1",
    )
    found = {
        table["name"]: rows(
            warehouse, f"select md5(string_agg(t::text, '|' order by t::text)) as digest from {table['name']} as t"
        )[0]["digest"]
        for table in tables
    }
    assert len(found) > 20
    return found
