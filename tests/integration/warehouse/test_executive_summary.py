"""The monthly page from the marts, worked out by hand."""

import uuid
from datetime import UTC, date, datetime, timedelta

import pytest

from roosevelt_pipeline.executive_summary import deployments_told_and_held, summarise
from roosevelt_pipeline.warehouse.connections import Role
from tests.integration.warehouse.conftest import create_editions

NOW = datetime(2026, 4, 6, 2, tzinfo=UTC)
RUN = uuid.UUID(int=1)
SUMS = ("deployment_frequency_per_day_n", "change_failure_rate_pct_n", "change_failure_rate_pct_sum",
        "deployment_rework_rate_pct_n", "deployment_rework_rate_pct_sum", "incidents_opened_n",
        "collection_reliability_pct_n", "collection_reliability_pct_sum")  # fmt: skip


@pytest.fixture
def marts(fresh_warehouse):
    """Two months of the organisation: two deployments on each day of March, one on each of February."""
    with fresh_warehouse.connect(Role.TRANSFORM) as connection:
        columns = ", ".join(f"{name} int" for name in SUMS)
        connection.execute(
            "create table marts.fct_metric_days (scope_type text, scope text, metric_date date, first_date date, "
            f"{columns})"
        )
        connection.execute("create table marts.fct_metric_windows (metric_date date)")
        connection.execute(
            "create table marts.fct_metric_events (is_organizations boolean, home_date date, "
            "deployment_frequency_per_day boolean, change_lead_time_hours float8, "
            "failed_deployment_recovery_time_hours float8)"
        )
        connection.execute(
            "create table marts.fct_metric_rolling (scope_type text, metric text, window_days int, metric_date date, "
            "value numeric, status text)"
        )
        create_editions(connection)
        connection.execute(
            "create table marts.dora_weekly (scope_type text, is_complete boolean, week_start date, "
            "deployments bigint, lead_time_hours_p50 float8, change_failure_rate_pct float8)"
        )
    return fresh_warehouse


def observe(warehouse, first, last):
    with warehouse.connect(Role.TRANSFORM) as connection:
        for number in range((last - first).days + 1):
            day = first + timedelta(days=number)
            count = 2 if day.month == 3 else 1
            failed = int(day.day % 5 == 0)  # six of March's 62, five of February's 28
            sums = [count, count, failed, count, 0, 0, 4, 4 if day.day > 1 else 3]
            connection.execute(
                f"insert into marts.fct_metric_days values ('organization', 'helios', %s, %s, {', '.join(['%s'] * 8)})",
                [day, first, *sums],
            )
            for _ in range(count):
                connection.execute(
                    "insert into marts.fct_metric_events "
                    "values (true, %s, true, null, null), (true, %s, null, %s, null)",
                    [day, day, float(day.day)],
                )


def page(warehouse, column="markdown"):
    with warehouse.connect(Role.ANALYTICS) as connection:
        return connection.execute(f"select {column} from delivery.executive_summaries").fetchall()


def tell(warehouse, day, scope_type, said):
    with warehouse.connect(Role.ANALYTICS) as connection:
        connection.execute(
            "insert into analytics.insights (as_of_date, insight_key, kind, scope_type, scope, metric, subject, said, "
            "usefulness, is_told, told_because, told_date, since_date, observed_value, compared_value, unit, "
            "effect_ratio, n, compared_n, reach, chance, fdr, first_date, last_date, opened_by, evidence, "
            "model_version, parameters) values (%s, %s, 'trend', %s, 'a', 'm', 's', %s, 50, true, 'new', %s, %s, 1, "
            "1, 'hours', 2, 1, 1, 1, 0, 0, %s, %s, '', '{}', '1', '{}')",
            [day, said, scope_type, said, day, day, day, day],
        )


def test_a_month_is_told_with_its_counts_and_those_of_the_month_before(marts):
    observe(marts, date(2026, 2, 1), date(2026, 4, 5))

    summary = summarise(marts, RUN, NOW)

    ((text,),) = page(marts)
    assert summary.title == "helios: delivery in March 2026"
    assert "62 deployments reached production, 2 a day (1 a day in the month before)." in text
    assert "Half of 62 changes took less than 16 hours" in text  # two on each of 31 days: the middle is the sixteenth
    assert "6 of 62 deployments failed, 9.68 % (17.9 %)" in text
    assert "it took a median of unknown to recover" in text
    assert "| Change failure rate | 9.68 %, 95 % interval 5 to 20, n = 62 | 17.9 %, n = 28 | – |" in text
    assert "123 of 124 collections were complete, 99.2 %." in text
    assert "Nothing stood out beyond chance." in text
    assert deployments_told_and_held(marts) == (62, 62)


def test_what_was_told_in_the_month_stands_on_the_page_and_what_a_service_was_told_does_not(marts):
    observe(marts, date(2026, 2, 1), date(2026, 4, 5))
    tell(marts, "2026-03-09", "team", "Fridays fail.")
    tell(marts, "2026-03-10", "service", "A service.")
    tell(marts, "2026-02-27", "team", "Too old.")
    tell(marts, "2026-04-01", "team", "Too new.")

    summary = summarise(marts, RUN, NOW)

    assert summary.insights == ["Fridays fail."]
    assert "Fridays fail." in page(marts, "html")[0][0]


def test_the_first_page_has_tiers_although_nobody_judged_the_month_and_does_not_say_that_nothing_stood_out(marts):
    """Set up in April: 28 days to the end of March had two deployments a day, and more than one is Elite."""
    observe(marts, date(2026, 2, 1), date(2026, 4, 5))
    tell(marts, "2026-04-05", "team", "Too new.")
    with marts.connect(Role.TRANSFORM) as connection:
        for metric, value, status in (("deployment_frequency_per_day", 2, "ok"),
                                      ("change_failure_rate_pct", 3, "insufficient_data")):  # fmt: skip
            connection.execute(
                "insert into marts.fct_metric_rolling values ('organization', %s, 28, '2026-03-31', %s, %s)",
                [metric, value, status],
            )
    with marts.connect(Role.ANALYTICS) as connection:
        connection.execute(
            "insert into analytics.metric_tiers "
            "(as_of_date, scope_type, scope, metric, window_days, status, unit, edition) "
            "values ('2026-04-05', 'organization', 'helios', 'deployment_frequency_per_day', 28, 'ok', "
            "'deployments per day', 'roosevelt-2026')"
        )

    summary = summarise(marts, RUN, NOW)

    assert {one.label: one.tier for one in summary.figures if one.tier} == {"Deployment frequency": "Elite"}
    assert "Nothing stood out" not in page(marts)[0][0]
    assert "began after the month" in page(marts, "html")[0][0]


def test_a_second_run_replaces_the_page_and_a_month_that_began_late_says_so(marts):
    observe(marts, date(2026, 3, 2), date(2026, 4, 5))
    summarise(marts, RUN, NOW)
    summarise(marts, RUN, NOW + timedelta(days=7))

    ((text, made),) = page(marts, "markdown, made_at")
    assert made == NOW + timedelta(days=7)
    assert "The month was observed from 2026-03-02 on only." in text
    assert "(unknown in the month before)" in text


def test_a_month_that_has_not_ended_has_no_page(marts, new_warehouse):
    observe(marts, date(2026, 4, 1), date(2026, 4, 29))

    assert summarise(marts, RUN, NOW) is None
    assert summarise(new_warehouse(), RUN, NOW) is None
    assert page(marts) == []
    assert deployments_told_and_held(marts) == (0, 0)
