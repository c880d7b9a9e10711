"""From lists of periods to comparisons, on series that a reader can picture."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from roosevelt_pipeline.stats.correlations.coefficients import compare
from roosevelt_pipeline.stats.correlations.frames import COMPARISONS, find_correlations
from roosevelt_pipeline.stats.correlations.parameters import ASKED, Pair, Parameters, explored

ONE_PAIR = Parameters(pairs=(Pair("focus_hours", "defect_density", lags=(0,)),))
LAGGED = Parameters(pairs=(Pair("focus_hours", "defect_density"),))


def series(metric, value, scope="payments", law="mean", n=None, at=None, period="week"):
    value = np.asarray(value, float)
    return {
        "scope": scope, "metric": metric, "period": period, "law": law, "value": value,
        "at": np.arange(2_900, 2_900 + len(value)) if at is None else at,
        "n": np.ones(len(value)) if n is None else np.asarray(n, float),
    }  # fmt: skip


def look(*rows, parameters=ONE_PAIR):
    return find_correlations(pd.DataFrame(rows), parameters)


def only(found):
    (row,) = found.to_dict("records")
    return row


def noise(weeks, seed):
    return np.random.default_rng(seed).normal(20, 2, weeks)


def test_the_coefficients_are_those_of_the_changes():
    """Changes 1, 2, -3, 4 and 2, 1, -2, 3: ranks 2 3 1 4 and 3 2 1 4, so 1 - 6 (1 + 1) / (4 * 15) = 0.8."""
    one = only(look(series("focus_hours", [10, 11, 13, 10, 14]), series("defect_density", [5, 7, 8, 6, 9])))

    assert one["spearman"] == pytest.approx(0.8)
    assert one["pearson"] == pytest.approx(stats.pearsonr([1, 2, -3, 4], [2, 1, -2, 3]).statistic)
    assert one["periods"] == 4


def test_what_follows_another_in_every_week_is_strong_and_says_which_way():
    focus = noise(60, 1)

    one = only(look(series("focus_hours", focus), series("defect_density", 50 - focus + noise(60, 2) / 8)))

    assert (one["status"], one["is_significant"], one["is_strong"]) == ("ok", True, True)
    assert one["high"] < -0.7 > one["spearman"]


def test_two_trends_that_a_spreadsheet_finds_closely_related_are_not():
    rise = np.arange(60)

    one = only(
        look(series("focus_hours", 20 + rise + noise(60, 3)), series("defect_density", 90 - rise + noise(60, 4)))
    )

    assert one["levels_pearson"] < -0.95
    assert not one["is_significant"]


def test_what_follows_two_weeks_later_is_found_at_that_lag_alone():
    focus = noise(80, 5)
    later = np.concatenate([noise(2, 6), focus[:-2]]) + noise(80, 7) / 10

    found = look(series("focus_hours", focus), series("defect_density", later), parameters=LAGGED).set_index("lag")

    assert found.index.tolist() == [-2, -1, 0, 1, 2]
    assert found["pearson"].idxmax() == 2
    assert found.loc[2, "is_strong"]
    assert not found.loc[-2, "is_significant"]


def test_one_wild_week_in_both_is_no_relation():
    """Pearson's coefficient alone is taken in by it: the weaker of both has to be convincing."""
    focus, defects = noise(60, 8), noise(60, 9)
    focus[30], defects[30] = 500, 500

    one = only(look(series("focus_hours", focus), series("defect_density", defects)))

    assert one["pearson"] > 0.95
    assert not one["is_significant"]


def test_ten_weeks_are_not_enough_however_closely_they_go_together():
    focus = noise(11, 10)

    one = only(look(series("focus_hours", focus), series("defect_density", focus)))

    assert (one["status"], one["periods"], one["is_significant"]) == ("not_enough_periods", 10, False)
    assert np.isnan(one["chance"])


def test_weeks_that_are_missing_join_no_weeks_before_and_after_them():
    focus, defects = noise(40, 11), noise(40, 12)
    at = np.delete(np.arange(2_900, 2_941), 20)

    one = only(look(series("focus_hours", focus, at=at), series("defect_density", defects, at=at)))

    assert one["periods"] == 38


def test_a_failure_rate_that_only_knows_more_or_fewer_deployments_does_not_follow_their_number():
    """No failures at all: the rate is nought in every week, and constant, however the deployments go."""
    deployments = np.random.default_rng(13).poisson(8, 60) + 1
    parameters = Parameters(pairs=(Pair("deployments", "failures", lags=(0,)),))

    one = only(look(series("deployments", deployments, law="count"),
                    series("failures", np.zeros(60), law="ratio", n=deployments), parameters=parameters))  # fmt: skip

    assert one["status"] == "constant"


