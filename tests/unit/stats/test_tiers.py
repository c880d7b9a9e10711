"""Cut-offs at their edges, from the seed that ships."""

import numpy as np
import pandas as pd
import pytest

from roosevelt_pipeline.settings import PROJECT_ROOT
from roosevelt_pipeline.stats.tiers import BOUNDS, ranked_bands, ranks_of, tier_of, with_tiers

SEED = PROJECT_ROOT / "dbt_project" / "seeds" / "tier_editions.csv"
FREQUENCY = "deployment_frequency_per_day"
LEAD_TIME = "change_lead_time_hours"
FAILURE_RATE = "change_failure_rate_pct"
RECOVERY = "failed_deployment_recovery_time_hours"


@pytest.fixture(scope="module")
def ours() -> pd.DataFrame:
    editions = pd.read_csv(SEED, dtype={"edition": str})
    return editions[editions["edition"] == "roosevelt-2026"]


@pytest.mark.parametrize(
    ("deployments", "days", "tier"),
    [
        (29, 28, "Elite"),
        (28, 28, "High"),
        (4, 28, "High"),
        (1, 7, "High"),
        (3, 28, "Medium"),
        (1, 30, "Medium"),
        (3, 90, "Medium"),
        (2, 90, "Low"),
        (0, 7, "Low"),
    ],
)
def test_more_than_one_deployment_a_day_is_elite_and_exactly_one_is_high(deployments, days, tier, ours):
    assert tier_of(deployments / days, FREQUENCY, ours) == tier


@pytest.mark.parametrize(
    ("hours", "tier"),
    [(0, "Elite"), (23.99, "Elite"), (24, "High"), (167.9, "High"), (168, "Medium"), (719, "Medium"), (720, "Low")],
)
def test_a_lead_time_of_exactly_a_day_is_no_longer_elite(hours, tier, ours):
    assert tier_of(hours, LEAD_TIME, ours) == tier


@pytest.mark.parametrize(
    ("percent", "tier"),
    [(0, "Elite"), (14.99, "Elite"), (15, "High"), (30, "Medium"), (44.9, "Medium"), (45, "Low"), (100, "Low")],
)
def test_a_failure_rate_of_exactly_15_percent_is_high(percent, tier, ours):
    assert tier_of(percent, FAILURE_RATE, ours) == tier


@pytest.mark.parametrize(("hours", "tier"), [(0.99, "Elite"), (1, "High"), (24, "Medium"), (168, "Low")])
def test_recovery_within_the_hour_is_elite_and_on_the_hour_is_not(hours, tier, ours):
    assert tier_of(hours, RECOVERY, ours) == tier


def test_what_was_not_measured_has_no_tier(ours):
    assert tier_of(None, LEAD_TIME, ours) is None
    assert tier_of(float("nan"), LEAD_TIME, ours) is None


def test_a_metric_without_published_bands_has_no_tier(ours):
    assert tier_of(3.0, "deployment_rework_rate_pct", ours) is None


def test_too_little_data_is_not_judged_whatever_its_value(ours):
    metrics = pd.DataFrame(
        {
            "metric": [FAILURE_RATE, FAILURE_RATE, LEAD_TIME],
            "value": [0.0, 0.0, None],
            "status": ["ok", "insufficient_data", "no_data"],
        },
        index=[7, 8, 9],
    )

    assert with_tiers(metrics, ours)["tier"].to_dict() == {7: "Elite", 8: None, 9: None}


@pytest.mark.parametrize("edition", ["roosevelt-2026", "2024", "2023", "2021"])
@pytest.mark.parametrize("metric", [FREQUENCY, LEAD_TIME, FAILURE_RATE, RECOVERY])
def test_every_value_has_exactly_one_tier_in_every_edition(edition, metric):
    editions = pd.read_csv(SEED, dtype={"edition": str})
    one = editions[editions["edition"] == edition]
    edges = one.loc[one["metric"] == metric, "lower_bound"].dropna().tolist()
    probes = [0.0, *edges, *[edge + 1e-9 for edge in edges], *[edge - 1e-9 for edge in edges if edge], 1e6]

    for value in probes:
        holding = [tier for tier in one["tier"].unique() if tier_of(value, metric, one[one["tier"] == tier])]
        assert len(holding) == 1, (value, holding)


def test_whole_arrays_get_the_ranks_that_single_values_get():
    bands = pd.DataFrame(
        [["rate", "High", 1, None, True, 1, True], ["rate", "Low", 2, 1, False, 3, False]],
        columns=["metric", "tier", "tier_rank", *BOUNDS],
    )
    values = np.array([0.5, 1.0, 1.01, 3.0, np.nan])

    assert ranks_of(values, ranked_bands("rate", bands)).tolist() == [1, 1, 2, np.inf, np.inf]
