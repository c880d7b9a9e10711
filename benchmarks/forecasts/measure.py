"""Forecasts: scaled error, coverage and how often they beat last week again, on series that nothing was chosen on."""

import time
from collections.abc import Iterator, Sequence
from itertools import pairwise

import numpy as np
import pandas as pd

from benchmarks.figures import Figure, at_most, show
from benchmarks.forecasts.scoring import passages, scores
from benchmarks.forecasts.windows import Part, generated, real, simulated
from benchmarks.speed import DAYS, TEAM_METRICS, growing
from roosevelt_pipeline.stats.forecasts.frames import BACKTESTS, forecast, look_back
from roosevelt_pipeline.stats.forecasts.parameters import Parameters
from roosevelt_pipeline.stats.tiers import BOUNDS

CHOSEN_ON, SCORED_ON = 111, 212  # seeds: parameters were chosen on the first, and on quarters of even years
COMPANIES = range(1, 21)  # seeds of the simulated company; nothing was chosen on any of them
GOALS = {("day", False): 0.72, ("week", False): 0.90, ("week", True): 0.86}  # scaled error, by grain and whether hours
LEAST_COVERAGE, MOST_COVERAGE, WINS = 0.76, 0.84, 0.80
BINS = (0.0, 0.1, 0.3, 0.5, 0.7, 0.8, 0.9, 1.0)
COME_TRUE = (0.65, 0.85)  # of those said to have 70 to 80 %
ALL_SECONDS = 60


def measure(quick: bool) -> None:
    parts = [*generated(6 if quick else 60, SCORED_ON), *real(odd=True), *simulated(COMPANIES[: 2 if quick else None])]
    parameters = Parameters()
    begun = time.process_time()
    found = scores(parts, parameters)
    seconds = time.process_time() - begun
    show(
        f"Forecasts: {len(found)} forecasts of series that nothing was chosen on",
        [one for part, some in found.groupby("part") for one in _of_part(str(part), some)],
        "Scaled error: mean absolute error of p50 over that of last week again in the past. Daily counts are integers.",
    )
    show("By kind", _by_kind(found), "Scaled error, coverage; beside them last week again, and quantiles of 12 weeks.")
    show("Where the model is shown, by its own backtest", _shown(found))
    show(
        "First passages within 90 days, to a level 10 to 100 % better",
        _passages(passages(parts, parameters)),
        "How many of those said to have a probability came true.",
    )
    show("Time", _speed(quick, seconds / max(1, len(found))))


def _of_part(part: str, some: pd.DataFrame) -> Iterator[Figure]:
    hours = some["kind"] == "lead_time"
    for (grain, is_hours), goal in GOALS.items():
        of = some[(some["grain"] == grain) & (hours == is_hours) & (some["kind"] != "failure_rate")]
        if of.empty:
            continue
        what = f"{part}, {'lead time, ' if is_hours else 'counts, '}by {grain}"
        beside = f"last week {of['naive_mase'].mean():.2f}, 12 weeks {of['recent_mase'].mean():.2f}"
        if not is_hours:
            beside += f"; knowing the level to come {of['level_mase'].mean():.2f}"
        yield at_most(f"{what}: scaled error", float(of["mase"].mean()), goal, beside, 2)
        yield _coverage(f"{what}: coverage", of)


def _coverage(what: str, some: pd.DataFrame) -> Figure:
    measured = float(some["coverage"].mean())
    beside = (
        f"with edges {some['plain_coverage'].mean():.2f}; last week {some['naive_coverage'].mean():.2f}, "
        f"12 weeks {some['recent_coverage'].mean():.2f}"
    )
    off = abs(measured - 0.80) / (MOST_COVERAGE - 0.80)
    return Figure(what, f"{measured:.2f}", f"{LEAST_COVERAGE:.2f} to {MOST_COVERAGE:.2f}", off, beside)


def _by_kind(found: pd.DataFrame) -> Iterator[Figure]:
    for (part, kind, grain), some in found.groupby(["part", "kind", "grain"]):
        beside = f"{some['naive_mase'].mean():.2f} and {some['recent_mase'].mean():.2f}"
        yield Figure(f"{part} {kind}, by {grain}", f"{some['mase'].mean():.2f}, {some['coverage'].mean():.2f}",
                     limited_by=beside)  # fmt: skip


