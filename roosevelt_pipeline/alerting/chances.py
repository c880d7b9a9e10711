"""How likely it is that chance alone does as much: exact tests, so that few events prove nothing."""

import math
from typing import TYPE_CHECKING

from scipy import stats

from roosevelt_pipeline.alert_settings import AlertRule

if TYPE_CHECKING:
    from roosevelt_pipeline.alerting.rules import Observation, Window

_SHARES = ("ratio", "days")


def chance_of(rule: AlertRule, seen: "Observation") -> float | None:
    """The chance of a window at least this bad if it were as what it is compared with; missing without a comparison.

    With the window before for a change, with the baseline where the rule names it, of both the less sure: a week that
    halves after one that had doubled is no fall. Else with the threshold itself.
    """
    found = []
    if rule.falls_by_ratio is not None or rule.rises_by_ratio is not None:
        found.append(_against(seen, seen.before, is_high=rule.falls_by_ratio is None))
    if rule.times_baseline is not None or rule.worse_than_baseline:
        is_high = rule.times_baseline is not None or not seen.more_is_better
        found.append(_against(seen, seen.baseline, is_high=is_high))
    if not found:
        return _against_threshold(rule, seen)
    known = [one for one in found if one is not None]
    return max(known) if len(known) == len(found) else None


def _against(seen: "Observation", other: "Window | None", *, is_high: bool) -> float | None:
    if other is None:
        return None
    if seen.law == "count":
        return counts(seen.now.n, seen.now.days, other.n, other.days, is_high=is_high)
    if seen.law in _SHARES:
        return ratios(seen.now.hits, seen.now.n, other.hits, other.n, is_high=is_high)
    return durations(seen.now, other) if is_high else None


def counts(now: float, days: float, other: float, other_days: float, *, is_high: bool) -> float:
    """Of two Poisson counts with one rate: given their sum, the first is binomial.

    >>> round(counts(2, 5, 8, 5, is_high=False), 4)  # at most 2 heads of 10 tosses: 56 / 1024
    0.0547
    """
    total, share = round(now + other), days / (days + other_days) if days + other_days else 0.5
    return float(stats.binom.sf(now - 1, total, share) if is_high else stats.binom.cdf(now, total, share))


def ratios(hits: float, n: float, other_hits: float, other_n: float, *, is_high: bool) -> float:
    """Of two shares that are one: Fisher's exact test, one-sided.

    >>> round(ratios(2, 2, 0, 2, is_high=True), 4)  # both hits of four fall into the same pair of the two: 1 / 6
    0.1667
    """
    law = stats.hypergeom(round(n + other_n), round(hits + other_hits), round(n))
    return float(law.sf(hits - 1) if is_high else law.cdf(hits))


def durations(now: "Window", other: "Window") -> float | None:
    """Of a median: at least half of the items are as long, which each is with one in ten beyond the other's p90.

    Nothing but two quantiles is known of the other window, so a median between them proves little: one half each.
    """
    if now.value is None or other.value is None or now.n < 1:
        return None
    half = math.ceil(now.n / 2)
    each = 0.1 if other.p90 is not None and now.value > other.p90 else 0.5
    return float(stats.binom.sf(half - 1, round(now.n), each)) if now.value > other.value else 1.0


def _against_threshold(rule: AlertRule, seen: "Observation") -> float | None:
    is_high = rule.above is not None
    limit = rule.above if rule.above is not None else rule.below
    if limit is None:
        return None
    if seen.law in _SHARES:
        share = min(1.0, max(0.0, limit / 100))
        law = stats.binom(round(seen.now.n), share)
        return float(law.sf(seen.now.hits - 1) if is_high else law.cdf(seen.now.hits))
    if seen.law == "count":
        expected = limit * rule.window_days if seen.unit.endswith("per day") else limit
        return float(stats.poisson.sf(seen.now.n - 1, expected) if is_high else stats.poisson.cdf(seen.now.n, expected))
    return None
