"""A number taken apart: the events that it is made of, and those that were left out of it, with the reason."""

import statistics
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from difflib import get_close_matches
from typing import TYPE_CHECKING, Any

import psycopg
from psycopg.rows import class_row, dict_row

if TYPE_CHECKING:
    from roosevelt_pipeline.warehouse.connections import Warehouse

WINDOWS = (1, 7, 28, 90)
_SCOPE_TYPES = ("service", "team", "repository", "organization")

_METRICS = "select metric, label from reference.metric_catalog order by metric"
_SCOPES = """
    select scope_type, scope, time_zone, first_date, last_date
    from intermediate.int_scopes__observed
    where first_date is not null
"""
_COLUMNS = """
    metric_date, scope_type, scope, metric, value, value_p90, unit, n, numerator, denominator, interval_low,
    interval_high, status, window_start, window_end, time_zone, definition_version
"""
_DAY = f"""
    select {_COLUMNS}, 1 as window_days, null as tier, null as edition
    from marts.fct_metric_daily
    where metric = %(metric)s and scope_type = %(scope_type)s and scope = %(scope)s and metric_date = %(day)s
"""
_WINDOW = f"""
    select numbers.*, tiers.tier, tiers.edition
    from (select {_COLUMNS}, window_days from marts.fct_metric_rolling) as numbers
    left join analytics.metric_tiers as tiers
        on numbers.metric_date = tiers.as_of_date
        and numbers.metric = tiers.metric
        and numbers.scope_type = tiers.scope_type
        and numbers.scope = tiers.scope
        and numbers.window_days = tiers.window_days
    where
        numbers.metric = %(metric)s and numbers.scope_type = %(scope_type)s and numbers.scope = %(scope)s
        and numbers.metric_date = %(day)s and numbers.window_days = %(days)s
"""
_NEAREST_DAYS = """
    select distinct metric_date, abs(metric_date - %(day)s) as distance
    from marts.fct_metric_windows
    where scope_type = %(scope_type)s and scope = %(scope)s and window_days = %(days)s
    order by distance, metric_date
    limit 2
"""
_ITEM_COLUMNS = """
    items.item_type, items.item_id, items.happened_at, items.value, items.is_hit, items.reason,
    details.service, coalesce(details.repository, collected.repository) as repository, details.source, details.number,
    details.sha, details.url, details.path, details.started_at, details.ended_at, details.method, details.confidence,
    coalesce(details.linked_to, '{}') as linked_to, details.said
"""
# Each item is looked up by its key: without the fence the planner would read all that ever happened and join it.
# A collection has no page; its key begins with its repository's id.
_DETAILS = """
    left join lateral (
        select * from marts.fct_metric_item_details as found
        where found.item_type = items.item_type and found.item_id = items.item_id
        offset 0
    ) as details on true
    left join marts.dim_repositories as collected
        on items.item_type = 'collection' and split_part(items.item_id, '/', 1) = collected.repository_id::text
"""
# Of what counts in the scope at all: that which lies in the window, and that which only lies near it.
_ITEMS = f"""
    with items as (
        select
            *,
            case
                when metric_date < %(first_date)s then 'before_the_first_observed_day'
                when metric_date not between %(first)s and %(day)s then 'on_another_day_in_the_scopes_zone'
            end as reason
        from marts.fct_metric_items
        where
            metric = %(metric)s and scope_type = %(scope_type)s and scope = %(scope)s
            and (
                metric_date between %(first)s and %(day)s
                or (
                    metric_date between %(first)s - 1 and %(day)s + 1
                    and (happened_at at time zone 'UTC')::date between %(first)s and %(day)s
                )
            )
    )
    select {_ITEM_COLUMNS}
    from items
    {_DETAILS}
    order by items.happened_at, items.item_type, items.item_id
"""
_EXCLUSIONS = f"""
    with items as (
        select *, null::double precision as value, null::boolean as is_hit
        from marts.fct_metric_exclusions
        where
            metric = %(metric)s
            and case %(scope_type)s
                when 'service' then service = %(scope)s
                when 'team' then team = %(scope)s
                when 'repository' then repository = %(scope)s
                else is_organizations
            end
            and happened_at < %(window_end)s
            and (happened_at >= %(window_start)s or is_pending)
    )
    select {_ITEM_COLUMNS}
    from items
    {_DETAILS}
    order by items.reason, items.happened_at, items.item_type, items.item_id
"""


