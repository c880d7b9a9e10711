"""Marts in, analytics out: where the search for what moves together meets the warehouse's tables."""

import json
from collections import Counter
from collections.abc import Mapping, Set
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

import numpy as np
import pandas as pd
import psycopg
from psycopg import sql

from roosevelt_pipeline.metric_series import LAW_OF_AGGREGATION, newest_day, records
from roosevelt_pipeline.metric_weeks import MONDAY, SCOPES, is_measured, monday_of, read_weeks
from roosevelt_pipeline.stats.correlations.frames import find_correlations
from roosevelt_pipeline.stats.correlations.parameters import MODEL_VERSION, Parameters
from roosevelt_pipeline.stats.correlations.wording import Comparison, sentence
from roosevelt_pipeline.warehouse.connections import Role, Warehouse
from roosevelt_pipeline.warehouse.frames import read_frame, replace_rows

LONGEST_DAYS = 3 * 366
LEAST_WEEKS_OF_A_QUARTER = 7
_CATALOG = sql.SQL(
    """
    select metric, label, aggregation, true as is_delivery from reference.metric_catalog
    union all
    select figure, label, aggregation, false from reference.space_catalog
    """
)
# Nothing but what the gate let through: this view holds it, and figures of code that are not about persons.
_FIGURES = sql.SQL(
    """
    select distinct scope_type, scope, figure as metric, period, period_start, value
    from bi.space_summary
    where
        status = 'ok' and value is not null and scope_type = any(%s) and figure = any(%s)
        and period_start > %s
    order by scope_type, scope, metric, period_start
    """
)
COLUMNS = [
    "scope_type", "scope", "metric_a", "metric_b", "period", "lag_periods", "is_asked", "status", "first_date",
    "last_date", "periods_count", "effective_periods", "pearson", "pearson_low", "pearson_high", "spearman",
    "levels_pearson", "chance", "fdr", "is_significant", "is_strong", "values_left_out", "said", "as_of_date",
    "model_version", "parameters",
]  # fmt: skip


@dataclass(frozen=True)
class Looked:
    """What was looked at.

    Attributes:
        comparisons: rows of ``analytics.metric_correlations``; the least probable first.
        series: what they were made from, as `find_correlations` takes it.
        labels: of each metric.
    """

    as_of: date | None
    comparisons: pd.DataFrame
    series: pd.DataFrame
    labels: Mapping[str, str]

    @property
    def counts(self) -> dict[str, int]:
        """Comparisons that were tested, significant and strong ones, and all by status."""
        return {
            "tested": int((self.comparisons["status"] == "ok").sum()),
            "significant": int(self.comparisons["is_significant"].sum()),
            "strong": int(self.comparisons["is_strong"].sum()),
            **{f"comparisons_{one}": count for one, count in Counter(self.comparisons["status"]).items()},
        }


def judge_correlations(warehouse: Warehouse, parameters: Parameters | None = None) -> Looked | None:
    """Hold the metrics of every service, team and the organisation against each other, and write what was seen.

    The table is replaced: a comparison counts among those that were made with it. The same marts give the same rows.

    Returns:
        what was looked at; nothing where no daily run has built the marts yet.
    """
    parameters = parameters or Parameters()
    with warehouse.connect(Role.ANALYTICS) as connection:
        if not is_measured(connection):
            return None
        newest = newest_day(connection)
        catalog = {str(one["metric"]): one for one in records(read_frame(connection, _CATALOG))}
        series = _series(connection, catalog, newest, parameters) if newest else _frame([])
        labels = {metric: str(one["label"]) for metric, one in catalog.items()}
        rows = _rows(find_correlations(series, parameters), labels, newest, parameters)
        replace_rows(connection, "analytics", "metric_correlations", rows, where={})
        return Looked(newest, rows, series, labels)


