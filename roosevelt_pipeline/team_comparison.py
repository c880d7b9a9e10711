"""Teams that take part beside each other, each for its own eyes: letters instead of names, a distribution, no rank."""

import secrets
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from string import ascii_uppercase
from typing import Any

import pandas as pd
import psycopg
from psycopg import sql

from roosevelt_pipeline.metric_series import newest_day, records
from roosevelt_pipeline.metric_weeks import is_measured
from roosevelt_pipeline.settings import Settings
from roosevelt_pipeline.stats.comparisons.teams import Position, position, sentence, two_digits
from roosevelt_pipeline.warehouse.connections import Role, Warehouse
from roosevelt_pipeline.warehouse.frames import read_frame, replace_rows

WINDOW_DAYS = 90
OWN = "own"
DELIVERY = ("deployment_frequency_per_day", "change_lead_time_hours", "change_failure_rate_pct",
            "failed_deployment_recovery_time_hours", "deployment_rework_rate_pct")  # fmt: skip
# What a team does together. No sum over persons: it would compare the sizes of teams, and reward being busy.
SPACE = ("focus_hours", "meeting_hours", "async_communication_score", "pr_review_depth", "code_coverage_pct",
         "defect_density")  # fmt: skip

_MEMBERS = sql.SQL(
    """
    select team, count(distinct user_id) as members
    from marts.dim_team_members
    where
        team = any(%s)
        and (valid_from is null or valid_from::date <= %s) and (valid_to is null or valid_to::date > %s)
    group by team
    """
)
_DELIVERY = sql.SQL(
    """
    select numbers.scope as team, numbers.metric, catalog.label, numbers.unit, numbers.value::double precision as value,
        numbers.metric_date - numbers.window_days + 1 as first_date, numbers.metric_date as last_date
    from marts.fct_metric_rolling as numbers
    inner join reference.metric_catalog as catalog
        on numbers.metric = catalog.metric
    where
        numbers.scope_type = 'team' and numbers.scope = any(%s) and numbers.metric = any(%s)
        and numbers.window_days = %s and numbers.metric_date = %s and numbers.status = 'ok'
    """
)
# The newest week of which anything was published; what the gate withheld is not there.
_SPACE = sql.SQL(
    """
    select scope as team, figure as metric, label, unit, value, period_start as first_date, period_end - 1 as last_date
    from bi.space_summary as figures
    where
        scope_type = 'team' and scope = any(%s) and figure = any(%s) and status = 'ok' and value is not null
        and week_start = (
            select max(newest.week_start) from bi.space_summary as newest
            where newest.figure = figures.figure and newest.scope_type = 'team' and newest.status = 'ok'
                and newest.week_start <= %s
        )
    """
)
_LETTERS = sql.SQL("select audience, team, letter from analytics.comparison_letters")
_POSITIONS = ["audience", "metric", "label", "unit", "status", "value", "teams_count", "quartile_low", "median",
              "quartile_high", "place", "said", "first_date", "last_date", "as_of_date"]  # fmt: skip
_SHOWN = ["audience", "metric", "letter", "value", "unit", "is_own"]


@dataclass(frozen=True)
class Compared:
    """What each team may see.

    Attributes:
        positions: rows of ``analytics.team_comparison``.
        shown: rows of ``analytics.team_comparison_values``.
        too_small: teams that want to take part and have too few members to.
    """

    positions: pd.DataFrame
    shown: pd.DataFrame
    too_small: Sequence[str]


