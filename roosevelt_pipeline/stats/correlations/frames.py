"""Series in, comparisons out: the frames around the coefficients."""

from collections.abc import Mapping

import numpy as np
import pandas as pd

from roosevelt_pipeline.stats.correlations.coefficients import Array, Coefficients, compare
from roosevelt_pipeline.stats.correlations.discoveries import false_discovery_rates
from roosevelt_pipeline.stats.correlations.parameters import Pair, Parameters

LARGEST = 1e12
COMPARISONS = [
    "scope", "metric_a", "metric_b", "lag", "period", "is_asked", "status", "first_period", "last_period", "periods",
    "effective_periods", "pearson", "spearman", "low", "high", "levels_pearson", "chance", "fdr", "is_significant",
    "is_strong", "left_out",
]  # fmt: skip


def find_correlations(series: pd.DataFrame, parameters: Parameters | None = None) -> pd.DataFrame:
    """Hold the metrics of each scope against each other over time.

    Args:
        series: one row per scope and metric. Columns ``scope`` (anything that can be a key), ``metric``, ``period``
            (``week`` or ``quarter``), ``law`` (of `LAWS`), and three of equally long lists: ``at`` (whole numbers of
            periods, in any order), ``value`` (counts, hits, median hours, means), ``n`` (trials of ratios, else
            ignored). What is absent is unknown; of several values of one period the last counts; values that cannot be
            (infinite, negative, past `LARGEST`, more hits than trials) are left out and counted.

    Returns:
        one row per scope, pair and lag for which both series came in; columns `COMPARISONS`. ``status`` is ok, no_data
        (no change of both at once is known), constant, or not_enough_periods; only what is ok was tested, has a
        ``chance``, and counts in the false-discovery rate ``fdr`` over all of them. Both coefficients are of the
        changes from period to period.
    """
    parameters = parameters or Parameters()
    panels = {
        (str(metric), str(period)): _Panel(rows)
        for (metric, period), rows in series.groupby(["metric", "period"], sort=True)
    }
    parts = [
        _compared(panels[pair.first, pair.period], panels[pair.second, pair.period], pair, lag, parameters)
        for pair in parameters.pairs
        if {(pair.first, pair.period), (pair.second, pair.period)} <= panels.keys()
        for lag in pair.lags
    ]
    found = pd.concat(parts, ignore_index=True) if parts else pd.DataFrame(columns=COMPARISONS)
    found["fdr"] = false_discovery_rates(found["chance"].to_numpy(float))
    weaker = np.minimum(found["pearson"].abs().to_numpy(float), found["spearman"].abs().to_numpy(float))
    agree = found["pearson"].to_numpy(float) * found["spearman"].to_numpy(float) > 0
    found["is_significant"] = (found["fdr"].to_numpy(float) < parameters.most_false) & agree
    found["is_strong"] = found["is_significant"] & (weaker > parameters.strong)
    return found[COMPARISONS]


class _Panel:
    """One metric of all scopes on one calendar, on a scale on which a change means the same at any level."""

    def __init__(self, rows: pd.DataFrame) -> None:
        self.row_of: Mapping[object, int] = {scope: row for row, scope in enumerate(rows["scope"])}
        at = [np.asarray(one, dtype=np.int64) for one in rows["at"]]
        filled = [one for one in at if len(one)]
        self.first = min(map(min, filled)) if filled else 0
        length = (max(map(max, filled)) - self.first + 1) if filled else 0
        self.values = np.full((len(rows), length), np.nan)
        self.left_out = np.zeros(len(rows), int)
        for row, (places, value, n, law) in enumerate(zip(at, rows["value"], rows["n"], rows["law"], strict=True)):
            known, left_out = _scaled(law, np.array(value, float), np.array(n, float))
            self.values[row, places - self.first] = known
            self.left_out[row] = left_out

    def on(self, scopes: list[object], first: int, length: int) -> Array:
        """The scopes' values on a longer calendar."""
        panel = np.full((len(scopes), length), np.nan)
        if self.values.shape[1]:
            start = self.first - first
            panel[:, start : start + self.values.shape[1]] = self.values[[self.row_of[one] for one in scopes]]
        return panel


def _scaled(law: str, value: Array, n: Array) -> tuple[Array, int]:
    """Logarithms of durations, roots of counts; ratios and means as they are. And how many cannot be.

    A ratio stays what it is: on any other scale its mean depends on how many trials there were, and every ratio would
    move together with its own trials.
    """
    with np.errstate(invalid="ignore", divide="ignore"):
        wrong = (value < 0) | (value > LARGEST) | np.isinf(value)
        if law == "ratio":
            wrong |= np.isfinite(value) & ((n > LARGEST) | (value > n))
        value = np.where(wrong, np.nan, value)
        if law == "duration":
            value = np.where(value > 0, np.log(value), np.nan)
        elif law == "count":
            value = np.sqrt(value + 0.375)
        elif law == "ratio":
            value = np.where(n > 0, value / n, np.nan)
    return value, int(wrong.sum())


def _compared(one: _Panel, other: _Panel, pair: Pair, lag: int, parameters: Parameters) -> pd.DataFrame:
    scopes = [scope for scope in one.row_of if scope in other.row_of]
    filled = [panel for panel in (one, other) if panel.values.shape[1]] or [one]
    first = min(panel.first for panel in filled)
    length = max(panel.first + panel.values.shape[1] for panel in filled) - first
    left, right = one.on(scopes, first, length), other.on(scopes, first, length)
    figures = compare(left, right, lag, parameters.memory)
    status = _status(figures, parameters)
    known = np.isfinite(left) & np.isfinite(right)
    reach = [(np.flatnonzero(row) + first)[[0, -1]] if row.any() else (pd.NA, pd.NA) for row in known]
    return pd.DataFrame(
        {
            "scope": pd.Series(scopes, dtype=object), "metric_a": pair.first, "metric_b": pair.second, "lag": lag,
            "period": pair.period, "is_asked": pair.is_asked, "status": status,
            "first_period": pd.array([low for low, _ in reach], dtype="Int64"),
            "last_period": pd.array([high for _, high in reach], dtype="Int64"),
            "periods": figures.periods, "effective_periods": figures.effective, "pearson": figures.pearson,
            "spearman": figures.spearman, "low": figures.low, "high": figures.high,
            "levels_pearson": figures.levels, "chance": np.where(status == "ok", figures.chance, np.nan),
            "left_out": [int(one.left_out[one.row_of[s]] + other.left_out[other.row_of[s]]) for s in scopes],
        }
    )  # fmt: skip


def _status(figures: Coefficients, parameters: Parameters) -> Array:
    too_few = figures.effective < parameters.least_periods
    return np.select(
        [figures.periods == 0, figures.is_constant, too_few], ["no_data", "constant", "not_enough_periods"], "ok"
    )
