"""The DORA table, as the database gives it."""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import psycopg
from rich import box
from rich.table import Table

if TYPE_CHECKING:
    from roosevelt_pipeline.warehouse.connections import Warehouse

WINDOW_DAYS = 28
# The function gives the four rows that people know by name; the other two of DORA's five follow.
_QUERY = """
    with known as (
        select metric, value, unit, n, tier, target, status
        from bi.get_dora_performance_tier(p_days => %(days)s::integer)
    ),
    others (place, metric, name, tier_of) as (
        values
            (1, 'failed_deployment_recovery_time_hours', 'Failed Deployment Recovery', 'MTTR'),
            (2, 'deployment_rework_rate_pct', 'Deployment Rework Rate', null)
    )
    select known.*, 0 as place from known
    union all
    select others.name, rolling.value, rolling.unit, rolling.n, tiers.tier, known.target, rolling.status, others.place
    from others
    inner join bi.metric_rolling as rolling
        on rolling.metric = others.metric and rolling.scope_type = 'organization' and rolling.window_days = %(days)s
    inner join raw.policy_parameters as policy on rolling.metric_date = policy.as_of_date
    left join known on others.tier_of = known.metric
    left join analytics.metric_tiers as tiers
        on rolling.metric = tiers.metric and rolling.metric_date = tiers.as_of_date
        and tiers.scope_type = 'organization' and tiers.window_days = rolling.window_days
    order by place
"""
_POLICY = "select as_of_date, tier_edition, organization from raw.policy_parameters"


@dataclass(frozen=True)
class DoraTable:
    """The organisation's tiers over a window that ends with ``as_of``."""

    organization: str
    as_of: str
    edition: str
    rows: list[tuple[Any, ...]]


def read(warehouse: "Warehouse") -> DoraTable | None:
    """The current table; ``None`` before the first run that built it."""
    with warehouse.connect() as connection:
        try:
            policy = connection.execute(_POLICY).fetchone()
            rows = connection.execute(_QUERY, {"days": WINDOW_DAYS}).fetchall()
        except (psycopg.errors.UndefinedTable, psycopg.errors.UndefinedFunction, psycopg.errors.InvalidSchemaName):
            return None
    if policy is None:
        return None
    return DoraTable(str(policy[2]), str(policy[0]), str(policy[1]), rows)


def render(dora: DoraTable) -> Table:
    """For the terminal. A missing value shows its status, never a zero."""
    title = f"{dora.organization}: {WINDOW_DAYS} days to {dora.as_of}"
    table = Table(title=title, title_justify="left", box=box.SIMPLE_HEAD, pad_edge=False)
    for column in ("metric", "value", "unit", "n", "tier", "target", "edition"):
        numeric = column in ("value", "n")
        table.add_column(column, justify="right" if numeric else "left", no_wrap=numeric or column == "tier")
    for metric, value, unit, n, tier, target, status, _ in dora.rows:
        shown = _number(value) if value is not None else str(status or "no_data")
        table.add_row(metric, shown, unit or "", _number(n), tier or "-", target or "", dora.edition)
    return table


def _number(value: Any) -> str:
    if value is None:
        return "0"
    number = float(value)
    return f"{number:,.0f}" if number == int(number) and abs(number) >= 1 else f"{number:,.2f}"