def compare_teams(warehouse: Warehouse, settings: Settings) -> Compared | None:
    """Put the teams that said so beside each other, and write what each may see. Both tables are replaced.

    Returns:
        nothing where no daily run has built the marts yet.
    """
    wanted = sorted(one.name for one in settings.teams if one.compared)
    with warehouse.connect(Role.ANALYTICS) as connection:
        newest = newest_day(connection) if is_measured(connection) else None
        if newest is None:
            return None
        members = {one["team"]: int(one["members"])
                   for one in records(read_frame(connection, _MEMBERS, [wanted, newest, newest]))}  # fmt: skip
        teams = [team for team in wanted if members.get(team, 0) >= settings.privacy.minimum_contributors]
        values = pd.concat([
            read_frame(connection, _DELIVERY, [teams, list(DELIVERY), WINDOW_DAYS, newest]),
            read_frame(connection, _SPACE, [teams, list(SPACE), newest]),
        ])  # fmt: skip
        letters = _letters(connection, teams)
        rows = list(_rows(values, teams, letters))
        positions = pd.DataFrame([one | {"as_of_date": newest} for one, _ in rows], columns=_POSITIONS, dtype=object)
        shown = pd.DataFrame([one for _, some in rows for one in some], columns=_SHOWN, dtype=object)
        with connection.transaction():
            replace_rows(connection, "analytics", "team_comparison", positions, where={})
            replace_rows(connection, "analytics", "team_comparison_values", shown, where={})
        return Compared(positions, shown, [team for team in wanted if team not in teams])


def _rows(
    values: pd.DataFrame, teams: Sequence[str], letters: Mapping[tuple[str, str], str]
) -> Iterator[tuple[dict[str, Any], list[dict[str, Any]]]]:
    """For each team and metric that any has a value of: its position, and what is shown of the others."""
    for metric, some in values.groupby("metric", sort=True):
        by_team = {str(one["team"]): float(one["value"]) for one in records(some)}
        head = records(some)[0]
        known = {"metric": metric, "unit": head["unit"]}
        for audience in teams:
            found = position(audience, by_team)
            row = known | {
                "audience": audience, "label": head["label"], "status": found.status, "value": found.value,
                "teams_count": found.teams, "quartile_low": found.low, "median": found.median,
                "quartile_high": found.high, "place": found.place,
                "said": sentence(head["label"], head["unit"], audience, found),
                "first_date": head["first_date"], "last_date": head["last_date"],
            }  # fmt: skip
            yield row, [known | one for one in _shown(audience, found, by_team, letters)]


def _shown(
    audience: str, found: Position, by_team: Mapping[str, float], letters: Mapping[tuple[str, str], str]
) -> Iterator[dict[str, Any]]:
    if found.status != "ok" or found.value is None:
        return
    yield {"audience": audience, "letter": OWN, "value": found.value, "is_own": True}
    for team, value in by_team.items():
        if team != audience:
            yield {"audience": audience, "letter": letters[audience, team], "value": two_digits(value), "is_own": False}


def _letters(connection: "psycopg.Connection[Any]", teams: Sequence[str]) -> dict[tuple[str, str], str]:
    """The letter of each team for each other, drawn once: nobody, not even who knows the program, can work it out."""
    drawn = {(one["audience"], one["team"]): one["letter"] for one in records(read_frame(connection, _LETTERS))}
    for audience in teams:
        used = {letter for (whose, _), letter in drawn.items() if whose == audience}
        missing = [team for team in teams if team != audience and (audience, team) not in drawn]
        # More letters than teams, so that who comes last is not known by the one that is left.
        free = [one for one in _alphabet(2 * (len(used) + len(missing))) if one not in used]
        secrets.SystemRandom().shuffle(free)
        for team, letter in zip(missing, free, strict=False):
            drawn[audience, team] = letter
            connection.execute("insert into analytics.comparison_letters values (%s, %s, %s)", [audience, team, letter])
    return drawn


def _alphabet(least: int) -> list[str]:
    """A to Z, then AA, AB and so on, as many as are asked for but no fewer than 26."""
    letters = list(ascii_uppercase)
    while len(letters) < least:
        letters += [one + other for one in letters[-26:] for other in ascii_uppercase]
    return letters


def told_too_much(warehouse: Warehouse) -> list[str]:
    """Metrics that are compared although fewer teams than are needed have a value; and letters that are names."""
    with warehouse.connect(Role.ANALYTICS) as connection:
        rows = connection.execute(
            """
            select audience || ': ' || metric from analytics.team_comparison_values
            group by audience, metric having count(*) < 5
            union all
            select shown.audience || ': ' || shown.letter
            from analytics.team_comparison_values as shown
            inner join analytics.comparison_letters as letters on shown.letter = letters.team
            """
        ).fetchall()
    return sorted(str(row[0]) for row in rows)
