"""What happened in a year of the simulated company, by its own truth: deliveries, changes, incidents."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

import numpy as np
import pandas as pd

from roosevelt_pipeline.sandbox.blueprint import REPOSITORIES, TEAMS
from roosevelt_pipeline.sandbox.company import Company, play
from roosevelt_pipeline.sandbox.store import Store
from roosevelt_pipeline.sandbox.truth import Truth, truth

FIRST, DAYS = date(2025, 1, 6), 364
TEAM_OF = {service.name: service.team for repository in REPOSITORIES for service in repository.services}
ZONE_OF = {team.slug: team.zone for team in TEAMS}
DELIVERING = tuple(sorted(set(TEAM_OF.values())))


@dataclass(frozen=True)
class Year:
    """A year of every team. Times are days since `FIRST` with their fraction, lengths are hours.

    Attributes:
        attempts: ``service``, ``team``, ``at`` (end), ``is_deployment``, ``broke`` (the attempt itself), ``failed``
            (judged afterwards), ``unplanned``, ``recovery`` (missing where none).
        changes: ``service``, ``team``, ``at`` (of its deployment), ``merged``, ``lead``, ``cycle``.
        incidents: ``team``, ``at`` (opened), ``took`` (missing while open).
    """

    attempts: pd.DataFrame
    changes: pd.DataFrame
    incidents: pd.DataFrame


def year_of(seed: int) -> Year:
    """The company of a seed, for a year in which nothing is the matter but what always is."""
    store = Store.open(None)
    play(Company(seed=seed, start=FIRST, end=FIRST + timedelta(days=DAYS)), store)
    told = truth(store)
    return Year(_attempts(told), _changes(told), _incidents(told))


def at(instant: str) -> float:
    """Days since the beginning."""
    return (datetime.fromisoformat(instant).replace(tzinfo=None) - datetime.combine(FIRST, datetime.min.time())) / (
        timedelta(days=1)
    )


def _hours(since: str, until: str | None) -> float:
    return np.nan if until is None else 24 * (at(until) - at(since))


def _attempts(told: Truth) -> pd.DataFrame:
    rows = [
        (one.service, TEAM_OF[one.service], at(one.ended_at), one.is_deployment, one.outcome == "failure", one.failed,
         one.is_unplanned, _hours(one.ended_at, one.recovered_at))
        for one in told.deployments if one.ended_at and one.outcome in ("success", "failure")
    ]  # fmt: skip
    return _frame(rows, ["service", "team", "at", "is_deployment", "broke", "failed", "unplanned", "recovery"])


def _changes(told: Truth) -> pd.DataFrame:
    rows = [
        (one.service, TEAM_OF[one.service], at(one.deployed_at), at(one.merged_at),
         _hours(one.lead_time_from, one.deployed_at), _hours(one.first_commit_at, one.merged_at))
        for one in told.changes if one.deployed_at and not one.author_is_bot
    ]  # fmt: skip
    return _frame(rows, ["service", "team", "at", "merged", "lead", "cycle"])


def _incidents(told: Truth) -> pd.DataFrame:
    rows = [
        (TEAM_OF[one.service], at(one.opened_at), _hours(one.opened_at, one.resolved_at))
        for one in told.incidents if one.service and not one.excluded
    ]  # fmt: skip
    return _frame(rows, ["team", "at", "took"])


def _frame(rows: Sequence[tuple[object, ...]], columns: list[str]) -> pd.DataFrame:
    frame = pd.DataFrame(rows, columns=columns)
    return frame[(frame["at"] >= 0) & (frame["at"] < DAYS)].sort_values("at", ignore_index=True)
