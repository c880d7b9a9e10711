"""The gate on a real database: what it lets through stays, and what was withheld cannot be had by asking again."""

from collections.abc import Callable
from datetime import date, timedelta
from uuid import UUID

import psycopg
import pytest

from roosevelt_pipeline.privacy.disclosure import PublishedGroups, exposes_changes
from roosevelt_pipeline.publishing import publish
from roosevelt_pipeline.settings import PrivacySettings
from roosevelt_pipeline.warehouse.connections import Role, Warehouse

RUN = UUID(int=1)
MONDAY = date(2026, 3, 2)
WEEK = timedelta(days=7)
Groups = dict[str, str]

TABLES = """
drop table if exists marts.space_candidates, marts.space_contributors;
create table marts.space_candidates (
    dimension text, figure text, scope_type text, scope text, period text, period_start date, period_end date,
    value float8, unit text, n int, members_count int, numerator float8, denominator float8, largest_share float8,
    minimum text, definition_version int
);
create table marts.space_contributors (
    figure text, scope_type text, scope text, period_start date, user_id uuid, contributes boolean
);
"""


@pytest.fixture
def weeks(warehouse: Warehouse) -> Callable[[list[Groups]], None]:
    """Makes the marts tell of teams in weeks from the 2nd of March on; persons are letters, each worth 10."""
    with warehouse.connect(Role.ANALYTICS) as connection:
        connection.execute("set role none")
        connection.execute("truncate published.space_figures, published.space_members")

    def tell(groups_by_week: list[Groups], value: float = 10, minimum: str = "contributors") -> None:
        with warehouse.connect(Role.TRANSFORM) as connection:
            connection.execute(TABLES)
            for place, groups in enumerate(groups_by_week):
                start = MONDAY + place * WEEK
                for name, letters in groups.items():
                    connection.execute(
                        "insert into marts.space_candidates values ('activity', 'commits_count', 'team', %s, 'week', "
                        "%s, %s, %s, 'commits', %s, %s, %s, null, 0.2, %s, 1)",
                        [name, start, start + WEEK, value * len(letters), len(letters), len(letters),
                         value * len(letters), minimum],
                    )  # fmt: skip
                    for letter in letters:
                        connection.execute(
                            "insert into marts.space_contributors values ('commits_count', 'team', %s, %s, %s, true)",
                            [name, start, person(letter)],
                        )

    return tell


def person(letter: str) -> UUID:
    return UUID(int=ord(letter))


