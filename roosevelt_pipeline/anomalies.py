"""Marts in, analytics out: where the search for anomalies meets the warehouse's tables."""

import json
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass
from datetime import date, timedelta
from itertools import chain
from typing import Any

import numpy as np
import pandas as pd
import psycopg
from psycopg import sql

from roosevelt_pipeline.figure_series import series_of_figures
from roosevelt_pipeline.metric_series import directed_metrics, newest_day, records, series_of_metrics
from roosevelt_pipeline.settings import Settings
from roosevelt_pipeline.stats.anomalies.frames import find_anomalies
from roosevelt_pipeline.stats.anomalies.parameters import MODEL_VERSION, Parameters
from roosevelt_pipeline.stats.anomalies.wording import Incident, sentence
from roosevelt_pipeline.threads import worked_on
from roosevelt_pipeline.warehouse.connections import Role, Warehouse
from roosevelt_pipeline.warehouse.frames import read_frame, replace_rows

# The first is the same events as the deployment frequency, coarser; the second is a part of the failure rate; the
# third is about our own collecting, of which the data-health report tells.
LEFT_OUT = ("deployment_active_days_pct", "change_failure_rate_excluding_time_pct", "collection_reliability_pct")
_EXPLAINED_WINDOWS = (1, 7, 28, 90)


@dataclass(frozen=True)
class Search:
    """What a search of the whole warehouse found.

    Attributes:
        anomalies: rows of ``analytics.metric_anomalies``, worst first.
        series: rows of ``analytics.metric_anomaly_series``.
        values: of each series with an open alert, its value of each day: what a chart shows.
    """

    as_of: date | None
    anomalies: pd.DataFrame
    series: pd.DataFrame
    values: Mapping[tuple[str, str, str], pd.Series]

    @property
    def counts(self) -> dict[str, int]:
        """Open alerts, alerts raised on the newest day, good news that is open, and series by status."""
        open_ones = self.anomalies[self.anomalies["state"] == "open"]
        return {
            "open_alerts": int(open_ones["is_alert"].sum()),
            "new_alerts": int((self.anomalies["is_alert"] & (self.anomalies["found_date"] == self.as_of)).sum()),
            "open_good_news": int((~open_ones["is_alert"].astype(bool)).sum()),
            **{f"series_{status}": count for status, count in Counter(self.series["status"]).items()},
        }


def judge_anomalies(warehouse: Warehouse, settings: Settings, parameters: Parameters | None = None) -> Search:
    """Search every metric of every service, team and the organisation, and the weekly figures that were published.

    Both tables are replaced: each finding was made with the days up to ``found_date`` alone, so what was found on a day
    is found again, unless the marts have learnt something about the days before it. The same marts give the same rows.
    """
    parameters = parameters or Parameters()
    with warehouse.connect(Role.ANALYTICS) as connection:
        newest = newest_day(connection)
        if newest is None:
            return _write(connection, Search(None, pd.DataFrame(columns=_ANOMALIES), pd.DataFrame(columns=_STATES), {}))
        found = list(_found(connection, settings, newest, parameters))
        anomalies = pd.concat([one.anomalies for one in found], ignore_index=True)
        anomalies = anomalies.sort_values(["score", *_KEY], ascending=[False, *[True] * len(_KEY)], ignore_index=True)
        series = pd.concat([one.series for one in found], ignore_index=True)
        values = {key: value for one in found for key, value in one.values.items()}
        return _write(connection, Search(newest, anomalies, series, values))


_KEY = ["scope_type", "scope", "metric", "found_date", "is_high"]
_ANOMALIES = [
    *_KEY, "grain", "direction", "is_alert", "shape", "state", "onset_date", "ended_date", "window_start_date",
    "window_days", "observed_value", "expected_value", "expected_low", "expected_high", "unit", "n", "effect_ratio",
    "chance", "score", "said", "opened_by", "as_of_date", "model_version", "parameters",
]  # fmt: skip
_STATES = [
    "scope_type", "scope", "metric", "status", "days_known", "first_date", "last_date", "values_left_out", "said",
    "as_of_date", "model_version",
]  # fmt: skip


def _found(
    connection: "psycopg.Connection[Any]", settings: Settings, newest: date, parameters: Parameters
) -> Iterator[Search]:
    delivered = series_of_metrics(connection, settings, newest, LEFT_OUT)
    read = chain(delivered, series_of_figures(connection, settings, newest))
    # The search takes many small steps: two of them would wait for each other, one is worked on while others are read.
    return worked_on(lambda one: _of_metric(*one, newest, parameters), read, threads=1)


