"""What leaves, over real HTTP and SMTP: never not at all, and at most once too often after a crash."""

import hashlib
import hmac
import ssl
from datetime import UTC, datetime, timedelta

import pytest

from roosevelt_pipeline.alerting import outbox
from roosevelt_pipeline.alerting.evaluation import evaluate
from roosevelt_pipeline.alerting.switching import enable
from roosevelt_pipeline.warehouse.connections import Role
from tests.integration.alerting.conftest import LAST, SECRET, morning_after
from tests.integration.alerting.mailbox import mailbox
from tests.integration.alerting.receivers import receiver
from tests.integration.surveys.receivers import mail

NOW = morning_after(LAST)


class Clock:
    def __init__(self) -> None:
        self.now = NOW

    def __call__(self) -> datetime:
        return self.now

    def later(self, **much: float) -> None:
        self.now += timedelta(**much)


class Post:
    """A warehouse with one alert to tell, and what sends it."""

    def __init__(self, marts, settings) -> None:
        self.marts, self.settings, self.clock = marts, settings, Clock()
        enable(marts.warehouse, NOW)
        marts.failures(LAST, 12)
        evaluate(marts.warehouse, settings, NOW)

    def deliver(self, **later: float) -> dict[str, int]:
        self.clock.later(**later)
        return outbox.deliver(self.marts.warehouse, self.settings, clock=self.clock, pause=lambda _: None)

    def rows(self, query: str) -> list[tuple]:
        with self.marts.warehouse.connect(Role.ANALYTICS) as connection:
            return connection.execute(query).fetchall()

    @property
    def states(self) -> list[str]:
        return [row[0] for row in self.rows("select state from delivery.alert_messages order by made_at, route")]

    @property
    def outcomes(self) -> list[str | None]:
        return [row[0] for row in self.rows("select outcome from delivery.alert_attempts order by attempt_id")]


@pytest.fixture
def there():
    with receiver() as one:
        yield one


def test_slack_gets_one_message_with_what_was_found_and_what_to_do(marts, settings, there):
    post = Post(marts, settings(slack_webhook=f"{there.url}/{SECRET}"))
    post.deliver()
    post.deliver(hours=1)

    [body] = there.bodies
    texts = " ".join(block["text"]["text"] for block in body["blocks"] if "text" in block)
    assert "Quality issue in payments" in texts
    assert "40 % (12 of 30)" in texts
    assert "Start an incident review" in texts
    assert "possible repeat" not in texts
    assert post.states == ["sent"]


def test_too_many_requests_wait_as_long_as_was_asked(marts, settings, there):
    post = Post(marts, settings(slack_webhook=f"{there.url}/{SECRET}"))
    there.script = [(429, "300")]
    post.deliver()
    post.deliver(seconds=299)
    assert there.bodies == []

    post.deliver(seconds=1)
    assert len(there.bodies) == 1
    assert post.outcomes == ["not_sent", "sent"]


def test_an_answer_that_is_lost_leads_to_one_repeat_that_says_so(marts, settings, there):
    post = Post(marts, settings(slack_webhook=f"{there.url}/{SECRET}"))
    there.script = ["drop"]
    post.deliver()
    post.deliver(minutes=1)

    assert len(there.bodies) == 2
    assert "possible repeat" in there.bodies[1]["text"]
    assert post.outcomes == ["unknown", "sent"]


def test_a_death_between_sending_and_noting_is_one_repeat_after_the_claim_ran_out(marts, settings, there, monkeypatch):
    post = Post(marts, settings(slack_webhook=f"{there.url}/{SECRET}"))
    with monkeypatch.context() as patch:
        patch.setattr(outbox, "_settle", lambda *_: (_ for _ in ()).throw(KeyboardInterrupt))
        with pytest.raises(KeyboardInterrupt):
            post.deliver()
    assert (len(there.bodies), post.outcomes) == (1, [None])

    post.deliver(seconds=5)
    assert len(there.bodies) == 1  # somebody might be at it still
    post.deliver(minutes=10)
    assert len(there.bodies) == 2
    assert post.states == ["sent"]


def test_a_revoked_webhook_is_given_up_at_once_and_that_is_told_elsewhere(marts, settings, there):
    with receiver() as other:
        both = settings(
            slack_webhook=f"{there.url}/{SECRET}", alert_webhook=other.url, alert_webhook_secret="key", alerts={}
        )
        post = Post(marts, both)
        there.script = [404]
        post.deliver()
        assert sorted(post.states) == ["dead", "sent"]

        marts.failures(LAST + timedelta(days=1), 12)
        evaluate(marts.warehouse, both, NOW + timedelta(days=1))
        post.deliver(days=1)

    assert [body["rule"] for body in other.bodies] == ["quality_issue", "undelivered"]
    assert there.bodies == []


