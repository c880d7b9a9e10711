"""Random troubles, by seed: receivers that fail in every way, and processes that SIGKILL ends between any two steps."""

import logging
import random
from collections import Counter
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from roosevelt_pipeline.alerting import outbox
from roosevelt_pipeline.alerting.messages import headline
from roosevelt_pipeline.alerting.switching import enable
from roosevelt_pipeline.settings import Settings
from roosevelt_pipeline.warehouse.connections import Role
from tests.integration.alerting import senders
from tests.integration.alerting.conftest import LAST, SECRET, Marts, morning_after
from tests.integration.alerting.mailbox import Mailbox, Trouble, mailbox
from tests.integration.alerting.receivers import Answer, Receiver, receiver

FIRST, SECOND = "lead@acme.invalid", "deputy@acme.invalid"
HTTP: tuple[Answer, ...] = (500, 503, (429, "90"), "drop", "reset", "take and reset", "hang", 404)
SMTP: tuple[Trouble, ...] = (
    (FIRST, "450 later"), (SECOND, "451 later"), (SECOND, "550 no such person"), ("data", "451 later"),
    ("data", "554 no"), "break off", "take and break off", "take and hang",
)  # fmt: skip
RULES = [
    {"name": "quality_issue", "cool_down_days": 90},
    {"name": "failing", "metric": "change_failure_rate_pct", "above": 10, "says": "Look.", "severity": "critical",
     "pages": True, "cool_down_days": 90},
]  # fmt: skip
ROUTES = [
    {"name": "slack", "channel": "slack"}, {"name": "webhook", "channel": "webhook"},
    {"name": "pagerduty", "channel": "pagerduty", "severities": ["critical"]},
    {"name": "mail", "channel": "email", "to": [FIRST, SECOND]},
]  # fmt: skip
TIMEOUT = 0.25
DAYS = (12, 1, 1)  # failed deployments: it opens, and is over two days later
# Both rules hold in one place, which is one message for each route; PagerDuty has an incident for each alert.
TOLD = [("quality_issue, failing", route) for route in ("slack", "webhook", "mail")]
TOLD += [(rule, "pagerduty") for rule in ("quality_issue", "failing")]
STORY = {(kind, rule, route) for kind in ("opened", "recovered") for rule, route in TOLD}


@dataclass
class Bench:
    """A warehouse, receivers, and what was done to both."""

    marts: Marts
    there: Receiver
    box: Mailbox
    given: dict[str, Any]
    settings: Settings
    now: datetime = field(default_factory=lambda: morning_after(LAST))
    seen: Counter = field(default_factory=Counter)

    def clear(self, chance: random.Random | None = None) -> None:
        """Nothing was told yet, and the next answers are drawn."""
        with self.marts.warehouse.connect() as connection:
            connection.execute(
                "truncate delivery.alerts, delivery.alert_messages, delivery.alert_message_alerts, "
                "delivery.alert_attempts, delivery.alert_verdicts restart identity; "
                "update delivery.alert_switch set evaluated_date = null; "
                "truncate marts.fct_metric_days, marts.fct_metric_windows"
            )
        self.there.taken.clear()
        self.box.arrived.clear()
        self.there.scripts = {path: self._draw(chance, HTTP, 200) for path in ("slack", "own", "v2")}
        self.box.script = self._draw(chance, SMTP, None)

    def _draw(self, chance: random.Random | None, troubles: tuple[Any, ...], well: Any) -> list[Any]:
        drawn = [chance.choice(troubles) if chance.random() < 0.5 else well for _ in range(6)] if chance else []
        self.seen.update(str(one) for one in drawn if one != well)
        return drawn

    def measured(self, day: date, hits: int) -> None:
        self.marts.failures(day, hits)
        self.now = morning_after(day)

    def run(self, what: str, *kill_at: int | None) -> list[int]:
        """So many processes at once, each killed at a step or left alone."""
        url = self.marts.warehouse.url
        codes = senders.ended(
            *[senders.start(what, url, self.given, self.now, self.box.certificate, one) for one in kill_at]
        )
        self.seen["killed"] += codes.count(senders.KILLED)
        self.seen[f"{what} at once"] += len(codes) > 1
        return codes

    def work(self, what: str) -> None:
        """In this process, which nobody kills."""
        senders.work(what, self.marts.warehouse, self.settings, self.now)

    def finish(self) -> None:
        """No more deaths; what was given up is tried again. Then all has to be there."""
        for _ in range(30):
            self.now += timedelta(hours=7)
            self.work("deliver")
            states = {row[0] for row in self.rows("select state from delivery.alert_messages")}
            if states <= {"sent", "overtaken"}:
                return
            if "waiting" not in states:
                self.seen["given up"] += outbox.retry(self.marts.warehouse, self.now)
        raise AssertionError("something waits for ever")

    def rows(self, query: str) -> list[tuple]:
        with self.marts.warehouse.connect(Role.ANALYTICS) as connection:
            return connection.execute(query).fetchall()


