"""Quality held to a floor far below what the benchmark measures: a mistake in the search shows here within seconds."""

import pytest

from benchmarks.anomalies.detectors import ours
from benchmarks.anomalies.generator import generate
from benchmarks.anomalies.scoring import score, total
from benchmarks.anomalies.simulated import simulated_series

TEAM_METRICS = 12


def judged(series):
    return total([score(one, rows) for one, rows in zip(series, ours(series), strict=True)])


def test_most_alerts_on_generated_series_have_a_cause_and_most_causes_are_found():
    found = judged(generate(6, seed=404))

    assert found.precision >= 0.7
    assert found.recall >= 0.5


def test_quiet_years_are_quiet():
    series = generate(4, seed=505, quiet=True)
    quarters = sum(len(one.value) / (1 if one.law == "survey" else 91) for one in series)

    assert TEAM_METRICS * sum(map(len, ours(series))) / quarters <= 1.0


def test_causes_in_the_simulated_company_are_found():
    found = judged(simulated_series(11, injected=True))

    assert found.found >= 4
    assert found.false <= 2


@pytest.mark.soak
def test_of_fifty_simulated_years_most_causes_are_found_and_quiet_ones_stay_quiet():
    """Of those that an observer sees who knows the parameters; and one false alert a team and quarter at most."""
    found, false, years = total([]), 0, 0
    for seed in range(1, 51):
        found += judged(simulated_series(seed, injected=True))
        quiet = simulated_series(seed, injected=False)
        false, years = false + sum(map(len, ours(quiet))), years + len(quiet)

    assert found.recall >= 0.8
    assert TEAM_METRICS * false / (4 * years) <= 1.0
