"""From windows in the marts to alerts and the messages about them, day by day."""

import threading
from datetime import date, timedelta

import pytest

from roosevelt_pipeline.alerting.evaluation import evaluate
from roosevelt_pipeline.alerting.silences import end_silence, silence
from roosevelt_pipeline.alerting.switching import AlertError, disable, enable
from roosevelt_pipeline.warehouse.connections import Role
from tests.integration.alerting.conftest import LAST, morning_after

STATES = "select scope, state, opened_date, ended_date, hidden_by is not null from delivery.alerts order by scope, rule"
MESSAGES = (
    "select kind, rule, state, jsonb_array_length(content->'items') from delivery.alert_messages order by made_at"
)


def rows(marts, query):
    with marts.warehouse.connect(Role.ANALYTICS) as connection:
        return connection.execute(query).fetchall()


def day(number: int) -> date:
    return LAST + timedelta(days=number)


def run(marts, settings, number: int, hits: int, **more):
    marts.failures(day(number), hits, **more)
    return evaluate(marts.warehouse, settings, morning_after(day(number)))


def test_nothing_measured_yet_is_no_alert(fresh_warehouse, settings):
    assert evaluate(fresh_warehouse, settings(), morning_after(LAST)).day is None


def test_an_alert_opens_once_stays_and_recovers_after_two_good_days(marts, settings):
    enable(marts.warehouse, morning_after(LAST))
    for number, hits in enumerate((12, 12, 2, 2)):
        run(marts, settings(), number, hits)

    assert rows(marts, STATES) == [("payments", "recovered", day(0), day(3), False)]
    assert rows(marts, MESSAGES) == [
        ("opened", "quality_issue", "waiting", 1),
        ("recovered", "quality_issue", "waiting", 1),
    ]


def test_a_day_that_is_evaluated_twice_or_by_two_at_once_tells_once(marts, settings):
    enable(marts.warehouse, morning_after(LAST))
    marts.failures(LAST, 12)
    both = [
        threading.Thread(target=evaluate, args=(marts.warehouse, settings(), morning_after(LAST))) for _ in range(2)
    ]
    for one in both:
        one.start()
    for one in both:
        one.join()
    evaluate(marts.warehouse, settings(), morning_after(LAST))

    assert len(rows(marts, STATES)) == 1
    assert len(rows(marts, MESSAGES)) == 1


def test_a_hundred_teams_at_once_are_one_message_and_a_hundred_alerts(marts, settings):
    enable(marts.warehouse, morning_after(LAST))
    run(marts, settings(), 0, 12, teams=[f"team-{number:03}" for number in range(100)])

    assert len(rows(marts, STATES)) == 100
    assert rows(marts, MESSAGES) == [("opened", "quality_issue", "waiting", 100)]


def test_until_it_is_turned_on_all_is_a_dry_run_and_then_what_is_open_is_told(marts, settings):
    run(marts, settings(), 0, 12)
    assert rows(marts, MESSAGES) == [("opened", "quality_issue", "dry_run", 1)]

    enable(marts.warehouse, morning_after(LAST))
    run(marts, settings(), 1, 12)

    assert [row[2] for row in rows(marts, MESSAGES)] == ["dry_run", "waiting"]


def test_a_rehearsal_leaves_nothing(marts, settings):
    marts.failures(LAST, 12)
    rehearsed = evaluate(marts.warehouse, settings(), morning_after(LAST), dry_run=True)

    assert [one.kind for one in rehearsed.news] == ["opened"]
    assert rows(marts, STATES) == []


def test_data_that_stop_coming_are_an_alert_of_their_own_and_no_recovery(marts, settings):
    enable(marts.warehouse, morning_after(LAST))
    run(marts, settings(), 0, 12)
    evaluate(marts.warehouse, settings(), morning_after(day(5)))

    assert rows(marts, "select rule, state from delivery.alerts order by rule") == [
        ("data_stopped", "notified"), ("quality_issue", "notified"),
    ]  # fmt: skip
    run(marts, settings(), 5, 12)  # they are back on the same day
    assert rows(marts, "select rule, state from delivery.alerts order by rule") == [
        ("data_stopped", "recovered"), ("quality_issue", "notified"),
    ]  # fmt: skip


