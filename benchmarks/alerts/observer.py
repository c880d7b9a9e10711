"""Which causes can be seen, and when first: by an observer who has seen the year without them."""

import numpy as np

from benchmarks.alerts.causes import Cause, Kind
from benchmarks.alerts.happenings import FIRST
from benchmarks.alerts.replays import Known
from benchmarks.anomalies.labels import Event, Labelled
from benchmarks.anomalies.observer import first_seen
from benchmarks.anomalies.simulated import known_parameters

WATCHED: dict[Kind, tuple[str, ...]] = {
    "blocked": ("deployment_frequency_per_day",),
    "failing": ("change_failure_rate_pct",),
    "incidents": ("incidents_opened",),
    "slow": ("change_lead_time_hours",),
}


def seen_on(cause: Cause, calm: Known, known: Known) -> int | None:
    """Day on which the observer is first sure of it; missing where never.

    The observer knows level, weekday profile and dispersion of the metric by the same year without any cause, and how
    far such a level wanders; looks at the team, by each window within the cause; and believes what has less than 1
    chance in 10,000.
    """
    days = [_first(cause, calm, known, metric) for metric in WATCHED[cause.kind]]
    return min((day for day in days if day is not None), default=None)


def _first(cause: Cause, calm: Known, known: Known, metric: str) -> int | None:
    items = known["team", cause.team, metric]
    expected, variance, drifting = known_parameters(items.law, *calm["team", cause.team, metric].daily(), slice(0, 0))
    value, n = items.daily()
    if items.law == "ratio":
        expected, variance = _per_trial(expected, variance, calm["team", cause.team, metric].daily()[1], n)
    bad = "low" if metric == "deployment_frequency_per_day" else "high"
    series = Labelled("", metric, items.law, bad, FIRST, "", value, n, expected, variance, drifting)
    return first_seen(series, Event("episode", cause.onset, cause.end, cause.end, True, cause.size))


def _per_trial(
    expected: np.ndarray, variance: np.ndarray, of: np.ndarray, n: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """A rate of the calm year, at the trials of the other."""
    some = max(1.0, float(of.sum()))
    return expected.sum() / some * n, np.maximum(variance.sum() / some * n, 1e-9)
