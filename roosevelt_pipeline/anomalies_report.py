"""What a search for anomalies found, as a page: the open alerts as charts and sentences, then what is better."""

from typing import Any

import numpy as np
import pandas as pd

from roosevelt_pipeline.alert_settings import measures
from roosevelt_pipeline.anomalies import Search
from roosevelt_pipeline.metric_series import records
from roosevelt_pipeline.reporting.charts import Panel, as_markdown
from roosevelt_pipeline.reporting.sentences import listed

WEEKS_SHOWN = 26
MOST_CHARTS, MOST_SENTENCES = 4, 15


def report(found: Search) -> str:
    """Markdown. Says so where nothing is open, and of how many series that can be said."""
    states = found.series["status"].value_counts()
    searched = f"{int(states.get('ok', 0))} of {len(found.series)} series can be judged."
    open_ones = found.anomalies[found.anomalies["state"] == "open"]
    worse = open_ones[open_ones["is_alert"].astype(bool)]
    better = open_ones[~open_ones["is_alert"].astype(bool)]
    parts = [f"{len(worse)} open alerts, {len(better)} open improvements. {searched}"]
    if len(worse):
        panels = [_panel(found, row) for row in records(worse.head(MOST_CHARTS))]
        parts.append(as_markdown(panels, "open alerts, week by week"))
    parts += [listed("Worse", worse, MOST_SENTENCES), listed("Better", better, MOST_SENTENCES)]
    return "\n\n".join(part for part in parts if part)


def _panel(found: Search, row: dict[str, Any]) -> Panel:
    values = found.values[row["scope_type"], row["scope"], row["metric"]]
    last = values.index[-1]
    weeks = values[values.index > last - pd.Timedelta(days=7 * WEEKS_SHOWN)]
    is_count = measures().get(row["metric"]) == "count"
    age = np.asarray((last - weeks.index).days) // 7
    by_week = weeks.groupby(last - pd.to_timedelta(7 * age, unit="D"))
    expected = row["expected_value"] * 7 / row["window_days"] if is_count else row["expected_value"]
    shown = by_week.sum(min_count=1) if is_count else by_week.median()
    title = f"{row['scope_type']} {row['scope']}: {row['metric']}"
    unit = f"{row['unit']} a week" if is_count else f"{row['unit']}, median of the week's days"
    return Panel(title, unit, shown, float(expected), pd.Timestamp(row["onset_date"]))