class ExplainError(ValueError):
    """There is no such number. The message says what there is instead."""


@dataclass(frozen=True)
class Number:
    """A published number, as the marts give it.

    Attributes:
        n: items that it was made from.
        numerator: what was divided; for durations the sum of hours.
        window_start: first instant of the window; ``window_end`` is the first after it.
        tier: missing where it was not judged.
    """

    metric: str
    scope_type: str
    scope: str
    metric_date: date
    window_days: int
    value: float | None
    value_p90: float | None
    unit: str
    n: int
    numerator: float | None
    denominator: float | None
    interval_low: float | None
    interval_high: float | None
    status: str
    window_start: datetime
    window_end: datetime
    time_zone: str
    definition_version: int
    tier: str | None
    edition: str | None


@dataclass(frozen=True)
class Item:
    """An event that counts, or one that was left out for a ``reason``.

    Attributes:
        value: hours, for durations.
        is_hit: for ratios, whether it counts in the numerator.
        path: its page at GitHub, below the address of the web pages.
        method: how its link (``linked_to``) is known; ``confidence`` says how surely, 0 to 1.
        said: what else it says: an outcome, a severity, why it was unplanned.
    """

    item_type: str
    item_id: str
    happened_at: datetime
    value: float | None
    is_hit: bool | None
    reason: str | None
    service: str | None
    repository: str | None
    source: str | None
    number: int | None
    sha: str | None
    url: str | None
    path: str | None
    started_at: datetime | None
    ended_at: datetime | None
    method: str | None
    confidence: float | None
    linked_to: list[str]
    said: str | None


@dataclass(frozen=True)
class Explanation:
    """A number, what it is made of and what was left out.

    Attributes:
        also: other scopes of the same name, for which the same question can be asked.
    """

    label: str
    number: Number
    items: list[Item]
    left_out: list[Item]
    also: list[str]

    @property
    def reasons(self) -> dict[str, int]:
        """How many were left out for each reason; the most frequent first."""
        return dict(Counter(str(item.reason) for item in self.left_out).most_common())

    @property
    def adds_up(self) -> bool:
        """Whether what is listed gives the number: count, numerator and, for durations, the median."""
        hours = [item.value for item in self.items if item.value is not None]
        hits = [item.is_hit for item in self.items if item.is_hit is not None]
        if len(self.items) != self.number.n:
            return False
        if hours:
            return _same(sum(hours), self.number.numerator) and _same(statistics.median(hours), self.number.value)
        if hits:
            return sum(hits) == self.number.numerator and _same(100 * sum(hits) / len(hits), self.number.value)
        return True


def explain(
    warehouse: "Warehouse", metric: str, scope: str | None = None, day: date | None = None, days: int = 28
) -> Explanation:
    """Take one number apart.

    Args:
        metric: its name or its label in ``reference.metric_catalog``.
        scope: ``TYPE:NAME``, or a name alone; the organisation if ``None``.
        day: last day of the window, in the scope's zone; the newest if ``None``.
        days: length of the window, one of `WINDOWS`.

    Raises:
        ExplainError: there is no such metric, scope or day; with the nearest ones.
        DatabaseError: the warehouse cannot be reached.
    """
    with warehouse.connect() as connection:
        try:
            name, label = _metric(connection, metric)
            found, also = _scope(connection, scope)
            return _explain(connection, name, label, found, also, day or found["last_date"], days)
        except (psycopg.errors.UndefinedTable, psycopg.errors.InvalidSchemaName):
            raise ExplainError("there are no numbers yet; `roosevelt run daily` makes them") from None


