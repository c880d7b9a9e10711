"""What the warehouse knows of relations that stand as the project made them."""

import pytest

from roosevelt_pipeline.warehouse.connections import Role
from roosevelt_pipeline.warehouse.settled import settle, settled


@pytest.fixture
def connection(fresh_warehouse):
    with fresh_warehouse.connect(Role.TRANSFORM) as connected:
        connected.execute("create view staging.a as select 1; create view staging.b as select 2")
        settle(connected, "today's", ["staging.a", "staging.b", "staging.never_made"])
        yield connected


def test_what_was_made_and_stands_is_settled(connection):
    assert settled(connection, "today's") == {"staging.a", "staging.b"}


def test_nothing_is_once_a_file_of_the_project_is_another(connection):
    assert settled(connection, "tomorrow's") == set()
    settle(connection, "tomorrow's", ["staging.b"])
    assert settled(connection, "tomorrow's") == {"staging.b"}
    assert settled(connection, "today's") == {"staging.a"}


def test_neither_what_was_dropped_nor_what_somebody_made_by_hand_is(connection):
    connection.execute("drop view staging.a; drop view staging.b; create view staging.b as select 3")

    assert settled(connection, "today's") == set()
