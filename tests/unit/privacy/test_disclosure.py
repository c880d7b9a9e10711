"""Attacks by subtraction, each worked by hand: what the published totals of groups tell about few people."""

from collections import Counter
from itertools import combinations
from random import Random

import numpy as np
import pytest

from roosevelt_pipeline.privacy.disclosure import PublishedGroups, exposes_changes
from roosevelt_pipeline.privacy.small_groups import Candidate, Limits, judge


def verdicts(groups: dict[str, str], minimum: int = 3, idle: str = "", shares: dict[str, float] | None = None, **more):
    """What the gate says of groups, each a text of persons of one letter; the idle ones contribute nothing."""
    members = {name: frozenset(letters) for name, letters in groups.items()}
    active = {name: group - set(idle) for name, group in members.items()}
    candidates = [
        Candidate(name, len(active[name]), len(group), (shares or {}).get(name)) for name, group in members.items()
    ]
    found = judge(candidates, classes(members), classes(active), Limits(minimum), persons=members, **more)
    return {name: reason for name, reason in found.items() if reason}


def classes(groups: dict[str, frozenset[str]]) -> Counter[frozenset[str]]:
    persons = frozenset().union(*groups.values())
    return Counter(frozenset(name for name, group in groups.items() if person in group) for person in persons)


@pytest.mark.parametrize(
    ("groups", "minimum", "withheld"),
    [
        ({"red": "abc"}, 3, {}),  # 1: three are enough
        ({"red": "ab"}, 3, {"red": "too_few"}),  # 2: two are not
        ({"red": "abcd"}, 5, {"red": "too_few"}),  # 3: of a survey, four are not
        ({"red": "abcde"}, 5, {}),  # 4: five are
        # 5, over totals: all - red = blue, of two. Red is the smaller, and goes.
        ({"all": "abcde", "red": "abc", "blue": "de"}, 3, {"red": "differencing", "blue": "too_few"}),
        # 6: all - red = blue, of three, which is published anyway
        ({"all": "abcdef", "red": "abc", "blue": "def"}, 3, {}),
        # 7: two hidden teams of two and one: together three, so that their sum tells enough and no more
        ({"all": "abcdef", "red": "abc", "blue": "de", "green": "f"}, 3, {"blue": "too_few", "green": "too_few"}),
        # 8, over persons without a team: all - red - blue = g
        ({"all": "abcdefg", "red": "abc", "blue": "def"}, 3, {"red": "differencing"}),  # blue is first by name
        # 9, over overlapping teams: red - blue = a - d, and with both a+b+c+d told, a and d come out
        ({"both": "abcd", "red": "abc", "blue": "bcd"}, 3, {"red": "differencing", "blue": "differencing"}),
        # 10: without it, a - d says nothing of a
        ({"red": "abc", "blue": "bcd"}, 3, {}),
        # 11: a team within a team: all - lead = one person
        ({"all": "abcd", "lead": "abc"}, 3, {"lead": "differencing"}),
        # 12: the same with three more
        ({"all": "abcdef", "lead": "abc"}, 3, {}),
        # 13: the same, of a survey
        ({"all": "abcdefghi", "lead": "abcde"}, 5, {"lead": "differencing"}),  # four would be told
        ({"all": "abcdefghij", "lead": "abcde"}, 5, {}),  # 14: five may
        # 15: red + blue - all = a, who is in both
        ({"all": "abcdefg", "red": "abcd", "blue": "aefg"}, 3, {"red": "differencing"}),
        # 16, a ring: (ab..)+(cd..)... the alternating sum of three teams of a triangle tells of each corner
        ({"x": "abcd", "y": "cdef", "z": "efab"}, 3, {"z": "differencing"}),  # x + z - y = 2 (a + b)
        # 17: the same ring with corners of three
        ({"x": "abcdef", "y": "defghi", "z": "ghiabc"}, 3, {}),
    ],
)
def test_nothing_about_few_people_can_be_had_by_subtracting(groups, minimum, withheld):
    assert verdicts(groups, minimum) == withheld


def test_18_who_did_nothing_is_no_contributor():
    assert verdicts({"red": "abcd"}, idle="cd") == {"red": "too_few"}


def test_19_a_difference_of_three_of_whom_two_did_nothing_tells_of_the_third():
    assert verdicts({"all": "abcdef", "red": "abc"}, idle="ef") == {"red": "differencing"}


def test_20_a_difference_that_tells_that_one_person_did_nothing_is_withheld_too():
    assert verdicts({"all": "abcd", "red": "abc"}, idle="d") == {"red": "differencing"}


