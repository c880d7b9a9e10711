"""What is told: one message for each rule, kind of news and route, written beside the alerts that it is about."""

import hashlib
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import date, datetime, time, timedelta
from typing import Any
from uuid import UUID, uuid5
from zoneinfo import ZoneInfo

import psycopg

from roosevelt_pipeline.alert_settings import SEVERITIES, AlertRoute, AlertRule, QuietHours, Severity
from roosevelt_pipeline.alerting.rules import number
from roosevelt_pipeline.settings import Settings, is_given

_MOST_NAMES = 2
NAMESPACE = UUID("6e1f7a51-5d0f-4d0e-9d3f-0d6b0f6f7a10")
NEWS = {
    "opened": "New",
    "repeated": "Still",
    "brief": "Came and went",
    "recovered": "Over",
    "expired": "No longer known",
}
HEADLINES = {"opened": "", "repeated": "Still: ", "recovered": "Over: ", "expired": "No longer known: "}


@dataclass(frozen=True)
class Item:
    """One alert in a message, with what its rule says.

    Attributes:
        history: days and values of the weeks before.
    """

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
    rule: str
    severity: Severity
    says: str
    owner: str | None
    runbook: str | None
    history: tuple[tuple[str, float], ...] = ()


@dataclass(frozen=True)
class News:
    """What happened to alerts of one cause on a day: opened, repeated, recovered or expired."""

    kind: str
    day: date
    rules: tuple[AlertRule, ...]
    items: tuple[Item, ...]


def headline(content: Mapping[str, Any]) -> str:
    """What a message is about, in a line without a break."""
    if content["kind"] in ("note", "digest"):
        return " ".join(str(content["title"]).split())
    names = [name.replace("_", " ") for name in rules_of(content)]
    what = " and ".join(names) if len(names) <= _MOST_NAMES else f"{len(content['items'])} findings"
    places = dict.fromkeys((item["scope_type"], item["scope"]) for item in content["items"])
    where = " and ".join(scope for _, scope in places) if len(places) <= _MOST_NAMES else f"{len(places)} scopes"
    return " ".join(f"{HEADLINES[content['kind']]}{what[:1].upper()}{what[1:]} in {where}".split())


def rules_of(content: Mapping[str, Any]) -> list[str]:
    """Names of the rules that a message tells of; one that was written before items had them names one."""
    return list(dict.fromkeys(str(item.get("rule", content["rule"])) for item in content["items"]))


def summary(news: Sequence[News]) -> str:
    """What there is to tell, a line for each alert."""
    return "\n".join(
        f"{one.kind}: {item.rule} in {item.scope_type} {item.scope}: {item.said}" for one in news for item in one.items
    )


def reading(item: Mapping[str, Any]) -> str:
    """Value and target of an alert, where both are known; the value alone is in what was found."""
    if item["value"] is None or item["target"] is None:
        return ""
    return f"{number(item['value'], item['unit'])} (target {number(item['target'], item['unit'])})"


def is_usable(settings: Settings, route: AlertRoute) -> bool:
    """Whether there is what the route needs. Nobody is asked."""
    if route.channel == "slack":
        return is_given(settings.slack_bot_token if route.to else settings.slack_webhook)
    if route.channel == "pagerduty":
        return is_given(settings.pagerduty_routing_key)
    if route.channel == "webhook":
        return is_given(settings.alert_webhook) and is_given(settings.alert_webhook_secret)
    return bool(settings.surveys.smtp_host and (settings.alerts.sender or settings.surveys.sender))


def write_messages(
    connection: "psycopg.Connection[Any]", settings: Settings, news: News, now: datetime, *, is_dry_run: bool
) -> int:
    """Put news into the outbox, once for each route that takes some of it. Returns how many messages are new."""
    written = 0
    for route in settings.alerts.routes:
        names = {rule.name for rule in news.rules if route in settings.alerts.routes_of(rule)}
        if not names or not is_usable(settings, route):
            continue
        for items in _parts(route, news, names):
            written += _write(connection, settings, route, news, items, now, is_dry_run=is_dry_run)
    return written


