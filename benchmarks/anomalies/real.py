"""Real daily counts with injected causes: two-year windows of six projects' change logs.

The windows are cut in two parts: those that begin in even years may be looked at, those that begin in odd years are
only scored. Each window is used several times, with other causes: half the times as work, whose falls are bad, half as
trouble, whose surges are. Nothing but the injected causes is labelled.
"""

import csv
from datetime import date
from pathlib import Path

import numpy as np
import pandas as pd

from benchmarks.anomalies.labels import Event, Labelled, Shape
from benchmarks.anomalies.observer import with_visibility

FILE = Path(__file__).parent / "data" / "changelog_entries.csv"
DAYS = 730
ENOUGH = 1.0  # entries a day: in sparser windows a fall of a fortnight cannot be seen by anyone
COUNTRY = ""  # people of many countries: no holidays


def real_series(seed: int, *, odd: bool, injected: bool = True, times: int = 4) -> list[Labelled]:
    """Windows of two years that begin in odd or in even years, with one or two causes injected into each."""
    found = []
    for project, counts in sorted(daily_counts().items()):
        years = sorted({day.year for day in counts.index})
        for year in years[:-1]:
            window = counts.loc[f"{year}-01-01" :].iloc[:DAYS]  # type: ignore[misc]
            if year % 2 == int(odd) and len(window) == DAYS and window.mean() >= ENOUGH:
                for time in range(times if injected else 2):
                    rng = np.random.default_rng([seed, year, sum(map(ord, project)), time])
                    bad = "high" if time % 2 else "low"
                    found.append(_labelled(rng, f"{project}-{year}-{time}", window, bad, injected))
    return found


def daily_counts() -> dict[str, pd.Series]:
    """Entries of each day, by project; the last is the sum of five of them."""
    parts: dict[str, list[pd.Series]] = {}
    with FILE.open() as file:
        for row in csv.DictReader(file):
            days = pd.date_range(date(int(row["year"]), 1, 1), date(int(row["year"]), 12, 31))
            entries = [int(digit, 36) for digit in row["entries_of_each_day"]]
            parts.setdefault(row["project"], []).append(pd.Series(entries, days, dtype=float))
    counts = {project: pd.concat(years) for project, years in parts.items()}
    together = [series for project, series in counts.items() if project != "glibc"]
    return counts | {"binutils in all": sum(together[1:], together[0])}


def _labelled(rng: np.random.Generator, name: str, window: pd.Series, bad: str, injected: bool) -> Labelled:
    """The observer of a real window knows its smoothed level, its weekday profile, and its dispersion about both."""
    value = window.to_numpy(copy=True)
    weekday = np.asarray(pd.DatetimeIndex(window.index).day_of_week)
    profile = np.array([value[weekday == day].mean() for day in range(7)]) / value.mean()
    level = pd.Series(value / profile[weekday].clip(0.05)).rolling(91, center=True, min_periods=20).mean().to_numpy()
    expected = np.maximum(level * profile[weekday], 0.02)
    dispersion = max(1.0, float(((value - expected) ** 2).sum() / expected.sum()))
    events = []
    for onset in _onsets(rng) if injected else []:
        event = _cause(rng, onset, bad)
        rows = slice(event.onset, event.end + 1)
        kept, added = min(1.0, event.size), max(0.0, event.size - 1)
        value[rows] = rng.binomial(value[rows].astype(int), kept) + rng.poisson(added * expected[rows])
        events.append(event)
    plain = Labelled(name, "real activity", "count", bad, window.index[0].date(), COUNTRY, value, np.ones(DAYS),
                     expected, dispersion * expected, 0.15, tuple(events))  # fmt: skip
    return with_visibility(plain)


def _onsets(rng: np.random.Generator) -> list[int]:
    first = int(rng.integers(130, 330))
    return [first, first + int(rng.integers(180, 300))] if rng.random() < 0.6 else [first]


def _cause(rng: np.random.Generator, onset: int, bad: str) -> Event:
    """Falls keep each entry with the chance that is their size; surges add as many as that many times the level has."""
    shape: Shape = ("outage", "episode", "shift")[rng.choice(3, p=(0.4, 0.4, 0.2))]
    lasts = {"outage": (4, 13), "episode": (14, 50), "shift": (60, 120)}[shape]
    end = min(onset + int(rng.integers(*lasts)) - 1, DAYS - 1)
    if bad == "low":
        size = rng.uniform(0.0, 0.25) if shape == "outage" else rng.uniform(0.1, 0.5)
    else:
        size = rng.uniform(3, 8) if shape == "outage" else rng.uniform(2, 4)
    deadline = min(onset + 56, end + 7) if shape == "shift" else end + (5 if shape == "outage" else 7)
    return Event(shape, onset, end, min(deadline, DAYS - 1), True, float(size))
