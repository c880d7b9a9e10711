"""Changes of a scope: whether large ones and much discussed ones wait longer, and where their time goes."""

from dataclasses import dataclass
from datetime import date, timedelta

import numpy as np
from scipy import stats

from roosevelt_pipeline.stats.insights.parameters import STAGES, Parameters
from roosevelt_pipeline.stats.insights.questions import Finding, Question, Scope
from roosevelt_pipeline.stats.insights.rates import would_be_found
from roosevelt_pipeline.stats.insights.weekdays import hedged, often

Array = np.ndarray
METRIC = "change_lead_time_hours"
_MONDAY = date(1970, 1, 5)
_T = 0.975
_LARGEST = 1e7
_NAMES = {
    "coding_time_hours": "coding (first commit to ready for review)",
    "pickup_time_hours": "waiting for the first review",
    "review_time_hours": "review (first review to merge)",
    "delivery_time_hours": "delivery (merge to production)",
}
_SIZES = {
    "pull_request_size": ("The largest third of the pull requests", "lines changed", "the smallest third"),
    "review_comments": (
        "The most discussed third of the pull requests",
        "review comments",
        "the least discussed third",
    ),
}


@dataclass(frozen=True)
class Changes:
    """A scope's changes that reached production, one entry each; missing is NaN.

    Attributes:
        week: weeks since 1970-01-05 in which each was deployed.
        service: number of the service that it was deployed to.
        hours: lead time.
        sizes: of the kind of question, lines or comments.
        stages: hours of each stage; shape (entries, stages).
    """

    week: Array
    service: Array
    hours: Array
    sizes: dict[str, Array]
    stages: Array


def slower_when_larger(kind: str, of: Scope, changes: Changes, parameters: Parameters) -> Question:
    """Do changes take longer the larger they are, within the same weeks and services?"""
    size, hours = changes.sizes[kind], changes.hours
    with np.errstate(invalid="ignore"):
        known = (size >= 0) & (size < _LARGEST) & (hours > 0) & (hours < _LARGEST)
    week, service, size, logs = changes.week[known], changes.service[known], size[known], np.log(hours[known])
    if short := _too_few(kind, of, week, parameters):
        return short
    large, small = _thirds(size)
    if not large.any() or not small.any():
        said = f"Not enough data: the pull requests of {of} hardly differ in {_SIZES[kind][1]}."
        return Question(kind, of, METRIC, "not_enough_data", len(week), None, None, False, said)
    place = _places(week, service)
    chance = _chance_by_weeks(week, _within(place, stats.rankdata(size)), _within(place, stats.rankdata(logs)))
    effect = _ratio_by_weeks(week, _within(_places(service), logs), large, small)
    finding = _of_sizes(kind, of, week, size, logs, large, small, effect, chance)
    weeks = len(np.unique(week))
    error = np.log(effect[2] / effect[0]) / float(stats.t.ppf(_T, weeks - 1))
    is_conclusive = would_be_found(float(np.log(2)), float(error), weeks - 1, parameters)
    said = f"Among {len(week)} pull requests of {of}, lead time could not be seen to go with {_SIZES[kind][1]}."
    return Question(kind, of, METRIC, "tested", len(week), chance, finding, is_conclusive, hedged(said, is_conclusive))


def _places(*keys: Array) -> Array:
    """Numbers from 0 on, the same where all keys are."""
    return np.unique(np.stack(keys, axis=1), axis=0, return_inverse=True)[1].reshape(-1)


def _thirds(size: Array) -> tuple[Array, Array]:
    low, high = np.quantile(size, [1 / 3, 2 / 3])
    if low == high:  # where most have no comments at all, those that have some are held against them
        return size > high, size <= low
    return size >= high, size <= low


def _within(place: Array, values: Array) -> Array:
    """What is left after each place's own mean: weeks and services that differ are no effect of size."""
    left: Array = values - (np.bincount(place, values) / np.bincount(place))[place]
    return left


def _chance_by_weeks(week: Array, one: Array, other: Array) -> float:
    """Of the products of a week: each week is one observation, as changes of a week go out together."""
    _, place = np.unique(week, return_inverse=True)
    scores = np.bincount(place, one * other)
    error = float(scores.std(ddof=1)) / np.sqrt(len(scores))
    if error <= 0:
        return 1.0
    return float(2 * stats.t.sf(abs(scores.mean()) / error, len(scores) - 1))


def _ratio_by_weeks(week: Array, logs: Array, large: Array, small: Array) -> tuple[float, float, float]:
    """Ratio of geometric means of both thirds, with an interval over weeks."""
    _, place = np.unique(week, return_inverse=True)
    count = [np.bincount(place, part, place.max() + 1) for part in (large, small)]
    means = [float(logs[part].mean()) for part in (large, small)]
    influence = sum(
        sign * np.bincount(place, part * (logs - mean), place.max() + 1) / total.sum()
        for sign, part, mean, total in zip((1, -1), (large, small), means, count, strict=True)
    )
    weeks = place.max() + 1
    reach = float(stats.t.ppf(_T, weeks - 1)) * float(np.sqrt((influence**2).sum() * weeks / (weeks - 1)))
    ratio = float(np.exp(means[0] - means[1]))
    return ratio, ratio * float(np.exp(-reach)), ratio * float(np.exp(reach))


