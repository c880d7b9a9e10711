"""A team among others."""

import numpy as np
import pytest

from roosevelt_pipeline.stats.comparisons.teams import position, sentence

FIVE = {"a": 10.0, "b": 20.0, "c": 30.0, "d": 40.0, "e": 50.0}


def test_the_middle_half_of_five_lies_between_the_second_and_the_fourth():
    found = position("c", FIVE)

    assert (found.low, found.median, found.high) == (20, 30, 40)
    assert [position(team, FIVE).place for team in FIVE] == ["below", "within", "within", "within", "above"]


def test_four_teams_are_not_compared_and_nothing_of_them_is_said():
    found = position("c", {team: value for team, value in FIVE.items() if team != "e"})

    assert (found.status, found.low, found.place, found.teams) == ("suppressed", None, None, 4)
    assert "5 are needed" in sentence("Lead time", "hours", "c", found)


def test_a_team_without_a_value_of_its_own_is_told_nothing_of_the_others():
    found = position("f", FIVE)

    assert (found.status, found.median) == ("no_data", None)
    assert "20" not in sentence("Lead time", "hours", "f", found)


@pytest.mark.parametrize("broken", [np.nan, np.inf, -np.inf])
def test_what_is_no_number_is_no_value(broken):
    assert position("a", FIVE | {"f": broken}).teams == 5
    assert position("f", FIVE | {"f": broken}).status == "no_data"


def test_teams_that_are_all_alike_lie_within():
    assert {position(team, dict.fromkeys(FIVE, 7.0)).place for team in FIVE} == {"within"}


def test_nobody_is_ranked():
    said = " ".join(sentence("Lead time", "hours", team, position(team, FIVE)) for team in FIVE)

    assert not any(word in said for word in ("rank", "best", "worst", "first", "last", "better", "worse", "of 5"))