def decided(warehouse: Warehouse) -> dict[tuple[str, int], tuple[object, ...]]:
    """Value and reason of each team and week of March."""
    with warehouse.connect(Role.ANALYTICS) as connection:
        rows = connection.execute("select scope, period_start, value, reason from published.space_figures").fetchall()
    return {(scope, (start - MONDAY).days // 7): (value, reason) for scope, start, value, reason in rows}


def run(warehouse: Warehouse, week: int | None = None, privacy: PrivacySettings | None = None) -> None:
    list(publish(warehouse, privacy or PrivacySettings(), RUN, None if week is None else [MONDAY + week * WEEK]))


def test_a_week_that_was_published_stays_as_it_was(warehouse, weeks):
    weeks([{"red": "abc"}])
    run(warehouse)
    weeks([{"red": "abcdef"}], value=99)  # an opt-in that reaches back, a late answer, a move
    run(warehouse)

    assert decided(warehouse) == {("red", 0): (30, None)}


def test_a_team_made_later_gets_no_figures_of_weeks_that_are_closed(warehouse, weeks):
    weeks([{"red": "abcd"}])
    run(warehouse)
    weeks([{"red": "abcd", "lead": "abc"}])  # red - lead would be d
    run(warehouse)

    assert decided(warehouse) == {("red", 0): (40, None)}


def test_what_was_withheld_stays_withheld(warehouse, weeks):
    weeks([{"red": "ab", "all": "abcde"}])
    run(warehouse)
    weeks([{"red": "abc", "all": "abcde"}])
    run(warehouse)

    assert decided(warehouse) == {("red", 0): (None, "too_few"), ("all", 0): (50, None)}


def test_over_weeks_a_new_colleague_cannot_be_had_by_subtracting(warehouse, weeks):
    weeks([{"red": "abc"}, {"red": "abcd"}])
    run(warehouse)

    assert decided(warehouse) == {("red", 0): (30, None), ("red", 1): (None, "too_few_changed")}


def test_the_silence_ends_when_what_it_would_be_held_against_is_four_weeks_old(warehouse, weeks):
    weeks([{"red": "abc"}, *[{"red": "abcd"}] * 5])
    run(warehouse)

    assert [value for value, _ in decided(warehouse).values()] == [30, None, None, None, None, 40]


def test_over_runs_the_ledger_remembers_what_the_last_one_published(warehouse, weeks):
    weeks([{"red": "abc", "blue": "defg"}])
    run(warehouse)
    weeks([{"red": "abc", "blue": "defg"}, {"red": "abcg", "blue": "def"}])
    run(warehouse)

    assert decided(warehouse)["red", 1] == decided(warehouse)["blue", 1] == (None, "too_few_changed")


def test_a_backfilled_week_is_held_against_the_weeks_after_it(warehouse, weeks):
    weeks([{"red": "abcd"}, {"red": "abc"}])
    run(warehouse, week=1)
    run(warehouse, week=0)

    assert decided(warehouse) == {("red", 1): (30, None), ("red", 0): (None, "too_few_changed")}


def test_a_partition_decides_about_its_week_alone_and_twice_changes_nothing(warehouse, weeks):
    weeks([{"red": "abc"}, {"red": "abc"}])
    run(warehouse, week=1)
    first = decided(warehouse)
    run(warehouse, week=1)

    assert first == decided(warehouse) == {("red", 1): (30, None)}


def test_calendars_and_surveys_need_five(warehouse, weeks):
    weeks([{"red": "abcd", "blue": "efghi"}], minimum="respondents")
    run(warehouse)

    assert decided(warehouse) == {("red", 0): (None, "too_few"), ("blue", 0): (50, None)}


def test_whoever_is_forgotten_leaves_a_nobody_in_the_ledger_so_that_the_next_figure_is_still_held_against_it(
    warehouse, weeks
):
    weeks([{"red": "abcd"}])
    run(warehouse)
    with warehouse.connect(Role.INGEST) as connection:
        connection.execute("select published.forget_member(%s)", [person("d")])
    weeks([{"red": "abcd"}, {"red": "abc"}])
    run(warehouse)

    assert decided(warehouse)["red", 1] == (None, "too_few_changed")
    with warehouse.connect(Role.ANALYTICS) as connection:
        known = {row[0] for row in connection.execute("select user_id from published.space_members").fetchall()}
    assert (len(known), person("d") in known) == (4, False)


def test_a_week_older_than_the_ledger_remembers_is_withheld(warehouse, weeks):
    weeks([{"red": "abc"}] * 16)
    run(warehouse, week=15)
    run(warehouse, week=0)

    assert decided(warehouse)["red", 0] == (None, "too_late")


def test_a_run_that_dies_in_a_week_has_decided_nothing_about_it(warehouse, weeks, monkeypatch):
    weeks([{"red": "abc"}, {"red": "abc"}])
    from roosevelt_pipeline.warehouse import releases

    record, calls = releases.record, []

    def die_in_the_second(*arguments):
        record(*arguments)
        calls.append(arguments)
        if len(calls) == 2:
            raise KeyboardInterrupt

    monkeypatch.setattr(releases, "record", die_in_the_second)
    with pytest.raises(KeyboardInterrupt):
        run(warehouse)
    assert list(decided(warehouse)) == [("red", 0)]
    monkeypatch.undo()
    run(warehouse)

    assert decided(warehouse) == {("red", 0): (30, None), ("red", 1): (30, None)}


@pytest.mark.parametrize(
    "statement", ["update published.space_figures set value = 0", "delete from published.space_figures"]
)
def test_the_role_that_decides_cannot_change_what_it_decided(warehouse, weeks, statement):
    with warehouse.connect(Role.ANALYTICS) as connection, pytest.raises(psycopg.errors.InsufficientPrivilege):
        connection.execute(statement)


def test_nothing_that_is_in_the_table_after_a_year_of_moves_tells_of_fewer_than_three(warehouse, weeks):
    """Three teams and the whole; somebody moves each week. Whoever adds and subtracts what four weeks show learns
    of nobody: the values of the other weeks are others."""
    from random import Random

    rng = Random(3)
    teams = {"red": set("abcde"), "blue": set("fghij"), "green": set("klmno")}
    history = []
    for _ in range(20):
        history.append({name: "".join(sorted(members)) for name, members in teams.items() if members})
        source, target = rng.sample(sorted(teams), 2)
        if teams[source]:
            mover = rng.choice(sorted(teams[source]))
            teams[source].remove(mover)
            teams[target].add(mover)
    weeks([groups | {"all": "abcdefghijklmno"} for groups in history])
    run(warehouse)

    shown = [
        (week, frozenset((history[week] | {"all": "abcdefghijklmno"})[name]))
        for (name, week), (value, _) in sorted(decided(warehouse).items(), key=lambda one: one[0][1])
        if value is not None
    ]
    assert len({week for week, _ in shown}) == 20
    for first in range(20):
        near = [group for week, group in shown if first <= week <= first + 4]
        for place, group in enumerate(near):
            assert not exposes_changes(PublishedGroups(near[:place]), group, 3), (first, group)
