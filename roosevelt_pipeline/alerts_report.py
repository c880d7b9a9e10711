"""Alerts as a table to read."""

from datetime import datetime

from roosevelt_pipeline.warehouse.connections import Role, Warehouse

_OPEN = """
    select alert_id, severity, state, hidden_by, rule, scope_type, scope, opened_date, ended_date, said
    from delivery.alerts
    where ended_date is null or (%s and opened_at > %s - interval '90 days')
    order by ended_date nulls first, severity, hidden_by is not null, opened_date desc, scope
    limit 200
"""


_MOST_SHOWN = 3


def was_told(warehouse: Warehouse) -> bool:
    """Whether a message about an alert that opened has arrived anywhere."""
    with warehouse.connect(Role.ANALYTICS) as connection:
        row = connection.execute(
            "select exists (select from delivery.alert_messages where kind = 'opened' and state = 'sent')"
        ).fetchone()
    return bool(row and row[0])


def open_lines(warehouse: Warehouse) -> list[str]:
    """How many alerts are open, and the worst of them, in a few lines."""
    with warehouse.connect(Role.ANALYTICS) as connection:
        rows = connection.execute(
            "select severity, scope_type, scope, said from delivery.alerts where ended_date is null "
            "and hidden_by is null and state <> 'silenced' order by severity, opened_date desc, scope"
        ).fetchall()
    if not rows:
        return ["No alert is open."]
    lines = [f"{severity:8} {scope_type} {scope}: {said}" for severity, scope_type, scope, said in rows[:_MOST_SHOWN]]
    more = len(rows) - _MOST_SHOWN
    return lines + ([f"and {more} more; `roosevelt alerts list` shows them"] if more > 0 else [])


def list_lines(warehouse: Warehouse, now: datetime, *, everything: bool) -> list[str]:
    """Open alerts and, if all are wanted, those of 90 days; what waits, what was given up, what is silent."""
    with warehouse.connect(Role.ANALYTICS) as connection:
        alerts = connection.execute(_OPEN, [everything, now]).fetchall()
        switch = connection.execute("select enabled_at from delivery.alert_switch").fetchone()
        messages = connection.execute(
            "select route, count(*) filter (where state in ('waiting', 'held')), "
            "count(*) filter (where state = 'dead') "
            "from delivery.alert_messages group by route order by route"
        ).fetchall()
        silences = connection.execute(
            "select silence_id, rule, scope, until_at, reason from delivery.alert_silences where until_at > %s "
            "order by until_at",
            [now],
        ).fetchall()
    lines = [] if switch and switch[0] else ["A dry run: nothing is sent until `roosevelt alerts enable`."]
    for alert_id, severity, state, hidden_by, rule, scope_type, scope, opened, ended, said in alerts:
        hidden = f", explained by {str(hidden_by)[:8]}" if hidden_by else ""
        span = f"{opened} to {ended}" if ended else f"since {opened}"
        lines.append(f"{str(alert_id)[:8]}  {severity:8}  {state}{hidden}  {span}  {rule}  {scope_type}:{scope}")
        lines.append(f"          {said}")
    lines += [] if alerts else ["No alert is open."]
    lines += [f"{route}: {waiting} waiting, {dead} given up" for route, waiting, dead in messages if waiting or dead]
    lines += [
        f"silence {number} until {until:%Y-%m-%d %H:%M} UTC: {rule} in {scope} ({why})"
        for number, rule, scope, until, why in silences
    ]
    return lines
