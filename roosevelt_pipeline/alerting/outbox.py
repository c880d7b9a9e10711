"""The outbox: each message is sent until it was, and never forgotten. One thread for each route.

A try is noted before it begins and settled after it ended. Whoever dies in between leaves a try without an outcome;
when its claim runs out the message is sent again, with the same key and marked as a possible repeat.
"""

import time
from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from typing import Any

import psycopg

from roosevelt_pipeline.alert_settings import AlertRoute
from roosevelt_pipeline.alerting.channels import send
from roosevelt_pipeline.alerting.digests import gather
from roosevelt_pipeline.alerting.envelopes import Envelope, Outcome
from roosevelt_pipeline.alerting.links import with_links
from roosevelt_pipeline.settings import Settings
from roosevelt_pipeline.warehouse.connections import Role, Warehouse

FIRST_PAUSE, LONGEST_PAUSE = timedelta(seconds=30), timedelta(hours=6)
_SECONDS_BETWEEN = 1.0  # Slack takes about one message a second from a webhook
_DUE = """
    select message_id
    from delivery.alert_messages as message
    where
        route = %(route)s and state = 'waiting' and next_at <= %(now)s
        and (claimed_until is null or claimed_until <= %(now)s)
        -- Of one alert, what was said first arrives first.
        and not exists (
            select 1
            from delivery.alert_messages as earlier
            inner join delivery.alert_message_alerts as theirs on earlier.message_id = theirs.message_id
            inner join delivery.alert_message_alerts as ours on theirs.alert_id = ours.alert_id
            where
                ours.message_id = message.message_id and earlier.route = message.route
                and earlier.state = 'waiting' and earlier.made_at < message.made_at
        )
    order by made_at, message_id
    limit 1
    for update of message skip locked
"""
_OVERTAKE = """
    update delivery.alert_messages as message set state = 'overtaken'
    where
        state = 'dead' and channel = 'pagerduty'
        and exists (
            select 1
            from delivery.alert_messages as later
            where
                later.route = message.route and later.dedup_key = message.dedup_key and later.state <> 'dry_run'
                and later.made_at > message.made_at
        )
"""
Clock = Callable[[], datetime]


def _clock() -> datetime:
    return datetime.now(UTC)


def deliver(
    warehouse: Warehouse,
    settings: Settings,
    *,
    clock: Clock = _clock,
    pause: Callable[[float], None] = time.sleep,
    seconds: float = 600,
) -> dict[str, int]:
    """Send what is due. A slow route holds up no other.

    Args:
        seconds: no try is begun after so many; what is left is due still.

    Returns:
        how many tries ended how.
    """
    with warehouse.connect(Role.ANALYTICS) as connection:
        waiting = {row[0] for row in connection.execute(
            "select distinct route from delivery.alert_messages where state in ('waiting', 'held') and next_at <= %s",
            [clock()],
        )}  # fmt: skip
    routes = {route.name: route for route in settings.alerts.routes}
    _give_up_lost(warehouse, waiting - set(routes), clock())
    due = [routes[name] for name in sorted(waiting & set(routes))]
    if not due:
        return {}
    until = clock() + timedelta(seconds=seconds)
    with ThreadPoolExecutor(len(due)) as threads:
        counts = list(threads.map(lambda route: _deliver_route(warehouse, settings, route, clock, pause, until), due))
    return dict(sum(counts, Counter()))


def retry(warehouse: Warehouse, now: datetime) -> int:
    """Try again what was given up. Returns how many messages that is.

    Nobody is called any more about what is over: its opening is overtaken in PagerDuty, which may have been told of the
    end by a try that broke off, and would open it again.
    """
    with warehouse.connect(Role.ANALYTICS) as connection, connection.transaction():
        connection.execute(_OVERTAKE)
        return connection.execute(
            "update delivery.alert_messages set state = 'waiting', settled_at = null, refused = '{}', next_at = %s, "
            "tries = (select coalesce(max(try), 0) from delivery.alert_attempts as tried "
            "where tried.message_id = alert_messages.message_id) where state = 'dead'",
            [now],
        ).rowcount


