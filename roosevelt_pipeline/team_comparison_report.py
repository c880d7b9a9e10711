"""What was compared, as a page for whoever runs Roosevelt: how the teams are spread, and of none where it stands."""

from roosevelt_pipeline.metric_series import records
from roosevelt_pipeline.reporting.spreads import Spread, as_markdown
from roosevelt_pipeline.team_comparison import Compared


def report(compared: Compared) -> str:
    """Markdown. Quartiles alone: what a team sees of itself and of the others is for that team."""
    positions = compared.positions
    if positions.empty and not compared.too_small:
        return "No team takes part. `compared = true` beside a team in `roosevelt.toml` says that it does."
    told = positions[positions["status"] == "ok"].drop_duplicates("metric")
    few = sorted(set(positions["label"]) - set(told["label"]))
    parts = [
        f"Teams that take part: {positions['audience'].nunique()}; metrics that are compared: {len(told)}. What each "
        "team sees is in `analytics.team_comparison`, for that team alone."
    ]
    if len(told):
        parts.append(as_markdown([_spread(row) for row in records(told)], "the middle half of the teams"))
    if few:
        parts.append(f"Too few teams have a value of: {', '.join(few)}.")
    if compared.too_small:
        parts.append(f"Teams that would take part and have too few members: {len(compared.too_small)}.")
    return "\n\n".join(parts)


def _spread(row: dict[str, object]) -> Spread:
    low, median, high = (float(str(row[name])) for name in ("quartile_low", "median", "quartile_high"))
    unit = "%" if row["unit"] == "percent" else row["unit"]
    return Spread(f"{row['label']} ({unit}), {row['teams_count']} teams", low, median, high)
