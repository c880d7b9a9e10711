"""Examples in docstrings, which say what they say."""

import doctest
from importlib import import_module

import pytest

import roosevelt_pipeline
from roosevelt_pipeline.settings import PROJECT_ROOT

PACKAGE = PROJECT_ROOT / roosevelt_pipeline.__name__
MODULES = [
    ".".join(path.relative_to(PROJECT_ROOT).with_suffix("").parts)
    for path in sorted(PACKAGE.rglob("*.py"))
    if ">>> " in path.read_text(encoding="utf-8")
]


@pytest.mark.parametrize("name", MODULES)
def test_an_example_in_a_docstring_gives_what_it_says(name):
    found = doctest.testmod(import_module(name))

    assert found.attempted
    assert not found.failed
