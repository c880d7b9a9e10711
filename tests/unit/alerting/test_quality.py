"""Alerts held to a floor far below what the benchmark measures, and the rules of its scorer, worked by hand."""

import pytest

from benchmarks.alerts.causes import Cause
from benchmarks.alerts.measure import CHOSEN_ON, SCORED_ON, run
from benchmarks.alerts.replays import shipped_settings
from benchmarks.alerts.scoring import Tally

SLOW = Cause("payments", "slow", onset=100, end=119, size=3.0)
LEAD_TIME = "change_lead_time_hours"


def judged(told, seen=105, cause=SLOW):
    tally = Tally()
    tally.add(told, [(cause, seen)])
    return tally


def test_an_alert_on_what_was_done_is_right_and_late_by_the_days_after_the_observer():
    found = judged([(108, "anomaly", LEAD_TIME, "team", "payments")])

    assert (found.right, found.wrong, found.found, found.delays) == ({"anomaly": 1}, {}, {"slow": 1}, [3])


def test_another_team_another_metric_and_another_month_are_wrong_and_the_cause_is_missed():
    found = judged([
        (108, "anomaly", LEAD_TIME, "team", "identity"),
        (108, "anomaly", "incidents_opened", "team", "payments"),
        (127, "anomaly", LEAD_TIME, "team", "payments"),
        (99, "anomaly", LEAD_TIME, "organization", "helios-labs"),
    ])  # fmt: skip

    assert (found.right, found.wrong, found.found, found.missed) == ({}, {"anomaly": 4}, {}, {"slow": 1})


def test_saying_the_same_again_is_wrong_and_another_rule_on_the_same_cause_is_not():
    told = [(108, "anomaly", LEAD_TIME, "team", "payments"), (118, "anomaly", LEAD_TIME, "team", "payments"),
            (110, "bottleneck", LEAD_TIME, "team", "payments")]  # fmt: skip

    found = judged(told)

    assert (found.right, found.wrong, found.delays) == ({"anomaly": 1, "bottleneck": 1}, {"anomaly": 1}, [3])


def test_what_even_the_observer_does_not_see_counts_neither_way():
    found = judged([(108, "anomaly", LEAD_TIME, "team", "payments")], seen=None)

    assert (found.unseen, found.right, found.wrong, found.found, found.missed) == (1, {}, {}, {}, {})


def test_the_seeds_that_are_reported_are_not_those_on_which_rules_were_chosen():
    assert not set(CHOSEN_ON) & set(SCORED_ON)
    assert len(SCORED_ON) == 50


def test_most_alerts_of_the_rules_as_shipped_are_worth_it_and_most_causes_are_told():
    ours, _ = run([11, 12], list(shipped_settings().alerts.active()))

    assert ours.tally.precision >= 0.7
    assert ours.tally.recall >= 0.6
    assert ours.false_per_quarter <= 1.0


@pytest.mark.soak
def test_over_fifty_companies_alerts_keep_their_promise():
    ours, _ = run(SCORED_ON, list(shipped_settings().alerts.active()))

    assert ours.tally.precision >= 0.85
    assert ours.tally.recall >= 0.8
    assert ours.false_per_quarter <= 1.0
    assert sorted(ours.tally.delays)[len(ours.tally.delays) // 2] <= 1