def given_up(warehouse: Warehouse) -> int:
    """Messages that nobody tries to send any more, though they were not sent."""
    with warehouse.connect(Role.ANALYTICS) as connection:
        row = connection.execute("select count(*) from delivery.alert_messages where state = 'dead'").fetchone()
    return int((row or (0,))[0])


def _deliver_route(
    warehouse: Warehouse, settings: Settings, route: AlertRoute, clock: Clock, pause: Callable[[float], None],
    until: datetime,
) -> Counter[str]:  # fmt: skip
    counts: Counter[str] = Counter()
    with warehouse.connect(Role.ANALYTICS, autocommit=True) as connection:
        gather(connection, route, clock())
        while clock() < until and (claimed := _claim(connection, settings, route, clock())):
            envelope, attempt, tries = claimed
            if counts:
                pause(_SECONDS_BETWEEN)
            outcome = send(settings, route, envelope)
            _settle(connection, settings, envelope.message_id, attempt, tries, outcome, clock())
            counts[outcome.kind] += 1
            if outcome.kind != "sent" and outcome.kind != "refused":
                break  # the next would fare no better just now
    return counts


def _claim(
    connection: "psycopg.Connection[Any]", settings: Settings, route: AlertRoute, now: datetime
) -> tuple[Envelope, int, int] | None:
    """The next message that is due, ours until the claim runs out, with a try that is noted."""
    # Longer than the longest try: of a mail server each line of the conversation may take as long as a request.
    answers = 20 + len(route.to) if route.channel == "email" else 12
    until = now + timedelta(seconds=60 + answers * settings.alerts.request_timeout_seconds)
    with connection.transaction():
        row = connection.execute(
            f"update delivery.alert_messages set claimed_until = %(until)s, tries = tries + 1 "
            f"where message_id = ({_DUE}) returning message_id, dedup_key, content, tries, made_at, taken, refused",
            {"until": until, "route": route.name, "now": now},
        ).fetchone()
        if row is None:
            return None
        message_id, dedup_key, content, tries, made_at, taken, refused = row
        before = connection.execute(
            "select count(*) from delivery.alert_attempts "
            "where message_id = %s and (outcome is null or outcome = 'unknown')",
            [message_id],
        ).fetchone()
        attempt = connection.execute(
            "insert into delivery.alert_attempts (message_id, route, try, started_at) values (%s, %s, %s, %s) "
            "returning attempt_id",
            [message_id, route.name, tries, now],
        ).fetchone()
    assert attempt is not None
    content = with_links(settings, str(message_id), content, made_at)
    is_repeat = bool(before and before[0])
    envelope = Envelope(str(message_id), dedup_key, content, is_repeat, frozenset(taken), frozenset(refused))
    return envelope, attempt[0], tries


def _settle(
    connection: "psycopg.Connection[Any]", settings: Settings, message_id: str, attempt: int, tries: int,
    outcome: Outcome, now: datetime,
) -> None:  # fmt: skip
    is_over = outcome.kind in ("sent", "refused") or tries >= settings.alerts.attempts
    state = "sent" if outcome.kind == "sent" else "dead" if is_over else "waiting"
    wait = min(FIRST_PAUSE * 2 ** min(tries - 1, 20), LONGEST_PAUSE)
    if outcome.wait_seconds is not None:
        wait = max(wait, timedelta(seconds=outcome.wait_seconds))
    with connection.transaction():
        connection.execute(
            "update delivery.alert_attempts set ended_at = %s, outcome = %s, reason = %s where attempt_id = %s",
            [now, outcome.kind, outcome.reason or None, attempt],
        )
        connection.execute(
            "update delivery.alert_messages set state = %s, next_at = %s, claimed_until = null, settled_at = %s, "
            "taken = taken || %s::text[], refused = refused || %s::text[] "
            "where message_id = %s and state = 'waiting'",
            [state, now + wait, now if is_over else None, list(outcome.taken), list(outcome.refused), message_id],
        )


def _give_up_lost(warehouse: Warehouse, gone: set[str], now: datetime) -> None:
    """What waits for a route that is no longer in the settings is given up, which is told."""
    with warehouse.connect(Role.ANALYTICS) as connection, connection.transaction():
        connection.execute(
            "update delivery.alert_messages set state = 'dead', settled_at = %s "
            "where state in ('waiting', 'held') and route = any(%s)",
            [now, sorted(gone)],
        )
