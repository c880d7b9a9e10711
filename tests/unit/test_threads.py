"""Work in threads, as whoever reads and writes tables sees it."""

import threading

import pytest

from roosevelt_pipeline.threads import worked_on


def test_results_come_in_the_order_of_the_items_whichever_is_done_first():
    first_may_go = threading.Event()

    def work(number):
        if number:
            first_may_go.set()
        else:
            assert first_may_go.wait(60)
        return -number

    assert list(worked_on(work, range(5))) == [0, -1, -2, -3, -4]


def test_items_are_taken_in_the_callers_thread_and_no_more_than_three_are_held():
    taken, whose = [], set()

    def items():
        for number in range(20):
            taken.append(number)
            whose.add(threading.current_thread())
            yield number

    held = [len(taken) - done for done, _ in enumerate(worked_on(abs, items()))]

    assert whose == {threading.current_thread()}
    assert max(held) <= 3


def test_an_error_is_raised_and_nothing_that_came_after_it_is_given():
    given = []

    with pytest.raises(ZeroDivisionError):
        given.extend(worked_on(lambda number: 1 / (number - 2), [0, 1, 2, 3, 4]))

    assert len(given) <= 2
