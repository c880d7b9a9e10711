"""Receivers at real addresses, and the published examples of what GitHub sends them."""

import contextlib
import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from roosevelt_pipeline.warehouse.connections import Warehouse
from tests.support import door as doors
from tests.support.door import Door

EXAMPLES = json.loads((Path(__file__).parents[2] / "contract" / "webhooks.excerpt.json").read_text("utf-8"))


def example(event: str) -> dict[str, Any]:
    """The first published example of an event."""
    return next(one["payload"] for one in EXAMPLES if one["event"] == event)


@pytest.fixture
def open_door() -> Iterator[Callable[..., Door]]:
    """Opens receivers that close with the test."""
    with contextlib.ExitStack() as stack:
        yield lambda *arguments, **secrets: stack.enter_context(doors.open_door(*arguments, **secrets))


@pytest.fixture
def door(open_door: Callable[..., Door], fresh_warehouse: Warehouse) -> Door:
    return open_door(fresh_warehouse)
