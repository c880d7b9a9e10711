"""Several readers at once: threads that take tasks in order, each with a connection of its own.

What one reads does not concern the others, so a task's results are its own. An error is
different: it means that nothing more can be read. The first one stops everybody, after the
page that each is at, and is what the caller gets.
"""

import threading
from collections import deque
from collections.abc import Callable, Generator, Sequence
from contextlib import AbstractContextManager
from typing import Any, Generic, TypeVar

import psycopg

from roosevelt_pipeline.sources.github.errors import Halted

T = TypeVar("T")
Task = Callable[["psycopg.Connection[Any]"], T]


def at_once(
    groups: Sequence[Sequence[Task[T]]],
    connect: Callable[[], AbstractContextManager["psycopg.Connection[Any]"]],
    workers: int,
    halt: Callable[[], None],
) -> Generator[list[T], None, None]:
    """Do the tasks of all groups, several at a time; the results of each group, in the order of the groups.

    Args:
        connect: opens a thread's connection, and tells of one that is lost.
        workers: how many threads there are at most.
        halt: makes tasks that are under way raise `Halted` at their next step.

    Raises:
        BaseException: the first that a task raised. Nothing runs any more by then, nor when the caller stops early.
    """
    crew = _Crew(groups, connect, halt)
    threads = [
        threading.Thread(target=crew.work, name=f"reader {number}", daemon=True)
        for number in range(1, min(workers, sum(map(len, groups))) + 1)
    ]
    for thread in threads:
        thread.start()
    try:
        for place in range(len(groups)):
            yield crew.results_of(place)
    except BaseException:  # also of a caller that wants no more
        crew.stop(Halted())
        raise
    finally:
        for thread in threads:
            thread.join()


class _Crew(Generic[T]):
    def __init__(
        self,
        groups: Sequence[Sequence[Task[T]]],
        connect: Callable[[], AbstractContextManager["psycopg.Connection[Any]"]],
        halt: Callable[[], None],
    ) -> None:
        self._connect, self._halt = connect, halt
        self._waiting = deque(
            (place, turn, task) for place, tasks in enumerate(groups) for turn, task in enumerate(tasks)
        )
        self._results: list[dict[int, T]] = [{} for _ in groups]
        self._sizes = [len(tasks) for tasks in groups]
        self._changed = threading.Condition()
        self._error: BaseException | None = None

    def work(self) -> None:
        """Take tasks and do them, until there are none or everybody is to stop."""
        try:
            with self._connect() as connection:
                while (taken := self._take()) is not None:
                    place, turn, task = taken
                    result = task(connection)
                    with self._changed:
                        self._results[place][turn] = result
                        self._changed.notify_all()
        except BaseException as error:
            self.stop(error)

    def stop(self, error: BaseException) -> None:
        """Let everybody stop because of this, unless they do already."""
        with self._changed:
            if self._error is not None:
                return
            self._error = error
            self._waiting.clear()
            self._changed.notify_all()
        self._halt()

    def results_of(self, place: int) -> list[T]:
        """The results of a group, as soon as there are all."""
        with self._changed:
            while self._error is None and len(self._results[place]) < self._sizes[place]:
                self._changed.wait()
            if self._error is not None:
                raise self._error
            found, self._results[place] = self._results[place], {}
        return [found[turn] for turn in sorted(found)]

    def _take(self) -> tuple[int, int, Task[T]] | None:
        with self._changed:
            return self._waiting.popleft() if self._waiting else None