def test_where_the_day_ends_later_the_newest_day_that_has_ended_is_judged(marts, settings):
    """The nightly run finds the organisation's day complete, and that of its team in New York not yet."""
    enable(marts.warehouse, morning_after(LAST))
    marts.failures(day(-1), 12, teams=["west"])
    run(marts, settings(), 0, 1)

    assert rows(marts, "select scope, state, opened_date, opened_by from delivery.alerts") == [
        (
            "west",
            "notified",
            day(-1),
            f"roosevelt explain change_failure_rate_pct --scope team:west --date {day(-1)} --window 7",
        )
    ]
    for number in (1, 2):
        marts.failures(day(number - 1), 1, teams=["west"])
        run(marts, settings(), number, 1)
    assert rows(marts, STATES) == [("west", "recovered", day(-1), day(1), False)]
    marts.failures(day(3), 12, teams=["west"])  # nothing is known of it for longer than a day is long
    run(marts, settings(alerts={"rules": [{"name": "quality_issue", "cool_down_days": 0}]}), 5, 1)
    assert len(rows(marts, STATES)) == 1


def test_what_a_dry_run_found_is_told_once_alerts_are_turned_on_even_on_the_same_day(marts, settings):
    states = "select state from delivery.alert_messages"
    run(marts, settings(), 0, 12)
    evaluate(marts.warehouse, settings(), morning_after(LAST))
    assert rows(marts, states) == [("dry_run",)]

    for turned in (True, False, True):
        if turned:
            assert enable(marts.warehouse, morning_after(LAST)) == 1
        else:
            disable(marts.warehouse, morning_after(LAST))
        for _ in range(2):
            evaluate(marts.warehouse, settings(), morning_after(LAST))
        assert rows(marts, states) == [("waiting" if turned else "dry_run",)]


def test_what_is_silenced_is_kept_and_told_when_the_silence_ends(marts, settings):
    enable(marts.warehouse, morning_after(LAST))
    marts.failures(day(-1), 1)
    silence(
        marts.warehouse, settings(), "quality*", "team:pay*", morning_after(day(1)), "a rehearsal", "data team",
        morning_after(LAST),
    )  # fmt: skip
    run(marts, settings(), 0, 12)
    assert rows(marts, STATES)[0][1] == "silenced"
    assert rows(marts, MESSAGES) == []

    run(marts, settings(), 1, 12)
    assert rows(marts, STATES)[0][1] == "notified"
    assert [row[0] for row in rows(marts, MESSAGES)] == ["opened"]


def test_a_silence_may_be_ended_and_one_of_nothing_is_refused(marts, settings):
    enable(marts.warehouse, morning_after(LAST))
    marts.failures(day(-1), 1)

    def quiet(rule: str, scope: str) -> int:
        until = morning_after(day(30))
        return silence(marts.warehouse, settings(), rule, scope, until, "a rehearsal", "data team", morning_after(LAST))

    for rule, scope, told in (
        ("qualty_issue", "*", "no rule fits 'qualty_issue'; did you mean quality_issue"),
        ("*", "payments", "no scope fits 'payments'; did you mean team:payments"),
        ("*", "team:payment", "did you mean team:payments"),
    ):
        with pytest.raises(AlertError, match=told):
            quiet(rule, scope)
    assert quiet("undelivered", "route:slack") == 1
    number = quiet("*", "team:*")
    run(marts, settings(), 0, 12)
    assert rows(marts, MESSAGES) == []

    end_silence(marts.warehouse, number, morning_after(day(1)) - timedelta(hours=1))
    run(marts, settings(), 1, 12)
    assert [row[0] for row in rows(marts, MESSAGES)] == ["opened"]
    with pytest.raises(AlertError, match=f"no silence {number} that holds"):
        end_silence(marts.warehouse, number, morning_after(day(1)))