def _explain(
    connection: "psycopg.Connection[Any]",
    metric: str,
    label: str,
    scope: dict[str, Any],
    also: list[str],
    day: date,
    days: int,
) -> Explanation:
    if days not in WINDOWS:
        raise ExplainError(f"there is no window of {days} days; there are: {', '.join(map(str, WINDOWS))}")
    asked = {**scope, "metric": metric, "day": day, "days": days, "first": date.fromordinal(day.toordinal() - days + 1)}
    with connection.cursor(row_factory=class_row(Number)) as numbers:
        number = numbers.execute((_DAY if days == 1 else _WINDOW).encode(), asked).fetchone()
    if number is None:
        raise ExplainError(_no_such_day(connection, asked))
    asked |= {"window_start": number.window_start, "window_end": number.window_end}
    with connection.cursor(row_factory=class_row(Item)) as cursor:
        near = cursor.execute(_ITEMS.encode(), asked).fetchall()
        left_out = cursor.execute(_EXCLUSIONS.encode(), asked).fetchall()
    return Explanation(
        label,
        number,
        [item for item in near if item.reason is None],
        [item for item in near if item.reason is not None] + left_out,
        also,
    )


def _metric(connection: "psycopg.Connection[Any]", asked: str) -> tuple[str, str]:
    known = connection.execute(_METRICS).fetchall()
    wanted = asked.strip().lower()
    for name, label in known:
        if wanted in (name, label.lower()):
            return name, label
    alike = [name for name, label in known if wanted and (wanted in name or wanted in label.lower())]
    names = [name for name, _ in known]
    hint = f"did you mean {' or '.join(alike)}?" if alike else _nearest(wanted, names)
    raise ExplainError(f"there is no metric {asked!r}; {hint}")


def _scope(connection: "psycopg.Connection[Any]", asked: str | None) -> tuple[dict[str, Any], list[str]]:
    with connection.cursor(row_factory=dict_row) as cursor:
        known = cursor.execute(_SCOPES).fetchall()
    kind, _, name = (asked or "").rpartition(":")
    short = name.rsplit("/", 1)[-1]
    matching = [one for one in known if asked is None or one["scope"] in (name, short)]
    matching = [
        one for one in matching if one["scope_type"] == ("organization" if asked is None else kind or one["scope_type"])
    ]
    if not matching:
        names = [f"{one['scope_type']}:{one['scope']}" for one in known]
        raise ExplainError(f"there is no scope {asked or 'organization'!r}; {_nearest(asked or '', names)}")
    first, *others = sorted(matching, key=lambda one: (one["scope"] != name, _SCOPE_TYPES.index(one["scope_type"])))
    return first, [f"{one['scope_type']}:{one['scope']}" for one in others]


def _no_such_day(connection: "psycopg.Connection[Any]", asked: dict[str, Any]) -> str:
    first, last, day = asked["first_date"], asked["last_date"], asked["day"]
    what = f"{asked['scope_type']}:{asked['scope']}"
    if not first <= day <= last:
        return f"{what} has numbers from {first} to {last}, and none for {day}"
    days = [str(found) for found, _ in connection.execute(_NEAREST_DAYS, asked).fetchall()]
    return (
        f"no window of {asked['days']} days that ends on {day} is kept for {what}: of older windows, those that end on "
        f"a Sunday; the nearest end on {' and '.join(days)}. `--window 1` has every day"
    )


def _nearest(wanted: str, names: Sequence[str]) -> str:
    bare = {name.rpartition(":")[2]: name for name in reversed(names)}
    close = get_close_matches(wanted, names, n=3) or [
        bare[one] for one in get_close_matches(wanted.rpartition(":")[2], list(bare), n=3)
    ]
    return f"did you mean {' or '.join(close)}?" if close else f"there are: {', '.join(names[:20])}"


def _same(one: float, other: float | None) -> bool:
    return other is not None and abs(one - other) <= 1e-6 * max(1.0, abs(other))