def test_what_was_given_up_can_be_tried_again(marts, settings, there):
    post = Post(marts, settings(slack_webhook=f"{there.url}/{SECRET}"))
    there.script = [410]
    post.deliver()
    assert outbox.retry(marts.warehouse, post.clock()) == 1
    post.deliver()

    assert len(there.bodies) == 1
    assert post.states == ["sent"]


def test_nobody_is_called_about_what_is_over_by_now(marts, settings, there):
    """PagerDuty took the end by a try that broke off, and refused it afterwards: both messages were given up."""
    routes = [{"name": "pager", "channel": "pagerduty", "severities": ["critical"]}]
    known = settings(pagerduty_routing_key="key", alerts={"routes": routes, "pagerduty_url": there.url})
    post = Post(marts, known)
    there.script = [404, "take and reset", 404]
    post.deliver()
    for number in (1, 2):
        marts.failures(LAST + timedelta(days=number), 1)
        evaluate(marts.warehouse, known, NOW + timedelta(days=number))
    post.deliver(days=2)
    post.deliver(hours=1)
    assert post.states == ["dead", "dead"]

    assert outbox.retry(marts.warehouse, post.clock()) == 1
    post.deliver()
    assert post.states == ["overtaken", "sent"]
    assert [body["event_action"] for body in there.bodies] == ["resolve", "resolve"]


def test_a_route_that_fails_holds_up_no_other_and_is_given_up_in_the_end(marts, settings, there):
    with receiver() as other:
        post = Post(
            marts,
            settings(slack_webhook=f"{there.url}/{SECRET}", alert_webhook=other.url, alert_webhook_secret="key",
                     alerts={"attempts": 3}),
        )  # fmt: skip
        there.script = [500] * 9
        for _ in range(5):
            post.deliver(hours=7)

        assert len(other.bodies) == 1
        assert sorted(post.states) == ["dead", "sent"]
        assert post.outcomes.count("unknown") == 3


def test_pagerduty_gets_one_key_for_trigger_and_resolve(marts, settings, there):
    known = settings(slack_webhook=None, pagerduty_routing_key=SECRET, alerts={"pagerduty_url": there.url})
    post = Post(marts, known)
    there.script = ["drop"]
    post.deliver()
    post.deliver(minutes=1)
    for day in (1, 2):
        marts.failures(LAST + timedelta(days=day), 1)
        evaluate(marts.warehouse, known, NOW + timedelta(days=day))
    post.deliver(days=2)

    assert [body["event_action"] for body in there.bodies] == ["trigger", "trigger", "resolve"]
    assert len({body["dedup_key"] for body in there.bodies}) == 1


def test_a_webhook_is_signed_over_time_and_body(marts, settings, there):
    Post(
        marts, settings(slack_webhook=None, alert_webhook=f"{there.url}/{SECRET}", alert_webhook_secret="key")
    ).deliver()

    [(_, headers, body)] = there.taken
    stamp, signature = (part.partition("=")[2] for part in headers["X-Roosevelt-Signature"].split(","))
    wanted = hmac.new(b"key", f"{stamp}.{headers['raw']}".encode(), hashlib.sha256).hexdigest()
    assert signature == wanted
    assert headers["Idempotency-Key"] == body["id"]


def test_mail_travels_under_tls_as_text_and_html(marts, settings, tmp_path, monkeypatch):
    route = {"name": "mail", "channel": "email", "to": ["lead@acme.invalid"]}
    with mail(tmp_path) as server:
        trusted = ssl.create_default_context(cafile=server.certificate)
        monkeypatch.setattr(ssl, "create_default_context", lambda: trusted)
        known = settings(
            slack_webhook=None, alerts={"routes": [route]},
            surveys={"smtp_host": "127.0.0.1", "smtp_port": server.port, "sender": "roosevelt@acme.invalid"},
        )  # fmt: skip
        Post(marts, known).deliver()

    [(recipient, text)] = server.mails
    assert recipient == "lead@acme.invalid"
    assert "Subject: [critical] Quality issue in payments" in text
    assert "text/html" in text


@pytest.fixture
def by_mail(marts, settings, tmp_path, monkeypatch):
    """A route to two people, over a mail server that fails by a script."""
    route = {"name": "mail", "channel": "email", "to": ["lead@acme.invalid", "deputy@acme.invalid"]}
    with mailbox(tmp_path) as box:
        monkeypatch.setenv("SSL_CERT_FILE", str(box.certificate))
        known = settings(
            slack_webhook=None, survey_key="5e" * 32, alerts={"routes": [route]},
            surveys={"smtp_host": "127.0.0.1", "smtp_port": box.port, "sender": "roosevelt@acme.invalid"},
        )  # fmt: skip
        yield Post(marts, known), box


