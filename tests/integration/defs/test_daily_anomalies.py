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


def test_the_daily_run_asks_of_every_scope_what_is_worth_telling(mended, lived_in):
    """Five weeks are too few for an answer to most questions, and it says so of each."""
    with lived_in.warehouse.connect(Role.BI) as connection:
        questions = read_frame(connection, sql.SQL("select * from bi.insight_questions"))
    with open_instance() as instance:
        made = instance.get_latest_materialization_event(dg.AssetKey(["analytics", "insights"]))

    assert {"service", "team", "organization"} == set(questions["scope_type"])
    assert len(set(questions["kind"])) == 7
    assert (questions["said"] != "").all()
    assert (questions["status"] == "not_enough_data").any()
    assert "insights to tell" in made.asset_materialization.metadata["told"].value
