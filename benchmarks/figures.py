"""A measured figure beside its goal, and how tables of them are printed."""

import os
import platform
import statistics
import subprocess
import sys
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import psutil


@dataclass(frozen=True)
class Figure:
    """One line of a table.

    Attributes:
        what: what was measured, with its unit.
        measured: as it is printed.
        goal: what it should be; empty where the figure only informs.
        ratio: measured over goal, so that 1 or less is within it; of rates goal over measured.
        limited_by: what the figure is bound by.
    """

    what: str
    measured: str
    goal: str = ""
    ratio: float | None = None
    limited_by: str = ""


def at_most(what: str, measured: float, goal: float, limited_by: str = "", digits: int = 0) -> Figure:
    """A figure that should stay under its goal."""
    shown, wanted = f"{measured:,.{digits}f}", f"at most {goal:,.{digits}f}"
    return Figure(what, shown, wanted, measured / goal if goal else None, limited_by)


def at_least(what: str, runs: Sequence[float], goal: float, limited_by: str = "") -> Figure:
    """A rate, over several runs, whose median should exceed its goal."""
    middle = statistics.median(runs)
    return Figure(what, spread(runs), f"at least {goal:,.0f}", goal / middle if middle else None, limited_by)


def spread(runs: Sequence[float], digits: int = 0) -> str:
    """Least, median and greatest of several runs; the one value of a single run."""
    if len(runs) == 1:
        return f"{runs[0]:,.{digits}f}"
    return " / ".join(f"{value:,.{digits}f}" for value in (min(runs), statistics.median(runs), max(runs)))


def show(title: str, figures: Iterable[Figure], note: str = "") -> None:
    """Print a table, in Markdown, so that it can be kept as it is."""
    rows = [("figure", "measured", "goal", "ratio", "limited by")]
    for one in figures:
        ratio = "" if one.ratio is None else f"{one.ratio:.2f}"
        rows.append((one.what, one.measured, one.goal, ratio, one.limited_by))
    widths = [max(len(row[column]) for row in rows) for column in range(5)]
    rows.insert(1, tuple("-" * width for width in widths))  # type: ignore[arg-type]
    print(f"\n### {title}\n")
    for row in rows:
        print("| " + " | ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)) + " |")
    if note:
        print(f"\n{note}")
    sys.stdout.flush()


def machine() -> str:
    """Where, when and of which state of the code the figures are."""
    memory = psutil.virtual_memory().total / 2**30
    load = os.getloadavg()[0]
    return (
        f"{datetime.now(UTC):%Y-%m-%d}, commit {_commit()}, {os.cpu_count()} cores, {memory:.0f} GB, "
        f"{platform.system()}, Python {platform.python_version()}; load before the start {load:.1f}"
    )


def _commit() -> str:
    asked = ["git", "describe", "--always", "--dirty", "--exclude", "*"]
    told = subprocess.run(asked, cwd=Path(__file__).parent, capture_output=True, text=True, check=False)
    return told.stdout.strip() or "unknown"
