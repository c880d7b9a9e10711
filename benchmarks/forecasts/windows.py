"""Series that end with a day from which they are forecast: generated ones, real counts, and the simulated company."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

import numpy as np
import pandas as pd

from benchmarks.alerts.happenings import DAYS as DAYS_OF_A_YEAR
from benchmarks.alerts.happenings import FIRST as NEW_YEAR
from benchmarks.alerts.happenings import year_of
from benchmarks.alerts.replays import Items, items_of
from benchmarks.anomalies.generator import COUNTRIES, DAYS, FIRST, generate, negative_binomial, pace, wandering
from benchmarks.anomalies.labels import Labelled
from benchmarks.anomalies.real import daily_counts

KINDS = ("deployments", "activity", "incidents", "failure_rate")
NEWEST = (date(2025, 3, 31), date(2025, 6, 30), date(2025, 9, 27))  # 3 to 21 months of each generated series
QUARTERS = (1, 4, 7, 10)
HISTORY, AHEAD = 640, 97
SIMULATED = {
    "deployment_frequency_per_day": "deployments", "incidents_opened": "incidents",
    "change_failure_rate_pct": "failure_rate", "change_lead_time_hours": "lead_time",
}  # fmt: skip
SIMULATED_DAYS = (182, DAYS_OF_A_YEAR - 97)  # days that are known: six months, and nine
ENOUGH = 0.2  # entries a day in the last half year: in sparser windows there is nothing to forecast
_EPOCH = date(1970, 1, 1)


@dataclass(frozen=True)
class Part:
    """Series that are forecast on the same day.

    Attributes:
        name: generated, real or simulated.
        newest: the last day that may be looked at, since 1970-01-01.
        series: as `frames.forecast` takes them, with what came after the newest day; ``kind``, and ``whole``: the
            series to which it belongs, which is forecast on other days too (of real ones, on those of the same year).
    """

    name: str
    newest: int
    series: pd.DataFrame


def generated(count: int, seed: int) -> Iterator[Part]:
    """``count`` series of each kind and of lead times, forecast on three days; bad and good events among them."""
    rows = [_row(one) for one in generate(count, seed, kinds=KINDS)]
    rows += [_lead_time(np.random.default_rng([seed, 99, number]), f"lead_time-{number}") for number in range(count)]
    for day in NEWEST:
        yield Part("generated", (day - _EPOCH).days, pd.DataFrame(rows))


def real(*, odd: bool) -> Iterator[Part]:
    """Daily entries of change logs, forecast from the first day of each quarter of odd or of even years."""
    counts = daily_counts()
    for year in range(1998, 2022):
        for month in QUARTERS if year % 2 == int(odd) else ():
            day = date(year, month, 1) - timedelta(days=1)
            rows = [row for name, one in sorted(counts.items()) if (row := _window(name, one, day))]
            if rows:
                yield Part("real", (day - _EPOCH).days, pd.DataFrame(rows))


def simulated(seeds: Sequence[int]) -> Iterator[Part]:
    """Teams and organisation of companies in which nothing is the matter but what always is, on two days of a year."""
    rows = [
        _measured(f"{seed} {scope} {kind}", kind, items)
        for seed in seeds
        for (_, scope, metric), items in items_of(year_of(seed)).items()
        if (kind := SIMULATED.get(metric))
    ]
    for days in SIMULATED_DAYS:
        yield Part("simulated", (NEW_YEAR - _EPOCH).days + days - 1, pd.DataFrame(rows))


def _measured(name: str, kind: str, items: Items) -> dict[str, object]:
    value, n = items.daily()
    begin, country = (NEW_YEAR - _EPOCH).days, "NL"
    if items.law != "duration":
        return _series(name, kind, items.law, country, begin, value, n)
    by_day = [items.value[a:b] for a, b in zip(items.upto, items.upto[1:], strict=False)]
    return _series(name, kind, items.law, country, begin, value, n, _weeks(begin, by_day))


def _window(name: str, counts: pd.Series, newest: date) -> dict[str, object] | None:
    """From at most `HISTORY` days before to what came; nothing where the log has not begun, ends, or is too sparse."""
    first, last = newest - timedelta(days=HISTORY - 1), newest + timedelta(days=AHEAD)
    some = counts.loc[pd.Timestamp(first) : pd.Timestamp(last)]
    known = some.loc[: pd.Timestamp(newest)]
    if len(known) < 180 or some.index[-1] < pd.Timestamp(last) or known.iloc[-180:].mean() < ENOUGH:
        return None
    begin = (some.index[0].date() - _EPOCH).days
    row = _series(f"{name} {newest}", "real activity", "count", None, begin, some.to_numpy(), np.ones(len(some)))
    return row | {"whole": f"{name} {(newest + timedelta(days=1)).year}"}


def _series(
    key: str, kind: str, law: str, country: str | None, begin: int, value: np.ndarray, n: np.ndarray,
    weeks: Sequence[tuple[int, float, int]] = (),
) -> dict[str, object]:  # fmt: skip
    return {
        "key": key, "whole": key, "metric": kind, "kind": kind, "law": law, "bad": "low", "country": country,
        "day": np.arange(begin, begin + len(value)), "value": value, "n": n, "week_day": [one[0] for one in weeks],
        "week_value": [one[1] for one in weeks], "week_n": [one[2] for one in weeks],
    }  # fmt: skip


def _row(one: Labelled) -> dict[str, object]:
    return _series(one.name, one.kind, one.law, one.country, (one.first - _EPOCH).days, one.value, one.n)


def _lead_time(rng: np.random.Generator, name: str) -> dict[str, object]:
    """Hours of each change, so that days and weeks have medians of their own; a third of the series shift for good."""
    first = FIRST + timedelta(days=int(rng.integers(0, 365)))
    country = COUNTRIES[rng.integers(len(COUNTRIES))]
    rate = np.exp(rng.uniform(np.log(0.8), np.log(8)))
    n = negative_binomial(rng, rate * pace(rng, first, country), 5).astype(int)
    within, between = rng.uniform(0.8, 1.3), rng.uniform(0.1, 0.35)
    level = np.log(rng.uniform(4, 80)) + wandering(rng, DAYS, rng.uniform(0.05, 0.3), rng.uniform(10, 120))
    if rng.random() < 1 / 3:
        level[int(rng.integers(90, DAYS - 30)) :] += rng.choice((-1, 1)) * rng.uniform(0.25, 0.7)
    centre = level + rng.normal(0, between, DAYS)
    items = [np.exp(rng.normal(one, within, many)) for one, many in zip(centre, n, strict=True)]
    median = np.array([np.median(one) if len(one) else np.nan for one in items])
    begin = (first - _EPOCH).days
    return _series(name, "lead_time", "duration", country, begin, median, n.astype(float), _weeks(begin, items))


def _weeks(begin: int, items: Sequence[np.ndarray]) -> list[tuple[int, float, int]]:
    """Of each whole ISO week its Sunday, the median of its items, and their number."""
    monday = (-(begin + 3)) % 7  # 1 January 1970 was a Thursday
    weeks = []
    for start in range(monday, len(items) - 6, 7):
        of_week = np.concatenate(items[start : start + 7])
        if len(of_week):
            weeks.append((begin + start + 6, float(np.median(of_week)), len(of_week)))
    return weeks
