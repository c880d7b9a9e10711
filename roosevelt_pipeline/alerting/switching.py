"""What people tell the alerts: on, off, seen, judged."""

from datetime import datetime
from typing import Literal
from uuid import UUID

from roosevelt_pipeline.warehouse.connections import Role, Warehouse

_LEAST_CHARACTERS = 4


class AlertError(RuntimeError):
    """It cannot be done; the message says why."""


def enable(warehouse: Warehouse, now: datetime) -> int:
    """Send from now on. What is open is told with the next evaluation; returns how many alerts that is."""
    with warehouse.connect(Role.ANALYTICS) as connection, connection.transaction():
        turned = connection.execute(
            "update delivery.alert_switch set enabled_at = %s where enabled_at is null", [now]
        ).rowcount
        if turned:
            connection.execute(
                "update delivery.alerts set told_date = null, state = case state when 'notified' then 'opened' "
                "else state end where ended_date is null"
            )
        row = connection.execute("select count(*) from delivery.alerts where told_date is null and ended_date is null")
        return int((row.fetchone() or (0,))[0])


def disable(warehouse: Warehouse, now: datetime) -> None:
    """All is a dry run again. What waits is not sent; it stays to be read."""
    with warehouse.connect(Role.ANALYTICS) as connection, connection.transaction():
        connection.execute("update delivery.alert_switch set enabled_at = null")
        connection.execute(
            "update delivery.alert_messages set state = 'dry_run', settled_at = %s where state in ('waiting', 'held')",
            [now],
        )


def acknowledge(warehouse: Warehouse, alert: str, by: str, now: datetime) -> None:
    """Somebody sees to it: it is not repeated.

    Raises:
        AlertError: there is no such open alert.
    """
    with warehouse.connect(Role.ANALYTICS) as connection, connection.transaction():
        done = connection.execute(
            "update delivery.alerts set state = 'acknowledged', acknowledged_at = %s, acknowledged_by = %s "
            "where alert_id = %s and ended_date is null",
            [now, by, find(warehouse, alert)],
        ).rowcount
    if not done:
        raise AlertError(f"alert {alert} has ended; there is nothing to see to")


def judge(
    warehouse: Warehouse, alert: str, verdict: Literal["actionable", "noise"], now: datetime, via: str = "command"
) -> None:
    """Say what an alert was worth; the newest verdict counts.

    Raises:
        AlertError: there is no such alert.
    """
    with warehouse.connect(Role.ANALYTICS) as connection, connection.transaction():
        connection.execute(
            "insert into delivery.alert_verdicts (alert_id, verdict, via, judged_at) values (%s, %s, %s, %s)",
            [find(warehouse, alert), verdict, via, now],
        )


def find(warehouse: Warehouse, start: str) -> UUID:
    """The alert whose id begins so.

    Raises:
        AlertError: none does, or several do.
    """
    if len(start) < _LEAST_CHARACTERS:
        raise AlertError(f"{start} is too short to name an alert; give {_LEAST_CHARACTERS} characters of its id")
    with warehouse.connect(Role.ANALYTICS) as connection:
        found = connection.execute(
            "select alert_id from delivery.alerts where starts_with(alert_id::text, %s) limit 2", [start.lower()]
        ).fetchall()
    if len(found) != 1:
        which = "more than one alert" if found else "no alert"
        raise AlertError(f"{which} begins with {start}; `roosevelt alerts list --all` shows them")
    alert: UUID = found[0][0]
    return alert