@pytest.fixture
def bench(marts, tmp_path: Path, monkeypatch):
    with receiver() as there, mailbox(tmp_path) as box:
        there.seconds = box.seconds = 2 * TIMEOUT
        enable(marts.warehouse, morning_after(LAST))
        given = {
            "slack_webhook": f"{there.url}/slack/{SECRET}", "alert_webhook": f"{there.url}/own",
            "alert_webhook_secret": "key", "pagerduty_routing_key": "key", "survey_key": "5e" * 32,
            "alerts": {"rules": RULES, "routes": ROUTES, "attempts": 50, "pagerduty_url": there.url,
                       "request_timeout_seconds": TIMEOUT},
            "surveys": {"smtp_host": "127.0.0.1", "smtp_port": box.port, "sender": "roosevelt@acme.invalid"},
        }  # fmt: skip
        monkeypatch.setenv("SSL_CERT_FILE", str(box.certificate))
        yield Bench(marts, there, box, given, Settings(**given))


def one_schedule(bench: Bench, seed: int) -> None:
    """Three days: each evaluated and delivered by one process or two, which may be killed and are started again."""
    chance = random.Random(seed)
    bench.clear(chance)

    def deaths(most: int) -> list[int | None]:
        return [chance.randint(1, most) if chance.random() < 0.6 else None for _ in range(chance.randint(1, 2))]

    for number, hits in enumerate(DAYS):
        bench.measured(LAST + timedelta(days=number), hits)
        if 0 not in bench.run("evaluate", *deaths(90)):
            bench.work("evaluate")
        for _ in range(chance.randint(1, 2)):
            bench.run("deliver", *deaths(160))
            bench.now += timedelta(seconds=chance.choice((0, 20, 3600)))
    bench.finish()
    held_to_account(bench, f"seed {seed}")


def held_to_account(bench: Bench, where: str) -> None:
    """Nothing lost, and nothing twice but for a try whose end nobody knows."""
    alerts = bench.rows("select rule, state from delivery.alerts where rule <> 'undelivered' order by rule")
    assert alerts == [("failing", "recovered"), ("quality_issue", "recovered")], where
    messages = bench.rows(
        "select message_id::text, route, kind, rule, dedup_key, content, cardinality(refused), "
        "(select count(*) from delivery.alert_attempts as tried where tried.message_id = m.message_id "
        "and (outcome is null or outcome = 'unknown')), state from delivery.alert_messages as m order by made_at"
    )
    assert {(kind, rule, route) for _, route, kind, rule, *_ in messages if rule != "undelivered"} == STORY, where
    for message_id, route, kind, _, dedup_key, content, refused, open_ends, state in messages:
        told = {
            "slack": lambda: [("slack", said) for said in in_slack(bench, headline(content))],  # noqa: B023
            "webhook": lambda: [("own", one["id"]) for one in bodies(bench, "own") if one["id"] == message_id],  # noqa: B023
            "pagerduty": lambda: [("v2", one) for one in events(bench, dedup_key, content["kind"])],  # noqa: B023
            "mail": lambda: in_mail(bench, dedup_key),  # noqa: B023
        }[route]()
        places = Counter(place for place, _ in told)
        if (
            state == "overtaken"
        ):  # it is over, and PagerDuty knows; what came of it came before, by tries that broke off
            assert (route, kind) == ("pagerduty", "opened"), where
            assert len(told) <= open_ends, where
            continue
        wanted = 2 if route == "mail" else 1
        assert len(places) <= wanted <= len(places) + refused, (where, route, places, refused)
        # Whoever got it by a try that broke off may be refused by the next.
        assert len(places) + refused == wanted or open_ends, (where, route, places, refused)
        assert max(places.values()) <= 1 + open_ends, (where, route, places, open_ends)
    keys = {one["dedup_key"] for one in bodies(bench, "v2")}
    assert len(keys) == len(RULES), where
    for key in keys:
        actions = [one["event_action"] for one in bodies(bench, "v2") if one["dedup_key"] == key]
        assert actions == sorted(actions, reverse=True), (where, actions)  # triggers, then resolves
        assert actions[-1] == "resolve", (where, actions)


