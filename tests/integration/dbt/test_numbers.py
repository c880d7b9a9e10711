"""Hand-worked numbers: the arithmetic stands beside each."""

import pytest

from tests.support.pipeline import rows

MINUTES = 1 / 60


def test_each_deployment_fails_and_recovers_for_the_reason_that_happened(built):
    said = rows(
        built,
        """select source_id, is_first, failure_method, recovery_time_hours, unplanned_reasons
        from marts.fct_deployments order by deployment_number""",
    )

    assert [tuple(row.values()) for row in said] == [
        ("501", True, None, None, None),
        ("502", False, None, None, None),
        ("503", False, "revert", 24.0, None),  # 8 Jan 12:10 to 9 Jan 12:10, when the revert was deployed
        ("504", False, None, None, ["revert"]),
        ("505", False, "time", pytest.approx(3 + 50 * MINUTES), None),  # 12:10 to 16:00, when 90 was resolved
    ]


def test_lead_times_run_from_the_first_commit_to_the_end_of_the_deployment(built):
    said = rows(
        built,
        """select pull_request_number, is_bot, lead_time_hours, lead_time_missing_reason
        from marts.fct_changes order by merged_at""",
    )

    assert [tuple(row.values()) for row in said] == [
        (None, False, None, "first_deployment"),
        (1, False, pytest.approx(26 + 10 * MINUTES), None),
        (2, False, pytest.approx(26 + 10 * MINUTES), None),
        (3, False, pytest.approx(4 + 10 * MINUTES), None),
        (4, False, pytest.approx(15 * 24 + 4 + 10 * MINUTES), None),
        (5, True, pytest.approx(14 * 24 + 3 + 10 * MINUTES), None),
    ]


def test_a_window_counts_its_own_days_and_leaves_machines_out(built):
    said = {
        row["metric"]: (row["value"], row["n"], row["status"])
        for row in rows(
            built,
            """select metric, value, n, status from marts.fct_metric_rolling
            where scope_type = 'organization' and window_days = 28 and metric_date = '2026-01-31'""",
        )
    }

    assert said["deployment_frequency_per_day"] == (pytest.approx(4 / 28), 4, "ok")
    assert said["change_lead_time_hours"] == (pytest.approx(26 + 10 * MINUTES), 4, "ok")  # of 4.2, 26.2, 26.2 and 364.2
    assert said["change_failure_rate_pct"] == (50, 4, "insufficient_data")  # 503 and 505 of four, and four are too few
    assert said["change_failure_rate_excluding_time_pct"] == (25, 4, "insufficient_data")
    assert said["failed_deployment_recovery_time_hours"] == (pytest.approx((24 + 3 + 50 * MINUTES) / 2), 2, "ok")
    assert said["deployment_rework_rate_pct"] == (25, 4, "insufficient_data")
    assert said["deployment_attempt_failure_rate_pct"] == (20, 5, "ok")  # 506 of five
    assert said["mttr_hours"] == (3, 1, "ok")
    assert said["bot_changes_deployed"] == (1, 1, "ok")


def test_weeks_are_iso_weeks_and_say_how_much_of_them_was_observed(built):
    said = rows(
        built,
        """select week_start::text, iso_year, iso_week, is_complete, observed_days, deployments, failed_deployments,
            lead_time_hours_p50, mttr_hours_p50
        from bi.dora_weekly where scope_type = 'organization' order by week_start""",
    )

    assert [tuple(row.values()) for row in said] == [
        (
            "2025-12-29",
            2026,
            1,
            False,
            4,
            1,
            0,
            None,
            None,
        ),  # seen since Thursday; the first deployment has no lead times
        ("2026-01-05", 2026, 2, True, 7, 3, 1, pytest.approx(26 + 10 * MINUTES), None),
        ("2026-01-12", 2026, 3, True, 7, 0, 0, None, None),
        ("2026-01-19", 2026, 4, True, 7, 0, 0, None, None),
        ("2026-01-26", 2026, 5, False, 6, 1, 1, pytest.approx(364 + 10 * MINUTES), 3),  # up to Saturday
    ]


def test_what_found_no_counterpart_is_listed_with_its_reason(built):
    said = rows(built, "select subject_type, subject_id, service, reason from marts.fct_unlinked order by 1, 2")

    assert [tuple(row.values()) for row in said] == [
        ("attempt", "production/event/mail/7/1", "mail", "unknown_service"),
        ("attempt", "staging/event/web/8/1", None, "environment_of_no_service"),
        ("incident", "github:9002", "web", "external"),
        ("incident", "import:1", "web", "duplicate_or_not_planned"),
        ("incident", "import:2", "mail", "duplicate_or_not_planned"),
        ("incident", "pagerduty:PD1", "web", "duplicate_or_not_planned"),
        ("service", "web", "web", "no_team"),
    ]


def test_an_incident_says_where_it_comes_from_and_when_somebody_took_it_on(built):
    said = rows(
        built,
        "select source, severity, repository, issue_repository, acknowledged_at is not null as is_acknowledged "
        "from marts.fct_incidents order by incident_id",
    )

    assert [tuple(row.values()) for row in said] == [
        ("github", "critical", "web", "web", False),
        ("github", None, "web", "web", False),
        ("import", "low", "web", None, False),
        ("import", "low", None, None, False),
        ("pagerduty", "critical", "web", None, True),
    ]


def test_what_another_system_told_twice_of_a_deployment_is_one_attempt_of_its_service(built):
    said = rows(
        built,
        "select attempt_id, service, outcome, ended_at - started_at = interval '5 minutes' as took_five_minutes "
        "from marts.fct_deployment_attempts where source = 'event'",
    )

    assert [tuple(row.values()) for row in said] == [("web/production/event/web/8/1", "web", "cancelled", True)]
