"""A week in which all breaks that is deployed, so that the demo has something to tell."""

from datetime import date, timedelta

import pytest

from roosevelt_pipeline.alerting.rules import Observation, Window, judge
from roosevelt_pipeline.sandbox.company import Company, play
from roosevelt_pipeline.sandbox.store import Store
from roosevelt_pipeline.sandbox.truth import DeploymentTruth, truth
from roosevelt_pipeline.settings import Settings
from tests.unit.sandbox.playing import digest, played

START = date(2026, 5, 8)
DAYS, WEEK = 120, timedelta(days=7)


def lived(start: date, days: int, bad_week: date | None) -> Store:
    store = Store.open()
    play(Company(1901, start, start + timedelta(days=days), bad_week=bad_week), store)
    return store


def deployed(store: Store, first: date, end: date) -> list[DeploymentTruth]:
    return [one for one in truth(store).deployments if one.is_deployment and one.ended_at
            and first <= date.fromisoformat(one.ended_at[:10]) < end]  # fmt: skip


def window(found: list[DeploymentTruth]) -> Window:
    hits = sum(one.failed for one in found)
    return Window(100 * hits / len(found), len(found), hits)


def test_a_company_without_one_lives_as_it_did():
    assert digest(lived(START, 40, None)) == digest(played(1901, 40, start=START))


def test_what_went_before_a_bad_week_is_the_same_as_without():
    first = START + timedelta(days=40)
    calm, bad = lived(START, 47, None), lived(START, 47, first)
    query = "select doc from commits where json_extract(doc, '$.committed_at') < ? order by repository_id, position"

    def before(store: Store) -> list[str]:
        return [row[0] for row in store.rows(query, (first.isoformat(),))]

    def attempts(store: Store) -> list[tuple]:
        return [(one.source_id, one.sha, one.outcome, one.ended_at) for one in truth(store).deployments
                if (one.ended_at or "9") < first.isoformat()]  # fmt: skip

    assert len(before(bad)) > 100
    assert before(bad) == before(calm)
    assert attempts(bad) == attempts(calm)
    assert digest(bad) != digest(calm)


@pytest.mark.parametrize("today", [date(2026, 11, 26), date(2026, 9, 9), date(2026, 5, 2), date(2027, 2, 1)])
def test_the_shipped_rule_finds_it_on_the_demo_s_first_day(today):
    """Whatever weekday that is; around New Year alone too little is deployed."""
    store = lived(today - timedelta(days=DAYS), DAYS, today - WEEK)
    rule = next(one for one in Settings().alerts.rules if one.name == "quality_issue")
    seen = Observation(
        rule.metric, "Change Failure Rate", "percent", rule.law, False, "organization", "helios-labs", today,
        window(deployed(store, today - WEEK, today)),
        baseline=window(deployed(store, today - WEEK - timedelta(days=90), today - WEEK)),
    )  # fmt: skip

    assert judge(rule, seen).holds
