"""Alerts of which nobody speaks any more: their rule was taken away, or their scope is no longer measured."""

from datetime import date, datetime
from typing import Any
from uuid import UUID

import psycopg

from roosevelt_pipeline.alert_settings import AlertRule
from roosevelt_pipeline.alerting.built_in import BUILT_IN
from roosevelt_pipeline.alerting.statuses import Judged
from roosevelt_pipeline.settings import Settings

_END = """
    update delivery.alerts set state = 'expired', ended_date = %(day)s, ended_at = %(now)s
    where ended_date is null and (rule <> all(%(rules)s) or %(day)s - known_date >= %(expires_after)s)
    returning
        alert_id, rule, metric, label, unit, scope_type, scope, what_to_do, owner, runbook, value, target,
        told_date is not null
"""
_PAGED = """
    select alert.rule, array_agg(distinct message.route)
    from delivery.alerts as alert
    inner join delivery.alert_message_alerts using (alert_id)
    inner join delivery.alert_messages as message using (message_id)
    where alert_id = any(%s) and message.channel = 'pagerduty' and message.state <> 'dry_run'
    group by alert.rule
"""


def end_forgotten(
    connection: "psycopg.Connection[Any]", settings: Settings, day: date, now: datetime
) -> list[tuple[UUID, Judged | None]]:
    """End them. With each that was told comes what there is to tell, if anything.

    Whoever takes a rule away knows; PagerDuty does not, and would keep its incident open for ever.
    """
    rules = {rule.name: rule for rule in (*settings.alerts.active(), *BUILT_IN)}
    expires_after = settings.alerts.expires_after_days
    rows = connection.execute(
        _END, {"day": day, "now": now, "rules": list(rules), "expires_after": expires_after}
    ).fetchall()
    paged: dict[str, list[str]] = dict(connection.execute(_PAGED, [[row[0] for row in rows]]).fetchall())
    found: list[tuple[UUID, Judged | None]] = []
    for alert_id, name, metric, label, unit, scope_type, scope, says, owner, runbook, value, target, is_told in rows:
        said = "Nothing is known of it any more" if name in rules else "Its rule was taken away"
        # As far as the alert remembers it, and heard of by those pagers that it has called.
        rule = rules.get(name) or AlertRule.model_construct(
            name=name, metric=metric, severity="critical", pages=True, routes=tuple(paged.get(name, ())), says=says,
            owner=owner, runbook=runbook,
        )  # fmt: skip
        one = Judged(rule, metric, label, unit, scope_type, scope, day, "unknown", said, value, target)
        found.append((alert_id, one if is_told else None))
    return found
