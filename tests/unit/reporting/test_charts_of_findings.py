"""Charts of pairs and of effects: drawn from what was found, well-formed, and broken where nothing is known."""

import xml.etree.ElementTree as ElementTree

import pandas as pd
import pytest

from roosevelt_pipeline.reporting.effects import Effect
from roosevelt_pipeline.reporting.effects import svg as effects_svg
from roosevelt_pipeline.reporting.pairs import Pair
from roosevelt_pipeline.reporting.pairs import svg as pairs_svg

WEEKS = pd.date_range("2026-01-05", periods=6, freq="7D")


def parts(drawn, name):
    return [one for one in ElementTree.fromstring(drawn).iter() if one.tag.endswith(name)]


def test_a_line_is_broken_where_a_week_is_missing_and_each_has_its_own_scale():
    first = pd.Series([1.0, 2, None, 4, 5, 6], WEEKS)
    drawn = pairs_svg([Pair("team <a>", ("Focus & time", "Defects"), first, 1_000 * first.fillna(3))])

    lines = [one.get("points") for one in parts(drawn, "polyline")]
    assert [len(line.split()) for line in lines] == [2, 3, 6]
    assert lines[0].split()[0] == lines[2].split()[0]  # both begin at their least value


@pytest.mark.parametrize("values", [[], [None] * 6, [5.0] * 6])
def test_a_pair_of_which_nothing_is_known_or_nothing_changes_is_drawn_all_the_same(values):
    series = pd.Series(values, WEEKS[: len(values)], dtype=float)

    assert parts(pairs_svg([Pair("a", ("b", "c"), series, series)]), "svg")
    assert parts(pairs_svg([]), "svg")


def test_a_doubling_lies_as_far_right_of_the_middle_as_a_halving_left_and_what_is_beyond_ends_at_the_edge():
    effects = [Effect("a", 2.0, 1.0, 4.0, False), Effect("b", 0.5, 0.25, 1.0, True), Effect("c", 1e6, 1.0, 1e9, None)]

    half, double, huge = sorted(float(one.get("cx")) for one in parts(effects_svg(effects), "circle"))

    assert double - 230 == pytest.approx(230 - half)
    assert huge == 452
    assert len({one.get("fill") for one in parts(effects_svg(effects), "circle")}) == 3
