import pytest

from roosevelt_pipeline.sandbox.node_ids import global_id
from roosevelt_pipeline.sources.github.node_ids import number_in


@pytest.mark.parametrize(
    ("node_id", "number"),
    [
        ("U_kgDOADP9xw", 3407303),
        ("R_kgDOEjRWeA", 0x12345678),
        ("DE_kwDOEfb_wM8AAAAW_tw4ew", 0x16FEDC387B),
    ],
)
def test_the_number_is_read_from_a_node_id(node_id, number):
    assert number_in(node_id) == number


def test_a_number_beyond_32_bits_survives():
    assert number_in(global_id("User", 98_765_432_123)) == 98_765_432_123


@pytest.mark.parametrize("node_id", [None, 7, "", "U_", "U_!!!", "MDQ6VXNlcjE=", "LA_kwDOAAE", "X_kw"])
def test_what_is_no_such_id_has_no_number(node_id):
    assert number_in(node_id) is None
