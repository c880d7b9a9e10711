import threading
from contextlib import contextmanager

import pytest

from roosevelt_pipeline.sources.github.crew import at_once
from roosevelt_pipeline.sources.github.errors import Halted


class Desk:
    """Connections that are numbers, and a bell that ends whoever waits."""

    def __init__(self):
        self.opened, self.closed, self.rung = 0, 0, threading.Event()

    @contextmanager
    def connect(self):
        self.opened += 1
        try:
            yield self.opened
        finally:
            self.closed += 1

    def wait(self, _connection):
        self.rung.wait()
        raise Halted

    def all(self, groups, workers=3):
        return at_once(groups, self.connect, workers, self.rung.set)


@pytest.fixture
def desk():
    return Desk()


def test_results_come_in_the_order_of_their_groups_whatever_ends_first(desk):
    later = threading.Event()

    def first(_):
        later.wait()
        return "slow"

    def second(_):
        later.set()
        return "quick"

    assert list(desk.all([[first, lambda _: "beside"], [second], []])) == [["slow", "beside"], ["quick"], []]


def test_no_more_connections_are_opened_than_there_are_tasks(desk):
    assert list(desk.all([[lambda connection: connection]], workers=8)) == [[1]]
    assert (desk.opened, desk.closed) == (1, 1)


def test_the_first_error_ends_everybody_and_nothing_more_is_begun(desk):
    begun = []

    def break_down(_):
        raise ValueError("no budget")

    with pytest.raises(ValueError, match="no budget"):
        list(desk.all([[desk.wait, desk.wait, break_down], [begun.append]]))

    assert begun == []
    assert desk.opened == desk.closed


def test_a_caller_that_stops_early_waits_until_everybody_has_ended(desk):
    results = desk.all([[lambda _: "done"], [desk.wait, desk.wait]])

    assert next(results) == ["done"]
    results.close()

    assert desk.rung.is_set()
    assert desk.opened == desk.closed


def test_whoever_ends_well_leaves_the_bell_alone(desk):
    list(desk.all([[lambda _: 1], [lambda _: 2]]))

    assert not desk.rung.is_set()
