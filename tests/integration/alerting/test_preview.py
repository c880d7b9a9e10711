"""History replayed, and verdicts counted: what people decide by before and after alerts are turned on."""

from datetime import timedelta
from uuid import uuid4

import pytest

from roosevelt_pipeline.alerting.accuracy import as_markdown as accuracy_page
from roosevelt_pipeline.alerting.accuracy import read_accuracy
from roosevelt_pipeline.alerting.evaluation import evaluate
from roosevelt_pipeline.alerting.preview import as_markdown, preview
from roosevelt_pipeline.alerting.reviews import review_week
from roosevelt_pipeline.alerting.switching import AlertError, enable, find, judge
from roosevelt_pipeline.alerts_report import list_lines, open_lines, was_told
from roosevelt_pipeline.warehouse.connections import Role
from tests.integration.alerting.conftest import LAST, morning_after


@pytest.fixture
def lived(marts):
    """Twelve days: two good ones, five bad, three good, and two bad that fall into the cool-down."""
    for number, hits in enumerate((1, 1, 12, 12, 12, 12, 12, 1, 1, 1, 12, 12)):
        marts.failures(LAST + timedelta(days=number - 11), hits)
    return marts


def test_the_preview_tells_the_alert_that_the_daily_runs_would_have_told(lived, settings):
    found = preview(lived.warehouse, settings(), 12, "quality_issue")

    [rule] = found.rules
    [episode] = rule.episodes
    assert (episode.opened, episode.ended) == (LAST - timedelta(days=9), LAST - timedelta(days=3))
    assert "| quality_issue | critical | 1 | 1 |" in as_markdown(found)
    assert "40 % (12 of 30)" in as_markdown(found)


def test_the_preview_bothers_nobody(lived, settings):
    preview(lived.warehouse, settings(), 30)

    with lived.warehouse.connect(Role.ANALYTICS) as connection:
        assert connection.execute("select count(*) from delivery.alerts").fetchone() == (0,)


def test_a_rule_that_can_never_fire_or_is_never_silent_is_warned_of(lived, settings):
    rules = [
        {"name": "nobody", "metric": "change_failure_rate_pct", "above": 9, "scopes": ["paymnts"], "says": "Look."},
        {"name": "rare", "metric": "change_failure_rate_pct", "above": 9, "minimum": 500, "says": "Look."},
        {"name": "noisy", "metric": "change_failure_rate_pct", "above": 1, "says": "Look."},
        {"name": "beyond", "metric": "change_failure_rate_pct", "above": 100, "says": "Look."},
        {"name": "none", "metric": "change_failure_rate_pct", "below": 0, "says": "Look."},
        {"name": "both", "metric": "change_failure_rate_pct", "above": 20, "below": 10, "says": "Look."},
        {"name": "calm", "metric": "change_failure_rate_pct", "above": 60, "says": "Look."},
    ]
    found = preview(lived.warehouse, settings(alerts={"rules": rules}), 30)
    told = {one.rule.name: " ".join(one.warnings) for one in found.rules}

    assert "can never fire: no scope fits" in told["nobody"]
    assert "alerts.rules.0.scopes: there is no team or organization 'paymnts'; did you mean payments" in told["nobody"]
    assert "no window ever has its minimum of 500" in told["rare"]
    assert "more than half of the time" in told["noisy"]
    assert told["beyond"] == "it can never fire: nothing is above 100 %"
    assert told["none"] == "it can never fire: nothing is below 0 %"
    assert told["both"] == "it can never fire: nothing is above 20 % and below 10 % at once"
    assert told["calm"] == ""


def test_an_unknown_rule_is_answered_with_the_nearest(lived, settings):
    with pytest.raises(AlertError, match="did you mean quality_issue"):
        preview(lived.warehouse, settings(), 30, "qualty_issue")


def test_precision_is_what_readers_said_last_and_unknown_below_five_verdicts(marts, settings):
    now = morning_after(LAST)
    enable(marts.warehouse, now)
    marts.failures(LAST, 12, teams=[f"team-{number}" for number in range(6)])
    evaluate(marts.warehouse, settings(), now)
    with marts.warehouse.connect(Role.ANALYTICS) as connection:
        alerts = [str(row[0]) for row in connection.execute("select alert_id from delivery.alerts order by scope")]
    for alert in alerts[:4]:
        judge(marts.warehouse, alert, "noise", now)
    assert read_accuracy(marts.warehouse, now)[0].precision is None

    judge(marts.warehouse, alerts[0], "actionable", now)
    judge(marts.warehouse, alerts[4][:8], "actionable", now)
    [found] = read_accuracy(marts.warehouse, now)

    assert (found.told, found.judged, found.actionable, found.precision) == (6, 5, 2, 0.4)
    assert "40 %" in accuracy_page([found])
    made = review_week(marts.warehouse, settings(), uuid4(), now + timedelta(days=7))
    review_week(marts.warehouse, settings(), uuid4(), now + timedelta(days=8))
    assert (made.week, made.opened, made.judged, made.actionable) == (LAST + timedelta(days=1), 0, 5, 2)
    assert "team-5: Change failure rate 40 %" in made.body
    with marts.warehouse.connect(Role.ANALYTICS) as connection:
        notes = "select rule, state from delivery.alert_messages where kind = 'note'"
        assert connection.execute(notes).fetchall() == [("review", "waiting")]
    assert "chance = " in found.advice
    assert any(alerts[5][:8] in line for line in list_lines(marts.warehouse, now, everything=False))


def test_an_id_that_nobody_has_is_refused(marts):
    with pytest.raises(AlertError, match="no alert begins with 1234"):
        find(marts.warehouse, "1234")
    with pytest.raises(AlertError, match="12 is too short"):
        find(marts.warehouse, "12")


def test_the_demo_says_in_a_few_lines_what_is_open_and_whether_anybody_was_told(marts, settings):
    assert open_lines(marts.warehouse) == ["No alert is open."]

    enable(marts.warehouse, morning_after(LAST))
    marts.failures(LAST, 12, teams=["commerce", "identity", "insights", "payments"])
    evaluate(marts.warehouse, settings(), morning_after(LAST))
    lines = open_lines(marts.warehouse)

    assert lines[0].startswith("critical team commerce: Change failure rate 40 % (12 of 30)")
    assert lines[3:] == ["and 1 more; `roosevelt alerts list` shows them"]
    assert not was_told(marts.warehouse)  # written, not yet sent