def _shown(found: pd.DataFrame) -> Iterator[Figure]:
    """Of single forecasts, and of series over the three or four days on which they were forecast."""
    for (part, grain), some in found.groupby(["part", "grain"]):
        shown = some[some["is_shown"]]
        better, alike = (float(one.mean()) for one in (shown["mase"] < shown["naive_mase"],
                                                       shown["mase"] == shown["naive_mase"]))  # fmt: skip
        often = f"shown for {len(shown) / len(some):.0%}; as good in {alike:.0%}"
        yield Figure(f"{part}, by {grain}: forecasts better than last week again", f"{better:.0%}", limited_by=often)
        measured = ["mase", "naive_mase", "pinball", "naive_pinball", "level_mase"]
        whole = shown.groupby(["kind", "series"])[measured].mean()
        wins, even = (float(one.mean()) for one in (whole["mase"] < whole["naive_mase"],
                                                    whole["mase"] == whole["naive_mase"]))  # fmt: skip
        counts = whole[whole["level_mase"].notna()]
        knowing, ours = (float((counts[one] < counts["naive_mase"]).mean()) for one in ("level_mase", "mase"))
        by_all = float((whole["pinball"] < whole["naive_pinball"]).mean())
        beside = (
            f"{len(whole)} series, as good on {even:.0%}; by all three quantiles {by_all:.0%}; of counts {ours:.0%}, "
            f"knowing the level to come {knowing:.0%}"
        )
        what = f"{part}, by {grain}: series on which they are better"
        yield Figure(what, f"{wins:.0%}", f"at least {WINS:.0%}", WINS / wins if wins else None, beside)


def _passages(found: pd.DataFrame) -> Iterator[Figure]:
    for part, some in found.groupby("part"):
        for low, high in pairwise(BINS):
            of = some[(some["chance"] >= low) & ((some["chance"] < high) | (high == 1.0))]
            goal = f"{COME_TRUE[0]:.0%} to {COME_TRUE[1]:.0%}" if low == 0.7 else ""
            if len(of):
                yield Figure(f"{part}: said {low:.0%} to {high:.0%}", f"{of['has_come'].mean():.0%}", goal,
                             limited_by=f"{len(of)}, {of['chance'].mean():.0%} on average")  # fmt: skip
        yield Figure(f"{part}: Brier score", f"{((some['chance'] - some['has_come']) ** 2).mean():.2f}", "at most 0.19")


def _speed(quick: bool, with_backtest: float) -> Iterator[Figure]:
    """All series of an organisation from lists of days to forecasts and passages; and of one with its backtest."""
    yield from growing(_seconds, ALL_SECONDS, quick)
    yield Figure("ms a forecast with its backtest, and that of the baselines", f"{1000 * with_backtest:.1f}")


def _seconds(teams: int) -> float:
    """Processor time without the backtest; all have the verdict of one, so that all take the longer way."""
    frame = _organisation(teams)
    newest = int(frame["day"].iloc[0][-1])
    one = look_back(frame.head(1), newest)
    verdicts = pd.concat(
        [one.assign(key=key, mase=np.where(one["method"] == "paths", 0.7, 1.0)) for key in frame["key"]],
        ignore_index=True,
    )[BACKTESTS]
    begun = time.process_time()
    forecast(frame, newest, verdicts, _TIERS)
    return time.process_time() - begun


_TIERS = pd.DataFrame(
    [["m", "Elite", 1, 3, False, None, False], ["m", "High", 2, 1, True, 3, True], ["m", "Low", 3, 0, True, 1, False]],
    columns=["metric", "tier", "tier_rank", *BOUNDS],
)


def _organisation(teams: int) -> pd.DataFrame:
    rng = np.random.default_rng(7)
    day = np.arange(20_000, 20_000 + DAYS)
    laws: Sequence[str] = ("count", "ratio", "duration")
    rows = []
    for number in range(teams * TEAM_METRICS):
        law, n = laws[number % 3], rng.poisson(rng.uniform(0.2, 6), DAYS).astype(float)
        value = n if law == "count" else rng.binomial(n.astype(int), 0.12).astype(float)
        value = np.exp(rng.normal(3, 0.8, DAYS)) if law == "duration" else value
        rows.append(
            {"key": str(number), "metric": "m", "law": law, "bad": "high", "country": "NL", "day": day, "value": value,
             "n": n, "week_day": day[6::7], "week_value": value[6::7], "week_n": n[6::7] * 7}
        )  # fmt: skip
    return pd.DataFrame(rows)


def parts_for_choosing(count: int) -> list[Part]:
    """What parameters may be chosen on."""
    return [*generated(count, CHOSEN_ON), *real(odd=False)]
