"""When a message is due, and what it says."""

from datetime import UTC, datetime, time

import pytest

from roosevelt_pipeline.alert_settings import AlertRoute, AlertRule, QuietHours
from roosevelt_pipeline.alerting.blocks import as_slack
from roosevelt_pipeline.alerting.messages import _awake, due_at, headline, is_usable, next_digest
from roosevelt_pipeline.alerting.renderings import as_html, as_text
from roosevelt_pipeline.alerting.rules import number
from roosevelt_pipeline.settings import Settings

NIGHT = QuietHours(starts=time(20), ends=time(8))
ITEM = {
    "alert_id": "0a1b2c3d", "scope_type": "team", "scope": "pay<b>&*ments*", "label": "Rate", "said": "Rate 40 %",
    "value": 40.0, "target": 25.0, "unit": "percent", "opened": "2026-03-01", "opened_by": "roosevelt explain",
    "rule": "quality_issue", "severity": "critical", "says": "Look.", "owner": None,
    "runbook": "https://wiki.invalid/?a=1&b=<2>",
}  # fmt: skip
CONTENT = {
    "kind": "opened", "rule": "quality_issue", "severity": "critical", "says": "Look.", "owner": None,
    "runbook": "https://wiki.invalid/?a=1&b=<2>", "day": "2026-03-01", "items": [ITEM],
}  # fmt: skip


@pytest.mark.parametrize(
    ("now", "due"),
    [
        ("2026-03-02T09:00", "2026-03-02T09:00"), ("2026-03-02T21:30", "2026-03-03T07:00"),
        ("2026-03-02T03:00", "2026-03-02T07:00"), ("2026-03-02T07:00", "2026-03-02T07:00"),
        # Summer time begins on 29 March: eight in the morning is an hour earlier in UTC.
        ("2026-03-28T23:00", "2026-03-29T06:00"),
    ],
)  # fmt: skip
def test_what_is_not_critical_waits_for_the_morning_of_the_organisation(now, due):
    at = datetime.fromisoformat(now).replace(tzinfo=UTC)

    assert _awake(NIGHT, "Europe/Amsterdam", at).astimezone(UTC) == datetime.fromisoformat(due).replace(tzinfo=UTC)
    assert _awake(None, "Europe/Amsterdam", at) == at


def test_a_rule_may_have_quiet_hours_of_its_own_or_none_at_all():
    names = {
        "usual": None,
        "owls": QuietHours(starts=time(2), ends=time(10)),
        "none": QuietHours(starts=time(0), ends=time(0)),
    }
    rules = {name: AlertRule(name=name, metric="mttr_hours", above=4, says="Look.", quiet_hours=quiet)
             for name, quiet in names.items()}  # fmt: skip
    known = Settings(alerts={"quiet_hours": {"starts": "20:00", "ends": "08:00"}})
    night, dawn = datetime(2026, 3, 2, 3, tzinfo=UTC), datetime(2026, 3, 2, 9, tzinfo=UTC)

    def due(now: datetime, *wanted: str) -> int:
        return due_at(known, [rules[name] for name in wanted], now).hour

    assert [due(night, name) for name in names] == [8, 10, 3]
    assert [due(dawn, name) for name in names] == [9, 10, 9]
    assert due(night, "usual", "owls") == 8


@pytest.mark.parametrize(
    ("every", "now", "due"),
    [
        ("daily", "2026-03-02T05:29", "2026-03-02T05:30"), ("daily", "2026-03-02T05:30", "2026-03-03T05:30"),
        ("weekly", "2026-03-02T05:29", "2026-03-02T05:30"), ("weekly", "2026-03-02T05:30", "2026-03-09T05:30"),
        ("weekly", "2026-03-28T12:00", "2026-03-30T04:30"),
    ],
)  # fmt: skip
def test_a_digest_is_made_at_the_time_that_is_set_where_the_organisation_is(every, now, due):
    at = datetime.fromisoformat(now).replace(tzinfo=UTC)

    made = next_digest(every, time(6, 30), "Europe/Amsterdam", at).astimezone(UTC)
    assert made == datetime.fromisoformat(due).replace(tzinfo=UTC)


def test_names_are_data_on_every_channel():
    subject, text = as_text(CONTENT | {"items": [ITEM | {"scope": "pay\r\nBcc: all"}]}, is_repeat=False)

    assert "\n" not in subject
    assert "\r" not in subject
    assert "pay<b>" not in as_html(CONTENT)
    assert "<2>" not in as_html(CONTENT)
    assert "&lt;b&gt;" in as_slack(CONTENT, is_repeat=False)["text"]
    assert "What to do: Look." in text


def test_of_very_many_a_mail_tells_the_first_in_full_and_each_other_in_a_line():
    items = [ITEM | {"scope": f"team-{at:03}", "judge": f"https://r.invalid/{at}"} for at in range(100)]
    storm = CONTENT | {"items": items}
    text, page = as_text(storm, is_repeat=False)[1], as_html(storm)

    for at in range(100):
        assert text.count(f"team-{at:03}: Rate 40 %") == 1
        assert page.count(f'"https://r.invalid/{at}"') == 1
    assert text.count("roosevelt explain") == page.count("roosevelt explain") == 20


def test_a_headline_names_two_places_and_counts_more():
    def said(*scopes: str) -> str:
        return headline(CONTENT | {"items": [ITEM | {"scope": scope} for scope in scopes]})

    assert said("payments", "payments") == "Quality issue in payments"
    assert said("payments", "acme") == "Quality issue in payments and acme"
    assert said("payments", "acme", "identity") == "Quality issue in 3 scopes"


def test_what_is_over_says_so_and_asks_for_nothing():
    over = CONTENT | {"kind": "recovered"}

    assert headline(over).startswith("Over: Quality issue in ")
    assert "What to do" not in as_text(over, is_repeat=False)[1] + as_html(over)


def test_a_secret_without_a_value_leads_nowhere():
    slack = AlertRoute(name="slack", channel="slack")

    assert not is_usable(Settings(slack_webhook=" "), slack)
    assert is_usable(Settings(slack_webhook="https://hooks.slack.invalid/x"), slack)


def test_numbers_are_written_as_people_do():
    assert [number(one) for one in (1234.5, 40.0, 12.34, 1.234, 0.5, None)] == [
        "1,234", "40", "12.3", "1.23", "0.5", "unknown",
    ]  # fmt: skip
    assert number(25, "percent") == "25 %"


def test_a_page_with_a_table_reads_as_words_in_slack():
    rows = [
        "| | this month | Tier |",
        "| --- | --- | --- |",
        "| Lead time | 51.6 hours | High |",
        "| MTTR | 2 hours | – |",
    ]
    text = "\n".join(["# October", "", *rows])
    note = CONTENT | {"kind": "note", "rule": "summary", "title": "October", "text": text, "html": None, "items": []}

    [_, block] = as_slack(note, is_repeat=False)["blocks"]

    # The title stands above it already, and what is unknown needs no words.
    assert block["text"]["text"] == "Lead time: this month 51.6 hours; tier High\nMTTR: this month 2 hours"
