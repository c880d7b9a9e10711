"""Random troubles, by seed: receivers that fail in every way, and senders that die between any two steps."""

import random
from datetime import timedelta

import pytest

from roosevelt_pipeline.alerting import outbox
from roosevelt_pipeline.alerting.evaluation import evaluate
from roosevelt_pipeline.alerting.switching import enable
from roosevelt_pipeline.warehouse.connections import Role
from tests.integration.alerting.conftest import LAST, SECRET, morning_after
from tests.integration.alerting.receivers import receiver

ANSWERS = (200, 200, 500, 503, (429, "90"), "drop")
RULES = [
    {"name": f"rule_{number}", "metric": "change_failure_rate_pct", "above": 10 + number, "says": "Look."}
    for number in range(3)
]


class DiedError(RuntimeError):
    """Stands for a kill -9: nothing that comes after it in the sender is done."""


def one_schedule(marts, settings, there, seed: int, monkeypatch) -> None:
    chance = random.Random(seed)
    now = morning_after(LAST)
    with marts.warehouse.connect() as connection:
        connection.execute("truncate delivery.alerts, delivery.alert_messages, delivery.alert_message_alerts, "
                           "delivery.alert_attempts, delivery.alert_verdicts restart identity")  # fmt: skip
    known = settings(
        slack_webhook=f"{there.url}/{SECRET}", alert_webhook=f"{there.url}/own", alert_webhook_secret="key",
        alerts={"rules": RULES, "attempts": 50},
    )  # fmt: skip
    evaluate(marts.warehouse, known, now)
    there.taken.clear()
    there.script = [chance.choice(ANSWERS) for _ in range(12)]
    plain, settle, deaths = outbox.send, outbox._settle, [0]

    def dies(share: float) -> None:
        if chance.random() < share and deaths[0] < 6:
            deaths[0] += 1
            raise DiedError

    def send(*given):
        dies(0.15)
        return plain(*given)

    def note(*given):
        dies(0.15)
        settle(*given)

    with monkeypatch.context() as patch:
        patch.setattr(outbox, "send", send)
        patch.setattr(outbox, "_settle", note)
        for _ in range(200):
            now += timedelta(hours=1)
            try:
                outbox.deliver(marts.warehouse, known, clock=lambda: now, pause=lambda _: None)  # noqa: B023
            except DiedError:
                continue
            with marts.warehouse.connect(Role.ANALYTICS) as connection:
                left = connection.execute("select count(*) from delivery.alert_messages where state <> 'sent'")
                if left.fetchone() == (0,):
                    break
    held_to_account(marts, there, seed)


def held_to_account(marts, there, seed: int) -> None:
    with marts.warehouse.connect(Role.ANALYTICS) as connection:
        messages = connection.execute(
            "select message_id::text, channel, (select count(*) from delivery.alert_attempts as tried where "
            "tried.message_id = m.message_id and (outcome is null or outcome = 'unknown')) "
            "from delivery.alert_messages as m"
        ).fetchall()
    arrived = [body.get("id") for path, _, body in there.taken if path == "/own"]
    in_slack = [body["text"] for path, _, body in there.taken if path != "/own"]
    open_ends = sum(count for _, channel, count in messages if channel == "slack")
    assert len(messages) == 8, seed  # four rules, two routes
    for message_id, channel, count in messages:
        if channel == "webhook":
            assert 1 <= arrived.count(message_id) <= 1 + count, seed
    for rule in ("Quality issue", "Rule 0", "Rule 1", "Rule 2"):
        told = [text for text in in_slack if rule in text]
        assert told, (seed, rule)
        assert not [text for text in told[1:] if "possible repeat" not in text], (seed, rule)
    assert len(in_slack) <= 4 + open_ends, seed


def run_seeds(marts, settings, monkeypatch, seeds: range) -> None:
    marts.failures(LAST, 12)
    enable(marts.warehouse, morning_after(LAST))
    for seed in seeds:
        with receiver() as there:
            one_schedule(marts, settings, there, seed, monkeypatch)


def test_nothing_is_lost_and_each_repeat_has_a_try_whose_end_nobody_knows(marts, settings, monkeypatch):
    run_seeds(marts, settings, monkeypatch, range(15))


@pytest.mark.soak
def test_nothing_is_lost_in_a_thousand_schedules(marts, settings, monkeypatch):
    run_seeds(marts, settings, monkeypatch, range(1000))
