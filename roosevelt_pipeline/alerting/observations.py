"""Marts and findings in, observations out: what rules look at, for each of some days."""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import date, timedelta
from functools import lru_cache

import pandas as pd

from roosevelt_pipeline.alert_settings import ANY, AlertRule
from roosevelt_pipeline.alerting.readings import Readings, Row
from roosevelt_pipeline.alerting.rules import Observation, Window
from roosevelt_pipeline.metric_series import country_of_scope
from roosevelt_pipeline.settings import Settings
from roosevelt_pipeline.stats.calendars import quiet_days

_BASELINE_DAYS, _LEAST_BASELINE_DAYS = 90, 28
_FIGURE_IS_OLD_DAYS = 14
_SATURDAY = 5
Key = tuple[str, str]


class Observations:
    """What can be seen of the metrics in a span of days, read metric by metric and once.

    Args:
        first, last: the days that rules will be held against.
    """

    def __init__(self, readings: Readings, settings: Settings, first: date, last: date) -> None:
        self._readings, self._settings, self._first, self._last = readings, settings, first, last
        self._labels = readings.labels()

    def of(self, rule: AlertRule) -> Iterator[Observation]:
        """Every scope that the rule is about, on every day of which something is known."""
        if rule.metric == ANY:
            found = self._anomalies(rule)
        elif rule.law == "figure":
            found = self._figures(rule)
        else:
            found = self._windows(rule)
            if rule.anomaly:
                found = self._with_anomalies(found)
            if rule.forecast_days:
                found = self._with_forecasts(rule, found)
        return (one for one in found if rule.is_about(one.scope_type, one.scope))

    def _windows(self, rule: AlertRule) -> Iterator[Observation]:
        days = rule.window_days
        since = self._first - timedelta(days=days + 7)
        places: dict[Key, dict[tuple[int, date], Row]] = defaultdict(dict)
        for row in self._readings.windows(rule, (days, _BASELINE_DAYS), since, self._last):
            places[row[0], row[1]][row[4], row[3]] = row
        for (scope_type, scope), rows in places.items():
            for length, day in rows:
                if length == days and self._first <= day <= self._last:
                    yield self._window(rule, scope_type, scope, rows, day)

    def _window(
        self, rule: AlertRule, scope_type: str, scope: str, rows: Mapping[tuple[int, date], Row], day: date
    ) -> Observation:
        length = rule.window_days
        now, earlier = rows[length, day], day - timedelta(days=length)
        first, zone = now[5], now[2]
        country = country_of_scope(self._settings, scope_type, scope, zone)
        before, base = rows.get((length, earlier)), rows.get((_BASELINE_DAYS, earlier))
        known = (earlier - first).days + 1
        label, unit, more_is_better = self._labels[rule.metric]
        return Observation(
            rule.metric, label, unit, rule.law, more_is_better, scope_type, scope, day,
            read_window(rule.law, unit, now, length, country) if (day - first).days + 1 >= length else Window(None, 0),
            read_window(rule.law, unit, before, length, country) if before and known >= length else None,
            read_window(rule.law, unit, base, min(known, _BASELINE_DAYS), country)
            if base and known >= _LEAST_BASELINE_DAYS else None,
        )  # fmt: skip

    def _figures(self, rule: AlertRule) -> Iterator[Observation]:
        """A week's figure stands until the next one, and not for longer than two weeks."""
        if rule.metric not in self._labels:  # the weekly run has not been yet
            return
        label, unit, more_is_better = self._labels[rule.metric]
        places: dict[Key, list[Row]] = defaultdict(list)
        for row in self._readings.figures(rule, self._first - timedelta(days=28), self._last):
            places[row[0], row[1]].append(row)
        for (scope_type, scope), rows in places.items():
            for day in _days(self._first, self._last):
                past = [row for row in rows if 0 <= (day - row[2]).days + 1 <= _FIGURE_IS_OLD_DAYS]
                newest = max(past, key=lambda row: row[2], default=None)
                value = newest[3] if newest else None
                yield Observation(
                    rule.metric, label, unit, "figure", more_is_better, scope_type, scope, day,
                    Window(value, (newest[4] or 0) if newest else 0),
                )  # fmt: skip

    def _anomalies(self, rule: AlertRule) -> Iterator[Observation]:
        """Of each series that was searched; what was found on a day was open from then on to its end."""
        said = self._found()
        for scope_type, scope, metric, is_searched in self._readings.searched():
            is_told = metric in self._labels and metric not in rule.except_metrics
            if not is_told or not rule.is_about(scope_type, scope):
                continue
            label, unit, more_is_better = self._labels[metric]
            for day in _days(self._first, self._last):
                yield Observation(
                    metric, label, unit, "any", more_is_better, scope_type, scope, day, Window(None, 0),
                    anomaly=_open_on(said.get((scope_type, scope, metric), ()), day), is_searched=is_searched,
                )  # fmt: skip

    def _with_anomalies(self, seen: Iterator[Observation]) -> Iterator[Observation]:
        said = self._found()
        searched = {(row[0], row[1], row[2]) for row in self._readings.searched() if row[3]}
        for one in seen:
            key = (one.scope_type, one.scope, one.metric)
            yield replace(one, anomaly=_open_on(said.get(key, ()), one.day), is_searched=key in searched)

    def _found(self) -> dict[tuple[str, str, str], list[Row]]:
        said: dict[tuple[str, str, str], list[Row]] = defaultdict(list)
        for row in self._readings.anomalies(self._first, self._last):
            said[row[0], row[1], row[2]].append(row)
        return said

    def _with_forecasts(self, rule: AlertRule, seen: Iterator[Observation]) -> Iterator[Observation]:
        ahead: dict[Key, list[tuple[date, float]]] = defaultdict(list)
        for scope_type, scope, day, middle in self._readings.forecasts(rule.metric):
            ahead[scope_type, scope].append((day, _in_unit(self._labels[rule.metric][1], middle)))
        # A forecast is known for the day that it was made on alone: history is not replayed with what came later.
        every = list(seen)
        newest = {(one.scope_type, one.scope): one.day for one in sorted(every, key=lambda one: one.day)}
        for one in every:
            known = one.day == newest[one.scope_type, one.scope]
            yield replace(one, forecast=tuple(ahead[one.scope_type, one.scope]) if known else ())


