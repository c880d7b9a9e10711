"""Labelled engineering series, drawn from a world that no detector's threshold knows.

Each draws its own level, weekday profile, country, dispersion and wandering. Two thirds carry bad events, half carry
good news, which must not alert. Holidays, the days around Christmas and summers thin all work out.
"""

from collections.abc import Callable
from datetime import date
from functools import lru_cache

import holidays
import numpy as np
import pandas as pd

from benchmarks.anomalies.events import Plan, draw_plans
from benchmarks.anomalies.labels import Labelled
from benchmarks.anomalies.observer import with_visibility

DAYS = 730
QUARTERS = 20
COUNTRIES = ("NL", "DE", "US", "GB", "IN", "FR")
QUIET_SHARE = 0.33
FIRST = date(2024, 1, 1)


def generate(count: int, seed: int, *, kinds: tuple[str, ...] | None = None, quiet: bool = False) -> list[Labelled]:
    """``count`` series of each kind. The same seed gives the same series; ``quiet`` leaves all events out."""
    made = []
    for kind in kinds or tuple(KINDS):
        for number in range(count):
            rng = np.random.default_rng([seed, list(KINDS).index(kind), number])
            first = FIRST + pd.Timedelta(days=int(rng.integers(0, 365)))
            plain = KINDS[kind](rng, f"{kind}-{number}", first, COUNTRIES[rng.integers(len(COUNTRIES))], quiet)
            made.append(with_visibility(plain))
    return made


@lru_cache(maxsize=4096)
def days_off(first: date, length: int, country: str) -> np.ndarray:
    """Whether each day is a public holiday."""
    days = pd.date_range(first, periods=length)
    known = holidays.country_holidays(country, years=range(days[0].year, days[-1].year + 1))
    return np.array([day.date() in known for day in days])


def pace(rng: np.random.Generator, first: date, country: str, *, works: bool = True) -> np.ndarray:
    """How much of an ordinary working day's activity each day sees."""
    days = pd.date_range(first, periods=DAYS)
    week = rng.uniform(0.8, 1.2, 7)
    week[4] *= rng.uniform(0.55, 1.0)
    week[5:] = rng.uniform(0.4, 0.9) if rng.random() < 0.2 else rng.uniform(0.0, 0.15, 2)
    if not works:
        week = rng.uniform(0.75, 1.25, 7)
        week[5:] *= rng.uniform(0.4, 1.0)
    share = week[days.day_of_week]
    if works:
        share = np.where(days_off(first, DAYS, country), share * rng.uniform(0.05, 0.3), share)
        christmas = ((days.month == 12) & (days.day >= 23)) | ((days.month == 1) & (days.day <= 2))
        share = np.where(christmas, share * rng.uniform(0.2, 0.6), share)
        if rng.random() < 0.5:
            starts = int(rng.integers(185, 215))
            summer = (days.day_of_year >= starts) & (days.day_of_year < starts + 28)
            share = np.where(summer, share * rng.uniform(0.7, 0.95), share)
    return share


def wandering(rng: np.random.Generator, length: int, sd: float, memory: float) -> np.ndarray:
    """A stationary level of mean 0 that forgets half of itself in ``memory`` rows."""
    keep = 0.5 ** (1 / memory)
    walk = np.empty(length)
    walk[0] = rng.normal(0, sd)
    for row in range(1, length):
        walk[row] = keep * walk[row - 1] + rng.normal(0, sd * np.sqrt(1 - keep**2))
    return walk


def negative_binomial(rng: np.random.Generator, mean: np.ndarray, size: float) -> np.ndarray:
    return rng.poisson(mean * rng.gamma(size, 1 / size, len(mean))).astype(float)


def _counts(
    kind: str, bad: str, low: float, high: float, sizes: tuple[float, float], works: bool
) -> Callable[..., Labelled]:
    def make(rng: np.random.Generator, name: str, first: date, country: str, quiet: bool) -> Labelled:
        level, size = np.exp(rng.uniform(np.log(low), np.log(high))), np.exp(rng.uniform(*np.log(sizes)))
        sd = rng.uniform(0.03, 0.15)
        expected = level * pace(rng, first, country, works=works)
        mean = expected * np.exp(wandering(rng, DAYS, sd, rng.uniform(10, 60)) - sd**2 / 2)
        plan = _plan(rng, kind, DAYS, quiet)
        value = negative_binomial(rng, mean * plan.factor, size)
        variance = expected + expected**2 / size
        return Labelled(name, kind, "count", bad, first, country, value, np.ones(DAYS), expected, variance, sd,
                        plan.events)  # fmt: skip

    return make


