"""Forecasts as a page: the organisation's weeks as charts, the ways into better tiers, and who got none."""

import pandas as pd

from roosevelt_pipeline.forecasts import Calibration, Outlook
from roosevelt_pipeline.forecasts_rows import Shown
from roosevelt_pipeline.reporting.charts import image
from roosevelt_pipeline.reporting.effects import Effect, as_markdown
from roosevelt_pipeline.reporting.fans import Fan, svg

WEEKS_SHOWN = 26
MOST_CHARTS, MOST_SENTENCES = 4, 12
FIRST_SHOWN = ("deployment_frequency_per_day", "change_lead_time_hours", "change_failure_rate_pct",
               "failed_deployment_recovery_time_hours")  # fmt: skip
_ERRORS = "the model's error over that of last week again: median, eight of ten series"
_METHODS = {"paths": "", "seasonal_naive": " (last week again: the model was not better)"}


def report(found: Outlook) -> str:
    """Markdown. Says how many series have which forecast, and why others have none."""
    told = found.states["method"].where(found.states["status"] == "ok", found.states["status"])
    counts = told.value_counts()
    parts = [
        f"{counts.get('paths', 0)} forecasts by the model, {counts.get('seasonal_naive', 0)} by the last week again, "
        f"{len(told) - counts.get('paths', 0) - counts.get('seasonal_naive', 0)} series without one."
    ]
    first = [name for name in FIRST_SHOWN if name in found.shown]
    names = [*first, *sorted(found.shown.keys() - set(first))][:MOST_CHARTS]
    if names:
        parts.append(image(svg([_fan(found.shown[name]) for name in names]), "the organisation, week by week"))
    parts += [_ways(found.tiers), _without(found.states)]
    return "\n\n".join(part for part in parts if part)


def _fan(shown: Shown) -> Fan:
    past = shown.past[shown.past.index > shown.past.index[-1] - pd.Timedelta(weeks=WEEKS_SHOWN)]
    return Fan(f"{shown.label}{_METHODS[shown.method]}", f"{shown.unit} a week" if _adds_up(shown) else shown.unit,
               past, shown.ahead)  # fmt: skip


def _adds_up(shown: Shown) -> bool:
    return shown.unit not in ("percent", "hours")


def _ways(tiers: pd.DataFrame) -> str:
    """The best tier of each, the organisation first, then by how near the decision is."""
    if tiers.empty:
        return ""
    ahead = tiers[~tiers["is_reached"].astype(bool) & (tiers["target_tier"] == "Elite")]
    doubt = (ahead["probability_90_days"].astype(float) - 0.5).abs()
    order = pd.DataFrame({"whole": ahead["scope_type"] != "organization", "doubt": doubt}).sort_values(
        ["whole", "doubt"], kind="stable"
    )
    lines = [f"- {said}" for said in ahead.loc[order.index, "said"].head(MOST_SENTENCES)]
    return "\n".join(["**Ways to Elite**", "", *lines]) if lines else ""


def _without(states: pd.DataFrame) -> str:
    none = states[(states["status"] != "ok") & (states["scope_type"] == "organization")]
    lines = [f"- {one.metric} by {one.grain}: {one.said}" for one in none.itertuples()]
    return "\n".join(["**Without a forecast (the organisation)**", "", *lines]) if lines else ""


def backtest_report(rows: pd.DataFrame) -> str:
    """Markdown: by how much the model's errors were smaller, as a chart over the series, and the table."""
    rows = rows.assign(mase=rows["mase"].astype(float))
    both = rows.pivot_table(index=["grain", "scope_type", "scope", "metric"], columns="method", values="mase")
    if not {"paths", "seasonal_naive"} <= set(both.columns):
        return backtest_table(rows)
    both = both[(both["seasonal_naive"] > 0) & (both["paths"] > 0)]
    effects = []
    for grain, some in (both["paths"] / both["seasonal_naive"]).groupby("grain"):
        low, middle, high = (float(one) for one in some.quantile([0.1, 0.5, 0.9]))
        effects.append(Effect(f"by {grain}, {len(some)} series", middle, low, high, is_good=middle < 1))
    drawn = as_markdown(effects, "errors of the model over those of last week again", _ERRORS)
    return f"{drawn}\n\n{backtest_table(rows)}" if effects else backtest_table(rows)


def backtest_table(rows: pd.DataFrame) -> str:
    """Medians over series (of coverage the mean), by grain and method: one that hardly ever changed has no scale."""
    if rows.empty:
        return "Too little history to look back from any day."
    lines = [
        "| grain | method | series | scaled error | pinball loss | coverage (0.80) |",
        "| --- | --- | --- | --- | --- | --- |",
    ]
    for (grain, method), some in rows.groupby(["grain", "method"]):
        typical = some[["mase", "pinball_loss"]].astype(float).median()
        coverage = float(some["coverage_ratio"].astype(float).mean())
        lines.append(f"| {grain} | {method} | {len(some)} | {typical['mase']:.2f} | {typical['pinball_loss']:.2f} "
                     f"| {coverage:.2f} |")  # fmt: skip
    return "\n".join(lines)


def calibration_metadata(found: Calibration) -> dict[str, float | int]:
    """Plain numbers for a check's result."""
    told: dict[str, float | int] = {"better": found.better, "judged": found.judged, "periods": found.n}
    return told if found.coverage is None else told | {"coverage": round(found.coverage, 3)}
