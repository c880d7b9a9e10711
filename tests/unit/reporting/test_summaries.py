"""The monthly page, as it is drawn."""

import xml.etree.ElementTree as ElementTree
from datetime import date

from roosevelt_pipeline.reporting.summaries import Chart, Figure, Summary, as_html, as_markdown, svg

CHART = Chart("Deployments <a week>", [(date(2026, 3, 2), 10.0, False), (date(2026, 3, 9), None, True),
                                       (date(2026, 3, 16), 20.0, True)])  # fmt: skip
SUMMARY = Summary(
    "Helios & Sons", date(2026, 3, 1), ["All <well>."],
    [
        Figure("Change failure rate", "percent", 12.5, None, 40, 0, (5.4, 26.1), "Elite"),
        Figure("Recovery time", "hours", None, 3.25, 0, 4),
    ],
    [CHART] * 3, ["Fridays & Mondays"], ["Data up to 2026-04-05."],
)  # fmt: skip


def test_unknown_is_said_to_be_unknown_and_never_nought():
    page = as_markdown(SUMMARY)

    assert "| Change failure rate | 12.5 %, 95 % interval 5 to 26, n = 40 | unknown, n = 0 | Elite |" in page
    assert "| Recovery time | unknown, n = 0 | 3.25 hours, n = 4 | – |" in page


def test_the_page_needs_nothing_else_and_nothing_in_it_is_taken_for_markup():
    page = as_html(SUMMARY)

    assert "Helios &amp; Sons: delivery in March 2026" in page
    assert "All &lt;well&gt;." in page
    assert "Fridays &amp; Mondays" in page
    assert page.count("<svg") == 3
    assert not any(word in page for word in ("<script", "<link", "src=", "href="))
    ElementTree.fromstring(
        page.removeprefix("<!doctype html>")
        .replace('<meta charset="utf-8">', "")
        .replace('<meta name="viewport" content="width=device-width, initial-scale=1">', "")
    )


def test_a_chart_has_a_bar_for_each_known_week_and_the_months_in_colour():
    drawn = ElementTree.fromstring(svg(CHART))

    bars = [one for one in drawn if one.tag.endswith("rect")][1:]
    assert len(bars) == 2
    low, high = (float(one.get("height")) for one in bars)
    assert high == 2 * low
    assert len({one.get("fill") for one in bars}) == 2


def test_a_month_in_which_nothing_stood_out_says_so():
    assert "Nothing stood out beyond chance." in as_markdown(Summary("H", date(2026, 3, 1), [], [], [], [], []))
