"""The DORA table, as the database gives it."""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import psycopg
from rich.table import Table

if TYPE_CHECKING:
    from roosevelt_pipeline.warehouse.connections import Warehouse

WINDOW_DAYS = 28
_QUERY = """
    select metric, value, unit, n, tier, target, status
    from bi.get_dora_performance_tier(p_days => %s::integer)
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
            rows = connection.execute(_QUERY, [WINDOW_DAYS]).fetchall()
        except (psycopg.errors.UndefinedTable, psycopg.errors.UndefinedFunction, psycopg.errors.InvalidSchemaName):
            return None
    if policy is None:
        return None
    return DoraTable(str(policy[2]), str(policy[0]), str(policy[1]), rows)


def render(dora: DoraTable) -> Table:
    """For the terminal. A missing value shows its status, never a zero."""
    title = f"{dora.organization}: {WINDOW_DAYS} days to {dora.as_of}"
    table = Table(title=title, title_justify="left")
    for column in ("metric", "value", "unit", "n", "tier", "target", "edition"):
        table.add_column(column, justify="right" if column in ("value", "n") else "left", no_wrap=True)
    for metric, value, unit, n, tier, target, status in dora.rows:
        shown = _number(value) if value is not None else str(status or "no_data")
        table.add_row(metric, shown, unit or "", _number(n), tier or "-", target or "", dora.edition)
    return table


def _number(value: Any) -> str:
    if value is None:
        return "0"
    number = float(value)
    return f"{number:,.0f}" if number == int(number) and abs(number) >= 1 else f"{number:,.2f}"
