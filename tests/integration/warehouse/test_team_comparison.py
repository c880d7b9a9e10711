"""Teams beside each other, from the marts to what each may see."""

import base64
import uuid
from datetime import date

import pytest
from psycopg import sql

from roosevelt_pipeline.settings import Settings, TeamSettings
from roosevelt_pipeline.team_comparison import compare_teams, told_too_much
from roosevelt_pipeline.team_comparison_report import report
from roosevelt_pipeline.warehouse.connections import Role
from roosevelt_pipeline.warehouse.frames import read_frame

TODAY = date(2026, 3, 31)
HOURS = {"payments": 10.0, "identity": 21.37, "commerce": 30.0, "insights": 40.0, "search": 50.0, "loner": 60.0}
POSITIONS = sql.SQL("select * from analytics.team_comparison order by audience, metric")
SHOWN = sql.SQL("select * from analytics.team_comparison_values order by audience, metric, letter")


@pytest.fixture
def marts(fresh_warehouse):
    with fresh_warehouse.connect(Role.TRANSFORM) as connection:
        for statement in (
            "create table marts.fct_metric_days (metric_date date)",
            "create table marts.fct_metric_windows (metric_date date)",
            "create table marts.dim_team_members (team text, user_id uuid, valid_from timestamptz, "
            "valid_to timestamptz)",
            "create table marts.fct_metric_rolling (scope_type text, scope text, metric text, unit text, value float8, "
            "window_days int, metric_date date, status text)",
            "create table reference.metric_catalog (metric text, label text)",
            "insert into reference.metric_catalog values ('change_lead_time_hours', 'Change lead time')",
            "create table bi.space_summary (scope_type text, scope text, figure text, label text, unit text, "
            "value float8, week_start date, period_start date, period_end date, status text)",
        ):
            connection.execute(statement)
        connection.execute("insert into marts.fct_metric_days values (%s)", [TODAY])
        for team, hours in HOURS.items():
            for _ in range(2 if team == "loner" else 4):
                connection.execute(
                    "insert into marts.dim_team_members values (%s, %s, null, null)", [team, uuid.uuid4()]
                )
            connection.execute(
                "insert into marts.fct_metric_rolling values "
                "('team', %s, 'change_lead_time_hours', 'hours', %s, 90, %s, 'ok')",
                [team, hours, TODAY],
            )
    return fresh_warehouse


def taking_part(*teams):
    return Settings(teams=tuple(TeamSettings(name=team, compared=team in teams) for team in HOURS))


def rows(warehouse, query=POSITIONS):
    with warehouse.connect(Role.ANALYTICS) as connection:
        return read_frame(connection, query)


FIVE = ("payments", "identity", "commerce", "insights", "search")


def test_each_team_sees_itself_against_the_middle_half_and_the_others_by_letters(marts):
    compare_teams(marts, taking_part(*FIVE))

    found = rows(marts).set_index("audience")
    assert found["place"].to_dict() == {
        "payments": "below", "identity": "within", "commerce": "within", "insights": "within", "search": "above",
    }  # fmt: skip
    assert found.loc["commerce", "said"] == (
        "Change lead time of team commerce: 30 hours. The middle half of the 5 teams that take part lies between 21 "
        "and 40 hours, and commerce within it."
    )
    seen = rows(marts, SHOWN)
    others = seen[(seen["audience"] == "payments") & ~seen["is_own"]]
    assert sorted(others["value"]) == [21, 30, 40, 50]  # 21.37 is not told to its digits
    assert not set(others["letter"]) & set(HOURS)
    assert told_too_much(marts) == []


def test_letters_stay_and_a_team_that_comes_later_changes_none(marts):
    compare_teams(marts, taking_part(*FIVE[:4], "search"))
    before = rows(marts, SHOWN).set_index(["audience", "letter"])["value"].to_dict()
    with marts.connect(Role.TRANSFORM) as connection:
        connection.execute("insert into marts.dim_team_members values ('loner', %s, null, null)", [uuid.uuid4()])

    compare_teams(marts, taking_part(*HOURS))

    after = rows(marts, SHOWN).set_index(["audience", "letter"])["value"].to_dict()
    assert before.items() <= after.items()
    assert len(after) == 36


def test_a_team_that_did_not_say_so_neither_sees_nor_is_seen(marts):
    compare_teams(marts, taking_part("payments", "identity", "commerce", "insights"))

    assert set(rows(marts)["audience"]) == {"payments", "identity", "commerce", "insights"}
    assert set(rows(marts)["status"]) == {"suppressed"}  # four are too few
    assert rows(marts, SHOWN).empty


def test_a_team_of_two_takes_no_part_and_is_named_as_too_small(marts):
    compared = compare_teams(marts, taking_part("payments", "identity", "commerce", "insights", "loner"))

    assert compared.too_small == ["loner"]
    assert set(rows(marts)["status"]) == {"suppressed"}


def test_who_left_a_team_is_no_member_of_it(marts):
    with marts.connect(Role.TRANSFORM) as connection:
        connection.execute(
            "update marts.dim_team_members set valid_to = '2026-03-01' where ctid in "
            "(select ctid from marts.dim_team_members where team = 'search' limit 2)"
        )

    assert compare_teams(marts, taking_part(*FIVE)).too_small == ["search"]


def test_what_the_gate_withheld_is_not_compared(marts):
    with marts.connect(Role.TRANSFORM) as connection:
        for number, team in enumerate(FIVE):
            status = "suppressed" if team == "search" else "ok"
            connection.execute(
                "insert into bi.space_summary values ('team', %s, 'focus_hours', 'Focus time', 'hours per person', "
                "%s, '2026-03-23', '2026-03-23', '2026-03-30', %s)",
                [team, 15.0 + number, status],
            )

    compare_teams(marts, taking_part(*FIVE))

    focus = rows(marts)
    focus = focus[focus["metric"] == "focus_hours"].set_index("audience")["status"]
    assert focus.to_dict() == {"payments": "suppressed", "identity": "suppressed", "commerce": "suppressed",
                               "insights": "suppressed", "search": "no_data"}  # fmt: skip


def test_without_teams_that_take_part_or_a_daily_run_there_is_nothing(marts, new_warehouse):
    assert compare_teams(marts, taking_part()).positions.empty
    assert compare_teams(new_warehouse(), taking_part(*FIVE)) is None


def test_a_comparison_over_too_few_teams_is_noticed(marts):
    compare_teams(marts, taking_part(*FIVE))
    with marts.connect(Role.ANALYTICS) as connection:
        connection.execute("delete from analytics.team_comparison_values where audience = 'payments' and is_own")

    assert told_too_much(marts) == ["payments: change_lead_time_hours"]


def test_the_page_for_whoever_runs_it_shows_how_teams_are_spread_and_of_none_where_it_stands(marts):
    page = report(compare_teams(marts, taking_part(*FIVE, "loner")))

    assert page.startswith("Teams that take part: 5; metrics that are compared: 1.")
    assert "Teams that would take part and have too few members: 1." in page
    drawn = base64.b64decode(page.split("base64,")[1].split(")")[0]).decode()
    assert "Change lead time (hours), 5 teams" in drawn
    assert "21 | 30 | 40" in drawn
    assert not any(team in page + drawn for team in HOURS)
    assert report(compare_teams(marts, taking_part())).startswith("No team takes part.")
