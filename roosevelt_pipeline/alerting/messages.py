"""What is told: one message for each rule, kind of news and route, written beside the alerts that it is about."""

import hashlib
import json
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID, uuid5
from zoneinfo import ZoneInfo

import psycopg
from pydantic import SecretStr

from roosevelt_pipeline.alert_settings import AlertRoute, AlertRule, QuietHours
from roosevelt_pipeline.alerting.rules import number
from roosevelt_pipeline.settings import Settings

NAMESPACE = UUID("6e1f7a51-5d0f-4d0e-9d3f-0d6b0f6f7a10")
HEADLINES = {"opened": "", "repeated": "Still: ", "recovered": "Over: ", "expired": "No longer known: "}


@dataclass(frozen=True)
class Item:
    """One alert in a message."""

    alert_id: UUID
    scope_type: str
    scope: str
    label: str
    said: str
    value: float | None
    target: float | None
    unit: str
    opened: date
    opened_by: str


@dataclass(frozen=True)
class News:
    """What happened to alerts of one rule on a day: opened, repeated, recovered or expired."""

    kind: str
    rule: AlertRule
    day: date
    items: tuple[Item, ...]


def headline(content: dict[str, Any]) -> str:
    """What a message is about, in a line without a break."""
    if content["kind"] == "note":
        return " ".join(str(content["title"]).split())
    items = content["items"]
    name = str(content["rule"]).replace("_", " ")
    where = items[0]["scope"] if len(items) == 1 else f"{len(items)} scopes"
    return " ".join(f"{HEADLINES[content['kind']]}{name.capitalize()} in {where}".split())


def summary(news: Sequence[News]) -> str:
    """What there is to tell, a line for each alert."""
    return "\n".join(
        f"{one.kind}: {one.rule.name} in {item.scope_type} {item.scope}: {item.said}"
        for one in news
        for item in one.items
    )


def reading(item: dict[str, Any]) -> str:
    """Value and target of an alert, as far as they are known."""
    if item["value"] is None:
        return ""
    target = f" (target {number(item['target'], item['unit'])})" if item["target"] is not None else ""
    return f"{number(item['value'], item['unit'])}{target}"


def usable_routes(settings: Settings, rule: AlertRule) -> list[AlertRoute]:
    """Routes of a rule whose secret or server is known."""
    return [route for route in settings.alerts.routes_of(rule) if is_usable(settings, route)]


def is_usable(settings: Settings, route: AlertRoute) -> bool:
    """Whether there is what the route needs. Nobody is asked."""
    if route.channel == "slack":
        return _is_set(settings.slack_bot_token if route.to else settings.slack_webhook)
    if route.channel == "pagerduty":
        return _is_set(settings.pagerduty_routing_key)
    if route.channel == "webhook":
        return _is_set(settings.alert_webhook) and _is_set(settings.alert_webhook_secret)
    return bool(settings.surveys.smtp_host and (settings.alerts.sender or settings.surveys.sender))


def _is_set(secret: SecretStr | None) -> bool:
    """A name without a value, as .env.example has them, is no secret."""
    return secret is not None and bool(secret.get_secret_value().strip())


def write_messages(
    connection: "psycopg.Connection[Any]", settings: Settings, news: News, now: datetime, *, is_dry_run: bool
) -> int:
    """Put news into the outbox, once for each route. Returns how many messages are new."""
    written = 0
    for route in usable_routes(settings, news.rule):
        for part in _parts(route, news):
            if part.rule.name == "undelivered" and part.items[0].scope == route.name and part.items[0].value:
                continue  # it would be given up as well; where one of several was refused, the others are told
            written += _write(connection, settings, route, part, now, is_dry_run=is_dry_run)
    return written


def _parts(route: AlertRoute, news: News) -> Iterator[News]:
    """PagerDuty knows incidents: one message each, and nothing again about what it has open."""
    if route.channel != "pagerduty":
        yield news
    elif news.kind != "repeated":
        for item in news.items:
            yield News(news.kind, news.rule, news.day, (item,))


def _write(
    connection: "psycopg.Connection[Any]", settings: Settings, route: AlertRoute, news: News, now: datetime, *,
    is_dry_run: bool,
) -> int:  # fmt: skip
    alerts = sorted(str(item.alert_id) for item in news.items)
    message_id = uuid5(NAMESPACE, "|".join([route.name, news.kind, str(news.day), *alerts]))
    key = alerts[0] if route.channel == "pagerduty" else hashlib.sha256(message_id.bytes).hexdigest()[:32]
    rule = news.rule
    content = {
        "kind": news.kind, "rule": rule.name, "severity": rule.severity, "says": rule.says, "owner": rule.owner,
        "runbook": rule.runbook, "day": news.day, "items": [asdict(item) for item in news.items],
    }  # fmt: skip
    due = now if rule.severity == "critical" else _awake(settings.alerts.quiet_hours, settings.metrics.timezone, now)
    done = connection.execute(
        """
        insert into delivery.alert_messages (
            message_id, route, channel, kind, rule, severity, dedup_key, content, state, next_at, made_at, settled_at
        ) values (%s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s)
        on conflict (message_id) do nothing
        """,
        [message_id, route.name, route.channel, news.kind, rule.name, rule.severity, key,
         json.dumps(content, default=str), "dry_run" if is_dry_run else "waiting", due, now,
         now if is_dry_run else None],
    )  # fmt: skip
    if done.rowcount:
        for alert in alerts:
            connection.execute("insert into delivery.alert_message_alerts values (%s, %s)", [message_id, alert])
    return done.rowcount


def _awake(quiet: QuietHours | None, zone: str, now: datetime) -> datetime:
    """Now, or the end of the quiet hours that it lies in."""
    if quiet is None:
        return now
    local = now.astimezone(ZoneInfo(zone))
    at = local.time()
    through_midnight = quiet.starts > quiet.ends
    is_quiet = (at >= quiet.starts or at < quiet.ends) if through_midnight else quiet.starts <= at < quiet.ends
    if not is_quiet:
        return now
    ends = local.replace(hour=quiet.ends.hour, minute=quiet.ends.minute, second=0, microsecond=0)
    return ends if ends > local else ends + timedelta(days=1)
