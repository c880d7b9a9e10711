"""What a day has to tell, as a page: what is new as a chart and sentences, then what is known already."""

from typing import Any

import pandas as pd

from roosevelt_pipeline.insights import Told
from roosevelt_pipeline.metric_series import records
from roosevelt_pipeline.reporting.effects import Effect, as_markdown
from roosevelt_pipeline.reporting.sentences import listed

MOST_EFFECTS, MOST_SENTENCES = 8, 12


def report(told: Told) -> str:
    """Markdown. Says how much was asked, and of how much the data cannot tell."""
    counts = told.counts
    asked, open_ones = len(told.questions), counts.get("questions_not_enough_data", 0)
    new = told.insights[told.insights["is_told"].astype(bool)]
    known = told.insights[told.insights["told_because"] == "known"]
    parts = [
        f"{len(new)} insights to tell, {len(known)} known already, from {asked:,} questions; for {open_ones:,} there "
        f"is not enough data."
    ]
    if len(new):
        effects = new[new["effect_ratio"].notna()].head(MOST_EFFECTS)
        parts.append(as_markdown([_effect(row) for row in records(effects)], "what is to be told"))
    parts += [listed("To tell", new, MOST_SENTENCES), listed("Known already", known, MOST_SENTENCES)]
    return "\n\n".join(part for part in parts if part)


def _effect(row: dict[str, Any]) -> Effect:
    scope = "the organisation" if row["scope_type"] == "organization" else f"{row['scope_type']} {row['scope']}"
    is_good = None if pd.isna(row["direction"]) else row["direction"] == "better"
    return Effect(f"{scope}: {_about(row)}", row["effect_ratio"], row["ratio_low"], row["ratio_high"], is_good)


def _about(row: dict[str, Any]) -> str:
    """What a line of the chart is about, as short as it can be."""
    kind, metric, subject = (str(row[name]).replace("_", " ") for name in ("kind", "metric", "subject"))
    if row["kind"] == "last_week":
        return f"{metric}, last week"
    if row["kind"] == "trend":
        return f"{metric}, {subject}"
    return kind if kind == subject else f"{kind}, {subject}"
