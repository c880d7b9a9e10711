"""What is told in one message: alerts of one cause, as far as that shows."""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from datetime import date, datetime
from typing import Any
from uuid import UUID

import psycopg

from roosevelt_pipeline.alerting.built_in import BUILT_IN, opening
from roosevelt_pipeline.alerting.charts import MOST_PANELS
from roosevelt_pipeline.alerting.histories import History, history
from roosevelt_pipeline.alerting.messages import Item, News, write_messages
from roosevelt_pipeline.alerting.statuses import Judged
from roosevelt_pipeline.alerting.transitions import Told
from roosevelt_pipeline.settings import Settings

MOST_MESSAGES = 5  # of a kind, for each route and evaluation


def tell(
    connection: "psycopg.Connection[Any]", settings: Settings, told: Sequence[Told], day: date, now: datetime, *,
    is_dry_run: bool,
) -> tuple[list[News], int]:  # fmt: skip
    """Write messages about what is neither silenced nor explained by another; of what ended, to whom it was told.

    Returns:
        the news, and how many messages they made.
    """
    quiet = {
        row[0]
        for row in connection.execute(
            "select alert_id from delivery.alerts "
            "where ended_date is null and (state = 'silenced' or hidden_by is not null)"
        )
    }
    opened = {row[0]: row[1] for row in connection.execute("select alert_id, opened_date from delivery.alerts "
                                                           "where alert_id = any(%s)",
                                                           [[alert_id for _, alert_id, _ in told]])}  # fmt: skip
    news, written = [], 0
    for kind, members in by_cause(settings, [one for one in told if one[1] not in quiet], day):
        items = tuple(
            _item(alert_id, one, opened[alert_id], history(connection, one) if at < MOST_PANELS else ())
            for at, (_, alert_id, one) in enumerate(members)
        )
        rules = {one.rule.name: one.rule for _, _, one in members}
        news.append(News(kind, day, tuple(rules.values()), items))
        written += write_messages(connection, settings, news[-1], now, is_dry_run=is_dry_run)
        connection.execute(
            "update delivery.alerts set told_date = %s, "
            "state = case when state = 'opened' then 'notified' else state end where alert_id = any(%s)",
            [day, [item.alert_id for item in items]],
        )
    return news, written


def by_cause(settings: Settings, told: Sequence[Told], day: date) -> Iterator[tuple[str, list[Told]]]:
    """What happened alike on a day, together: in one place by several rules, and in many places by the same rules.

    A place is a team with its services. Where that would be many messages of a kind, it is one.
    """
    rules: dict[tuple[str, tuple[str, str]], set[str]] = defaultdict(set)
    places = [_place(settings, one, day) for _, _, one in told]
    for (kind, _, one), place in zip(told, places, strict=True):
        rules[kind, place].add(one.rule.name)
    groups: dict[tuple[str, frozenset[str]], list[Told]] = defaultdict(list)
    for each, place in zip(told, places, strict=True):
        groups[each[0], frozenset(rules[each[0], place])].append(each)
    for kind in dict.fromkeys(kind for kind, _ in groups):
        of_kind = [members for (other, _), members in groups.items() if other == kind]
        if len(of_kind) > MOST_MESSAGES:
            of_kind = [[one for members in of_kind for one in members]]
        yield from ((kind, members) for members in of_kind)


def place_of(settings: Settings, scope_type: str, scope: str, day: date) -> tuple[str, str]:
    """Where a scope lies: of a service that a team owns, the team."""
    if scope_type == "service":
        service = next((one for one in settings.services if one.name == scope), None)
        team = service.team_on(day) if service else None
        if team:
            return "team", team
    return scope_type, scope


def _place(settings: Settings, one: Judged, day: date) -> tuple[str, str]:
    if one.rule in BUILT_IN:
        return "rule", one.rule.name
    return place_of(settings, one.scope_type, one.scope, day)


def _item(alert_id: UUID, one: Judged, opened: date, weeks: History) -> Item:
    rule = one.rule
    return Item(
        alert_id, one.scope_type, one.scope, one.label, one.said, one.value, one.target, one.unit, opened,
        opening(one), rule.name, rule.severity, rule.says, rule.owner, rule.runbook, weeks,
    )  # fmt: skip
