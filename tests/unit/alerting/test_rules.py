"""Rules against observations whose chances are worked by hand."""

from dataclasses import replace
from datetime import date, timedelta

import pytest

from roosevelt_pipeline.alert_settings import AlertRule, AlertSettings
from roosevelt_pipeline.alerting.chances import counts, durations, ratios
from roosevelt_pipeline.alerting.lifecycle import Standing, next_step
from roosevelt_pipeline.alerting.rules import Observation, Verdict, Window, judge, status_of

DAY = date(2026, 3, 1)
SIX = {rule.name: rule for rule in AlertSettings().rules}


def deployments(now: float, before: float, days: float = 7, base: float | None = None) -> Observation:
    """A week, the one before, and 90 days of such weeks unless they are told."""
    base = before * 90 / 7 if base is None else base
    return Observation(
        "deployment_frequency_per_day", "Deployment frequency", "deployments per day", "count", True, "team", "pay",
        DAY, Window(now / 7, now, days=days), Window(before / 7, before), Window(base / 90, base, days=90),
    )  # fmt: skip


def failures(hits: float, n: float, base_hits: float, base_n: float) -> Observation:
    return Observation(
        "change_failure_rate_pct", "Change failure rate", "percent", "ratio", False, "team", "payments", DAY,
        Window(100 * hits / n, n, hits), baseline=Window(100 * base_hits / base_n, base_n, base_hits, 90),
    )  # fmt: skip


def lead_time(value: float, n: float, base: float, p90: float) -> Observation:
    return Observation(
        "change_lead_time_hours", "Change lead time", "hours", "duration", False, "team", "payments", DAY,
        Window(value, n), baseline=Window(base, 100, days=90, p90=p90), anomaly="longer than usual",
    )  # fmt: skip


def test_two_deployments_after_five_are_no_alert_and_ten_after_forty_are():
    assert judge(SIX["low_activity"], deployments(2, 5)).holds is None
    assert judge(SIX["low_activity"], deployments(5, 12)).holds is False  # chance does this 7 times in 100
    found = judge(SIX["low_activity"], deployments(10, 40))
    assert found.holds is True
    assert "down 75 %" in found.said


def test_a_week_after_a_rush_is_held_against_the_quarter_as_well():
    after_a_rush = deployments(10, 40, base=15 * 90 / 7)  # 15 in an ordinary week: 10 or fewer are no news

    assert judge(SIX["low_activity"], after_a_rush).holds is False
    assert judge(SIX["low_activity"], replace(after_a_rush, baseline=None)).holds is None


def test_a_fall_by_exactly_half_is_not_more_than_half():
    assert judge(SIX["low_activity"], deployments(100, 200)).holds is False
    assert judge(SIX["low_activity"], deployments(99, 200)).holds is True


def test_a_week_with_one_working_day_is_held_against_one_day():
    assert judge(SIX["low_activity"], deployments(6, 40, days=1)).holds is False


def test_nothing_known_is_neither_finding_nor_recovery():
    seen = replace(deployments(10, 40), now=Window(None, 0))
    assert judge(SIX["low_activity"], seen).holds is None
    assert judge(SIX["quality_issue"], replace(failures(1, 5, 1, 9), baseline=None)).holds is None


def test_a_quarter_failed_only_alerts_where_the_team_used_to_do_better():
    assert judge(SIX["quality_issue"], failures(12, 30, 10, 200)).holds is True
    assert judge(SIX["quality_issue"], failures(12, 30, 80, 200)).holds is False
    assert judge(SIX["quality_issue"], failures(2, 5, 25, 100)).holds is False  # two of five prove nothing
    assert judge(SIX["quality_issue"], failures(2, 4, 25, 100)).holds is None


def test_lead_time_is_a_bottleneck_over_three_times_its_baseline_and_over_48_hours():
    assert judge(SIX["bottleneck"], lead_time(61, 9, 20, 55)).holds is True
    assert judge(SIX["bottleneck"], lead_time(59, 9, 20, 55)).holds is False
    assert judge(SIX["bottleneck"], lead_time(47, 9, 10, 30)).holds is False
    assert judge(SIX["bottleneck"], lead_time(61, 9, 20, 90)).holds is False  # one in ten took that long all along


