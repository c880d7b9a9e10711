"""Our own search, asked as a detector: series in, rows of alerts out."""

from collections.abc import Sequence
from datetime import date

import numpy as np
import pandas as pd

from benchmarks.anomalies.generator import days_off
from benchmarks.anomalies.labels import Labelled
from roosevelt_pipeline.stats.anomalies.parameters import Parameters, SurveyParameters
from roosevelt_pipeline.stats.anomalies.search import search
from roosevelt_pipeline.stats.anomalies.surveys import search_surveys
from roosevelt_pipeline.stats.panels import Panel


def panel_of(law: str, series: Sequence[Labelled]) -> tuple[Panel, list[int]]:
    first = min(one.first for one in series)
    last = max(one.days[-1] for one in series)
    days = pd.date_range(first, last)
    shape = (len(series), len(days))
    value, n, quiet = np.full(shape, np.nan), np.zeros(shape), np.zeros(shape, bool)
    offsets = []
    for row, one in enumerate(series):
        at = (pd.Timestamp(one.first) - days[0]).days
        offsets.append(at)
        place = slice(at, at + len(one.value))
        value[row, place], n[row, place] = one.value, one.n
        quiet[row, place] = is_quiet(one.first, len(one.value), one.country)
    return Panel(law, days, value, n, np.array([one.bad == "high" for one in series]), quiet), offsets


def is_quiet(first: date, length: int, country: str) -> np.ndarray:
    days = pd.date_range(first, periods=length)
    christmas = ((days.month == 12) & (days.day >= 23)) | ((days.month == 1) & (days.day <= 2))
    christmas = np.asarray(christmas)
    return days_off(first, length, country) | christmas if country else christmas


def ours(
    series: Sequence[Labelled], parameters: Parameters | None = None, surveys: SurveyParameters | None = None
) -> list[list[int]]:
    alerts: list[list[int]] = [[] for _ in series]
    for law in ("count", "ratio", "duration", "mean"):
        which = [number for number, one in enumerate(series) if one.law == law]
        if which:
            panel, offsets = panel_of(law, [series[number] for number in which])
            for finding in search(panel, parameters):
                if finding.is_bad:
                    alerts[which[finding.series]].append(finding.found - offsets[finding.series])
    which = [number for number, one in enumerate(series) if one.law == "survey"]
    if which:
        asked = [series[number] for number in which]
        value, spread, n = (np.stack([getattr(one, name) for one in asked]) for name in ("value", "spread", "n"))
        for finding in search_surveys(value, spread, n, np.array([one.bad == "high" for one in asked]), surveys):
            if finding.is_bad:
                alerts[which[finding.series]].append(finding.found)
    return alerts
