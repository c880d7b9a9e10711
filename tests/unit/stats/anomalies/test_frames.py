"""From lists of days to findings, on series that a reader can picture."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from roosevelt_pipeline.stats.anomalies.frames import find_anomalies
from roosevelt_pipeline.stats.anomalies.parameters import Parameters

MONDAY = (pd.Timestamp("2026-01-05") - pd.Timestamp(0)).days
WORKING_WEEK = np.array([6, 5, 6, 5, 4, 0, 0], float)


def series(value, law="count", bad="low", n=None, country=None, first=MONDAY, day=None):
    value = np.asarray(value, float)
    return {
        "law": law, "bad": bad, "country": country, "value": value,
        "day": np.arange(first, first + len(value)) if day is None else day,
        "n": np.ones(len(value)) if n is None else np.asarray(n, float),
    }  # fmt: skip


def search(*rows):
    return find_anomalies(pd.DataFrame(rows))


def weeks(count, seed=1):
    """Working weeks with Poisson noise: about 26 deployments each."""
    return np.random.default_rng(seed).poisson(np.tile(WORKING_WEEK, count)).astype(float)


def on(row):
    """The calendar day of a row."""
    return pd.Timestamp("2026-01-05") + pd.Timedelta(days=row)


def only(found):
    (row,) = found.findings.to_dict("records")
    return row


def test_a_week_without_deployments_is_one_incident_that_ends_when_work_goes_on():
    value = weeks(30)
    value[105:112] = 0  # the sixteenth week

    one = only(search(series(value)))

    assert on(105) <= one["found_date"] <= on(107)
    assert one["onset_date"] <= on(105)
    assert (one["is_bad"], one["state"]) == (True, "back_to_normal")
    assert on(109) <= one["ended_date"] <= on(111)  # its Friday, or the weekend after it, which tells nothing
    assert one["observed"] <= 1 < one["expected_low"]


def test_half_the_deployments_for_good_are_found_once_and_become_normal():
    value = weeks(40)
    value[140:] = np.random.default_rng(5).poisson(np.tile(WORKING_WEEK, 20) * 0.4)

    one = only(search(series(value)))

    assert on(140) < one["found_date"] <= on(154)
    assert (one["shape"], one["state"], one["is_bad"]) == ("level_shift", "new_normal", True)


def test_more_deployments_are_good_news_and_more_incidents_are_not():
    value = weeks(30)
    value[140:] *= 3

    deployments, incidents = search(series(value), series(value, bad="high")).findings.to_dict("records")

    assert (deployments["is_high"], deployments["is_bad"]) == (True, False)
    assert (incidents["is_high"], incidents["is_bad"]) == (True, True)


def test_a_day_without_deployments_is_ordinary_for_a_team_with_one_a_day():
    value = np.random.default_rng(2).poisson(1.0, 300).astype(float)
    value[200] = 0

    assert search(series(value)).findings.empty


def test_weekends_are_no_outages():
    assert search(series(weeks(60))).findings.empty


def test_a_quiet_holiday_is_ordinary_where_it_is_one():
    """27 April 2026, King's Day, is a Monday: in the Netherlands nobody deploys then, nor on the bridge before."""
    value = weeks(30) * 4
    value[112] = 0

    assert on(112) == pd.Timestamp("2026-04-27")
    assert search(series(value, country="NL")).findings.empty
    assert not search(series(value, country="US")).findings.empty


def test_three_failures_of_three_are_found_where_one_in_twenty_fails_and_not_one_failure_of_one():
    rng = np.random.default_rng(4)
    n = np.full(200, 3.0)
    hits = rng.binomial(3, 0.05, 200).astype(float)
    hits[150:153] = 3
    n[180], hits[180] = 1, 1

    one = only(search(series(hits, "ratio", "high", n)))

    assert on(150) <= one["found_date"] <= on(152)
    assert one["observed"] > 30 > one["expected_high"] > one["expected"]


def test_a_lead_time_that_doubles_is_found_and_one_slow_change_is_not():
    rng = np.random.default_rng(6)
    hours = np.exp(rng.normal(np.log(20), 0.5, 250))
    hours[100] *= 4  # one change, one day
    hours[200:] *= 2.2

    one = only(search(series(hours, "duration", "high", np.full(250, 4))))

    assert on(200) <= one["found_date"] <= on(214)
    assert one["observed"] > one["expected_high"] > one["expected"] > one["expected_low"] > 0
    assert one["expected"] == pytest.approx(20, rel=0.2)


