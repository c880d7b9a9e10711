"""The search for anomalies as the daily job runs it."""

import dagster as dg
from psycopg import sql

from roosevelt_pipeline.runs import open_instance
from roosevelt_pipeline.warehouse.connections import Role
from roosevelt_pipeline.warehouse.frames import read_frame


def test_the_daily_run_says_of_every_series_whether_it_can_be_judged(mended, lived_in):
    with lived_in.warehouse.connect(Role.ANALYTICS) as connection:
        states = read_frame(connection, sql.SQL("select * from analytics.metric_anomaly_series"))
    with open_instance() as instance:
        made = instance.get_latest_materialization_event(dg.AssetKey(["analytics", "metric_anomalies"]))

    assert {"service", "team", "organization"} == set(states["scope_type"])
    assert set(states["status"]) <= {"ok", "not_enough_history", "no_data", "too_quiet"}
    assert (states[states["status"] != "ok"]["said"] != "").all()
    assert "series can be judged" in made.asset_materialization.metadata["found"].value
