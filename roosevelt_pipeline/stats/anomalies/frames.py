"""Series in, findings out: the frames around the search."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy import stats

from roosevelt_pipeline.stats.anomalies.incidents import Finding
from roosevelt_pipeline.stats.anomalies.parameters import LAWS, Parameters
from roosevelt_pipeline.stats.anomalies.search import search
from roosevelt_pipeline.stats.calendars import Array
from roosevelt_pipeline.stats.panels import Panel, panel_of

BATCH = 400  # series that are searched at once: it bounds memory, not what is found
INTERVAL = 0.95
WEEK = 7
FINDINGS = [
    "series", "is_high", "is_bad", "grain", "shape", "state", "onset_date", "found_date", "window_days", "ended_date",
    "observed", "expected", "expected_low", "expected_high", "n", "effect_ratio", "chance", "score",
]  # fmt: skip
STATUSES = ["series", "status", "rows_known", "first_date", "last_date", "left_out", "said"]


@dataclass(frozen=True)
class Found:
    """What a search found.

    Attributes:
        findings: one row per incident; columns `FINDINGS`. ``series`` is the index of the row that came in.
            ``observed`` and what was expected are of the window in which it was found: counts of counts, percent of
            ratios, hours (a median) of durations, the mean of means; missing bounds cannot be given.
        statuses: one row per series; columns `STATUSES`. ``status`` is ok, not_enough_history, no_data, or too_quiet
            (so little happens that even nothing at all could not be told from an ordinary month).
    """

    findings: pd.DataFrame
    statuses: pd.DataFrame


def find_anomalies(series: pd.DataFrame, parameters: Parameters | None = None) -> Found:
    """Search daily series for incidents.

    Args:
        series: one row per series, any index. Columns ``law`` (of `LAWS`), ``bad`` (``high`` or ``low``), ``country``
            (ISO 3166, or missing), and three of equally long lists: ``day`` (whole days since 1970-01-01, in any
            order), ``value`` (counts, hits, median hours, means), ``n`` (trials, items, persons; of counts ignored).
            A day that is absent has no value. Of several rows of one day the last counts. Values that cannot be
            (infinite, negative, past `LARGEST`, more hits than trials) are left out, and counted in ``statuses``.

    Returns:
        the same for the same input, whatever else is searched with it.
    """
    parameters = parameters or Parameters()
    findings: list[dict[str, object]] = []
    statuses: list[dict[str, object]] = []
    for law in LAWS:
        of_law = series[series["law"] == law]
        for start in range(0, len(of_law), BATCH):
            some = of_law.iloc[start : start + BATCH]
            panel, left_out = panel_of(law, some)
            found = search(panel, parameters) if len(panel.days) else []
            findings += [_row(panel, some.index[one.series], one) for one in found]
            statuses += list(_statuses(panel, some.index, left_out, parameters))
    return Found(
        pd.DataFrame(findings, columns=FINDINGS).sort_values(["series", "found_date"], ignore_index=True),
        pd.DataFrame(statuses, columns=STATUSES).sort_values("series", ignore_index=True),
    )


def _row(panel: Panel, series: object, finding: Finding) -> dict[str, object]:
    observed, expected, low, high = _figures(panel.law, finding)
    ended = panel.days[finding.ended] if finding.ended is not None else pd.NaT
    return {
        "series": series,
        "is_high": finding.is_high,
        "is_bad": finding.is_bad,
        "grain": "week" if finding.window >= WEEK else "day",
        "shape": _shape(finding),
        "state": finding.outcome,
        "onset_date": panel.days[finding.onset],
        "found_date": panel.days[finding.found],
        "window_days": finding.window,
        "ended_date": ended,
        "observed": observed,
        "expected": expected,
        "expected_low": low,
        "expected_high": high,
        "n": finding.exposure if panel.law == "ratio" else np.nan,
        "effect_ratio": finding.effect,
        "chance": finding.chance,
        "score": float(-np.log10(max(finding.chance, 1e-300))),
    }


def _shape(finding: Finding) -> str:
    """A spike is over within two rows; a level shift came to stay; what is open may still become either."""
    if finding.outcome == "new_normal":
        return "level_shift"
    if finding.ended is None:
        return "open"
    return "spike" if finding.ended - finding.onset < 2 else "episode"


def _figures(law: str, finding: Finding) -> tuple[float, float, float, float]:
    """Observed, expected, and the interval that holds 95 % of such windows while nothing is the matter."""
    mean, spread = finding.level * finding.exposure, float(np.sqrt(finding.variance))
    tail = (1 - INTERVAL) / 2
    if law == "count":
        variance = max(finding.variance, mean * 1.0001)
        p = mean / variance
        low, high = stats.nbinom.ppf([tail, 1 - tail], mean * p / (1 - p), p)
        return finding.seen, mean, float(low), float(high)
    reach = float(stats.norm.ppf(1 - tail) if law == "ratio" else stats.t.ppf(1 - tail, max(finding.freedom, 1.0)))
    observed, expected, reach = finding.seen / finding.exposure, finding.level, reach * spread / finding.exposure
    if law == "ratio":
        return 100 * observed, 100 * expected, 100 * max(0.0, expected - reach), 100 * min(1.0, expected + reach)
    if law == "duration":
        return tuple(float(np.exp(one)) for one in (observed, expected, expected - reach, expected + reach))  # type: ignore[return-value]
    return observed, expected, expected - reach, expected + reach


def _statuses(
    panel: Panel, index: pd.Index, left_out: list[int], parameters: Parameters
) -> Iterator[dict[str, object]]:
    with np.errstate(invalid="ignore"):
        known = np.isfinite(panel.value) & ((panel.n > 0) | (panel.law == "count"))
    for row, series in enumerate(index):
        rows = np.nonzero(known[row])[0]
        status, said = _status(panel, row, rows, parameters)
        if left_out[row]:
            said += f" {left_out[row]} values that cannot be were left out."
        yield {
            "series": series,
            "status": status,
            "rows_known": len(rows),
            "first_date": panel.days[rows[0]] if len(rows) else pd.NaT,
            "last_date": panel.days[rows[-1]] if len(rows) else pd.NaT,
            "left_out": left_out[row],
            "said": said.strip(),
        }


def _status(panel: Panel, row: int, rows: Array, parameters: Parameters) -> tuple[str, str]:
    if not len(rows):
        return "no_data", "Nothing was measured."
    reach = int(rows[-1] - rows[0]) + 1
    if reach <= parameters.history_rows or len(rows) <= parameters.least_rows:
        return "not_enough_history", (
            f"{len(rows)} days with data within {reach}; a baseline needs {parameters.least_rows} within "
            f"{parameters.history_rows}, and a day to compare with it."
        )
    recent = panel.value[row, rows[-parameters.baseline_rows :]]
    month = float(np.mean(recent)) * max(parameters.windows)
    if panel.law == "count" and not panel.is_bad_high[row] and np.exp(-month) > parameters.limits["count"].chance * 4:
        return "too_quiet", (
            f"{month:.1f} in {max(parameters.windows)} days: not even none at all could be told from an ordinary month."
        )
    return "ok", ""
