"""Small tables as frames, and back without losing what belongs to the table."""

import pandas as pd
import psycopg
import pytest
from psycopg import sql

from roosevelt_pipeline.warehouse.connections import Role
from roosevelt_pipeline.warehouse.frames import read_frame, replace_rows

ROW = {
    "as_of_date": pd.Timestamp("2026-03-01").date(),
    "scope_type": "service",
    "scope": "ledger",
    "metric": "change_failure_rate_pct",
    "window_days": 28,
    "value": None,
    "unit": "percent",
    "n": 0,
    "tier": None,
    "edition": "roosevelt-2026",
    "status": "no_data",
}
ALL = sql.SQL("select * from analytics.metric_tiers order by as_of_date, scope")


def frame(**changes):
    return pd.DataFrame([ROW | changes])


def test_missing_stays_missing_on_the_way_there_and_back(fresh_warehouse):
    with fresh_warehouse.connect(Role.ANALYTICS) as connection:
        replace_rows(connection, "analytics", "metric_tiers", frame(), where={})
        row = read_frame(connection, ALL).iloc[0]

    assert pd.isna(row["value"])
    assert pd.isna(row["tier"])
    assert row["n"] == 0


def test_a_day_written_again_replaces_itself_and_no_other_day(fresh_warehouse):
    day, other = ROW["as_of_date"], pd.Timestamp("2026-02-01").date()
    with fresh_warehouse.connect(Role.ANALYTICS) as connection:
        replace_rows(connection, "analytics", "metric_tiers", frame(as_of_date=other), where={"as_of_date": other})
        replace_rows(connection, "analytics", "metric_tiers", frame(scope="old"), where={"as_of_date": day})
        replace_rows(connection, "analytics", "metric_tiers", frame(scope="new"), where={"as_of_date": day})
        kept = read_frame(connection, ALL)

    assert kept["scope"].tolist() == ["ledger", "new"]


def test_rows_that_the_table_refuses_leave_the_old_ones_in_place(fresh_warehouse):
    with fresh_warehouse.connect(Role.ANALYTICS) as connection:
        replace_rows(connection, "analytics", "metric_tiers", frame(), where={})
        with pytest.raises(psycopg.errors.CheckViolation):
            replace_rows(connection, "analytics", "metric_tiers", frame(tier="Elite"), where={})
        assert read_frame(connection, ALL)["tier"].isna().all()


def test_writing_keeps_the_tables_grants(fresh_warehouse):
    with fresh_warehouse.connect() as connection:
        connection.execute("grant select on analytics.metric_tiers to roosevelt_bi")
        connection.commit()
    with fresh_warehouse.connect(Role.ANALYTICS) as connection:
        replace_rows(connection, "analytics", "metric_tiers", frame(), where={})
    with fresh_warehouse.connect() as connection:
        answer = connection.execute("select has_table_privilege('roosevelt_bi', 'analytics.metric_tiers', 'select')")
        assert answer.fetchone() == (True,)
