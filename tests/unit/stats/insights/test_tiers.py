"""Which of the forecast tiers is worth telling."""

from datetime import date

from roosevelt_pipeline.stats.insights.questions import Scope
from roosevelt_pipeline.stats.insights.tiers import Way, next_ways, usefulness

TODAY, SOON = date(2026, 1, 1), date(2026, 1, 31)


def way(tier, probability=0.8, even_by=SOON, scope="payments"):
    return Way(Scope("team", scope), "change_lead_time_hours", tier, probability, even_by, 100.0, "hours", "")


def test_the_nearest_tier_is_told_and_not_the_one_beyond_it():
    assert [one.tier for one in next_ways([way("Elite"), way("Medium"), way("High")])] == ["Medium"]


def test_where_the_nearest_is_unlikely_the_one_beyond_it_is_no_news_either():
    assert next_ways([way("High", 0.3, None), way("Elite", 0.3, None)]) == []


def test_each_scope_has_its_own():
    assert [one.of.scope for one in next_ways([way("High"), way("Elite", scope="search")])] == ["payments", "search"]


def test_sooner_and_surer_is_more_useful_and_an_even_chance_is_worth_nothing():
    assert usefulness(way("High"), TODAY) > usefulness(way("High", even_by=date(2026, 3, 1)), TODAY)
    assert usefulness(way("High", 0.9), TODAY) > usefulness(way("High", 0.6), TODAY)
    assert usefulness(way("High", 0.5), TODAY) == 0
