"""The SPACE table, as the database gives it: scores of the organisation, of groups that are large enough."""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import psycopg
from rich import box
from rich.table import Table

if TYPE_CHECKING:
    from roosevelt_pipeline.warehouse.connections import Warehouse

WEEKS = 4
_QUERY = """
    select dimension, current_score, unit, n, trend, change, benchmark, status, window_start, window_end
    from bi.get_space_scores(p_weeks => %(weeks)s::integer)
"""


@dataclass(frozen=True)
class SpaceTable:
    """Scores over weeks that end before ``end``."""

    start: str
    end: str
    rows: list[tuple[Any, ...]]


def read(warehouse: "Warehouse") -> SpaceTable | None:
    """The current table; ``None`` before anything about a group was published."""
    with warehouse.connect() as connection:
        try:
            found = connection.execute("select exists (select from published.space_figures)").fetchone()
            rows = connection.execute(_QUERY, {"weeks": WEEKS}).fetchall()
        except (psycopg.errors.UndefinedTable, psycopg.errors.UndefinedFunction, psycopg.errors.InvalidSchemaName):
            return None
    if not found or not found[0]:
        return None
    return SpaceTable(str(rows[0][8]), str(rows[0][9]), [row[:8] for row in rows])


def render(space: SpaceTable) -> Table:
    """For the terminal. A missing value shows its status, never a zero."""
    title = f"SPACE: {WEEKS} weeks before {space.end}"
    table = Table(title=title, title_justify="left", box=box.SIMPLE_HEAD, pad_edge=False)
    for column in ("dimension", "score", "unit", "n", "rating", "change", "benchmark"):
        numeric = column in ("score", "n", "change")
        table.add_column(column, justify="right" if numeric else "left", no_wrap=numeric or column == "rating")
    for dimension, score, unit, n, rating, change, benchmark, status in space.rows:
        shown = f"{float(score):,.2f}" if score is not None else str(status)
        moved = "" if change is None else f"{float(change):+,.2f}"
        judged = rating if status == "ok" else "-"
        table.add_row(dimension, shown, unit or "", "" if n is None else str(n), judged, moved, benchmark or "")
    return table
