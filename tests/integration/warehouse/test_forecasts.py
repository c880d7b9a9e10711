"""From measured days in the marts to forecasts in analytics: a team of a year, filled in by hand."""

from datetime import date, timedelta

import numpy as np
import pytest
from psycopg import sql

from roosevelt_pipeline.forecasts import backtest_metrics, calibration, forecast_metrics, unforecast
from roosevelt_pipeline.forecasts_report import backtest_report, backtest_table, report
from roosevelt_pipeline.settings import Settings
from roosevelt_pipeline.warehouse.connections import Role
from roosevelt_pipeline.warehouse.frames import read_frame

FIRST = date(2025, 1, 6)  # a Monday
DAYS = 364
LAST = FIRST + timedelta(days=DAYS - 1)
DEPLOYMENTS = "deployment_frequency_per_day"


def fill(warehouse, deployments, scope=("organization", "acme"), failed=None, hours=None):
    """Deployments of each day; of some how many failed, and the hours of the lead time."""
    failed = np.zeros(len(deployments)) if failed is None else failed
    hours = np.full(len(deployments), np.nan) if hours is None else hours
    with warehouse.connect(Role.TRANSFORM) as connection:
        connection.execute(
            """
            insert into marts.fct_metric_days (
                scope_type, scope, metric_date, time_zone, deployment_frequency_per_day_n,
                change_failure_rate_pct_n, change_failure_rate_pct_sum,
                change_lead_time_hours_n, change_lead_time_hours_p50
            )
            select %s, %s, %s::date + day::int - 1, 'Europe/Amsterdam', n, n, failed,
                case when hours = 'NaN' then 0 else 3 end, hours
            from unnest(%s::float8[], %s::float8[], %s::float8[]) with ordinality as counted (n, failed, hours, day)
            """,
            [*scope, FIRST, *([float(one) for one in many] for many in (deployments, failed, hours))],
        )
        sundays = [(place, np.nanmedian(hours[place - 6 : place + 1])) for place in range(6, len(hours), 7)
                   if np.isfinite(hours[place - 6 : place + 1]).any()]  # fmt: skip
        for place, median in sundays:
            connection.execute(
                "insert into marts.fct_metric_windows (scope_type, scope, metric_date, window_days, "
                "change_lead_time_hours_n, change_lead_time_hours_p50) values (%s, %s, %s, 7, 21, %s)",
                [*scope, FIRST + timedelta(days=place), float(median)],
            )


@pytest.fixture
def lived(marts):
    """A year of less than a deployment a day, of which one in ten fails, with lead times of about 30 hours."""
    rng = np.random.default_rng(3)
    deployments = rng.poisson(np.tile([1.3, 1.1, 1.2, 1.1, 0.9, 0.1, 0.1], DAYS // 7))
    fill(marts, deployments, failed=rng.binomial(deployments, 0.1), hours=np.exp(rng.normal(np.log(30), 0.6, DAYS)))
    return marts


def rows(warehouse, table):
    with warehouse.connect(Role.ANALYTICS) as connection:
        return read_frame(connection, sql.SQL("select * from analytics.{}").format(sql.Identifier(table)))


def test_a_year_of_days_gives_ninety_days_twelve_weeks_and_the_way_to_elite(lived):
    backtest_metrics(lived, Settings())

    found = forecast_metrics(lived, Settings())

    made = rows(lived, "metric_forecasts")
    of_weeks = made[(made["metric"] == DEPLOYMENTS) & (made["grain"] == "week")]
    assert (made["as_of_date"] == LAST).all()
    assert len(made[(made["metric"] == DEPLOYMENTS) & (made["grain"] == "day")]) == 90
    assert len(of_weeks) == 12
    assert of_weeks["p50"].between(4, 8).all()  # 5.8 are deployed in a week
    assert set(of_weeks["unit"]) == {"deployments"}
    lead_times = made[(made["metric"] == "change_lead_time_hours") & (made["grain"] == "week")]
    assert len(lead_times) == 13
    assert lead_times["p50"].between(20, 42).all()
    (elite,) = (
        rows(lived, "metric_tier_forecasts")
        .query(f"metric == '{DEPLOYMENTS}' and target_tier == 'Elite'")
        .to_dict("records")
    )
    assert (elite["is_reached"], elite["current_tier"], elite["edition"]) == (False, "High", "roosevelt-2026")
    assert 0 < elite["probability_90_days"] < 1
    assert elite["probability_30_days"] <= elite["probability_60_days"] <= elite["probability_90_days"]
    assert "Elite in deployment frequency (more than 1 a day, edition roosevelt-2026)" in elite["said"]
    assert "data:image/svg+xml;base64," in report(found)


def test_the_daily_run_keeps_to_the_last_verdict_and_looks_back_only_where_there_is_none(lived):
    forecast_metrics(lived, Settings())
    first = rows(lived, "metric_forecast_backtests")
    with lived.connect(Role.ANALYTICS) as connection:
        connection.execute(
            "update analytics.metric_forecast_backtests set mase = 9 where metric = %s and method = 'paths'",
            [DEPLOYMENTS],
        )

    forecast_metrics(lived, Settings())

    states = rows(lived, "metric_forecast_series").set_index(["metric", "grain"])
    assert set(first["method"]) == {"paths", "seasonal_naive"}
    assert states.loc[(DEPLOYMENTS, "week"), "method"] == "seasonal_naive"
    assert "scaled error 9.00" in states.loc[(DEPLOYMENTS, "week"), "said"]
    assert set(rows(lived, "metric_forecasts").query(f"metric == '{DEPLOYMENTS}'")["method"]) == {"seasonal_naive"}
    assert DEPLOYMENTS not in set(rows(lived, "metric_tier_forecasts")["metric"])

    backtest_metrics(lived, Settings())
    assert rows(lived, "metric_forecast_backtests")["mase"].max() < 9


def test_forecasting_again_gives_the_same_rows(lived):
    forecast_metrics(lived, Settings())
    before = [rows(lived, table) for table in ("metric_forecasts", "metric_forecast_series", "metric_tier_forecasts")]

    forecast_metrics(lived, Settings())

    after = [rows(lived, table) for table in ("metric_forecasts", "metric_forecast_series", "metric_tier_forecasts")]
    assert all(one.equals(other) for one, other in zip(before, after, strict=True))


def test_a_metric_without_a_value_has_a_reason_instead_of_a_forecast(lived):
    forecast_metrics(lived, Settings())

    states = rows(lived, "metric_forecast_series").set_index(["metric", "grain"])
    assert states.loc[("pickup_time_hours", "week"), "status"] == "no_data"
    assert unforecast(lived) == []
    assert "pickup_time_hours" not in set(rows(lived, "metric_forecasts")["metric"])


def test_a_backtest_says_how_honest_the_intervals_are(lived):
    tests = backtest_metrics(lived, Settings())

    found = calibration(lived)
    assert 0 < found.better <= found.judged
    assert 0.6 < found.coverage < 0.95
    assert "seasonal_naive" in backtest_table(tests)
    assert "data:image/svg+xml;base64," in backtest_report(tests)


def test_empty_marts_are_forecast_without_complaint(marts):
    tests, found = backtest_metrics(marts, Settings()), forecast_metrics(marts, Settings())

    assert (len(tests), found.as_of, len(rows(marts, "metric_forecasts"))) == (0, None, 0)
    assert calibration(marts).coverage is None
    assert "0 forecasts by the model" in report(found)
    assert backtest_report(tests).startswith("Too little history")