def _of_sizes(
    kind: str, of: Scope, week: Array, size: Array, logs: Array, large: Array, small: Array,
    effect: tuple[float, float, float], chance: float,
) -> Finding:  # fmt: skip
    who, what, others = _SIZES[kind]
    one, other = (float(np.exp(logs[part].mean())) for part in (large, small))
    middle, other_middle = (float(np.exp(np.median(logs[part]))) for part in (large, small))
    ratio, low, high = effect
    told = (
        f"{who} of {of} ({_at_least(size[large])} {what}) took {_hours(one)} from first commit to production, {others} "
        f"({_at_most(size[small])}) {_hours(other)}: {large.sum()} against {small.sum()}, geometric means; medians "
        f"{_hours(middle)} and {_hours(other_middle)}. Within the same services that is a ratio of {ratio:.1f} (95 % "
        f"interval {low:.1f} to {high:.1f}). By chance alone this comes once in {often(chance)}. It does not say that "
        f"smaller ones would be faster."
    )
    first, last = _days(week)
    return Finding(
        what, None, one, other, "hours", ratio, low, high, int(large.sum()), int(small.sum()),
        float(large.mean()), first, last, told, float(size[large].min()),
    )  # fmt: skip


def bottleneck(of: Scope, changes: Changes, parameters: Parameters) -> Question:
    """Is there one stage that takes more of the lead time than each of the others?"""
    hours = changes.stages
    with np.errstate(invalid="ignore"):
        known = (np.isfinite(hours) & (hours >= 0) & (hours < _LARGEST)).all(axis=1)
    known &= np.where(known[:, None], hours, 0.0).sum(axis=1) > 0
    week, hours = changes.week[known], hours[known]
    if short := _too_few("bottleneck", of, week, parameters):
        return short
    shares = hours / hours.sum(axis=1, keepdims=True)
    order = np.argsort(-shares.mean(axis=0), kind="stable")
    first, second = int(order[0]), int(order[1])
    chance = min(1.0, len(STAGES) * _one_sided(week, shares[:, first] - shares[:, second]))
    finding = _of_stages(of, week, hours, shares, first, second)
    _, error, weeks = _mean_by_weeks(week, shares[:, first] - shares[:, second])
    is_conclusive = would_be_found(shares[:, second].mean(), error, weeks - 1, parameters)
    said = f"Among {len(week)} changes of {of}, no stage could be seen to take more time than each of the others."
    return Question("bottleneck", of, METRIC, "tested", len(week), chance, finding, is_conclusive,
                    hedged(said, is_conclusive))  # fmt: skip


def _one_sided(week: Array, difference: Array) -> float:
    mean, error, weeks = _mean_by_weeks(week, difference)
    return float(stats.t.sf(mean / error, weeks - 1)) if error > 0 else 1.0


def _mean_by_weeks(week: Array, values: Array) -> tuple[float, float, int]:
    """Mean over entries, its standard error over weeks, and how many weeks."""
    _, place = np.unique(week, return_inverse=True)
    mean, weeks = float(values.mean()), int(place.max()) + 1
    influence = np.bincount(place, values - mean) / len(values)
    return mean, float(np.sqrt((influence**2).sum() * weeks / (weeks - 1))), weeks


def _of_stages(of: Scope, week: Array, hours: Array, shares: Array, first: int, second: int) -> Finding:
    share, error, weeks = _mean_by_weeks(week, shares[:, first])
    next_share, next_error, _ = _mean_by_weeks(week, shares[:, second])
    reach = float(stats.t.ppf(_T, weeks - 1))
    ratio = share / max(next_share, 1e-9)
    width = reach * float(np.hypot(error / max(share, 1e-9), next_error / max(next_share, 1e-9)))
    stage, other = STAGES[first], STAGES[second]
    low, high = 100 * max(0.0, share - reach * error), 100 * min(1.0, share + reach * error)
    told = (
        f"The largest part of the lead time of {of} goes into {_NAMES[stage]}: {100 * share:.0f} % of it in a typical "
        f"change (95 % interval {low:.0f} to {high:.0f}), median "
        f"{_hours(float(np.median(hours[:, first])))}; next is {_NAMES[other]} with {100 * next_share:.0f} %. Over "
        f"{len(week)} changes of {weeks} weeks."
    )
    begin, end = _days(week)
    return Finding(
        stage, None, 100 * share, 100 * next_share, "percent", ratio, ratio * float(np.exp(-width)),
        ratio * float(np.exp(width)), len(week), len(week), share, begin, end, told,
    )  # fmt: skip


def _too_few(kind: str, of: Scope, week: Array, parameters: Parameters) -> Question | None:
    weeks = len(np.unique(week))
    if not len(week):
        return Question(kind, of, METRIC, "no_data", 0, None, None, False, f"No changes of {of} are measured.")
    if len(week) < parameters.least_items or weeks < parameters.least_weeks:
        said = (
            f"Not enough data: {len(week)} changes of {of} in {weeks} weeks; {parameters.least_items} in "
            f"{parameters.least_weeks} are needed."
        )
        return Question(kind, of, METRIC, "not_enough_data", len(week), None, None, False, said)
    return None


def _days(week: Array) -> tuple[date, date]:
    return _MONDAY + timedelta(weeks=int(week.min())), _MONDAY + timedelta(weeks=int(week.max()), days=6)


def _at_least(size: Array) -> str:
    return f"{size.min():,.0f} or more"


def _at_most(size: Array) -> str:
    return f"{size.max():,.0f} or fewer"


def _hours(value: float) -> str:
    return f"{value:.0f} hours" if value >= 10 else f"{value:.1f} hours"