def test_each_scope_is_looked_at_alone():
    focus = noise(60, 14)
    found = look(
        series("focus_hours", focus, "payments"), series("defect_density", focus, "payments"),
        series("focus_hours", noise(60, 15), "search"), series("defect_density", noise(60, 16), "search"),
    )  # fmt: skip

    assert found.set_index("scope")["is_strong"].to_dict() == {"payments": True, "search": False}


def test_the_more_is_looked_at_the_less_a_small_chance_means():
    focus, defects = noise(60, 17), noise(60, 18)
    mild = [series("focus_hours", focus), series("defect_density", defects + 0.42 * focus)]
    alone = only(look(*mild))
    others = [
        series(metric, noise(60, seed + number), f"team {number}")
        for number in range(60)
        for metric, seed in (("focus_hours", 100), ("defect_density", 300))
    ]

    among = look(*mild, *others).set_index("scope").loc["payments"]

    assert alone["chance"] == among["chance"] < 0.05
    assert alone["is_significant"]
    assert not among["is_significant"]


@pytest.mark.parametrize(
    ("value", "status", "left_out"),
    [
        ([], "no_data", 0),
        ([3.0], "no_data", 0),
        (np.full(40, np.nan), "no_data", 0),
        (np.full(40, 7.0), "constant", 0),
        (np.full(40, np.inf), "no_data", 40),
        (-np.arange(1.0, 41), "no_data", 40),
        (np.arange(40.0), "constant", 0),  # the same change in each week
    ],
)
def test_what_tells_nothing_has_a_status(value, status, left_out):
    one = only(look(series("focus_hours", value), series("defect_density", noise(40, 19))))

    assert (one["status"], one["left_out"], one["is_significant"]) == (status, left_out, False)


def test_nothing_at_all_is_looked_at_without_complaint():
    empty = pd.DataFrame(columns=["scope", "metric", "period", "law", "at", "value", "n"])

    assert list(find_correlations(empty).columns) == COMPARISONS
    assert find_correlations(empty).empty


def test_of_a_week_told_twice_the_last_word_counts():
    focus = noise(40, 20)
    twice = series("focus_hours", [*(focus + 100), *focus], at=[*range(2_900, 2_940), *range(2_900, 2_940)])

    told = only(look(twice, series("defect_density", noise(40, 21))))
    once = only(look(series("focus_hours", focus), series("defect_density", noise(40, 21))))

    assert told["pearson"] == pytest.approx(once["pearson"])


@settings(max_examples=60, deadline=None)
@given(
    st.lists(st.tuples(st.integers(2_900, 2_960), st.floats(allow_nan=True, allow_infinity=True)), max_size=80),
    st.sampled_from(["count", "ratio", "duration", "mean"]),
)
def test_whatever_comes_in_a_status_comes_out(points, law):
    value = [value for _, value in points]
    row = series("focus_hours", value, law=law, n=np.full(len(value), 5.0), at=[at for at, _ in points])

    for one in look(row, series("defect_density", noise(60, 22)), parameters=LAGGED).to_dict("records"):
        assert one["status"] in {"ok", "not_enough_periods", "constant", "no_data"}
        assert (one["status"] == "ok") == np.isfinite(one["chance"]) == np.isfinite(one["fdr"])


def test_the_order_in_which_series_come_in_changes_nothing():
    rows = [series(metric, noise(50, seed), scope) for seed, (metric, scope) in enumerate(
        (metric, scope) for metric in ("focus_hours", "defect_density") for scope in ("a", "b", "c"))]  # fmt: skip

    one, other = look(*rows), look(*reversed(rows))

    pd.testing.assert_frame_equal(
        one.sort_values("scope", ignore_index=True), other.sort_values("scope", ignore_index=True)
    )


def test_the_exploration_is_bounded_and_asks_nothing_twice():
    pairs = [frozenset((one.first, one.second)) for one in (*ASKED, *explored())]

    assert len(set(pairs)) == len(pairs)
    assert len(explored()) <= 80
    assert not {"commits_count", "code_additions", "prs_created"} & set().union(*pairs)


@pytest.mark.parametrize("memory", [0.0, 0.6, 0.95, 1.0])
def test_independent_series_are_called_related_in_five_of_a_hundred_cases_at_most(memory):
    rng = np.random.default_rng(23)

    def wandering():
        noise = rng.normal(size=(3_000, 78))
        for week in range(1, 78):
            noise[:, week] += memory * noise[:, week - 1]
        return noise[:, 26:] + rng.uniform(-4, 4, (3_000, 1)) * np.linspace(0, 1, 52)

    found = compare(wandering(), wandering(), 0, memory=3)

    assert (found.chance < 0.05).mean() <= 0.055  # three thousand cases tell 5 % no better than that
    assert (found.effective >= 12).mean() > 0.95
