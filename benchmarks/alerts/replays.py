"""A year as the warehouse would show it, and the alerts that the product's own rules make of it."""

import csv
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cache, cached_property
from typing import Any

import numpy as np
import pandas as pd

from benchmarks.alerts.happenings import DAYS, DELIVERING, FIRST, ZONE_OF, Year
from roosevelt_pipeline.alert_settings import SEEDS, AlertRule
from roosevelt_pipeline.alerting.observations import Observations
from roosevelt_pipeline.alerting.readings import Row
from roosevelt_pipeline.alerting.statuses import Episode, replay
from roosevelt_pipeline.countries import country_of_zone
from roosevelt_pipeline.settings import GitHubSettings, Settings
from roosevelt_pipeline.stats.anomalies.frames import find_anomalies
from roosevelt_pipeline.stats.anomalies.parameters import Parameters

ORGANIZATION, ZONE = "helios-labs", "Europe/Amsterdam"
SCOPES = (("organization", ORGANIZATION), *(("team", team) for team in DELIVERING))
EPOCH = date(1970, 1, 1)
# Of each metric its law and where it comes from: the frame, when it happened, what is measured (nothing: counted).
MEASURED: dict[str, tuple[str, str, str, str]] = {
    "deployment_frequency_per_day": ("count", "deployments", "at", ""),
    "incidents_opened": ("count", "incidents", "at", ""),
    "change_failure_rate_pct": ("ratio", "deployments", "at", "failed"),
    "deployment_rework_rate_pct": ("ratio", "deployments", "at", "unplanned"),
    "deployment_attempt_failure_rate_pct": ("ratio", "attempts", "at", "broke"),
    "change_lead_time_hours": ("duration", "changes", "at", "lead"),
    "delivery_time_hours": ("duration", "changes", "at", "delivery"),
    "pull_request_cycle_time_hours": ("duration", "changes", "merged", "cycle"),
    "failed_deployment_recovery_time_hours": ("duration", "deployments", "at", "recovery"),
    "mttr_hours": ("duration", "incidents", "resolved", "took"),
}


@dataclass(frozen=True)
class Items:
    """The items behind a metric of a scope: their days in order, and what was measured of each."""

    law: str
    day: np.ndarray
    value: np.ndarray

    @cached_property
    def upto(self) -> np.ndarray:
        """How many items lie before each day; one more entry than there are days."""
        return np.searchsorted(self.day, np.arange(DAYS + 1))

    @cached_property
    def hits_upto(self) -> np.ndarray:
        return np.concatenate([[0.0], np.cumsum(self.value)])[self.upto]

    def daily(self) -> tuple[np.ndarray, np.ndarray]:
        """Value and items of each day, as the marts have them."""
        n = np.diff(self.upto).astype(float)
        if self.law == "count":
            return n, n
        if self.law == "ratio":
            return np.diff(self.hits_upto), n
        bounds = list(zip(self.upto, self.upto[1:], strict=False))
        return np.array([np.median(self.value[a:b]) if b > a else np.nan for a, b in bounds]), n

    def window(self, last: int, length: int) -> tuple[float, float, float | None, float | None]:
        """n, hits, median and p90 of the days that end with ``last``."""
        a, b = self.upto[max(0, last - length + 1)], self.upto[last + 1]
        hits = float(self.hits_upto[last + 1] - self.hits_upto[max(0, last - length + 1)])
        if self.law != "duration" or a == b:
            return float(b - a), hits, None, None
        median, p90 = np.percentile(self.value[a:b], [50, 90])
        return float(b - a), hits, float(median), float(p90)


Known = Mapping[tuple[str, str, str], Items]


def items_of(year: Year) -> Known:
    """By scope type, scope and metric."""
    changes, incidents = year.changes, year.incidents
    frames = {
        "attempts": year.attempts,
        "deployments": year.attempts[year.attempts["is_deployment"]],
        "changes": changes.assign(delivery=24 * (changes["at"] - changes["merged"])),
        "incidents": incidents.assign(resolved=incidents["at"] + incidents["took"] / 24),
    }
    found = {}
    for metric, (law, name, when, what) in MEASURED.items():
        frame = frames[name]
        measured = frame.assign(day=np.floor(frame[when]), value=frame[what].astype(float) if what else 1.0)
        measured = measured[measured["day"].between(0, DAYS - 1) & measured["value"].notna()].sort_values(when)
        for scope_type, scope in SCOPES:
            of_scope = measured if scope_type == "organization" else measured[measured["team"] == scope]
            found[scope_type, scope, metric] = Items(law, of_scope["day"].to_numpy(int), of_scope["value"].to_numpy())
    return found