def test_what_is_found_on_a_day_needs_no_later_day():
    value = weeks(30)
    value[105:112] = 0
    found = search(series(value)).findings["found_date"].tolist()

    early = search(series(value[: 1 + (found[0] - on(0)).days])).findings

    assert early["found_date"].tolist() == found[:1]
    assert early["state"].tolist() == ["open"]


def test_a_series_is_judged_the_same_alone_and_among_others():
    value = weeks(30)
    value[105:112] = 0
    alone = search(series(value)).findings
    among = search(series(weeks(50, seed=9), first=MONDAY - 70), series(value), series(weeks(20, seed=8))).findings
    among = among[among["series"] == 1].assign(series=0).reset_index(drop=True)

    pd.testing.assert_frame_equal(among, alone, rtol=1e-9)


@pytest.mark.parametrize("days", [0, 1, 28])
def test_a_young_series_says_that_its_history_is_too_short(days):
    state = search(series(np.full(days, 5.0))).statuses.iloc[0]

    assert state["status"] == ("not_enough_history" if days else "no_data")
    assert str(days) in state["said"] or not days


def test_what_has_been_the_same_since_the_first_day_is_no_incident_however_bad_it_is():
    """Every deployment fails, from the first day on. A month that one day was before is not judged by that day."""
    rows = [series(np.full(120, 5.0), law, "high", n=np.full(120, 5.0)) for law in ("ratio", "count", "duration")]

    assert search(*rows).findings.empty


def test_a_series_that_hardly_ever_does_anything_says_so():
    value = np.zeros(300)
    value[::60] = 1

    assert search(series(value)).statuses.iloc[0]["status"] == "too_quiet"


def test_what_cannot_be_is_left_out_and_counted():
    value = weeks(30)
    value[[50, 60, 70]] = np.inf, -np.inf, -3

    found = search(series(value))

    assert found.statuses.iloc[0]["left_out"] == 3
    assert "3 values" in found.statuses.iloc[0]["said"]
    assert found.findings.empty


def test_of_a_day_told_twice_the_last_word_counts_and_the_order_of_days_does_not():
    value = weeks(30)
    value[105:112] = 0
    straight = search(series(value)).findings
    order = np.random.default_rng(3).permutation(len(value))
    day, shuffled = np.arange(MONDAY, MONDAY + len(value))[order], value[order]
    twice = search(series(np.concatenate([shuffled * 0, shuffled]), day=np.concatenate([day, day]))).findings

    pd.testing.assert_frame_equal(twice, straight)


@pytest.mark.parametrize("law", ["count", "ratio", "duration", "mean"])
@pytest.mark.parametrize(
    "value",
    [
        [], [3.0], [np.nan] * 200, [0.0] * 200, [5.0] * 400, [np.inf] * 100, [-1.0] * 100,
        [np.nan] * 150 + [4.0] * 150, [4.0] * 150 + [np.nan] * 150, [1.0, np.nan] * 150, [1e300] * 100, [1e-300] * 100,
    ],
    ids=[
        "empty", "one", "missing", "zero", "constant", "infinite", "negative", "starts", "stops", "gaps", "huge",
        "tiny",
    ],
)  # fmt: skip
def test_no_input_is_too_bad_for_a_stated_result(law, value):
    found = search(series(value, law, n=np.full(len(value), 5.0)))

    assert found.statuses.iloc[0]["status"] in ("ok", "not_enough_history", "no_data", "too_quiet")
    assert found.findings["chance"].between(0, 1).all()


def test_ten_years_are_searched_as_well_as_one():
    value = weeks(522)
    value[3000:3007] = 0

    assert on(3000) in search(series(value)).findings["onset_date"].tolist()


@settings(max_examples=25, deadline=None)
@given(
    law=st.sampled_from(["count", "ratio", "duration", "mean"]),
    value=st.lists(st.floats(allow_nan=True, allow_infinity=True), min_size=40, max_size=90),
    n=st.floats(allow_nan=True, allow_infinity=True),
)
def test_whatever_numbers_come_nothing_breaks(law, value, n):
    found = search(series(value, law, n=np.full(len(value), n)))

    assert len(found.statuses) == 1
    assert set(found.findings["state"]) <= {"open", "back_to_normal", "new_normal"}


def test_the_limits_are_those_of_the_parameters():
    value = weeks(30)
    value[105:112] = 0
    limits = {"count": Parameters().limits["count"].__class__(1e-30, 0.65, 1.7)}

    assert find_anomalies(pd.DataFrame([series(value)]), Parameters(limits=limits)).findings.empty