def _series(
    connection: "psycopg.Connection[Any]",
    catalog: Mapping[str, Mapping[str, Any]],
    newest: date,
    parameters: Parameters,
) -> pd.DataFrame:
    wanted = {(metric, str(pair.period)) for pair in parameters.pairs for metric in (pair.first, pair.second)}
    since = newest - timedelta(days=LONGEST_DAYS)
    weekly = sorted(metric for metric, period in wanted if period == "week")
    of_deliveries = [metric for metric in weekly if metric in catalog and catalog[metric]["is_delivery"]]
    of_groups = sorted({metric for metric, _ in wanted if metric in catalog and not catalog[metric]["is_delivery"]})
    found = [_of_deliveries(connection, metric, catalog[metric]["aggregation"], since) for metric in of_deliveries]
    found.append(_of_groups(read_frame(connection, _FIGURES, [SCOPES, of_groups, since]), catalog, wanted))
    known = pd.concat([_frame([]), *(one for one in found if len(one))], ignore_index=True)
    return pd.concat([known, _absent(known, parameters)], ignore_index=True)


def _absent(known: pd.DataFrame, parameters: Parameters) -> pd.DataFrame:
    """Empty series, so that who asked for a pair is told that there is nothing, rather than nothing."""
    groups = sorted({scope for scope in known["scope"] if scope[0] != "service"})
    asked = {
        (metric, pair.period) for pair in parameters.pairs if pair.is_asked for metric in (pair.first, pair.second)
    }
    there = set(zip(known["scope"], known["metric"], known["period"], strict=True))
    return _frame(
        [
            {"scope": scope, "metric": metric, "period": period, "law": "mean", "at": [], "value": [], "n": []}
            for scope in groups
            for metric, period in sorted(asked)
            if (scope, metric, period) not in there
        ]
    )


def _frame(rows: list[dict[str, Any]]) -> pd.DataFrame:
    return pd.DataFrame(rows, columns=["scope", "metric", "period", "law", "at", "value", "n"], dtype=object)


def _of_deliveries(connection: "psycopg.Connection[Any]", metric: str, aggregation: str, since: date) -> pd.DataFrame:
    law = LAW_OF_AGGREGATION[aggregation]
    weeks = read_weeks(connection, metric, law, since)
    return _frame(
        [
            {**one, "scope": (one["scope_type"], one["scope"]), "metric": metric, "period": "week", "law": law}
            for one in records(weeks)
        ]
    )


def _of_groups(
    figures: pd.DataFrame, catalog: Mapping[str, Mapping[str, Any]], wanted: Set[tuple[str, str]]
) -> pd.DataFrame:
    """Published figures as series; what is published weekly and wanted by quarters as means over their weeks."""
    rows = []
    for key, some in figures.groupby(["scope_type", "scope", "metric", "period"]):
        scope_type, scope, metric, period = map(str, key)
        starts, values = list(some["period_start"]), some["value"].to_numpy(float)
        law = "count" if catalog[metric]["aggregation"] == "sum" else "mean"
        known = {"scope": (scope_type, scope), "metric": metric, "law": law}
        if (metric, period) in wanted:
            at = [_place(start, period) for start in starts]
            rows.append(known | {"period": period, "at": at, "value": values, "n": np.ones(len(values))})
        if period == "week" and (metric, "quarter") in wanted:
            rows.append(known | {"period": "quarter", "law": "mean"} | _by_quarter(starts, values))
    return _frame(rows)


def _place(start: date, period: str) -> int:
    return (start - MONDAY).days // 7 if period == "week" else start.year * 4 + (start.month - 1) // 3


