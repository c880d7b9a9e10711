"""What was judged, to alerts: they open, stay and end, in the transaction of the caller."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

import psycopg

from roosevelt_pipeline.alerting.built_in import opening
from roosevelt_pipeline.alerting.forgetting import end_forgotten
from roosevelt_pipeline.alerting.lifecycle import Standing, Step, next_step
from roosevelt_pipeline.alerting.statuses import Judged
from roosevelt_pipeline.settings import Settings

Told = tuple[str, UUID, Judged]  # opened, repeated, recovered or expired; the alert; what is known of it
_ENDS: dict[Step, str] = {"recover": "recovered", "expire": "expired"}


@dataclass
class _Open:
    """An alert as its row has it; the newest of its key."""

    alert_id: UUID
    rule: str
    scope_type: str
    scope: str
    standing: Standing
    is_told: bool


def take_steps(
    connection: "psycopg.Connection[Any]", settings: Settings, judged: Sequence[Judged], day: date, now: datetime,
    counts: Counter[str], *, is_complete: bool,
) -> list[Told]:  # fmt: skip
    """Bring alerts up to date. Returns what there is to tell; whether it is told is another question.

    Args:
        counts: steps that are taken, by name, are added to it.
        is_complete: every rule was judged, so what none speaks of any more is over.
    """
    known = _known(connection)
    told: list[Told] = []
    for one in judged:
        old = known.get(one.key)
        standing = old.standing if old else None
        step = next_step(one.rule, standing, one.status, one.day, settings.alerts.expires_after_days)
        if step == "nothing" or (old and one.day < old.standing.known):
            continue
        counts[step] += 1
        if step == "open":
            told.append(("opened", _insert(connection, one, now), one))
        elif old:
            _update(connection, old, one, step, now)
            if step in _ENDS and old.is_told:
                told.append((_ENDS[step], old.alert_id, one))
            elif one.status == "firing" and step != "repeat" and not old.is_told:
                told.append(("opened", old.alert_id, one))
            elif step == "repeat":
                told.append(("repeated", old.alert_id, one))
    if is_complete:
        ended = end_forgotten(connection, settings, day, now)
        counts["expire"] += len(ended)
        told += [("expired", alert_id, one) for alert_id, one in ended if one is not None]
    return told


def _known(connection: "psycopg.Connection[Any]") -> dict[str, _Open]:
    rows = connection.execute(
        """
        select distinct on (alert_key)
            alert_key, alert_id, rule, scope_type, scope, opened_date, known_date, told_date, ended_date, state
        from delivery.alerts
        order by alert_key, ended_date desc nulls first
        """
    )
    return {
        row[0]: _Open(
            row[1],
            row[2],
            row[3],
            row[4],
            Standing(row[5], row[6], row[7], row[8], row[9] == "acknowledged"),
            row[7] is not None,
        )
        for row in rows
    }


def _insert(connection: "psycopg.Connection[Any]", one: Judged, now: datetime) -> UUID:
    rule = one.rule
    row = connection.execute(
        """
        insert into delivery.alerts (
            alert_key, rule, metric, label, scope_type, scope, severity, state, said, what_to_do, value, target, unit,
            n, chance, owner, runbook, opened_by, opened_date, known_date, opened_at
        ) values (%s, %s, %s, %s, %s, %s, %s, 'opened', %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s)
        returning alert_id
        """,
        [one.key, rule.name, one.metric, one.label, one.scope_type, one.scope, rule.severity, one.said, rule.says,
         one.value, one.target, one.unit, one.n, one.chance, rule.owner, rule.runbook, opening(one), one.day,
         one.day, now],
    ).fetchone()  # fmt: skip
    assert row is not None
    found: UUID = row[0]
    return found


def _update(connection: "psycopg.Connection[Any]", old: _Open, one: Judged, step: Step, now: datetime) -> None:
    if step in _ENDS:
        connection.execute(
            "update delivery.alerts set state = %s, ended_date = %s, ended_at = %s where alert_id = %s",
            [_ENDS[step], one.day, now, old.alert_id],
        )
    if one.status in ("firing", "between"):
        connection.execute(
            "update delivery.alerts set known_date = %s, said = case when %s then %s else said end, "
            "value = coalesce(%s, value), n = coalesce(%s, n) where alert_id = %s",
            [one.day, one.status == "firing", one.said, one.value, one.n, old.alert_id],
        )
