"""Surveys: few periods, but within each a sample whose own spread is known. Two-sample t, period against periods."""

import numpy as np

from roosevelt_pipeline.stats.anomalies.incidents import Finding, Tracker
from roosevelt_pipeline.stats.anomalies.parameters import SurveyParameters
from roosevelt_pipeline.stats.anomalies.tails import Array, mean_tail

_LEAST_SPREAD = 0.3  # of answers from 1 to 5: seven people who all said 4 are not that certain


def search_surveys(
    value: Array, spread: Array, n: Array, is_bad_high: Array, parameters: SurveyParameters | None = None
) -> list[Finding]:
    """Periods whose mean answer is not that of the periods before them.

    Args:
        value, spread, n: mean, standard deviation and number of the answers of each period; shape (series, periods).
            Periods with fewer than three answers, or without a finite mean, are as if nobody had been asked.
        is_bad_high: of each series, whether more is bad.

    Returns:
        as for `search.search`; rows are periods.
    """
    parameters = parameters or SurveyParameters()
    tracker = Tracker(*value.shape)
    known = np.isfinite(value) & (np.nan_to_num(n) >= parameters.least_answers)
    spread = np.maximum(np.nan_to_num(spread), _LEAST_SPREAD)
    for row in range(value.shape[1]):
        tracker.exclude(row)
        for series in np.nonzero(known[:, row])[0]:
            _judge(tracker, int(series), row, known, value, spread, n, bool(is_bad_high[series]), parameters)
    return tracker.findings


def _judge(
    tracker: Tracker,
    series: int,
    row: int,
    known: Array,
    value: Array,
    spread: Array,
    n: Array,
    is_bad_high: bool,
    parameters: SurveyParameters,
) -> None:
    tested = _tested(tracker, series, row, known, value, spread, n, parameters)
    if tested is None:
        return
    level, difference, variance, freedom = tested
    chance = float(mean_tail(np.array(abs(difference) / variance**0.5), np.array(freedom), np.array(True)))
    is_out = chance < parameters.chance and abs(difference) >= parameters.least
    finding = tracker.open.get(series)
    if finding is not None:
        if finding.is_high != (difference > 0) or abs(difference) < parameters.least / 2:
            tracker.close(series, row, row)
        elif row - finding.onset + 1 >= parameters.lasting_periods:
            tracker.accept(series, row)
    elif is_out:
        is_high = difference > 0
        tracker.raise_finding(
            Finding(series, is_high, is_high == is_bad_high, row, row, 1, float(value[series, row]), 1.0, level,
                    variance, chance, float(value[series, row] / level) if level else np.nan, freedom),
            same_cause_rows=0,
        )  # fmt: skip


def _tested(
    tracker: Tracker, series: int, row: int, known: Array, value: Array, spread: Array, n: Array,
    parameters: SurveyParameters,
) -> tuple[float, float, float, float] | None:  # fmt: skip
    """Level before, difference, its variance, degrees of freedom; nothing if too few periods came before."""
    usable = known[series] & ~tracker.excluded[series]
    before = [one for one in np.nonzero(usable[:row])[0] if one >= tracker.restart[series]]
    before = before[-parameters.baseline_periods :]
    needed = 1 if tracker.restart[series] else parameters.history_periods
    if len(before) < needed:
        return None
    counts = n[series, before]
    pooled = float(((counts - 1) * spread[series, before] ** 2).sum() / max(1.0, (counts - 1).sum()))
    weight = 1 / (pooled / counts + parameters.wandering**2)
    level = float((weight * value[series, before]).sum() / weight.sum())
    own = float(n[series, row])
    # The spread of both samples together: a small sample's own is too uncertain to stand alone.
    freedom = float((counts - 1).sum() + own - 1)
    both = (pooled * (counts - 1).sum() + spread[series, row] ** 2 * (own - 1)) / freedom
    variance = float(1 / weight.sum() + both / own + parameters.wandering**2)
    return level, float(value[series, row]) - level, variance, freedom