def start_of(place: int, period: str) -> date:
    """First day of a period."""
    return monday_of(place) if period == "week" else date(place // 4, place % 4 * 3 + 1, 1)


def _by_quarter(weeks: list[date], values: np.ndarray) -> dict[str, Any]:
    """Means of the quarters of which more than half of the weeks are known; a week belongs where its Thursday lies."""
    places = np.array([_place(week + timedelta(days=3), "quarter") for week in weeks])
    at = [int(one) for one in np.unique(places) if (places == one).sum() >= LEAST_WEEKS_OF_A_QUARTER]
    return {"at": at, "value": [float(values[places == one].mean()) for one in at], "n": np.ones(len(at))}


def _rows(found: pd.DataFrame, labels: Mapping[str, str], newest: date | None, parameters: Parameters) -> pd.DataFrame:
    tests = int((found["status"] == "ok").sum())
    told = {
        "as_of_date": newest,
        "model_version": MODEL_VERSION,
        "parameters": json.dumps(
            {"least_periods": parameters.least_periods, "memory": parameters.memory, "strong": parameters.strong,
             "most_false": parameters.most_false, "tests": tests},
            sort_keys=True,
        ),
    }  # fmt: skip
    rows = [_row(one, labels, tests, parameters) | told for one in records(found)]
    frame = pd.DataFrame(rows, columns=COLUMNS, dtype=object)
    order = ["chance", "scope_type", "scope", "metric_a", "metric_b", "lag_periods"]
    return frame.sort_values(order, ignore_index=True, na_position="last")


def _row(one: Mapping[str, Any], labels: Mapping[str, str], tests: int, parameters: Parameters) -> dict[str, Any]:
    scope_type, scope = one["scope"]
    period = one["period"]
    comparison = Comparison(
        first=labels.get(one["metric_a"], one["metric_a"]), second=labels.get(one["metric_b"], one["metric_b"]),
        scope_type=scope_type, scope=scope, lag=one["lag"], period=period, status=one["status"],
        periods=one["periods"], effective=one["effective_periods"], pearson=one["pearson"],
        spearman=one["spearman"], low=one["low"], high=one["high"], fdr=one["fdr"],
        is_significant=one["is_significant"], is_strong=one["is_strong"], tests=tests,
        least_periods=parameters.least_periods,
    )  # fmt: skip
    first, last = (None if pd.isna(place) else start_of(int(place), period)
                   for place in (one["first_period"], one["last_period"]))  # fmt: skip
    return {
        "scope_type": scope_type, "scope": scope, "metric_a": one["metric_a"], "metric_b": one["metric_b"],
        "period": period, "lag_periods": one["lag"], "is_asked": one["is_asked"], "status": one["status"],
        "first_date": first, "last_date": last, "periods_count": one["periods"],
        "effective_periods": one["effective_periods"], "pearson": one["pearson"], "pearson_low": one["low"],
        "pearson_high": one["high"], "spearman": one["spearman"], "levels_pearson": one["levels_pearson"],
        "chance": one["chance"], "fdr": one["fdr"], "is_significant": one["is_significant"],
        "is_strong": one["is_strong"], "values_left_out": one["left_out"], "said": sentence(comparison),
    }  # fmt: skip


def unanswered(warehouse: Warehouse, parameters: Parameters | None = None) -> list[str]:
    """Pairs that were asked for, and of which the organisation has neither an answer nor a reason for none."""
    wanted = {(pair.first, pair.second) for pair in (parameters or Parameters()).pairs if pair.is_asked}
    with warehouse.connect(Role.ANALYTICS) as connection:
        rows = connection.execute(
            "select distinct metric_a, metric_b from analytics.metric_correlations where scope_type = 'organization'"
        ).fetchall()
    return sorted(f"{first} and {second}" for first, second in wanted - {(first, second) for first, second in rows})


def share_significant(warehouse: Warehouse) -> tuple[int, int]:
    """Comparisons that are called significant, and all that were tested."""
    with warehouse.connect(Role.ANALYTICS) as connection:
        row = connection.execute(
            "select count(*) filter (where is_significant), count(chance) from analytics.metric_correlations"
        ).fetchone()
    return (int(row[0]), int(row[1])) if row else (0, 0)