def read_window(law: str, unit: str, row: Row, length: int, country: str | None) -> Window:
    n, hits, median, p90 = row[6] or 0.0, row[7] or 0.0, row[8], row[9]
    last: date = row[3]
    if law == "count":
        return Window(
            n / length if unit.endswith("per day") else n,
            n,
            days=_work_days(country, last - timedelta(days=length - 1), last),
        )
    if law == "ratio":
        return Window(100 * hits / n if n else None, n, hits, length)
    if law == "days":
        return Window(100 * hits / length, float(length), hits, length)
    return Window(median if n else None, n, days=length, p90=p90)


def _in_unit(unit: str, of_a_week: float) -> float:
    return of_a_week / 7 if unit.endswith("per day") else of_a_week


def _open_on(rows: Sequence[Row], day: date) -> str | None:
    """The sentence of the worst that was open; what ended that day no longer was."""
    return next((row[5] for row in reversed(rows) if row[3] <= day and (row[6] is None or day < row[6])), None)


def _days(first: date, last: date) -> list[date]:
    return [first + timedelta(days=at) for at in range((last - first).days + 1)]


@lru_cache(maxsize=100_000)
def _work_days(country: str | None, first: date, last: date) -> float:
    days = pd.date_range(first, last)
    quiet = quiet_days(days, country)
    return float(sum(day.weekday() < _SATURDAY and not off for day, off in zip(days, quiet, strict=True)))
