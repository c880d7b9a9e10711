"""Who was seen to own a service since when, for services whose policy declares no history.

roosevelt.toml says who owns a service now. A run that finds another team there than the last
one knew of appends a row, so that what happened before stays with the team that had it.
"""

from datetime import date
from typing import Any
from uuid import UUID

import psycopg

from roosevelt_pipeline.settings import Settings


def record_owners(connection: "psycopg.Connection[Any]", settings: Settings, as_of: date, run_id: UUID) -> None:
    """Append the owners that differ from those last known, valid from ``as_of``; in the caller's transaction.

    A history begins with the first team that a service is given. A run for a day before the newest
    change adds nothing, and one for its very day corrects it. A service that the policy no longer
    names has no team.
    """
    now = {service.name: service.team_on(as_of) for service in settings.services}
    known = _last_known(connection)
    for service in sorted(now.keys() | known.keys()):
        team = now.get(service)
        last_team, since = known.get(service, (None, date.min))
        if team != last_team and as_of >= since:
            connection.execute(_RECORD, (service, as_of, team, team and settings.zone_of(team), run_id))


def _last_known(connection: "psycopg.Connection[Any]") -> dict[str, tuple[str | None, date]]:
    found = connection.execute(
        "select distinct on (service) service, team, since from raw.policy_owner_history order by service, since desc"
    )
    return {service: (team, since) for service, team, since in found}


_RECORD = """
insert into raw.policy_owner_history (service, since, team, timezone, run_id) values (%s, %s, %s, %s, %s)
on conflict (service, since) do update
set team = excluded.team, timezone = excluded.timezone, run_id = excluded.run_id
"""
