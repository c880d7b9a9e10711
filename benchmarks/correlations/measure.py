"""Correlations: how often independent series are called related, beside what a spreadsheet says; power; time."""

import time
from collections.abc import Iterator

import numpy as np
import pandas as pd
from scipy import stats

from benchmarks.correlations.generator import INDEPENDENT, Array, related, remembering
from benchmarks.figures import Figure, at_most, show
from roosevelt_pipeline.stats.correlations.coefficients import compare
from roosevelt_pipeline.stats.correlations.frames import find_correlations
from roosevelt_pipeline.stats.correlations.parameters import Pair, Parameters

SEED, ROWS = 20, 20_000
LENGTHS = (26, 52, 104)
LEVEL, STRONG, LEAST = 0.05, 0.7, Parameters().least_periods
TEAMS, WEEKS, SECONDS = 200, 104, 20
METRICS = tuple(f"metric_{number:02}" for number in range(12))
ORGANISATIONS, SCOPES = 60, 20
_MEMORY = Parameters().memory


def measure(quick: bool) -> None:
    rows = ROWS // 10 if quick else ROWS
    show(
        f"Independent weekly series that are called related at 5 %: {rows:,} pairs each",
        _independent(rows),
        "The plain p-value is Pearson's of the levels. Beside it, how many have |r| > 0.7 and are taken for strong.",
    )
    show("Related series that are found", _related(rows))
    show(
        f"{ORGANISATIONS} organisations of {SCOPES} teams and {len(METRICS)} metrics, a tenth of the pairs related",
        _organisations(ORGANISATIONS // 10 if quick else ORGANISATIONS),
    )
    show(f"{TEAMS} teams, {len(METRICS)} metrics, two years", _speed(quick))


def _independent(rows: int) -> Iterator[Figure]:
    for kind, generate in INDEPENDENT.items():
        for weeks in LENGTHS:
            rng = np.random.default_rng([SEED, weeks, len(kind)])
            first, second = generate(rng, rows, weeks), generate(rng, rows, weeks)
            found = compare(first, second, 0, _MEMORY)
            tested = found.effective >= LEAST
            ours = float((found.chance[tested] < LEVEL).mean()) if tested.any() else 0.0
            beyond = np.minimum(np.abs(found.pearson), np.abs(found.spearman)) > STRONG
            strong = float((tested & beyond & (found.chance < LEVEL)).mean())
            plain, plain_strong = plainly(first, second)
            yield at_most(
                f"{kind}, {weeks} weeks: percent",
                100 * ours,
                100 * LEVEL,
                f"plain p-value: {100 * (plain < LEVEL).mean():.0f} %; strong: ours {100 * strong:.2f} %, "
                f"plain {100 * plain_strong.mean():.1f} %",
                1,
            )


def plainly(first: Array, second: Array) -> tuple[Array, Array]:
    """What anybody would try first: Pearson's p-value of the levels, and whether it is beyond 0.7."""
    one, other = (side - side.mean(axis=1, keepdims=True) for side in (first, second))
    r = (one * other).sum(axis=1) / np.sqrt((one**2).sum(axis=1) * (other**2).sum(axis=1))
    freedom = first.shape[1] - 2
    chance = 2 * stats.t.sf(np.abs(r) * np.sqrt(freedom / (1 - r**2)), freedom)
    return chance, (np.abs(r) > STRONG) & (chance < LEVEL)


def _related(rows: int) -> Iterator[Figure]:
    for correlation in (0.3, 0.5, 0.8):
        for weeks in LENGTHS:
            rng = np.random.default_rng([SEED, weeks, int(10 * correlation)])
            first, second = related(rng, rows, weeks, correlation)
            found = compare(first, second, 0, _MEMORY)
            at = [float((found.chance < limit).mean()) for limit in (LEVEL, 1e-3)]
            plain, _ = plainly(first, second)
            yield Figure(
                f"correlation {correlation}, {weeks} weeks: percent found at 5 %",
                f"{100 * at[0]:.0f}",
                limited_by=f"at 0.1 %: {100 * at[1]:.0f} %; plain p-value at 5 %: {100 * (plain < LEVEL).mean():.0f} %",
            )


def _organisations(count: int) -> Iterator[Figure]:
    """The whole search, with its rate of false discoveries; metrics wander with a memory of 0.6."""
    nothing, rates, found, there = 0, [], 0, 0
    for number in range(count):
        quiet = find_correlations(_organisation(np.random.default_rng([SEED, number, 0]), 0.0)[0], _all_pairs())
        nothing += bool(quiet["is_significant"].any())
        frame, true = _organisation(np.random.default_rng([SEED, number, 1]), 0.1)
        seen = find_correlations(frame, _all_pairs())
        keys = set(zip(seen["scope"], seen["metric_a"], seen["metric_b"], strict=True))
        called = {key for key, yes in zip(zip(seen["scope"], seen["metric_a"], seen["metric_b"], strict=True),
                                          seen["is_significant"], strict=True) if yes}  # fmt: skip
        rates.append(len(called - true) / max(1, len(called)))
        found, there = found + len(called & true), there + len(true & keys)
    yield at_most("percent of organisations without any relation that are told of one", 100 * nothing / count, 5.0,
                  f"{count} organisations", 1)  # fmt: skip
    yield at_most("percent of what is called significant that is not", 100 * float(np.mean(rates)), 5.0, "", 1)
    yield Figure("percent of relations of 0.8 that are found", f"{100 * found / max(1, there):.0f}")


def _all_pairs() -> Parameters:
    pairs = tuple(Pair(one, other, lags=(0,)) for row, one in enumerate(METRICS) for other in METRICS[row + 1 :])
    return Parameters(pairs=pairs)


def _organisation(rng: np.random.Generator, share: float) -> tuple[pd.DataFrame, set[tuple[str, str, str]]]:
    """Series of all teams; in such a share of the neighbours (0 and 1, 2 and 3, ...) one follows the other."""
    true = set()
    values = remembering(rng, SCOPES * len(METRICS), WEEKS, 0.6).reshape(SCOPES, len(METRICS), WEEKS)
    chosen = rng.permutation(SCOPES * len(METRICS) // 2)[: round(share * SCOPES * len(METRICS) // 2)]
    for place in chosen:
        team, metric = divmod(int(place), len(METRICS) // 2)
        pair = related(rng, 1, WEEKS, 0.8, 0.6)
        values[team, 2 * metric], values[team, 2 * metric + 1] = pair[0][0], pair[1][0]
        true.add((f"team {team}", METRICS[2 * metric], METRICS[2 * metric + 1]))
    return _frame(values), true


def _frame(values: Array) -> pd.DataFrame:
    weeks = np.arange(2_900, 2_900 + values.shape[2])
    return pd.DataFrame(
        [
            {"scope": f"team {team}", "metric": metric, "period": "week", "law": "mean", "at": weeks,
             "value": 100 + values[team, place], "n": np.ones(len(weeks))}
            for team in range(len(values)) for place, metric in enumerate(METRICS)
        ]
    )  # fmt: skip


def _speed(quick: bool) -> Iterator[Figure]:
    """All 66 pairs at five lags."""
    teams = TEAMS // 10 if quick else TEAMS
    pairs = Parameters(pairs=tuple(Pair(one.first, one.second) for one in _all_pairs().pairs))
    spent = {}
    for count in (teams // 4, teams):
        values = remembering(np.random.default_rng(SEED), count * len(METRICS), WEEKS, 0.5)
        frame = _frame(values.reshape(count, len(METRICS), WEEKS))
        begun = time.process_time()
        found = find_correlations(frame, pairs)
        spent[count] = time.process_time() - begun
    yield at_most(f"seconds of processor for {len(found):,} comparisons", spent[teams], SECONDS * teams / TEAMS,
                  "processor", 1)  # fmt: skip
    yield Figure("against growing in proportion", f"{spent[teams] / spent[teams // 4] / 4:.2f}")
