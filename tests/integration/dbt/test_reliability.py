"""Collection reliability from raw to the metric, worked by hand for January."""

import pytest

from tests.support.pipeline import rows


@pytest.mark.parametrize("scope", ["web", "acme"])
def test_a_missed_and_a_failed_day_of_twenty_are_ninety_percent(built, scope):
    said = rows(
        built,
        f"""select value, n, numerator, denominator, interval_low, interval_high, status from marts.fct_metric_rolling
        where metric = 'collection_reliability_pct' and window_days = 28 and metric_date = '2026-01-31'
        and scope = '{scope}' and scope_type in ('repository', 'organization')""",
    )[0]

    # 18 of 20; Wilson at 95 %, by hand: (0.9 + 3.8415/40 ± 1.96 √(0.9·0.1/20 + 3.8415/1600)) / (1 + 3.8415/20)
    assert (said["value"], said["n"], said["numerator"], said["denominator"]) == (pytest.approx(90), 20, 18, 20)
    assert (said["interval_low"], said["interval_high"]) == (pytest.approx(69.9, abs=0.1), pytest.approx(97.2, abs=0.1))
    assert said["status"] == "ok"


def test_days_before_the_first_collection_are_missing_and_not_zero(built):
    said = rows(
        built,
        """select value, n, status from marts.fct_metric_daily
        where metric = 'collection_reliability_pct' and scope = 'web' and scope_type = 'repository'
        and metric_date in ('2026-01-11', '2026-01-20') order by metric_date""",
    )

    assert [tuple(row.values()) for row in said] == [(None, 0, "no_data"), (0, 1, "insufficient_data")]


def test_data_health_names_both_days_and_finds_the_counts_equal(built):
    said = rows(
        built,
        """select check_name, scope, explanation from bi.data_health
        where check_name in ('collection_missed', 'collection_failed', 'count_differs', 'clock_skew')
        order by explanation""",
    )

    assert [tuple(row.values()) for row in said] == [
        ("collection_missed", "web", "not collected, or not to the end, on 25 Jan"),
        ("collection_missed", "acme", "nothing was collected on 20 Jan"),
    ]
