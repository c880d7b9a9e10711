"""Which open alerts are not told: what a critical one explains, and what was silenced."""

from datetime import datetime
from typing import Any

import psycopg

from roosevelt_pipeline.alerting.telling import place_of
from roosevelt_pipeline.patterns import matches
from roosevelt_pipeline.settings import Settings


def hide(connection: "psycopg.Connection[Any]", settings: Settings) -> None:
    """Note which alerts an open critical one explains: of its own scope, and of the services of its team."""
    connection.execute("update delivery.alerts set hidden_by = null where ended_date is null and hidden_by is not null")
    rows = connection.execute(
        "select alert_id, rule, scope_type, scope, severity, opened_date from delivery.alerts "
        "where ended_date is null order by opened_date, alert_id"
    ).fetchall()
    hides = {rule.name: rule.hides for rule in settings.alerts.active()}
    for alert_id, rule, scope_type, scope, severity, opened in rows:
        if severity == "critical":
            continue
        places = {(scope_type, scope), place_of(settings, scope_type, scope, opened)}
        critical = next(
            (row[0] for row in rows if row[4] == "critical" and rule in hides.get(row[1], ())
             and (row[2], row[3]) in places), None,
        )  # fmt: skip
        if critical:
            connection.execute("update delivery.alerts set hidden_by = %s where alert_id = %s", [critical, alert_id])


def silence(connection: "psycopg.Connection[Any]", now: datetime) -> None:
    """Bring states up to date with the silences that hold now."""
    silences = connection.execute("select rule, scope from delivery.alert_silences where until_at > %s", [now])
    patterns = silences.fetchall()
    rows = connection.execute(
        "select alert_id, rule, scope_type || ':' || scope, state, told_date is not null, acknowledged_at is not null "
        "from delivery.alerts where ended_date is null"
    )
    for alert_id, rule_name, scope, state, is_told, is_acknowledged in rows.fetchall():
        is_silent = any(matches(rule_name, one) and matches(scope, other) for one, other in patterns)
        loud = "acknowledged" if is_acknowledged else "notified" if is_told else "opened"
        wanted = "silenced" if is_silent else loud
        if wanted != state:
            connection.execute("update delivery.alerts set state = %s where alert_id = %s", [wanted, alert_id])
