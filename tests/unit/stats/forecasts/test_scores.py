"""Scores worked out by hand."""

import numpy as np
import pytest

from roosevelt_pipeline.stats.forecasts.backtests import origins
from roosevelt_pipeline.stats.forecasts.naive import draw_naive, last_season
from roosevelt_pipeline.stats.forecasts.parameters import Parameters
from roosevelt_pipeline.stats.forecasts.passages import Window, passage
from roosevelt_pipeline.stats.forecasts.scores import covered, naive_scale, quantiles, score

TEN = np.arange(1.0, 11.0)[:, None]  # ten futures of one period: 1 to 10


def test_of_ten_futures_the_first_the_fifth_and_the_ninth_are_the_quantiles():
    assert quantiles(TEN).ravel().tolist() == [1, 5, 9]


def test_a_count_stays_whole_and_a_period_without_a_value_is_left_out():
    paths = np.array([[0.0, np.nan], [3.0, np.nan], [3.0, 2.0]])

    assert quantiles(paths).tolist() == [[0, 2], [3, 2], [3, 2]]


def test_errors_are_scaled_by_last_week_again_and_pinball_weighs_both_sides():
    """Actual 8: the median misses by 3; pinball 0.1 x 7, 0.5 x 3 and 0.1 x 1, of which the mean is 2.3 / 3."""
    found = score(TEN, None, np.array([8.0]), 2.0)

    assert (found.n, found.mase) == (1, 1.5)
    assert found.pinball == pytest.approx(2.3 / 3 / 2)
    assert (found.coverage, found.plain_coverage) == pytest.approx((1.0, 1.0))


def test_a_value_that_most_futures_share_counts_with_the_part_that_eight_of_ten_would_hold():
    """Nine of ten futures are 0, their ranks 0 to 0.9: of these 0.1 to 0.9 lie inside, which is 8 of 9."""
    paths = np.array([0.0] * 9 + [1.0])[:, None]

    assert covered(paths, np.array([0.0]))[0] == pytest.approx(8 / 9)
    assert covered(paths, np.array([1.0]))[0] == pytest.approx(0.0)
    assert covered(paths, np.array([2.0]))[0] == 0.0


def test_what_never_changed_has_no_scale():
    assert naive_scale(np.ones(20), 7) == 0.0
    assert np.isnan(score(TEN, None, np.array([8.0]), 0.0).mase)
    assert np.isnan(naive_scale(np.array([1.0]), 7))


def test_last_week_again_takes_an_older_week_where_a_day_is_missing():
    past = np.array([1, 2, 3, 4, 5, 6, 7, 8, 9, np.nan, 11, 12, 13, 14], float)

    assert last_season(past, 7, 10).tolist() == [8, 9, 3, 11, 12, 13, 14, 8, 9, 3]


def test_the_naive_band_is_as_wide_as_weeks_have_differed():
    """Weeks that differ by exactly 4 from the one before, and not at all from the one before that."""
    past = np.tile(np.r_[np.full(7, 10.0), np.full(7, 14.0)], 6)
    drawn = draw_naive(past, 7, 14, 400, np.random.default_rng(1), np.inf)

    assert set(drawn[:, :7].ravel()) == {10.0, 18.0}
    assert set(drawn[:, 7:].ravel()) == {14.0}


def test_looks_back_have_the_whole_horizon_after_them():
    """Of 300 days, 42 for a beginning and 90 for an end: from day 210 back by 28 down to day 70."""
    assert origins(300, 0, Parameters()) == [70, 98, 126, 154, 182, 210]


def test_a_window_that_was_once_in_the_tier_has_got_there():
    """Four futures: one is there at once, one after 40 days, one for a day after 70 days, one never."""
    within = np.zeros((4, 90), bool)
    within[0], within[1, 40:], within[2, 70] = True, True, True
    found = passage(Window(0.5, within.astype(float), np.arange(100, 190)), within, 100)

    assert found.chance == 0.75
    assert found.by_month == (0.25, 0.5, 0.75)
    assert found.half_row == 140


@pytest.mark.parametrize("paths", range(3, 60))
def test_no_value_is_covered_more_than_wholly_however_many_futures_share_it(paths):
    for below in range(paths):
        values = np.array([0.0] * below + [1.0] + [2.0] * (paths - below - 1))[:, None]
        assert 0.0 <= covered(values, np.array([1.0]))[0] <= 1.0
