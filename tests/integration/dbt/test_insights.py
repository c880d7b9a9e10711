"""What insights read of the tables that dbt builds: a service whose Fridays fail, put among them by hand."""

from datetime import UTC, datetime, time, timedelta

import pytest

from roosevelt_pipeline.insights import find_insights
from roosevelt_pipeline.metric_series import newest_day
from roosevelt_pipeline.warehouse.connections import Role

WEEKS = 50
ROW = ("insert into marts.fct_metric_events (service, team, item_type, item_id, own_date, home_date, happened_at, "
       "change_failure_rate_pct) values ('fridays', null, 'deployment', %s, %s, %s, %s, %s)")  # fmt: skip


@pytest.fixture
def with_fridays(built):
    """Four deployments of each working day of fifty weeks: one fails on Fridays, and on each fifth other day."""
    with built.connect(Role.TRANSFORM) as connection:
        newest = newest_day(connection)
        days = [newest - timedelta(days=ago) for ago in range(1, 7 * WEEKS)]
        for number, day in enumerate(one for one in days if one.weekday() < 5):
            at = datetime.combine(day, time(10), UTC)
            for nth in range(4):
                fails = nth == 0 and (day.weekday() == 4 or (4 * (number // 5) + day.weekday()) % 5 == 0)
                connection.execute(ROW, [f"fridays/{day}/{nth}", day, day, at, fails])
    yield built
    with built.connect(Role.TRANSFORM) as connection:
        connection.execute("delete from marts.fct_metric_events where service = 'fridays'")
    with built.connect(Role.ANALYTICS) as connection:
        connection.execute("delete from analytics.insights")
        connection.execute("delete from analytics.insight_questions")


def test_fridays_that_fail_are_found_in_what_dbt_builds_and_every_question_is_answered(with_fridays):
    told = find_insights(with_fridays)

    fridays = told.insights[(told.insights["kind"] == "weekday_failures") & (told.insights["scope"] == "fridays")]
    (one,) = fridays.to_dict("records")
    assert (one["scope_type"], one["subject"], one["direction"]) == ("service", "on Fridays", "worse")
    assert one["observed_value"] == 25  # one of the four of every Friday
    assert set(told.questions["kind"]) >= {"last_week", "trend", "bottleneck", "pull_request_size", "weekday_failures"}