def _of_metric(metric: Mapping[str, Any], series: pd.DataFrame, newest: date, parameters: Parameters) -> Search:
    found = find_anomalies(series, parameters)
    known = {"metric": metric["metric"], "as_of_date": newest, "model_version": MODEL_VERSION}
    states = found.statuses.assign(**known).rename(columns={"rows_known": "days_known", "left_out": "values_left_out"})
    states[["scope_type", "scope"]] = series.loc[states["series"], ["scope_type", "scope"]].to_numpy()
    rows = [_row(metric, series.loc[one["series"]], one) for one in records(found.findings)]
    told = {**known, "parameters": json.dumps(asdict(parameters), sort_keys=True)}
    anomalies = pd.DataFrame([row | told for row in rows], columns=_ANOMALIES, dtype=object)
    wanted = found.findings[found.findings["is_bad"].astype(bool) & (found.findings["state"] == "open")]["series"]
    values = {
        (row["scope_type"], row["scope"], metric["metric"]): _daily(row)
        for _, row in series.loc[sorted(set(wanted))].iterrows()
    }
    for column in ("first_date", "last_date"):
        states[column] = pd.to_datetime(states[column]).dt.date
    return Search(newest, anomalies, states[_STATES], values)


def _daily(series: pd.Series) -> pd.Series:
    days = pd.to_datetime(np.asarray(series["day"]), unit="D")
    value = pd.Series(np.array(series["value"], dtype=float), days)
    return 100 * value / np.array(series["n"], dtype=float) if series["law"] == "ratio" else value


def _row(metric: Mapping[str, Any], series: pd.Series, finding: Mapping[str, Any]) -> dict[str, Any]:
    """A finding in the warehouse's words: of counts per day, how many there were."""
    law, days = series["law"], int(finding["window_days"])
    last = finding["found_date"].date()
    first = last - timedelta(days=days - 1)
    unit = str(metric["unit"]).removesuffix(" per day") if law == "count" else metric["unit"]
    incident = Incident(
        label=metric["label"], scope_type=series["scope_type"], scope=series["scope"], law=law, unit=unit,
        is_high=finding["is_high"], is_bad=finding["is_bad"], state=finding["state"], first=first, last=last,
        ended=None if pd.isna(finding["ended_date"]) else finding["ended_date"].date(),
        observed=finding["observed"], expected=finding["expected"], low=finding["expected_low"],
        high=finding["expected_high"], chance=finding["chance"],
    )  # fmt: skip
    window = next(length for length in _EXPLAINED_WINDOWS if length >= days)
    return {
        "scope_type": series["scope_type"], "scope": series["scope"], "found_date": last,
        "is_high": bool(finding["is_high"]), "grain": finding["grain"],
        "direction": "worse" if finding["is_bad"] else "better", "is_alert": bool(finding["is_bad"]),
        "shape": finding["shape"], "state": finding["state"], "onset_date": finding["onset_date"].date(),
        "ended_date": incident.ended, "window_start_date": first, "window_days": days,
        "observed_value": finding["observed"], "expected_value": finding["expected"],
        "expected_low": finding["expected_low"], "expected_high": finding["expected_high"], "unit": unit,
        "n": _events(series, first, last), "effect_ratio": finding["effect_ratio"], "chance": finding["chance"],
        "score": finding["score"], "said": sentence(incident),
        "opened_by": f"select * from space_summary where figure = '{metric['metric']}'" if law == "mean" else
                     f"roosevelt explain {metric['metric']} --scope {series['scope_type']}:{series['scope']} "
                     f"--date {last} --window {window}",
    }  # fmt: skip


def _events(series: pd.Series, first: date, last: date) -> int:
    day, epoch = np.asarray(series["day"]), date(1970, 1, 1)
    within = (day >= (first - epoch).days) & (day <= (last - epoch).days)
    return int(np.nansum(np.array(series["n"], dtype=float)[within]))


def _write(connection: "psycopg.Connection[Any]", found: Search) -> Search:
    with connection.transaction():
        replace_rows(connection, "analytics", "metric_anomalies", found.anomalies, where={})
        replace_rows(connection, "analytics", "metric_anomaly_series", found.series, where={})
    return found


def newly_raised(warehouse: Warehouse) -> tuple[int, int]:
    """Alerts that were raised on the newest day, and series that could be judged."""
    with warehouse.connect(Role.ANALYTICS) as connection:
        row = connection.execute(
            """
            select
                (select count(*) from analytics.metric_anomalies where is_alert and found_date = as_of_date),
                (select count(*) from analytics.metric_anomaly_series where status = 'ok')
            """
        ).fetchone()
    return (int(row[0]), int(row[1])) if row else (0, 0)


def unsearched(warehouse: Warehouse) -> list[str]:
    """Metrics that have a direction, and that the organisation has no state for."""
    with warehouse.connect(Role.ANALYTICS) as connection:
        searched = read_frame(
            connection, sql.SQL("select metric from analytics.metric_anomaly_series where scope_type = 'organization'")
        )
        wanted = {one["metric"] for one in directed_metrics(connection, LEFT_OUT)}
    return sorted(wanted - set(searched["metric"]))
