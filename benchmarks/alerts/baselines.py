"""Two standard deviations about the 28 days before, on every metric of every scope: what anybody would try first."""

import numpy as np

from benchmarks.alerts.happenings import FIRST
from benchmarks.alerts.replays import Known
from benchmarks.alerts.scoring import Told
from benchmarks.anomalies.baselines import rolling_sigma
from benchmarks.anomalies.labels import Labelled


def two_sigma(known: Known) -> list[Told]:
    """Flags that lie no more than a week apart are one alert, told on its first day."""
    told = []
    for (scope_type, scope, metric), items in known.items():
        value, n = items.daily()
        bad = "low" if metric == "deployment_frequency_per_day" else "high"
        series = Labelled("", metric, items.law, bad, FIRST, "", value, n, value, np.ones_like(value), 0.0)
        told += [(day, "two_sigma", metric, scope_type, scope) for day in rolling_sigma(series)]
    return told