def test_21_a_sum_that_is_nearly_all_one_persons_is_withheld():
    assert verdicts({"red": "abc", "blue": "def"}, shares={"red": 0.81, "blue": 0.8}) == {"red": "dominated"}


def test_22_over_time_one_person_more_is_withheld():
    assert verdicts({"red": "abcd"}, earlier=[frozenset("abc")]) == {"red": "too_few_changed"}


def test_23_over_time_one_person_less_is_withheld():
    assert verdicts({"red": "abc"}, earlier=[frozenset("abcd")]) == {"red": "too_few_changed"}


def test_24_over_time_three_persons_more_are_enough():
    assert verdicts({"red": "abcdef"}, earlier=[frozenset("abc")]) == {}


def test_25_over_time_a_swap_tells_a_difference_but_no_persons_value():
    assert verdicts({"red": "abd"}, earlier=[frozenset("abc")]) == {}


def test_26_a_move_between_two_teams_is_found_through_the_other_one():
    """Before: abc, defg. After: abcg and def; abcg - abc = g."""
    before = [frozenset("abc"), frozenset("defg")]

    assert verdicts({"red": "abcg", "blue": "def"}, earlier=before) == {
        "red": "too_few_changed", "blue": "too_few_changed",
    }  # fmt: skip


def test_27_over_three_periods_each_harmless_one_is_held_against_both_before():
    """abcdef, then abc: the three others are told, and may be. Then abcd: minus abc it tells of d."""
    assert verdicts({"red": "abcd"}, earlier=[frozenset("abcdef"), frozenset("abc")]) == {"red": "too_few_changed"}


def test_28_the_same_group_again_tells_nothing_new():
    assert verdicts({"red": "abc"}, earlier=[frozenset("abc")]) == {}


def test_29_large_groups_are_not_held_against_earlier_periods():
    letters = "abcdefghijklmnopqrstu"
    assert verdicts({"all": letters}, earlier=[frozenset(letters[:-1])]) == {}


@pytest.mark.parametrize("minimum", [3, 5])
def test_no_set_of_published_groups_lets_anything_small_be_worked_out(minimum):
    """Against an audit of another make: all groups of fewer than the minimum, by least squares, on random teams.

    Half of the companies have teams that share nobody, of which now and then one has a member of another besides.
    """
    for seed in range(120):
        rng = Random(seed)
        people, count = "abcdefghijkl", rng.randint(2, 6)
        if seed % 2:
            groups = {f"t{at}": people[at::count] for at in range(count)}
            groups["t0"] += "b" * (seed % 3 == 0)
        else:
            groups = {f"t{at}": "".join(rng.sample(people, rng.randint(3, 8))) for at in range(count)}
        groups["all"] = people
        withheld = verdicts(groups, minimum)
        published = [groups[name] for name in groups if name not in withheld]

        assert not determinable(published, people, minimum), (seed, groups, withheld)


def determinable(published: list[str], people: str, minimum: int) -> list[str]:
    matrix = np.asarray([[float(person in group) for person in people] for group in published]).T
    found = []
    for size in range(1, minimum):
        for group in combinations(people, size):
            wanted = np.asarray([float(person in group) for person in people])
            answer = np.linalg.lstsq(matrix, wanted, rcond=None)[0]
            if np.allclose(matrix @ answer, wanted, atol=1e-9):
                found.append("".join(group))
    return found


def test_the_other_audit_finds_what_a_gate_that_only_counts_lets_through():
    """Twenty people of five teams, a move each quarter: counting to three gives a person away, the gate does not."""
    given_away = 0
    for seed in range(20):
        rng = Random(seed)
        people = [chr(ord("a") + at) for at in range(20)]
        rng.shuffle(people)
        teams = [set(people[at::5]) for at in range(5)]
        naive: list[frozenset[str]] = []
        gated: list[frozenset[str]] = []
        for _ in range(4):
            for team in map(frozenset, teams):
                naive += [team] if len(team) >= 3 else []
                if len(team) >= 3 and not exposes_changes(PublishedGroups(gated), team, 3):
                    gated.append(team)
            source, target = rng.sample(range(5), 2)
            if teams[source]:
                mover = rng.choice(sorted(teams[source]))
                teams[source].remove(mover)
                teams[target].add(mover)
        everyone = "".join(sorted(people))
        given_away += bool(determinable(["".join(sorted(one)) for one in naive], everyone, 3))
        assert not determinable(["".join(sorted(one)) for one in gated], everyone, 3), seed
    assert given_away >= 15
