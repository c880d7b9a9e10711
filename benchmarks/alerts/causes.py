"""What is done to the company on purpose: two things a year to each team, each of which moves several metrics."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Literal

import numpy as np
import pandas as pd

from benchmarks.alerts.happenings import DELIVERING, Year

Kind = Literal["blocked", "failing", "incidents", "slow"]
KINDS: tuple[Kind, ...] = ("blocked", "failing", "incidents", "slow")
ONSETS = ((110, 190), (235, 315))  # the first cause of a team begins within these days, and the second
LENGTHS = (10, 29)
TELLING_DAYS = 7  # a window of a week holds some of it for so long after its end
LEAD_TIME = "change_lead_time_hours"
MOVES: dict[Kind, tuple[str, ...]] = {
    "blocked": ("deployment_frequency_per_day", LEAD_TIME, "delivery_time_hours"),
    "failing": ("change_failure_rate_pct", "incidents_opened"),
    "incidents": ("incidents_opened",),
    "slow": (LEAD_TIME, "pull_request_cycle_time_hours"),
}
# Of the organisation's medians: repairs of one team weigh more while it has more of them, and less while it has fewer.
MIXES: dict[Kind, tuple[str, ...]] = {
    "blocked": ("failed_deployment_recovery_time_hours",),
    "failing": ("mttr_hours", "failed_deployment_recovery_time_hours"),
    "incidents": ("mttr_hours",),
}
_SHARE_WITH_INCIDENT = 0.5
_USUAL_HOURS = 3.0  # of a team that has never had an incident


@dataclass(frozen=True)
class Cause:
    """Something that was the matter with a team from day ``onset`` to day ``end``, both included.

    Attributes:
        shipped: day by which nine tenths of the changes that it has held up had been deployed; its end, where it holds
            none up. What was slow to be merged, or waited for a deployment, is seen in lead times when it arrives.
    """

    team: str
    kind: Kind
    onset: int
    end: int
    size: float
    shipped: int = 0

    def explains(self, metric: str, scope_type: str, scope: str, day: int) -> bool:
        """Whether a reader who is told of a metric on a day would find this behind it."""
        of_all = scope_type == "organization"
        moves = (*MOVES[self.kind], *(MIXES.get(self.kind, ()) if of_all else ()))
        last = max(self.end, self.shipped if metric == LEAD_TIME else 0) + TELLING_DAYS
        return (of_all or scope == self.team) and metric in moves and self.onset <= day <= last


def draw_causes(seed: int) -> list[Cause]:
    """Two of different kinds for each team. Nothing that the company itself draws is touched."""
    causes = []
    for team in DELIVERING:
        rng = np.random.default_rng([seed, sum(map(ord, team)), 90])
        for place, (first, last) in zip(rng.permutation(len(KINDS)), ONSETS, strict=False):
            kind = KINDS[place]
            onset = int(rng.integers(first, last))
            end = onset + int(rng.integers(*LENGTHS)) - 1
            causes.append(Cause(team, kind, onset, end, float(rng.uniform(*_SIZES[kind]))))
    return causes


def with_causes(year: Year, causes: list[Cause], seed: int) -> tuple[Year, list[Cause]]:
    """The same year with the causes at work, and the causes with the days by which what they held up was shipped."""
    rng = np.random.default_rng([seed, 91])
    lived = []
    for cause in causes:
        year, held_up = _DOES[cause.kind](rng, year, cause)
        shipped = int(np.percentile(held_up, 90)) if len(held_up) else cause.end
        lived.append(replace(cause, shipped=shipped))
    return year, lived


def _within(frame: pd.DataFrame, cause: Cause) -> pd.Series:
    return (frame["team"] == cause.team) & (frame["at"] >= cause.onset) & (frame["at"] < cause.end + 1)


def _blocked(rng: np.random.Generator, year: Year, cause: Cause) -> tuple[Year, np.ndarray]:
    """Most deployments do not happen; what they would have shipped waits for the next one of its service."""
    attempts, changes = year.attempts, year.changes
    is_lost = _within(attempts, cause) & (rng.random(len(attempts)) > cause.size)
    kept = attempts[~is_lost]
    shipped = changes["at"].to_numpy(copy=True)
    for service in attempts.loc[is_lost, "service"].unique():
        went = kept.loc[(kept["service"] == service) & kept["is_deployment"], "at"].to_numpy()
        waits = ((changes["service"] == service) & _within(changes, cause)).to_numpy()
        place = np.searchsorted(went, shipped[waits] - 1e-9)
        shipped[waits] = np.append(went, np.inf)[place]
    longer = 24 * (shipped - changes["at"].to_numpy())
    changes = changes.assign(at=shipped, lead=changes["lead"] + longer)
    held_up = shipped[(longer > 0) & np.isfinite(shipped)]
    left = replace(year, attempts=kept.reset_index(drop=True), changes=_sorted(changes[np.isfinite(shipped)]))
    return left, held_up


def _failing(rng: np.random.Generator, year: Year, cause: Cause) -> tuple[Year, np.ndarray]:
    """A share of the deployments that went well fails; every other one of them opens an incident."""
    attempts = year.attempts
    is_hit = _within(attempts, cause) & attempts["is_deployment"] & ~attempts["failed"]
    is_hit &= rng.random(len(attempts)) < cause.size
    hours = _lengths(rng, year.incidents, "took", cause.team, len(attempts))
    mended = _lengths(rng, attempts, "recovery", cause.team, len(attempts))
    attempts = attempts.assign(
        failed=attempts["failed"] | is_hit, recovery=np.where(is_hit, mended, attempts["recovery"])
    )
    opens = is_hit & (rng.random(len(attempts)) < _SHARE_WITH_INCIDENT)
    more = pd.DataFrame({"team": cause.team, "at": attempts.loc[opens, "at"], "took": hours[opens.to_numpy()]})
    return replace(year, attempts=attempts, incidents=_sorted(pd.concat([year.incidents, more]))), np.empty(0)


def _incidents(rng: np.random.Generator, year: Year, cause: Cause) -> tuple[Year, np.ndarray]:
    """Incidents come several times as often as they do otherwise."""
    usual = (year.incidents["team"] == cause.team).sum() / 364
    days = np.arange(cause.onset, cause.end + 1)
    count = int(rng.poisson((cause.size - 1) * usual * len(days)))
    more = pd.DataFrame({"team": cause.team, "at": rng.uniform(days[0], days[-1] + 1, count),
                         "took": _lengths(rng, year.incidents, "took", cause.team, count)})  # fmt: skip
    return replace(year, incidents=_sorted(pd.concat([year.incidents, more]))), np.empty(0)


def _slow(rng: np.random.Generator, year: Year, cause: Cause) -> tuple[Year, np.ndarray]:  # noqa: ARG001 - all causes are called alike
    """What is merged has taken several times as long until then."""
    changes = year.changes
    is_slow = (changes["team"] == cause.team) & changes["merged"].between(cause.onset, cause.end + 1)
    factor = np.where(is_slow, cause.size, 1.0)
    longer = (factor - 1) * year.changes["lead"]
    changes = changes.assign(lead=factor * changes["lead"], cycle=changes["cycle"] + longer)
    return replace(year, changes=changes), changes.loc[is_slow, "at"].to_numpy()


def _lengths(rng: np.random.Generator, frame: pd.DataFrame, what: str, team: str, count: int) -> np.ndarray:
    """As long as others of the team took."""
    known = frame.loc[frame["team"] == team, what].dropna().to_numpy()
    return rng.choice(known if len(known) else np.array([_USUAL_HOURS]), count)


def _sorted(frame: pd.DataFrame) -> pd.DataFrame:
    return frame.sort_values("at", ignore_index=True)


_DOES: dict[Kind, Callable[[np.random.Generator, Year, Cause], tuple[Year, np.ndarray]]] = {
    "blocked": _blocked, "failing": _failing, "incidents": _incidents, "slow": _slow,
}  # fmt: skip
# Shares of deployments left, shares that fail, factors on incidents and on lead times.
_SIZES: dict[Kind, tuple[float, float]] = {
    "blocked": (0.0, 0.3), "failing": (0.4, 0.8), "incidents": (4, 10), "slow": (2, 5),
}  # fmt: skip
