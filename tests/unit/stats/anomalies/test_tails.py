"""Tail probabilities, against sums worked by hand."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from roosevelt_pipeline.stats.anomalies.tails import count_tail, mean_tail, ratio_tail

LOW, HIGH = np.array(False), np.array(True)


def one(value):
    return np.array([float(value)])


def test_no_event_where_three_were_expected_has_the_chance_e_to_the_minus_three():
    assert float(count_tail(np.array(0.0), np.array(3.0), np.array(3.0), LOW)) == pytest.approx(np.exp(-3), rel=1e-3)


def test_a_negative_binomial_of_mean_two_and_variance_four_halves_its_chance_as_counted_on_fingers():
    """Two failures of a fair coin: none before it has the chance 1/4, one 2/8, so at most one 1/2, at least two 1/2."""
    mean, variance = np.array(2.0), np.array(4.0)

    assert float(count_tail(np.array(0.0), mean, variance, LOW)) == pytest.approx(1 / 4)
    assert float(count_tail(np.array(1.0), mean, variance, LOW)) == pytest.approx(1 / 2)
    assert float(count_tail(np.array(2.0), mean, variance, HIGH)) == pytest.approx(1 / 2)


def test_a_uniform_rate_makes_every_number_of_hits_equally_likely():
    """Beta(1, 1) and four trials: five outcomes. Its variance is 4 * 1/4 * (1 + 3/3) = 2."""
    assert float(ratio_tail(one(3), one(4), one(0.5), one(2), one(1) > 0)[0]) == pytest.approx(2 / 5)
    assert float(ratio_tail(one(0), one(4), one(0.5), one(2), one(0) > 0)[0]) == pytest.approx(1 / 5)


def test_with_the_variance_of_a_binomial_it_is_one():
    """Two failures of three at one half: (3 + 1) / 8."""
    assert float(ratio_tail(one(2), one(3), one(0.5), one(0.75), one(1) > 0)[0]) == pytest.approx(0.5, rel=1e-4)


def test_ten_thousand_deployments_are_judged_like_four_hundred_of_the_same_rate():
    chance = ratio_tail(one(1_500), one(10_000), one(0.1), one(900), one(1) > 0)

    assert 0 < float(chance[0]) < 0.01


def test_students_t_agrees_with_the_published_table():
    for freedom, quantile in ((1, 12.706), (5, 2.571), (30, 2.042)):
        assert float(mean_tail(np.array(quantile), np.array(freedom), HIGH)) == pytest.approx(0.025, rel=1e-3)


@given(
    count=st.integers(0, 200), mean=st.floats(0.01, 200), excess=st.floats(0, 20)
)  # fmt: skip
def test_the_two_tails_of_a_count_overlap_in_the_count_itself(count, mean, excess):
    arguments = np.array(float(count)), np.array(mean), np.array(mean * (1 + excess))
    low, high = (float(count_tail(*arguments, side)) for side in (LOW, HIGH))

    assert 0 <= low <= 1
    assert 0 <= high <= 1
    assert low + high >= 1 - 1e-6
