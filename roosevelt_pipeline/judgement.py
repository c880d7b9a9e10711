"""Marts in, analytics out: where the pure statistics of ``stats/`` meet the warehouse's tables."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

import pandas as pd
from psycopg import sql
from psycopg.rows import class_row

from roosevelt_pipeline.stats.tiers import with_tiers
from roosevelt_pipeline.warehouse.connections import Role, Warehouse
from roosevelt_pipeline.warehouse.frames import read_frame, replace_rows

_EDITION = sql.SQL("select * from reference.tier_editions where edition = %s")
_METRICS = sql.SQL(
    """
    select metric_date as as_of_date, scope_type, scope, metric, window_days, value::double precision, unit, n, status
    from marts.fct_metric_rolling
    where
        metric_date = (select max(metric_date) from marts.fct_metric_rolling)
        and metric in (select metric from reference.tier_editions where edition = %s)
    """
)
_MISSING = sql.SQL(
    """
    select windows.window_days || ' days: ' || bands.metric
    from (select distinct metric, edition from reference.tier_editions) as bands
    cross join (values (7), (28), (90)) as windows (window_days)
    inner join (select max(as_of_date) as as_of_date, max(edition) as edition from analytics.metric_tiers) as newest
        on bands.edition = newest.edition
    where not exists (
        select 1
        from analytics.metric_tiers as judged
        where
            judged.as_of_date = newest.as_of_date
            and judged.scope_type = 'organization'
            and judged.metric = bands.metric
            and judged.window_days = windows.window_days
    )
    order by 1
    """
)
_CHANGES = sql.SQL(
    """
    select scope_type, scope, metric, window_days, previous_tier, tier, previous_edition, edition, value, unit, n
    from analytics.metric_tier_spells
    where is_current and previous_tier is not null and since_date = (select max(as_of_date) from analytics.metric_tiers)
    order by scope_type, scope, metric, window_days
    """
)


class UnknownEdition(ValueError):
    """The policy names an edition of the tiers that does not exist. Says which do."""


def judge_tiers(warehouse: Warehouse, edition: str) -> dict[str, int]:
    """Write ``analytics.metric_tiers`` for the newest day of the marts; other days' rows stay.

    Returns:
        how many rows fell into each tier, those without one under ``no tier``.

    Raises:
        UnknownEdition: there are no cut-offs of that name.
    """
    with warehouse.connect(Role.ANALYTICS) as connection:
        bands = read_frame(connection, _EDITION, [edition])
        if bands.empty:
            known = read_frame(connection, sql.SQL("select distinct edition from reference.tier_editions order by 1"))
            names = ", ".join(known["edition"])
            raise UnknownEdition(f"metrics.tier_edition: there is no edition {edition!r}; there are: {names}")
        metrics = read_frame(connection, _METRICS, [edition])
        judged = with_tiers(metrics, bands).assign(edition=edition)
        replace_rows(connection, "analytics", "metric_tiers", judged, where={"as_of_date": _only_day(judged)})
    return {str(tier): int(count) for tier, count in judged["tier"].fillna("no tier").value_counts().items()}


@dataclass(frozen=True)
class Change:
    """A scope, metric and window whose tier or edition is not what it was on the as-of date before.

    Attributes:
        tier: "Insufficient data" is one here: a service that can be judged at last has changed.
        value: missing where there is nothing to measure.
    """

    scope_type: str
    scope: str
    metric: str
    window_days: int
    previous_tier: str
    tier: str
    previous_edition: str
    edition: str
    value: float | None
    unit: str
    n: int | None


def changed_tiers(warehouse: Warehouse) -> list[Change]:
    """What the newest as-of date changed."""
    with warehouse.connect(Role.ANALYTICS) as connection, connection.cursor(row_factory=class_row(Change)) as cursor:
        return cursor.execute(_CHANGES).fetchall()


def changes_table(changes: Sequence[Change]) -> str:
    """The changes as a Markdown table; the edition stands with every tier."""
    lines = ["| scope | metric | days | was | is | value | n |", "| --- | --- | --- | --- | --- | --- | --- |"]
    for one in changes:
        was, now = f"{one.previous_tier} ({one.previous_edition})", f"{one.tier} ({one.edition})"
        value = "-" if one.value is None else f"{one.value:.2f} {one.unit}"
        cells = [f"{one.scope_type} {one.scope}", one.metric, one.window_days, was, now, value, one.n]
        lines.append(f"| {' | '.join('-' if cell is None else str(cell) for cell in cells)} |")
    return "\n".join(lines) if changes else "No tier changed."


def missing_judgements(warehouse: Warehouse) -> list[str]:
    """Metrics and windows of the newest day that the organisation has no row for; all of them if there is no day."""
    with warehouse.connect(Role.ANALYTICS) as connection:
        if read_frame(connection, sql.SQL("select 1 from analytics.metric_tiers limit 1")).empty:
            return ["everything"]
        return [str(name) for name in read_frame(connection, _MISSING).iloc[:, 0]]


def _only_day(judged: pd.DataFrame) -> date | None:
    return None if judged.empty else judged["as_of_date"].iloc[0]