def bodies(bench: Bench, path: str) -> list[dict[str, Any]]:
    return [body for at, _, body in bench.there.taken if at.split("/")[1] == path]


def in_slack(bench: Bench, title: str) -> list[str]:
    """What was said under a title, of which all but the first must say that it may be a repeat."""
    said = [one["text"] for one in bodies(bench, "slack")
            if one["text"].partition(" ")[2].removesuffix(" (possible repeat)") == title]  # fmt: skip
    assert not [one for one in said[1:] if "possible repeat" not in one], said
    return said


def events(bench: Bench, alert: str, kind: str) -> list[str]:
    action = "trigger" if kind == "opened" else "resolve"
    return [one["event_action"] for one in bodies(bench, "v2")
            if one["dedup_key"] == f"roosevelt-{alert}" and one["event_action"] == action]  # fmt: skip


def in_mail(bench: Bench, dedup_key: str) -> list[tuple[str, str]]:
    """By recipient; a mail that comes twice carries the same Message-ID, by which its server may know it."""
    wanted = f"<{dedup_key}@acme.invalid>"
    return [(address, mail["Message-ID"]) for address, mail in bench.box.arrived if mail["Message-ID"] == wanted]


def swept(bench: Bench, what: str, every: int, first: int = 1) -> int:
    """Kill at the first step, at one later and so on, until one comes through alive; returns how many were killed."""
    for at in range(first, 1000, every):
        bench.clear()
        bench.measured(LAST, DAYS[0])
        if what == "deliver":
            bench.work("evaluate")
        codes = bench.run(what, at)
        for number in (0, 1, 2):
            if number:
                bench.measured(LAST + timedelta(days=number), DAYS[number])
            bench.work("evaluate")
        bench.finish()
        held_to_account(bench, f"{what}, step {at}")
        if codes == [0]:
            return bench.seen["killed"]
    raise AssertionError("it never comes to its end")


def test_nothing_is_lost_and_each_repeat_has_a_try_whose_end_nobody_knows(bench):
    for seed in range(8):
        one_schedule(bench, seed)

    assert bench.seen["killed"] > 8


@pytest.mark.parametrize("what", ["evaluate", "deliver"])
def test_a_kill_at_any_step_loses_nothing(bench, what):
    assert swept(bench, what, every=23) >= 3


@pytest.mark.soak
@pytest.mark.parametrize("first", range(1, 9))
@pytest.mark.parametrize("what", ["evaluate", "deliver"])
def test_a_kill_at_each_single_step_loses_nothing(bench, what, first):
    """Every eighth from each of the first eight on: together each step."""
    killed = swept(bench, what, every=8, first=first)
    logging.getLogger(__name__).warning("%s, each eighth step from %d: %d kills", what, first, killed)
    assert killed > 4


@pytest.mark.soak
@pytest.mark.parametrize("first", range(0, 1000, 50))
def test_nothing_is_lost_in_a_thousand_schedules(bench, first):
    for seed in range(first, first + 50):
        one_schedule(bench, seed)
    logging.getLogger(__name__).warning("seeds from %d: %s", first, dict(sorted(bench.seen.items())))
    assert bench.seen["killed"] > 50