def _lead_time(rng: np.random.Generator, name: str, first: date, country: str, quiet: bool) -> Labelled:
    n = negative_binomial(rng, np.exp(rng.uniform(np.log(0.8), np.log(8))) * pace(rng, first, country), 5)
    within, between, sd = rng.uniform(0.8, 1.3), rng.uniform(0.1, 0.35), rng.uniform(0.03, 0.12)
    days = pd.date_range(first, periods=DAYS)
    expected = np.log(rng.uniform(4, 80)) + rng.normal(0, 0.12, 7)[days.day_of_week]
    plan = _plan(rng, "lead_time", DAYS, quiet)
    centre = expected + np.log(plan.factor) + wandering(rng, DAYS, sd, rng.uniform(10, 60))
    centre = centre + rng.normal(0, between, DAYS)
    drawn = [np.median(rng.normal(c, within, int(k))) if k else np.nan for c, k in zip(centre, n, strict=True)]
    variance = between**2 + within**2 * np.where(n > 1, np.pi / 2, 1) / np.maximum(n, 1)
    return Labelled(name, "lead_time", "duration", "high", first, country, np.exp(np.array(drawn)), n, expected,
                    variance, sd, plan.events)  # fmt: skip


def _failure_rate(rng: np.random.Generator, name: str, first: date, country: str, quiet: bool) -> Labelled:
    n = negative_binomial(rng, np.exp(rng.uniform(np.log(0.8), np.log(8))) * pace(rng, first, country), 5)
    rate, alike, sd = np.exp(rng.uniform(np.log(0.03), np.log(0.25))), rng.uniform(0.005, 0.06), rng.uniform(0.03, 0.2)
    plan = _plan(rng, "failure_rate", DAYS, quiet)
    mean = rate * np.exp(wandering(rng, DAYS, sd, rng.uniform(10, 60)) - sd**2 / 2)
    mean = np.clip(mean + plan.added * np.where(plan.added < 0, mean, 1), 0.002, 0.95)
    concentration = 1 / alike - 1
    value = rng.binomial(n.astype(int), rng.beta(mean * concentration, (1 - mean) * concentration)).astype(float)
    variance = n * rate * (1 - rate) * (1 + (np.maximum(n, 1) - 1) * alike)
    return Labelled(name, "failure_rate", "ratio", "high", first, country, value, n, rate * n, variance, sd,
                    plan.events)  # fmt: skip


def _focus_hours(rng: np.random.Generator, name: str, first: date, country: str, quiet: bool) -> Labelled:
    days = pd.date_range(first, periods=DAYS)
    off = days_off(first, DAYS, country) | (days.day_of_week >= 5)
    persons = rng.integers(3, 13)
    n = np.where(off, 0, rng.binomial(persons, 0.88, DAYS)).astype(float)
    within, between, sd = rng.uniform(1.1, 1.8), rng.uniform(0.1, 0.4), rng.uniform(0.05, 0.2)
    expected = rng.uniform(2.8, 5.2) + rng.normal(0, 0.35, 7)[days.day_of_week]
    plan = _plan(rng, "focus_hours", DAYS, quiet)
    centre = expected * plan.factor + wandering(rng, DAYS, sd, rng.uniform(10, 60)) + rng.normal(0, between, DAYS)
    drawn = [np.clip(rng.normal(c, within, int(k)), 0, 8).mean() if k else np.nan
             for c, k in zip(centre, n, strict=True)]  # fmt: skip
    variance = between**2 + within**2 / np.maximum(n, 1)
    return Labelled(name, "focus_hours", "mean", "low", first, country, np.array(drawn), n, expected, variance, sd,
                    plan.events)  # fmt: skip


def _survey(rng: np.random.Generator, name: str, first: date, country: str, quiet: bool) -> Labelled:
    n = rng.binomial(int(rng.integers(6, 45)), 0.75, QUARTERS).astype(float)
    n = np.where(n < 3, np.nan, n)
    within, sd = rng.uniform(0.7, 1.05), rng.uniform(0.02, 0.12)
    expected = np.full(QUARTERS, rng.uniform(3.1, 4.3))
    plan = _plan(rng, "survey", QUARTERS, quiet)
    centre = expected + plan.added + rng.normal(0, sd, QUARTERS)
    answers = [np.clip(np.round(rng.normal(c, within, int(k))), 1, 5) if k > 0 else np.array([np.nan, np.nan])
               for c, k in zip(centre, n, strict=True)]  # fmt: skip
    value, spread = np.array([one.mean() for one in answers]), np.array([one.std(ddof=1) for one in answers])
    return Labelled(name, "survey", "survey", "low", first, country, value, np.nan_to_num(n), expected,
                    within**2 / np.where(n > 0, n, 1), sd, plan.events, spread)  # fmt: skip


def _plan(rng: np.random.Generator, kind: str, length: int, quiet: bool) -> Plan:
    """Which events there are. Drawn in any case, so that quiet series are the same but for them."""
    plan = draw_plans(rng, kind, length, with_bad=rng.random() >= QUIET_SHARE)
    return Plan.none(length) if quiet else plan


KINDS: dict[str, Callable[..., Labelled]] = {
    "deployments": _counts("deployments", "low", 0.4, 12, (3, 30), True),
    "activity": _counts("activity", "low", 4, 60, (2.5, 15), True),
    "incidents": _counts("incidents", "high", 0.04, 0.7, (1.5, 10), False),
    "lead_time": _lead_time,
    "failure_rate": _failure_rate,
    "focus_hours": _focus_hours,
    "survey": _survey,
}
