"""What was found, as a list of Markdown: the first of it, each with the command that opens it up."""

import pandas as pd


def listed(title: str, rows: pd.DataFrame, most: int) -> str:
    """The first ``most`` rows (``said``, ``opened_by``) and how many more there are; empty where there is none."""
    if rows.empty:
        return ""
    lines = [f"- {one.said} `{one.opened_by}`" for one in rows.head(most).itertuples()]
    more = len(rows) - most
    return "\n".join([f"**{title}**", "", *lines, *([f"- and {more} more"] if more > 0 else [])])
