"""Series of the simulated company, by its truth: quiet years, and years into which causes are injected.

The company knows nothing of our laws: people write, review, merge, deploy and mend, and the counts are what comes
of it.
"""

from collections import defaultdict
from datetime import date, datetime, timedelta
from functools import lru_cache

import numpy as np
import pandas as pd

from benchmarks.anomalies.labels import Event, Labelled, Shape
from benchmarks.anomalies.observer import with_visibility
from roosevelt_pipeline.sandbox.company import Company, play
from roosevelt_pipeline.sandbox.store import Store
from roosevelt_pipeline.sandbox.truth import Truth, truth

FIRST, DAYS = date(2025, 1, 6), 364
KINDS = ("deployments", "incidents", "failure_rate", "lead_time")
COUNTRY = {"payments": "NL", "identity": "NL"}
ONSETS = (130, 230)  # the causes begin within these days


def simulated_series(seed: int, *, injected: bool) -> list[Labelled]:
    """Four series for each service of a year of the company, each with one cause or none."""
    told = _told(seed)
    found = []
    for service in sorted({one.service for one in told.deployments}):
        for kind in KINDS:
            rng = np.random.default_rng([seed, sum(map(ord, service)), KINDS.index(kind)])
            found.append(_labelled(rng, told, service, kind, injected))
    return found


@lru_cache(maxsize=1)
def _told(seed: int) -> Truth:
    """What happened without any cause: the same for both years of a seed."""
    store = Store.open(None)
    play(Company(seed=seed, start=FIRST, end=FIRST + timedelta(days=DAYS)), store)
    return truth(store)


def _row(instant: str) -> int:
    return (datetime.fromisoformat(instant).date() - FIRST).days


def _labelled(rng: np.random.Generator, told: Truth, service: str, kind: str, injected: bool) -> Labelled:
    onset = int(rng.integers(*ONSETS))
    lasts = int(rng.integers(10, 29))
    rows = slice(onset, onset + lasts)
    shape: Shape = "episode"
    value, n, law, bad, size = _measured(rng, told, service, kind, rows if injected else slice(0, 0))
    events = (Event(shape, onset, rows.stop - 1, rows.stop + 6, True, size),) if injected else ()
    expected, variance, drifting = known_parameters(law, value, n, rows)
    plain = Labelled(f"{service}-{kind}", kind, law, bad, FIRST, "", value, n, expected, variance, drifting, events)
    return with_visibility(plain)


def _measured(
    rng: np.random.Generator, told: Truth, service: str, kind: str, rows: slice
) -> tuple[np.ndarray, np.ndarray, str, str, float]:
    """Values, sizes, law and bad direction, with the cause at work in ``rows``."""
    shipped = [one for one in told.deployments if one.service == service and one.is_deployment and one.ended_at]
    counts = _counts([str(one.ended_at) for one in shipped])
    if kind == "deployments":
        size = float(rng.uniform(0.0, 0.3))
        counts[rows] = rng.binomial(counts[rows].astype(int), size)
        return counts, np.ones(DAYS), "count", "low", size
    if kind == "incidents":
        opened = _counts([one.opened_at for one in told.incidents if one.service == service and not one.excluded])
        size = float(rng.uniform(4, 10))
        opened[rows] += rng.poisson((size - 1) * max(opened.mean(), 1 / DAYS), len(opened[rows]))
        return opened, np.ones(DAYS), "count", "high", size
    if kind == "failure_rate":
        failed = _counts([str(one.ended_at) for one in shipped if one.failed])
        size = float(rng.uniform(0.4, 0.8))
        failed[rows] += rng.binomial((counts[rows] - failed[rows]).astype(int), size)
        return failed, counts, "ratio", "high", size
    hours = defaultdict(list)
    for one in told.changes:
        if one.service == service and one.deployed_at and not one.author_is_bot:
            took = datetime.fromisoformat(one.deployed_at) - datetime.fromisoformat(one.lead_time_from)
            hours[_row(one.deployed_at)].append(took.total_seconds() / 3600)
    value = np.array([np.median(hours[row]) if hours[row] else np.nan for row in range(DAYS)])
    size = float(rng.uniform(2, 5))
    value[rows] *= size
    return value, np.array([len(hours[row]) for row in range(DAYS)], float), "duration", "high", size


def _counts(instants: list[str]) -> np.ndarray:
    rows = [row for row in map(_row, instants) if 0 <= row < DAYS]
    return np.bincount(rows, minlength=DAYS).astype(float)


def known_parameters(law: str, value: np.ndarray, n: np.ndarray, rows: slice) -> tuple[np.ndarray, np.ndarray, float]:
    """What a year without the cause tells of the parameters: level, weekday profile, dispersion."""
    calm = np.ones(DAYS, bool)
    calm[rows] = False
    if law == "ratio":
        rate = value[calm].sum() / max(1.0, n[calm].sum())
        return rate * n, np.maximum(rate * (1 - rate) * n, 1e-9), 0.1
    seen = np.log(value) if law == "duration" else value
    calm &= np.isfinite(seen)
    weekday = np.asarray(pd.date_range(FIRST, periods=DAYS).day_of_week)
    typical = float(seen[calm].mean()) if calm.any() else 0.0
    means = [seen[calm & (weekday == day)].mean() if (calm & (weekday == day)).any() else typical for day in range(7)]
    expected = np.array(means)[weekday]
    spread = float(((seen[calm] - expected[calm]) ** 2).mean()) if calm.any() else 1.0
    if law == "duration":
        return expected, np.full(DAYS, max(spread, 1e-6)), 0.1
    dispersion = max(1.0, spread / max(float(expected[calm].mean()), 1e-9))
    return np.maximum(expected, 1e-3), dispersion * np.maximum(expected, 1e-3), 0.1
