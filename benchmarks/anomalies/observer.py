"""Which events could be seen at all: by an observer who knows the true parameters and looks through windows."""

from dataclasses import replace

import numpy as np
from scipy import special

from benchmarks.anomalies.labels import Event, Labelled

WINDOWS = (1, 2, 3, 5, 7, 14, 28)
SEEN_BELOW = 1e-4  # of one window; chosen before any detector was tried, and never since


def with_visibility(series: Labelled) -> Labelled:
    """Mark the events that the observer sees.

    The observer knows level, profile, holidays and dispersion, and how far the level wanders, but not where it has
    wandered to; knows what earlier events have made of the level; looks at every window of `WINDOWS` rows that lies
    within the event (of surveys, of one or two); and believes what has a chance under `SEEN_BELOW` without the event.
    """
    return replace(series, events=tuple(replace(one, is_visible=sees(series, one)) for one in series.events))


def sees(series: Labelled, event: Event) -> bool:
    """Whether one of the windows within the event is too improbable without it."""
    return first_seen(series, event) is not None


def first_seen(series: Labelled, event: Event) -> int | None:
    """Row on which the first such window ends; missing where the observer sees nothing."""
    rows = slice(event.onset, min(event.end, event.deadline) + 1)
    value, expected, variance = series.value[rows], *_as_it_was(series, event, rows)
    known = ~(np.isnan(value) | np.isnan(expected) | np.isnan(variance))
    value, expected, variance = (np.where(known, one, 0.0) for one in (value, expected, variance))
    is_low = (series.bad == "low") == event.is_bad
    seen = []
    for length in (1, 2) if series.law == "survey" else WINDOWS:
        if length <= len(value):
            chances = _chances(series, value, expected, variance, known, length, is_low)
            seen += [event.onset + length - 1 + int(row) for row in np.nonzero(chances < SEEN_BELOW)[0][:1]]
    return min(seen, default=None)


def _as_it_was(series: Labelled, event: Event, rows: slice) -> tuple[np.ndarray, np.ndarray]:
    expected, variance = series.expected[rows], series.variance[rows]
    if series.law == "count":
        factor = event.factor_before
        return factor * expected, factor * expected + factor**2 * (variance - expected)
    if series.law == "ratio":
        rate = series.expected[rows] / np.maximum(series.n[rows], 1)
        added = event.added_before * (rate if event.added_before < 0 else 1)
        changed = np.where(rate > 0, 1 + added / np.where(rate > 0, rate, 1), 1)
        return changed * expected, changed * variance
    if series.law == "duration":
        return expected + np.log(event.factor_before), variance
    return event.factor_before * expected + event.added_before, variance


def _chances(
    series: Labelled,
    value: np.ndarray,
    expected: np.ndarray,
    variance: np.ndarray,
    known: np.ndarray,
    length: int,
    is_low: bool,
) -> np.ndarray:
    """Of each window of a length, oldest first."""
    if series.law in ("count", "ratio"):
        count, mean, total = (_sums(one, length) for one in (value, expected, variance))
        mean = np.maximum(mean, 1e-9)
        total = np.maximum(total + (mean * series.drifting) ** 2, mean * 1.0001)
        size, p = mean**2 / (total - mean), mean / total
        chance = special.betainc(size, count + 1, p) if is_low else special.betainc(np.maximum(count, 1), size, 1 - p)
        return np.where(is_low | (count > 0), chance, 1.0)
    value = np.where(known, np.log(np.where(known, value, 1.0)), 0.0) if series.law == "duration" else value
    weight = np.where(known, 1 / np.where(known, variance, 1.0), 0.0)
    weights = _sums(weight, length)
    mean = _sums(weight * (value - expected), length) / np.maximum(weights, 1e-12)
    z = mean / np.sqrt(1 / np.maximum(weights, 1e-12) + series.drifting**2)
    return np.where(weights > 0, special.ndtr(z if is_low else -z), 1.0)


def _sums(values: np.ndarray, length: int) -> np.ndarray:
    return np.convolve(values, np.ones(length), "valid")
