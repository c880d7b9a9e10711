"""What a reader sees of a forecast, by its geometry."""

import re

import numpy as np
import pandas as pd

from roosevelt_pipeline.reporting.fans import Fan, svg

SUNDAYS = pd.date_range("2026-01-04", periods=8, freq="7D")


def fan(past=(4.0, np.nan, 8.0, 6.0), title="Deployments"):
    ahead = pd.DataFrame({"p10": [3.0] * 4, "p50": [5.0] * 4, "p90": [7.0] * 4}, SUNDAYS[4:])
    return Fan(title, "a week", pd.Series(past, SUNDAYS[:4]), ahead)


def heights(drawn):
    return [float(one) for one in re.findall(r'<rect x="[\d.]+" y="[\d.]+" width="[\d.]+" height="([\d.]+)"', drawn)]


def test_bars_are_as_high_as_their_weeks_and_a_missing_week_is_a_gap():
    bars = heights(svg([fan()]))

    assert len(bars) == 3
    assert round(bars[1] / bars[0], 1) == 2.0


def test_the_middle_lies_within_the_band():
    drawn = svg([fan()])
    band = [float(one.split(",")[1]) for one in re.search(r'polygon points="([^"]+)"', drawn).group(1).split()]
    middle = [float(one.split(",")[1]) for one in re.search(r'polyline points="([^"]+)"', drawn).group(1).split()]

    assert min(band) < min(middle) <= max(middle) < max(band)  # downwards: p90 is the smaller


def test_titles_cannot_bring_markup_and_empty_series_do_not_break():
    assert "<script>" not in svg([fan(title="<script>")])
    assert "week to" in svg([Fan("x", "hours", pd.Series([], pd.DatetimeIndex([]), dtype=float), fan().ahead)])