def test_a_critical_alert_hides_the_warnings_that_it_explains(marts, settings):
    enable(marts.warehouse, morning_after(LAST))
    rules = [
        {"name": "quality_issue", "hides": ["some_fail"]},
        {"name": "some_fail", "metric": "change_failure_rate_pct", "above": 10, "says": "Look."},
    ]
    run(marts, settings(alerts={"rules": rules}), 0, 12)

    assert [row[4] for row in rows(marts, STATES)] == [False, True]
    assert [row[1] for row in rows(marts, MESSAGES)] == ["quality_issue"]


TOLD = "select kind, route, content->'items'->0->>'scope' from delivery.alert_messages order by made_at, kind, route"


def test_a_rule_that_is_taken_away_ends_its_alerts_without_a_word_but_to_the_pager(marts, settings):
    """Who took it away knows; PagerDuty would keep the incident open."""
    enable(marts.warehouse, morning_after(LAST))
    run(marts, settings(pagerduty_routing_key="key"), 0, 12)
    off = settings(pagerduty_routing_key="key", alerts={"rules": [{"name": "quality_issue", "enabled": False}]})
    for _ in range(2):
        run(marts, off, 1, 12)

    assert rows(marts, STATES)[0][1] == "expired"
    assert rows(marts, TOLD) == [
        ("opened", "pagerduty", "payments"), ("opened", "slack", "payments"), ("expired", "pagerduty", "payments"),
    ]  # fmt: skip


def test_a_scope_of_which_nothing_comes_any_more_ends_its_alert_and_says_so(marts, settings):
    enable(marts.warehouse, morning_after(LAST))
    run(marts, settings(), 0, 12, teams=["payments"])
    for number in (26, 27, 28):
        run(marts, settings(alerts={"expires_after_days": 28}), number, 1, teams=["identity"])

    assert rows(marts, STATES) == [("payments", "expired", day(0), day(28), False)]
    assert rows(marts, TOLD)[-1] == ("expired", "slack", "payments")


TWO = [
    {"name": "quality_issue", "hides": []},
    {"name": "some_fail", "metric": "change_failure_rate_pct", "above": 10, "says": "Look.", "scopes": ["payments"]},
]


def test_two_rules_that_hold_in_one_place_are_one_message_and_the_rest_another(marts, settings):
    enable(marts.warehouse, morning_after(LAST))
    run(marts, settings(alerts={"rules": TWO}), 0, 12, teams=["payments", "identity", "insights"])

    assert sorted(rows(marts, MESSAGES)) == [
        ("opened", "quality_issue", "waiting", 2), ("opened", "quality_issue, some_fail", "waiting", 2),
    ]  # fmt: skip


def test_a_route_is_told_only_what_it_takes_of_a_message(marts, settings):
    enable(marts.warehouse, morning_after(LAST))
    routes = [{"name": "slack", "channel": "slack", "severities": ["critical"]},
              {"name": "webhook", "channel": "webhook"}]  # fmt: skip
    known = settings(alert_webhook="https://own.invalid", alert_webhook_secret="key",
                     alerts={"rules": TWO, "routes": routes})  # fmt: skip
    run(marts, known, 0, 12)

    assert rows(marts, "select route, rule from delivery.alert_messages order by route") == [
        ("slack", "quality_issue"), ("webhook", "quality_issue, some_fail"),
    ]  # fmt: skip


def test_a_critical_alert_of_a_team_hides_warnings_of_its_services(marts, settings):
    enable(marts.warehouse, morning_after(LAST))
    marts.failures(LAST, 12)
    marts.failures(LAST, 12, teams=["ledger", "search"], scope_type="service")
    rules = [{"name": "quality_issue", "hides": ["some_fail"]},
             TWO[1] | {"scope_types": ["service"], "scopes": ["*"]}]  # fmt: skip
    services = [{"name": "ledger", "repository": "platform", "team": "payments"},
                {"name": "search", "repository": "search", "team": "insights"}]  # fmt: skip
    evaluate(marts.warehouse, settings(alerts={"rules": rules}, services=services), morning_after(LAST))

    assert [(row[0], row[4]) for row in rows(marts, STATES)] == [("ledger", True), ("payments", False),
                                                                 ("search", False)]  # fmt: skip