def test_who_has_a_mail_is_not_sent_it_again_when_another_is_refused_for_now(by_mail):
    post, box = by_mail
    box.script = [("deputy@acme.invalid", "450 greylisted"), None]
    post.deliver()
    post.deliver(hours=1)

    assert [address for address, _ in box.arrived] == ["lead@acme.invalid", "deputy@acme.invalid"]
    assert post.outcomes == ["not_sent", "sent"]
    assert "repeat" not in box.arrived[1][1]["Subject"]


def test_an_address_that_is_refused_for_good_is_told_and_keeps_nobody_else_waiting(by_mail):
    post, box = by_mail
    box.script = [("deputy@acme.invalid", "550 no such person")]
    post.deliver()
    assert post.states == ["sent"]

    post.marts.failures(LAST + timedelta(days=1), 12)
    evaluate(post.marts.warehouse, post.settings, NOW + timedelta(days=1))
    post.deliver(days=1)

    assert [address for address, _ in box.arrived].count("lead@acme.invalid") == 2  # the second says what bounced
    assert "Undelivered in mail" in box.arrived[1][1]["Subject"]
    [(said,)] = post.rows("select said from delivery.alerts where rule = 'undelivered'")
    assert said == "1 recipient of e-mail refused for good"
    assert "acme.invalid" not in str(post.rows("select m::text, (select array_agg(a::text) from delivery.alert_attempts"
                                               " as a) from delivery.alert_messages as m"))  # fmt: skip


def test_no_secret_is_kept_in_the_tables(marts, settings, there):
    post = Post(marts, settings(slack_webhook=f"{there.url}/{SECRET}"))
    there.script = [404]
    post.deliver()
    kept = post.rows("select t::text from delivery.alert_messages t") + post.rows(
        "select t::text from delivery.alert_attempts t"
    )

    assert len(kept) == 2
    assert not any("canary" in row[0] for row in kept)


def test_names_cannot_mention_anybody_or_break_slack_s_limits(marts, settings, there):
    enable(marts.warehouse, NOW)
    known = settings(slack_webhook=f"{there.url}/{SECRET}")
    marts.failures(LAST, 12, teams=["<!channel> *x*", *[f"team-{number:03}" * 40 for number in range(80)]])
    evaluate(marts.warehouse, known, NOW)
    outbox.deliver(marts.warehouse, known, clock=lambda: datetime(2026, 3, 2, 10, tzinfo=UTC), pause=lambda _: None)

    [body] = there.bodies
    assert len(body["blocks"]) <= 50
    assert all(len(block["text"]["text"]) <= 3000 for block in body["blocks"] if block["type"] == "section")
    assert {block["text"]["type"] for block in body["blocks"] if "text" in block} == {"plain_text"}
    assert "<" not in body["text"]
    assert any("and 61 more" in block["text"]["text"] for block in body["blocks"] if "text" in block)


def test_what_needs_no_interruption_is_gathered_into_one_message_on_monday_morning(marts, settings, there):
    rules = [{"name": "quality_issue", "severity": "warning", "pages": False, "hides": [], "cool_down_days": 0}]
    routes = [{"name": "week", "channel": "slack", "severities": ["warning"], "digest": "weekly"}]
    known = settings(slack_webhook=f"{there.url}/{SECRET}", alerts={"rules": rules, "routes": routes})
    enable(marts.warehouse, NOW)  # LAST is a Sunday
    week = [{"payments": 12, "identity": 1}, {"payments": 1, "identity": 12}, {"payments": 1, "identity": 12}]
    for number, teams in enumerate(week):
        day = LAST + timedelta(days=number)
        for team, hits in teams.items():
            marts.failures(day, hits, teams=[team])
        evaluate(marts.warehouse, known, morning_after(day))
        outbox.deliver(marts.warehouse, known, clock=lambda: morning_after(day), pause=lambda _: None)  # noqa: B023
    assert there.bodies == []

    monday = datetime(2026, 3, 9, 8, tzinfo=UTC)
    for moment in (monday - timedelta(seconds=1), monday, monday + timedelta(hours=1)):
        outbox.deliver(marts.warehouse, known, clock=lambda: moment, pause=lambda _: None)  # noqa: B023

    [body] = there.bodies
    assert body["text"].endswith("Weekly digest: 1 new, 1 came and went")
    texts = [block["text"]["text"] for block in body["blocks"] if block["type"] == "section"]
    assert texts[0].startswith("New: identity: Quality issue: ")
    assert texts[1].startswith("Came and went: payments: Quality issue: ")
    assert texts[2] == "Quality issue: More than a quarter of the deployments failed. Start an incident review."