def test_a_lead_time_that_strays_by_itself_is_no_bottleneck():
    """A deployment ships changes that waited together, so nine of them prove less than nine: the search knows."""
    assert judge(SIX["bottleneck"], replace(lead_time(61, 9, 20, 55), anomaly=None)).holds is False
    assert judge(SIX["bottleneck"], replace(lead_time(61, 9, 20, 55), anomaly=None, is_searched=False)).holds is None


def test_chances_are_those_of_coins_and_pairs():
    assert counts(2, 5, 8, 5, is_high=False) == pytest.approx(56 / 1024)
    assert counts(8, 5, 2, 5, is_high=True) == pytest.approx(56 / 1024)
    assert ratios(2, 2, 0, 2, is_high=True) == pytest.approx(1 / 6)
    # At least two of three beyond what one in ten is: 3 * 0.01 * 0.9 + 0.001.
    assert durations(Window(60, 3), Window(20, 100, p90=50)) == pytest.approx(0.028)


def test_a_forecast_fires_before_the_crossing_and_not_after_it():
    rule = AlertRule(name="soon", metric="change_failure_rate_pct", above=25, forecast_days=14, says="Look.")
    ahead = ((DAY + timedelta(days=7), 24.0), (DAY + timedelta(days=14), 26.0), (DAY + timedelta(days=21), 30.0))
    seen = replace(failures(2, 10, 20, 100), forecast=ahead)

    assert "by 2026-03-15" in judge(rule, seen).said
    assert judge(rule, replace(seen, forecast=ahead[:1])).holds is False
    assert judge(rule, replace(seen, forecast=())).holds is None
    assert judge(rule, replace(seen, now=Window(40, 10, 4))).holds is False


def test_an_anomaly_that_was_not_searched_for_is_unknown():
    seen = deployments(3, 3)
    assert judge(SIX["anomaly"], replace(seen, anomaly="odd")).holds is True
    assert judge(SIX["anomaly"], seen).holds is False
    assert judge(SIX["anomaly"], replace(seen, is_searched=False)).holds is None


def verdicts(*holds: bool | None) -> dict[date, Verdict]:
    first = DAY - timedelta(days=len(holds) - 1)
    return {first + timedelta(days=at): Verdict(one, "") for at, one in enumerate(holds)}


def test_it_fires_after_enough_days_in_a_row_and_recovers_after_enough_without():
    rule = AlertRule(name="slow", metric="mttr_hours", above=4, for_days=3, recovers_after_days=2, says="Look.")

    assert status_of(rule, verdicts(False, True, True, True), DAY) == "firing"
    assert status_of(rule, verdicts(True, False, True, True), DAY) == "between"
    assert status_of(rule, verdicts(True, None, True, True), DAY) == "between"
    assert status_of(rule, verdicts(True, True, False), DAY) == "between"
    assert status_of(rule, verdicts(True, False, False), DAY) == "ok"
    assert status_of(rule, verdicts(False, False, None), DAY) == "unknown"


def day(number: int) -> date:
    return DAY + timedelta(days=number)


def test_an_alert_opens_is_repeated_recovers_and_rests():
    rule = SIX["quality_issue"]
    open_ = Standing(DAY, DAY, DAY)

    assert next_step(rule, None, "firing", DAY, 28) == "open"
    assert next_step(rule, open_, "firing", day(6), 28) == "stay"
    assert next_step(rule, open_, "firing", day(7), 28) == "repeat"
    assert next_step(rule, replace(open_, is_acknowledged=True), "firing", day(7), 28) == "stay"
    assert next_step(rule, open_, "ok", day(7), 28) == "recover"
    assert next_step(rule, replace(open_, ended=day(7)), "firing", day(13), 28) == "nothing"
    assert next_step(rule, replace(open_, ended=day(7)), "firing", day(14), 28) == "open"


def test_data_that_stop_coming_are_never_a_recovery():
    open_ = Standing(DAY, DAY, DAY)

    assert next_step(SIX["quality_issue"], open_, "unknown", day(27), 28) == "stay"
    assert next_step(SIX["quality_issue"], open_, "unknown", day(28), 28) == "expire"
