"""From lists of days to forecasts, on series that a reader can picture."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from roosevelt_pipeline.stats.calendars import quiet_days
from roosevelt_pipeline.stats.forecasts.frames import BACKTESTS, forecast, look_back
from roosevelt_pipeline.stats.forecasts.parameters import Parameters
from roosevelt_pipeline.stats.tiers import BOUNDS

MONDAY = (pd.Timestamp("2025-01-06") - pd.Timestamp(0)).days
WORKING_WEEK = np.array([6, 5, 6, 5, 4, 0, 0], float)
STATUSES = {"ok", "not_enough_history", "no_data", "stopped"}
NO_BACKTESTS = pd.DataFrame(columns=BACKTESTS)
NO_TIERS = pd.DataFrame(columns=["metric", "tier", "tier_rank", *BOUNDS])
TIERS = pd.DataFrame(
    [
        ["m", "Elite", 1, 1, False, None, False],
        ["m", "High", 2, 0.1, True, 1, True],
        ["m", "Low", 3, 0, True, 0.1, False],
    ],
    columns=["metric", "tier", "tier_rank", *BOUNDS],
)


def series(value, law="count", n=None, country=None, first=MONDAY, day=None, key="one"):
    value = np.asarray(value, float)
    day = np.arange(first, first + len(value)) if day is None else day
    n = np.ones(len(value)) if n is None else np.asarray(n, float)
    whole = len(value) // 7 * 7
    weeks = [np.nanmedian(week) if np.isfinite(week).any() else np.nan for week in value[:whole].reshape(-1, 7)]
    return {
        "key": key, "metric": "m", "law": law, "bad": "low", "country": country, "value": value, "day": day, "n": n,
        "week_day": np.asarray(day)[6:whole:7], "week_value": np.array(weeks, float),
        "week_n": np.full(len(weeks), 9.0),
    }  # fmt: skip


def weeks(count, seed=1, times=1.0):
    """Working weeks with Poisson noise: about 26 deployments each."""
    return np.random.default_rng(seed).poisson(np.tile(WORKING_WEEK * times, count)).astype(float)


def ahead(*rows, newest=None, backtests=None, tiers=NO_TIERS):
    frame = pd.DataFrame(list(rows))
    newest = max((max(day) for day in frame["day"] if len(day)), default=MONDAY) if newest is None else newest
    backtests = look_back(frame, newest) if backtests is None else backtests
    return forecast(frame, newest, backtests, tiers)


def of(found, grain, series=0):
    wanted = (found.forecasts["grain"] == grain) & (found.forecasts["series"] == series)
    return found.forecasts[wanted].set_index("ahead")


def state_of(found, grain="day", series=0):
    wanted = (found.states["grain"] == grain) & (found.states["series"] == series)
    return found.states[wanted].iloc[0]


def test_a_steady_working_week_goes_on_and_weekends_stay_empty():
    found = ahead(series(weeks(52)))
    days, by_week = of(found, "day"), of(found, "week")

    assert days.index.tolist() == list(range(1, 91))
    assert days["last_date"].iloc[0] == pd.Timestamp("2026-01-05")  # the day after 52 weeks, a Monday
    saturdays = days[pd.DatetimeIndex(days["last_date"]).day_of_week == 5]
    assert (saturdays["p90"] <= 1).all()
    assert days.loc[1, "p10"] < 6 < days.loc[1, "p90"]
    assert len(by_week) == 12
    assert (by_week["p50"] - 26).abs().max() < 4
    assert (by_week["p10"] < by_week["p50"]).all()
    assert (by_week["p50"] < by_week["p90"]).all()
    assert state_of(found, "week")["method"] == "paths"


def test_a_week_that_has_begun_keeps_the_days_that_are_known():
    """Until Thursday there were 40, 30, 35 and 45 deployments: the week cannot end with fewer than 150."""
    value = np.concatenate([weeks(40), [40, 30, 35, 45]])

    first = of(ahead(series(value)), "week").iloc[0]

    assert first["last_date"] == pd.Timestamp("2025-01-06") + pd.Timedelta(days=40 * 7 + 6)
    assert 150 <= first["p10"] <= first["p90"] <= 165


def test_kings_day_is_quiet_where_holidays_were_and_a_working_day_where_they_were_worked_through():
    """27 April 2026 is a Monday."""
    worked_through = weeks(60, times=3)
    kept = np.where(quiet_days(pd.date_range("2025-01-06", periods=420), "NL"), 0, worked_through)
    rows = [series(kept, country="NL", key="a"), series(worked_through, country="NL", key="b"),
            series(worked_through, country="US", key="c")]  # fmt: skip
    found = ahead(*rows)
    on_kings_day = [of(found, "day", one).set_index("last_date")["p50"][pd.Timestamp("2026-04-27")] for one in range(3)]

    assert on_kings_day[0] < 3
    assert on_kings_day[1] > 9
    assert on_kings_day[2] > 14


def test_the_intervals_of_a_series_that_wanders_are_wider():
    steady = weeks(52, times=4)
    pace = np.repeat(np.tile([0.5, 1.5], 7), 28)[: len(steady)]
    wandering = np.random.default_rng(2).poisson(np.tile(WORKING_WEEK * 4, 52) * pace).astype(float)
    found = ahead(series(steady, key="a"), series(wandering, key="b"))
    calm, wild = (of(found, "week", one) for one in (0, 1))

    assert (wild["p90"] - wild["p10"]).mean() > 2 * (calm["p90"] - calm["p10"]).mean()


def test_the_intervals_of_days_that_keep_a_rhythm_are_narrower_than_chance_alone_would_make_them():
    """Three of five occasions are used on a working day: a variance of 1.2 where as many by chance alone have 3."""
    week = np.array([3, 3, 3, 3, 3, 0, 0], float)
    rng = np.random.default_rng(11)
    by_chance = rng.poisson(np.tile(week, 52)).astype(float)
    in_rhythm = np.where(np.tile(week, 52) > 0, rng.binomial(5, 0.6, 364), 0).astype(float)
    found = ahead(series(by_chance, key="a"), series(in_rhythm, key="b"))
    wide, narrow = (of(found, "day", one).iloc[:5] for one in (0, 1))
    weekly = [(of(found, "week", one)["p90"] - of(found, "week", one)["p10"]).mean() for one in (0, 1)]

    assert wide["p10"].median() == 1  # of Poisson values with a mean of 3, 20 % are 0 or 1
    assert narrow["p10"].median() == 2  # of binomial ones 9 % are 0 or 1, and 32 % up to 2
    assert weekly[1] < 0.85 * weekly[0]


def test_failures_are_forecast_as_percent_and_only_where_something_may_be_deployed():
    n = weeks(52)
    hits = np.random.default_rng(3).binomial(n.astype(int), 0.1).astype(float)
    found = ahead(series(hits, "ratio", n))

    assert of(found, "week")["p50"].between(5, 16).all()
    assert of(found, "week")["p90"].max() < 40
    assert found.forecasts[["p10", "p50", "p90"]].stack().between(0, 100).all()


def test_lead_times_of_about_twenty_hours_stay_there_for_thirteen_weeks():
    hours = np.exp(np.random.default_rng(6).normal(np.log(20), 0.5, 364))
    found = ahead(series(hours, "duration", np.full(364, 4)))
    by_week = of(found, "week")

    assert len(by_week) == 13
    assert by_week["p50"].between(16, 25).all()
    assert (by_week["p10"] > 8).all()
    assert (by_week["p90"] < 50).all()


def test_a_series_of_which_the_last_week_is_the_best_guess_gets_the_naive_forecast_and_says_so():
    """The pattern repeats exactly: last week's values are next week's, and no model can beat that."""
    value = np.tile([9, 1, 7, 3, 5, 0, 2], 40).astype(float) + np.repeat(np.tile([0, 1], 20), 7)
    naive = ahead(series(np.tile([9, 1, 7, 3, 5, 0, 2], 40), key="x"))
    found = ahead(series(value))

    assert state_of(naive)["method"] == "seasonal_naive"
    assert of(naive, "day")["p50"].tolist()[:7] == [9, 1, 7, 3, 5, 0, 2]
    assert state_of(naive)["said"].startswith("Seasonal naive forecast")
    assert state_of(found)["said"]


def test_without_a_backtest_nothing_but_the_naive_forecast_is_shown():
    found = ahead(series(weeks(52)), backtests=NO_BACKTESTS, tiers=TIERS)

    assert set(found.states["method"]) == {"seasonal_naive"}
    assert of(found, "day")["p50"].tolist()[:7] == weeks(52)[-7:].tolist()
    assert found.passages.empty


def test_a_backtest_looks_at_nothing_that_came_later():
    value = weeks(52)
    newest = MONDAY + 300
    early = look_back(pd.DataFrame([series(value[:301])]), newest)
    late = look_back(pd.DataFrame([series(value)]), newest)

    pd.testing.assert_frame_equal(early, late)


def test_a_forecast_is_the_same_alone_and_among_others_and_each_time():
    value = weeks(52)
    alone = ahead(series(value))
    among = ahead(
        series(weeks(52, seed=9), key="two"), series(value), series(weeks(30, seed=8), key="three", first=MONDAY + 154)
    )
    again = ahead(series(value))

    pd.testing.assert_frame_equal(alone.forecasts, again.forecasts)
    of_it = among.forecasts[among.forecasts["series"] == 1].assign(series=0).reset_index(drop=True)
    pd.testing.assert_frame_equal(of_it, alone.forecasts)


def test_the_way_into_a_better_tier_is_a_probability_that_grows_with_nearness():
    """Elite is more than one a day: 0.9 a day gets there by chance sooner or later, 0.3 a day hardly."""
    rng = np.random.default_rng(4)
    near, far, there = (rng.poisson(rate, 364).astype(float) for rate in (0.9, 0.3, 3.0))
    found = ahead(*(series(one, key=str(place)) for place, one in enumerate((near, far, there))), tiers=TIERS)
    chance = found.passages[found.passages["target_rank"] == 1].set_index("series")["chance"]

    assert chance[0] > 0.5 > 0.1 > chance[1]
    assert np.isnan(chance[2])
    half = found.passages.set_index(["series", "target_rank"])["half_date"]
    assert pd.notna(half[0, 1])
    assert pd.isna(half[1, 1])


@pytest.mark.parametrize("days", [0, 1, 41])
def test_a_young_series_says_that_its_history_is_too_short(days):
    found = ahead(series(np.full(days, 5.0)))

    assert state_of(found)["status"] == ("not_enough_history" if days else "no_data")
    assert str(days) in state_of(found)["said"] or not days
    assert found.forecasts.empty


def test_a_series_that_stopped_is_not_forecast_and_says_since_when():
    value = weeks(30)
    found = ahead(series(value), newest=MONDAY + 30 * 7 + 59)

    assert state_of(found)["status"] == "stopped"
    assert "2025-08-03" in state_of(found)["said"]  # the last Sunday of 30 weeks
    assert found.forecasts.empty


def test_what_cannot_be_is_left_out_and_counted():
    value = weeks(52)
    value[[50, 60, 70]] = np.inf, -np.inf, -3

    found = ahead(series(value))

    assert "3 values" in state_of(found)["said"]
    assert of(found, "week")["p50"].between(20, 32).all()


def test_of_a_day_told_twice_the_last_word_counts_and_the_order_of_days_does_not():
    value = weeks(52)
    order = np.random.default_rng(3).permutation(len(value))
    day, shuffled = np.arange(MONDAY, MONDAY + len(value))[order], value[order]
    twice = ahead(series(np.concatenate([shuffled * 0, shuffled]), day=np.concatenate([day, day])))

    pd.testing.assert_frame_equal(twice.forecasts, ahead(series(value)).forecasts)


@pytest.mark.parametrize("law", ["count", "ratio"])
def test_a_series_of_which_no_week_is_whole_has_days_ahead_and_says_why_it_has_no_weeks(law):
    value = weeks(52)
    value[::7] = np.nan  # every Monday is missing

    found = ahead(series(value, law, n=np.full(364, 9.0)))

    assert state_of(found, "day")["status"] == "ok"
    assert state_of(found, "week")["status"] == "no_data"
    assert "each of its days" in state_of(found, "week")["said"]
    assert set(found.forecasts["grain"]) == {"day"}


@pytest.mark.parametrize("law", ["count", "ratio", "duration"])
@pytest.mark.parametrize(
    "value",
    [
        [], [3.0], [np.nan] * 200, [0.0] * 200, [5.0] * 400, [np.inf] * 100, [-1.0] * 100,
        [np.nan] * 150 + [4.0] * 150, [4.0] * 150 + [np.nan] * 150, [1.0, np.nan] * 150, [1e300] * 100, [1e11] * 200,
        [1e-300] * 200,
    ],
    ids=[
        "empty", "one", "missing", "zero", "constant", "infinite", "negative", "starts", "stops", "gaps", "huge",
        "large", "tiny",
    ],
)  # fmt: skip
def test_no_input_is_too_bad_for_a_stated_result(law, value):
    found = ahead(series(value, law, n=np.full(len(value), 5.0)), tiers=TIERS)

    assert set(found.states["status"]) <= STATUSES
    assert set(found.forecasts["grain"]) == set(found.states.loc[found.states["status"] == "ok", "grain"])
    assert (found.states.loc[found.states["status"] != "ok", "said"] != "").all()
    assert np.isfinite(found.forecasts[["p10", "p50", "p90"]].to_numpy(float)).all()


def test_ten_years_are_forecast_as_well_as_one():
    long, short = weeks(522), weeks(522)[-364:]
    first = MONDAY + 3654 - 364

    many, few = ahead(series(long)), ahead(series(short, first=first))

    pd.testing.assert_frame_equal(of(many, "week"), of(few, "week"))


@settings(max_examples=20, deadline=None)
@given(
    law=st.sampled_from(["count", "ratio", "duration"]),
    value=st.lists(st.floats(allow_nan=True, allow_infinity=True), min_size=80, max_size=120),
    n=st.floats(allow_nan=True, allow_infinity=True),
)
def test_whatever_numbers_come_nothing_breaks(law, value, n):
    found = ahead(series(value, law, n=np.full(len(value), n)), tiers=TIERS)

    assert len(found.states) == 2
    assert set(found.states["status"]) <= STATUSES
    ordered = found.forecasts[["p10", "p50", "p90"]].to_numpy(float)
    assert (np.diff(ordered, axis=1) >= 0).all()


def test_other_seeds_give_other_futures_and_the_same_verdict():
    frame = pd.DataFrame([series(weeks(52))])
    newest = MONDAY + 363
    one, other = (look_back(frame, newest, Parameters(seed=seed)) for seed in (1, 2))

    assert not one["pinball"].equals(other["pinball"])
    assert (one["mase"] - other["mase"]).abs().max() < 0.1
