"""Whether a series can be forecast at all, by which method, and why."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from roosevelt_pipeline.stats.calendars import Array
from roosevelt_pipeline.stats.forecasts.materials import Grain, Material, weekly_sums
from roosevelt_pipeline.stats.forecasts.parameters import Parameters

STATUSES = ("ok", "not_enough_history", "no_data", "stopped")
_STOPPED_AFTER = {"count": 28, "ratio": 91, "duration": 91}  # days without a value; counts have one on every day


@dataclass(frozen=True)
class Verdict:
    """Scaled errors of the last backtest: how the model did, and the seasonal naive forecast."""

    paths: float
    naive: float
    origins: int

    @property
    def is_model_better(self) -> bool:
        return self.paths < self.naive


@dataclass(frozen=True)
class State:
    """What can be said of one series and grain.

    Attributes:
        method: paths or seasonal_naive; missing where nothing is forecast.
        known: periods with data; ``first_row`` and ``last_row`` are the days of the first and last of them.
    """

    status: str
    method: str | None
    said: str
    known: int
    first_row: int | None
    last_row: int | None


def state(
    material: Material, series: int, grain: Grain, origin: int, verdict: Verdict | None, parameters: Parameters
) -> State:
    """Judge one series by the rows before ``origin``."""
    rows = _known_rows(material, series, grain, origin)
    if not len(rows):
        return State("no_data", None, "Nothing was measured.", 0, None, None)
    status, said = _status(material, rows, grain, origin, parameters)
    if status == "ok" and grain == "week" and not _knows_a_week(material, series, origin, parameters):
        status, said = "no_data", "No week was measured on each of its days."
    method = None
    if status == "ok":
        method, said = _method(material, series, rows, verdict)
    return State(status, method, said, len(rows), int(rows[0]), int(rows[-1]))


def _known_rows(material: Material, series: int, grain: Grain, origin: int) -> Array:
    if material.law == "duration" and grain == "week":
        weeks = np.nonzero(np.isfinite(material.weeks_value[series]) & (material.weeks_n[series] > 0))[0]
        rows = np.array([material.monday(int(week)) + 6 for week in weeks], dtype=int)
        return rows[rows < origin]
    known = np.isfinite(material.value[series, :origin])
    if material.law != "count":
        known &= np.nan_to_num(material.n[series, :origin]) > 0
    return np.nonzero(known)[0]


def _knows_a_week(material: Material, series: int, origin: int, parameters: Parameters) -> bool:
    """Whether there is a week of which all days are known; of ratios, on some of which something was tried."""
    if material.law == "duration":
        return True
    rows = slice(max(0, origin - parameters.memory_rows), origin)
    begun = origin - material.monday(material.week_of(origin))
    seen, tried = (weekly_sums(one[series, rows], begun) for one in (material.value, material.n))
    return bool((np.isfinite(seen) & ((tried > 0) | (material.law == "count"))).any())


def _status(material: Material, rows: Array, grain: Grain, origin: int, parameters: Parameters) -> tuple[str, str]:
    quiet_for = origin - 1 - int(rows[-1])
    if quiet_for > _STOPPED_AFTER[material.law]:
        last = material.days[int(rows[-1])].date()
        return "stopped", f"Nothing has been measured since {last}, {quiet_for} days before the newest day."
    is_weeks = material.law == "duration" and grain == "week"
    reach = (origin - int(rows[0])) // (7 if is_weeks else 1)
    least, wanted = (
        (parameters.least_weeks, parameters.history_weeks)
        if is_weeks
        else (parameters.least_rows, parameters.history_rows)
    )
    if reach < wanted or len(rows) < least:
        unit = "weeks" if is_weeks else "days"
        return "not_enough_history", (
            f"{len(rows)} {unit} with data within {reach}; a forecast needs {least} within {wanted}."
        )
    return "ok", ""


def _method(material: Material, series: int, rows: Array, verdict: Verdict | None) -> tuple[str, str]:
    if verdict is None:
        values = material.value[series, rows]
        if material.law == "count" and np.ptp(values) == 0:
            return "seasonal_naive", "Seasonal naive forecast: the value has never changed."
        return "seasonal_naive", "Seasonal naive forecast: too little came after any day to look back from."
    against = f"in {verdict.origins} looks back (scaled error {verdict.paths:.2f} against {verdict.naive:.2f})"
    if verdict.is_model_better:
        return "paths", f"The model was better than the seasonal naive forecast {against}."
    return "seasonal_naive", f"Seasonal naive forecast: the model was not better {against}."


def verdicts_of(rows: list[tuple[str, str, str, float, int]]) -> Mapping[tuple[str, str], Verdict]:
    """Verdicts by series key and grain.

    Args:
        rows: key, grain, method, scaled error and number of looks back of each line of a backtest.
    """
    found: dict[tuple[str, str], dict[str, tuple[float, int]]] = {}
    for key, grain, method, mase, origins in rows:
        found.setdefault((key, grain), {})[method] = (mase, origins)
    return {
        one: Verdict(both["paths"][0], both["seasonal_naive"][0], both["paths"][1])
        for one, both in found.items()
        if {"paths", "seasonal_naive"} <= both.keys()
    }
