"""Figures about groups of persons, from what could be published to what is: each period is decided about once."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from uuid import UUID

from roosevelt_pipeline.privacy.small_groups import Limits, Reason, judge
from roosevelt_pipeline.settings import PrivacySettings
from roosevelt_pipeline.warehouse import releases
from roosevelt_pipeline.warehouse.connections import Role, Warehouse

QUARTER_DAYS = 92


@dataclass(frozen=True)
class Released:
    """What was decided about a period: how many figures were published, and withheld for which reason."""

    period: releases.Period
    counts: dict[str, int]


def publish(
    warehouse: Warehouse, privacy: PrivacySettings, run_id: UUID, mondays: Sequence[date] | None = None
) -> Iterator[Released]:
    """Decide about what has ended and was not decided yet, oldest first. Each period is one transaction.

    Args:
        mondays: only what ended in these weeks, rather than everything.
    """
    with warehouse.connect(Role.ANALYTICS, autocommit=True) as connection:
        for period in releases.open_periods(connection):
            if mondays is not None and period.last_monday not in mondays:
                continue
            with connection.transaction():
                releases.lock_releases(connection)
                counts = _decide(connection, privacy, period, run_id)
            yield Released(period, counts)


def _decide(
    connection: releases.Connection, privacy: PrivacySettings, period: releases.Period, run_id: UUID
) -> dict[str, int]:
    decisions = []
    now = datetime.now(UTC)
    for pending in releases.read_pending(connection, period, Limits.compared_below):
        verdicts = _verdicts(connection, privacy, pending)
        releases.record(connection, pending, verdicts, now, run_id)
        decisions.append(verdicts)
    return releases.counted(decisions)


def _verdicts(
    connection: releases.Connection, privacy: PrivacySettings, pending: releases.Pending
) -> dict[str, Reason | None]:
    period, newest = pending.period, releases.newest_decided(connection, pending.figure)
    if newest and (newest - period.start).days > releases.KEPT_DAYS[period.name]:
        # Who was in what was published around then is no longer known, so nothing can be held against it.
        return {one.name: "too_late" for one in pending.candidates}
    days = privacy.compared_weeks * 7 if period.name == "week" else privacy.compared_quarters * QUARTER_DAYS
    is_answered = pending.minimum == "respondents"
    minimum = privacy.minimum_respondents if is_answered else privacy.minimum_contributors
    return judge(
        pending.candidates,
        pending.members,
        pending.contributors,
        Limits(minimum),
        persons=pending.persons if days else None,
        earlier=releases.published_groups(connection, pending.figure, period.start, days) if days else (),
    )
