"""Quality held to a floor below what the benchmark measures: a mistake in drawing futures shows here within seconds."""

import pytest

from benchmarks.forecasts.scoring import passages, scores
from benchmarks.forecasts.windows import generated, real
from roosevelt_pipeline.stats.forecasts.parameters import Parameters


@pytest.fixture(scope="module")
def found():
    parts = [*list(generated(8, seed=404))[1:2], *list(real(odd=False))[::8]]
    return scores(parts, Parameters(origins=3, backtest_paths=100))


def test_forecasts_err_less_than_last_week_again_and_than_quantiles_of_twelve_weeks(found):
    errors = found.groupby("grain")[["mase", "naive_mase", "recent_mase"]].median()

    assert (errors["mase"] < 0.85 * errors["naive_mase"]).all()
    assert (errors["mase"] < errors["recent_mase"]).all()


def test_about_eight_of_ten_values_lie_between_p10_and_p90(found):
    assert found.groupby("grain")["coverage"].mean().between(0.74, 0.86).all()


def test_where_the_model_is_shown_it_mostly_beats_last_week_again(found):
    shown = found[found["is_shown"]]

    assert len(shown) > 0.5 * len(found)
    assert (shown["mase"] < shown["naive_mase"]).mean() > 0.75


def test_what_is_said_to_come_likely_comes_more_often_than_what_is_not():
    found = passages(list(real(odd=False))[::6], Parameters())
    likely, unlikely = found[found["chance"] > 0.7], found[found["chance"] < 0.3]

    assert likely["has_come"].mean() > 0.7
    assert unlikely["has_come"].mean() < 0.4
