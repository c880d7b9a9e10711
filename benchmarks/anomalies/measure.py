"""Anomalies: precision and recall on series that no threshold was chosen on, beside what anybody would try first."""

import time
from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from functools import partial

import numpy as np
import pandas as pd

from benchmarks.anomalies.baselines import BASELINES, WIDTHS, WITH_WIDTH, Detector
from benchmarks.anomalies.detectors import ours
from benchmarks.anomalies.generator import generate
from benchmarks.anomalies.labels import Labelled
from benchmarks.anomalies.real import real_series
from benchmarks.anomalies.scoring import Score, score, total
from benchmarks.anomalies.simulated import simulated_series
from benchmarks.figures import Figure, at_most, show
from benchmarks.speed import DAYS, MILLISECONDS, TEAM_METRICS, TEAMS, growing
from roosevelt_pipeline.stats.anomalies.frames import find_anomalies

CHOSEN_ON, SCORED_ON, QUIET = 101, 202, 303  # seeds: thresholds were chosen on the first part, once and for all
REAL_SEED = 1
SIMULATED_RECALL = 0.80
F1, PRECISION, REAL_F1, FALSE_PER_QUARTER = 0.75, 0.85, 0.55, 1.0
ALL_SECONDS = 120


def measure(quick: bool) -> None:
    count = 15 if quick else 150
    chosen, scored = generate(count // 3, CHOSEN_ON), generate(count, SCORED_ON)
    even, odd = real_series(REAL_SEED, odd=False), real_series(REAL_SEED, odd=True)
    alerts, seconds = _timed(lambda: ours(scored))
    found = _scores(scored, alerts)
    real = total([score(one, rows) for one, rows in zip(odd, ours(odd), strict=True)])
    show(
        f"Anomalies: {len(scored)} generated series and {len(odd)} real ones that no threshold was chosen on",
        _ours(scored, found, real, seconds),
        "Ratios are goal over measured for precision and F1, measured over goal for all else: 1 or less is within it.",
    )
    show("By kind of series", _by_kind(found), "False alerts are of series with and without causes, a year and series.")
    show(
        f"The simulated company: {len(_seeds(quick))} seeds, a year of each, by its own truth",
        _simulated(_seeds(quick)),
    )
    show("Quiet years, all kinds", _quiet(generate(count // 3, QUIET, quiet=True)))
    show(
        "What anybody would try first, on the same series",
        _baselines(chosen, scored, even, odd),
        "With the best width: the one of highest F1 on the part for choosing, out of " + ", ".join(map(str, WIDTHS)),
    )
    show(f"{TEAMS} teams, {TEAM_METRICS} metrics, two years", growing(_seconds, ALL_SECONDS, quick))


def _timed(run: Callable[[], list[list[int]]]) -> tuple[list[list[int]], float]:
    begun = time.process_time()
    return run(), time.process_time() - begun


def _scores(series: Sequence[Labelled], alerts: Sequence[list[int]]) -> dict[str, list[tuple[Labelled, Score]]]:
    found = defaultdict(list)
    for one, rows in zip(series, alerts, strict=True):
        found[one.kind].append((one, score(one, rows)))
    return found


def _ours(
    scored: Sequence[Labelled], found: dict[str, list[tuple[Labelled, Score]]], real: Score, seconds: float
) -> Iterator[Figure]:
    every = total([one for kind in found.values() for _, one in kind])
    yield _goal("generated: precision", every.precision, PRECISION)
    yield Figure("generated: recall of what could be seen", f"{every.recall:.2f}")
    yield _goal("generated: F1", every.f1, F1)
    yield Figure("real, injected causes: precision", f"{real.precision:.2f}")
    yield Figure("real, injected causes: recall of what could be seen", f"{real.recall:.2f}")
    yield _goal("real, injected causes: F1", real.f1, REAL_F1)
    yield at_most("ms of processor a series of two years", 1000 * seconds / len(scored), MILLISECONDS, "processor", 1)


def _goal(what: str, measured: float, goal: float) -> Figure:
    return Figure(what, f"{measured:.2f}", f"at least {goal:.2f}", goal / measured if measured else None)


def _by_kind(found: dict[str, list[tuple[Labelled, Score]]]) -> Iterator[Figure]:
    for kind, pairs in found.items():
        every = total([one for _, one in pairs])
        rate = every.false / sum(_years(series) for series, _ in pairs)
        yield Figure(
            kind,
            f"P {every.precision:.2f}, R {every.recall:.2f}, F1 {every.f1:.2f}",
            limited_by=f"{every.found + every.missed} causes to be seen; {rate:.2f} false alerts",
        )


def _quiet(series: Sequence[Labelled]) -> Iterator[Figure]:
    """A team has twelve metrics; what each raises for nothing adds up."""
    false = sum(map(len, ours(series)))
    quarters = 4 * sum(map(_years, series))
    what = f"false alerts a team and quarter, of {TEAM_METRICS} metrics"
    yield at_most(what, TEAM_METRICS * false / quarters, FALSE_PER_QUARTER, f"{false} in {quarters / 4:,.0f} years", 2)


def _seeds(quick: bool) -> range:
    return range(1, 6 if quick else 51)


def _simulated(seeds: range) -> Iterator[Figure]:
    """Half of the years with a cause in every series, the other half without any."""
    injected, false, years = Score(), 0, 0.0
    for seed in seeds:
        series = simulated_series(seed, injected=True)
        injected += total([score(one, rows) for one, rows in zip(series, ours(series), strict=True)])
        quiet = simulated_series(seed, injected=False)
        false, years = false + sum(map(len, ours(quiet))), years + len(quiet)
    yield _goal("causes found of those that can be seen", injected.recall, SIMULATED_RECALL)
    yield Figure("precision in years with causes", f"{injected.precision:.2f}")
    what = f"false alerts a team and quarter in quiet years, of {TEAM_METRICS} metrics"
    yield at_most(what, TEAM_METRICS * false / (4 * years), FALSE_PER_QUARTER, f"{false} in {years:,.0f} years", 2)


def _years(series: Labelled) -> float:
    return len(series.value) / (4 if series.law == "survey" else 365.25)


def _baselines(
    chosen: Sequence[Labelled], scored: Sequence[Labelled], even: Sequence[Labelled], odd: Sequence[Labelled]
) -> Iterator[Figure]:
    for name, plain in BASELINES.items():
        yield _baseline(name, plain, plain, scored, odd)
        if name in WITH_WIDTH:
            detect = WITH_WIDTH[name]
            widths = [max(WIDTHS, key=lambda width, on=part: _total(on, partial(_at, detect, width)).f1)  # type: ignore[misc]
                      for part in (chosen, even)]  # fmt: skip
            yield _baseline(f"{name}, with the best width", partial(_at, detect, widths[0]),
                            partial(_at, detect, widths[1]), scored, odd)  # fmt: skip


def _at(detect: Callable[[Labelled, float], list[int]], width: float, series: Labelled) -> list[int]:
    return detect(series, width)


def _baseline(
    name: str, generated: Detector, real: Detector, scored: Sequence[Labelled], odd: Sequence[Labelled]
) -> Figure:
    one, other = _total(scored, generated), _total(odd, real)
    shown = f"P {one.precision:.2f}, R {one.recall:.2f}, F1 {one.f1:.2f}; real F1 {other.f1:.2f}"
    return Figure(name, shown, f"F1 {F1:.2f}; real {REAL_F1:.2f}", F1 / one.f1 if one.f1 else None)


def _total(series: Sequence[Labelled], detect: Detector) -> Score:
    return total([score(one, detect(one)) for one in series])


def _seconds(teams: int) -> float:
    rng = np.random.default_rng(7)
    day = np.arange(20_000, 20_000 + DAYS)
    counts = [rng.poisson(rng.uniform(0.2, 6), DAYS).astype(float) for _ in range(teams * TEAM_METRICS)]
    laws = ["count", "ratio", "duration"]
    frame = pd.DataFrame(
        {
            "law": [laws[place % 3] for place in range(len(counts))],
            "bad": "high",
            "country": "NL",
            "day": [day] * len(counts),
            "value": [_values(rng, laws[place % 3], n) for place, n in enumerate(counts)],
            "n": counts,
        }
    )
    begun = time.process_time()
    find_anomalies(frame)
    return time.process_time() - begun


def _values(rng: np.random.Generator, law: str, n: np.ndarray) -> np.ndarray:
    if law == "count":
        return n
    return rng.binomial(n.astype(int), 0.12).astype(float) if law == "ratio" else np.exp(rng.normal(3, 0.8, len(n)))
