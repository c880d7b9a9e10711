"""Forecasts as the daily job makes them."""

import dagster as dg
from psycopg import sql

from roosevelt_pipeline.runs import open_instance
from roosevelt_pipeline.warehouse.connections import Role
from roosevelt_pipeline.warehouse.frames import read_frame


def test_the_daily_run_forecasts_each_series_or_says_why_not(mended, lived_in):
    with lived_in.warehouse.connect(Role.ANALYTICS) as connection:
        states = read_frame(connection, sql.SQL("select * from analytics.metric_forecast_series"))
        forecasts = read_frame(connection, sql.SQL("select distinct metric from analytics.metric_forecasts"))
    with open_instance() as instance:
        made = instance.get_latest_materialization_event(dg.AssetKey(["analytics", "metric_forecasts"]))

    assert {"service", "team", "organization"} == set(states["scope_type"])
    assert (states["said"] != "").all()
    assert set(forecasts["metric"]) == set(states.loc[states["status"] == "ok", "metric"])
    assert "forecasts by the model" in made.asset_materialization.metadata["found"].value


def test_insights_wait_for_forecasts_and_the_next_run_tells_what_there_is(mended, lived_in, monkeypatch):
    """A day is told once, so it is not told by halves."""
    from roosevelt_pipeline import forecasts
    from roosevelt_pipeline.definitions import defs

    wanted = [dg.AssetKey(["analytics", name]) for name in ("metric_forecasts", "insights")]
    job = defs().resolve_implicit_global_asset_job_def().get_subset(asset_selection=set(wanted))

    def made():
        with open_instance() as instance:
            run = job.execute_in_process(instance=instance, raise_on_error=False)
        return run.success, {one.asset_key for one in run.get_asset_materialization_events()}

    with monkeypatch.context() as broken:
        broken.setattr(forecasts, "forecast_metrics", lambda *_: 1 / 0)
        assert made() == (False, set())
    assert made() == (True, set(wanted))
