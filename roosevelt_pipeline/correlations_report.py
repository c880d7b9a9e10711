"""What was seen to move together, as a page: what was asked for first, with charts; then what else turned up."""

from collections.abc import Mapping
from typing import Any

import pandas as pd

from roosevelt_pipeline.correlations import Looked, start_of
from roosevelt_pipeline.metric_series import records
from roosevelt_pipeline.reporting.pairs import Pair, as_markdown

PERIODS_SHOWN = 52
MOST_CHARTS, MOST_SENTENCES = 3, 15


def report(looked: Looked) -> str:
    """Markdown. Says how much was looked at, and that what was not seen may be there all the same."""
    counts = looked.counts
    seen = looked.comparisons[looked.comparisons["is_significant"].astype(bool)]
    asked = seen[seen["is_asked"].astype(bool)]
    others = seen[~seen["is_asked"].astype(bool)]
    parts = [
        f"{counts['tested']:,} of {len(looked.comparisons):,} comparisons could be tested; {counts['significant']} "
        f"moved together at a false-discovery rate of 5 %, {counts['strong']} of them strongly. It does not say why."
    ]
    shown, what = (pd.concat([asked, others]), "what moved together") if len(seen) else (_unseen(looked), "asked for")
    if len(shown):
        parts.append(as_markdown([_pair(looked, row) for row in records(shown.head(MOST_CHARTS))], what))
    parts += [_list("Asked for", asked), _list("Turned up", others)]
    return "\n\n".join(part for part in parts if part)


def _unseen(looked: Looked) -> pd.DataFrame:
    """Where nothing moved together: the organisation's pairs that were asked for and tested, in the same period."""
    rows = looked.comparisons
    is_asked = rows["is_asked"].astype(bool) & (rows["scope_type"] == "organization")
    return rows[is_asked & (rows["status"] == "ok") & (rows["lag_periods"] == 0)]


def _list(title: str, rows: pd.DataFrame) -> str:
    if rows.empty:
        return ""
    more = len(rows) - MOST_SENTENCES
    lines = [f"- {said}" for said in rows["said"].head(MOST_SENTENCES)]
    return "\n".join([f"**{title}**", "", *lines, *([f"- and {more} more"] if more > 0 else [])])


def _pair(looked: Looked, row: Mapping[str, Any]) -> Pair:
    of = (row["scope_type"], row["scope"])
    first, second = (_values(looked, of, row[name], row["period"]) for name in ("metric_a", "metric_b"))
    names = (looked.labels[row["metric_a"]], looked.labels[row["metric_b"]])
    lag = f", {row['lag_periods']:+} {row['period']}s" if row["lag_periods"] else ""
    seen = "" if row["is_significant"] else ": not seen to move together"
    return Pair(f"{row['scope_type']} {row['scope']}{lag}{seen}", names, first, second)


def _values(looked: Looked, of: tuple[str, str], metric: str, period: str) -> pd.Series:
    series = looked.series
    row = series[(series["scope"] == of) & (series["metric"] == metric) & (series["period"] == period)].iloc[0]
    values = pd.Series(row["value"], [pd.Timestamp(start_of(int(at), period)) for at in row["at"]], dtype=float)
    if row["law"] == "ratio":
        values = 100 * values / pd.Series(row["n"], values.index, dtype=float)
    return values.sort_index().tail(PERIODS_SHOWN)