def _parts(route: AlertRoute, news: News, names: set[str]) -> Iterator[list[Item]]:
    """PagerDuty knows incidents: one message each, and nothing again about what it has open."""
    items = [item for item in news.items if item.rule in names and not _is_about_itself(route, item)]
    if route.channel != "pagerduty":
        yield from [items] if items else []
    elif news.kind != "repeated":
        yield from ([item] for item in items)


def _is_about_itself(route: AlertRoute, item: Item) -> bool:
    """Whether a route gave up what was sent over it, as it would this. Where one of several was refused, it did not."""
    return item.rule == "undelivered" and item.scope == route.name and bool(item.value)


def _write(
    connection: "psycopg.Connection[Any]", settings: Settings, route: AlertRoute, news: News, items: Sequence[Item],
    now: datetime, *, is_dry_run: bool,
) -> int:  # fmt: skip
    alerts = sorted(str(item.alert_id) for item in items)
    message_id = uuid5(NAMESPACE, "|".join([route.name, news.kind, str(news.day), *alerts]))
    key = alerts[0] if route.channel == "pagerduty" else hashlib.sha256(message_id.bytes).hexdigest()[:32]
    content = content_of(news.kind, news.day, items)
    at, zone = settings.alerts.digest_at, settings.metrics.timezone
    digest = next_digest(route.digest, at, zone, now) if route.digest else None
    told = [rule for rule in news.rules if rule.name in {item.rule for item in items}]
    due = now if content["severity"] == "critical" else due_at(settings, told, now)
    state = "dry_run" if is_dry_run else "held" if digest else "waiting"
    done = connection.execute(
        """
        insert into delivery.alert_messages (
            message_id, route, channel, kind, rule, severity, dedup_key, content, state, next_at, made_at, settled_at
        ) values (%s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s)
        on conflict (message_id) do update
        set
            content = excluded.content, state = excluded.state, next_at = excluded.next_at,
            settled_at = excluded.settled_at, made_at = excluded.made_at
        -- What was a dry run, or taken back when alerts were turned off, is told once they are on.
        where alert_messages.state = 'dry_run' and excluded.state <> 'dry_run'
        """,
        [message_id, route.name, route.channel, news.kind, content["rule"], content["severity"], key,
         json.dumps(content, default=str), state, digest or due, now, now if is_dry_run else None],
    )  # fmt: skip
    if done.rowcount:
        for alert in alerts:
            connection.execute(
                "insert into delivery.alert_message_alerts values (%s, %s) on conflict do nothing", [message_id, alert]
            )
    return done.rowcount


def content_of(kind: str, day: date, items: Sequence[Item]) -> dict[str, Any]:
    """What a message says, whatever the channel: of all its alerts, and of each."""
    severity = min((item.severity for item in items), key=SEVERITIES.index)
    return {
        "kind": kind, "rule": ", ".join(dict.fromkeys(item.rule for item in items)), "severity": severity,
        "says": " ".join(dict.fromkeys(item.says for item in items)),
        "owner": ", ".join(dict.fromkeys(item.owner for item in items if item.owner)) or None,
        "runbook": next((item.runbook for item in items if item.runbook), None), "day": day,
        "items": [asdict(item) for item in items],
    }  # fmt: skip


def next_digest(every: str, at: time, zone: str, now: datetime) -> datetime:
    """When the next digest is made: at that time of a day, or of a Monday."""
    local = now.astimezone(ZoneInfo(zone))
    morning = local.replace(hour=at.hour, minute=at.minute, second=0, microsecond=0)
    if every == "weekly":
        morning -= timedelta(days=local.weekday())
    return morning if morning > local else morning + timedelta(days=7 if every == "weekly" else 1)


def due_at(settings: Settings, rules: Sequence[AlertRule], now: datetime) -> datetime:
    """When a message of these rules may disturb: as soon as one of them may."""
    zone, usual = settings.metrics.timezone, settings.alerts.quiet_hours
    return min(_awake(rule.quiet_hours or usual, zone, now) for rule in rules)


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
