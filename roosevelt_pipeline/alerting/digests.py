"""Digests: what needs no interruption, gathered into one message a day or a week."""

import json
from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import uuid5

import psycopg

from roosevelt_pipeline.alert_settings import SEVERITIES, AlertRoute
from roosevelt_pipeline.alerting.messages import NAMESPACE, NEWS

_GATHER = """
    update delivery.alert_messages set state = 'gathered', settled_at = %s
    where route = %s and state = 'held' and next_at <= %s
    returning message_id::text, kind, content, made_at
"""


def gather(connection: "psycopg.Connection[Any]", route: AlertRoute, now: datetime) -> bool:
    """Put the digest that is due into the outbox, in one transaction with what goes into it; whether there was one."""
    with connection.transaction():
        rows = connection.execute(_GATHER, [now, route.name, now]).fetchall()
        if not rows:
            return False
        rows.sort(key=lambda row: (row[3], row[0]))
        content = digest_of(route.digest or "daily", [(kind, held) for _, kind, held, _ in rows])
        message_id = uuid5(NAMESPACE, "|".join([route.name, "digest", *sorted(row[0] for row in rows)]))
        connection.execute(
            """
            insert into delivery.alert_messages (
                message_id, route, channel, kind, rule, severity, dedup_key, content, state, next_at, made_at
            ) values (%s, %s, %s, 'digest', 'digest', %s, %s, %s, 'waiting', %s, %s)
            """,
            [message_id, route.name, route.channel, content["severity"], message_id.hex, json.dumps(content), now, now],
        )
        connection.execute(
            "insert into delivery.alert_message_alerts select distinct %s::uuid, alert_id "
            "from delivery.alert_message_alerts where message_id = any(%s::uuid[])",
            [message_id, [row[0] for row in rows]],
        )
    return True


def digest_of(every: str, held: Sequence[tuple[str, Mapping[str, Any]]]) -> dict[str, Any]:
    """One message of many: each alert once, with what became of it last."""
    kinds: dict[str, list[str]] = defaultdict(list)
    items: dict[str, dict[str, Any]] = {}
    for kind, content in held:
        for item in content["items"]:
            kinds[item["alert_id"]].append(kind)
            items[item["alert_id"]] = item
    news = {alert: "brief" if told[0] == "opened" and told[-1] in ("recovered", "expired") else told[-1]
            for alert, told in kinds.items()}  # fmt: skip
    order = list(NEWS)
    listed = [item | {"news": news[alert]} for alert, item in items.items()]
    listed.sort(key=lambda item: (order.index(item["news"]), SEVERITIES.index(item["severity"])))
    counts = Counter(item["news"] for item in listed)
    told = ", ".join(f"{counts[name]} {NEWS[name].lower()}" for name in order if counts[name])
    return {
        "kind": "digest", "rule": "digest", "title": f"{every.capitalize()} digest: {told}", "says": "", "owner": None,
        "severity": min((item["severity"] for item in listed), key=SEVERITIES.index), "runbook": None,
        "day": max(str(content["day"]) for _, content in held), "items": listed,
    }  # fmt: skip