def search_all(years: Sequence[Known], parameters: Parameters | None = None) -> list[pd.DataFrame]:
    """The search for anomalies on all years at once; of each its findings, with scope and metric."""
    keys = [(number, *key) for number, known in enumerate(years) for key in known]
    directed = _catalog()
    rows = []
    for number, scope_type, scope, metric in keys:
        items = years[number][scope_type, scope, metric]
        value, n = items.daily()
        begun = int(items.day[0]) if len(items.day) else 0
        rows.append({
            "law": items.law, "bad": "low" if directed[metric]["direction"] == "higher_is_better" else "high",
            "country": country_of_zone(ZONE_OF.get(scope, ZONE)),
            "day": np.arange(begun, DAYS) + (FIRST - EPOCH).days, "value": value[begun:], "n": n[begun:],
        })  # fmt: skip
    found = find_anomalies(pd.DataFrame(rows), parameters).findings
    found = found[found["is_bad"].astype(bool)].sort_values("score")
    places = pd.DataFrame(keys, columns=["year", "scope_type", "scope", "metric"])
    found = found.join(places, on="series")
    return [found[found["year"] == number] for number in range(len(years))]


class Replayed:
    """A year, read as observations read the warehouse."""

    def __init__(self, known: Known, findings: pd.DataFrame) -> None:
        self._known, self._findings = known, findings

    def labels(self) -> dict[str, tuple[str, str, bool]]:
        delivery = {name: (one["label"], one["unit"], one["direction"] == "higher_is_better")
                    for name, one in _catalog().items()}  # fmt: skip
        return delivery | {name: (one["label"], one["unit"], True) for name, one in _catalog("space", "figure").items()}

    def windows(self, rule: AlertRule, lengths: Sequence[int], first: date, last: date) -> list[Row]:
        days = range(max(0, (first - FIRST).days), (last - FIRST).days + 1)
        return [
            (scope_type, scope, ZONE_OF.get(scope, ZONE), _date(day), length, FIRST, *items.window(day, length))
            for (scope_type, scope, metric), items in self._known.items()
            if metric == rule.metric and scope_type in rule.scope_types
            for day in days for length in lengths
        ]  # fmt: skip

    def figures(self, rule: AlertRule, first: date, last: date) -> list[Row]:  # noqa: ARG002
        return []

    def anomalies(self, first: date, last: date) -> list[Row]:
        rows = self._findings[["scope_type", "scope", "metric", "found_date", "is_high", "ended_date"]]
        return [
            (scope_type, scope, metric, found.date(), is_high, "out of the ordinary",
             None if pd.isna(ended) else ended.date())
            for scope_type, scope, metric, found, is_high, ended in rows.itertuples(index=False)
            if found.date() <= last and (pd.isna(ended) or ended.date() >= first)
        ]  # fmt: skip

    def searched(self) -> list[Row]:
        return [(*key, True) for key in self._known]

    def forecasts(self, metric: str) -> list[Row]:  # noqa: ARG002
        return []


def alerts_of(
    known: Known, findings: pd.DataFrame, rules: Sequence[AlertRule], settings: Settings
) -> list[tuple[int, Episode]]:
    """What would have been told, with the day of the year on which; what an open critical alert hides is not."""
    seen = Observations(Replayed(known, findings), settings, FIRST, _date(DAYS - 1))
    episodes = [one for rule in rules for one in replay(rule, list(seen.of(rule)), settings.alerts.expires_after_days)]
    hides = {rule.name: set(rule.hides) for rule in rules}
    told = []
    for one in episodes:
        day = next((day for day in _open_days(one) if not _is_hidden(one, day, episodes, hides)), None)
        if day is not None:
            told.append(((day - FIRST).days, one))
    return told


def shipped_settings() -> Settings:
    return Settings(github=GitHubSettings(organization=ORGANIZATION))


def _open_days(one: Episode) -> Iterator[date]:
    last = one.ended - timedelta(days=1) if one.ended else _date(DAYS - 1)
    return (one.opened + timedelta(days=day) for day in range((last - one.opened).days + 1))


def _is_hidden(one: Episode, day: date, episodes: Sequence[Episode], hides: Mapping[str, set[str]]) -> bool:
    return any(
        one.rule in hides[other.rule]
        and (other.scope_type, other.scope) == (one.scope_type, one.scope)
        and other.opened <= day
        and (other.ended is None or day < other.ended)
        for other in episodes
    )


def _date(day: int) -> date:
    return FIRST + timedelta(days=day)


@cache
def _catalog(name: str = "metric", key: str = "metric") -> dict[str, dict[str, Any]]:
    with (SEEDS / f"{name}_catalog.csv").open(encoding="utf-8") as file:
        return {one[key]: one for one in csv.DictReader(file)}
