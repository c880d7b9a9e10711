"""Numbers are worked on in threads, while the caller's own reads and writes tables."""

from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from typing import TypeVar

THREADS = 2  # numpy lets others run while it draws or sorts thousands of numbers; Python itself does not

_Item = TypeVar("_Item")
_Done = TypeVar("_Done")


def worked_on(work: Callable[[_Item], _Done], items: Iterable[_Item], threads: int = THREADS) -> Iterator[_Done]:
    """What comes of each item, in their order.

    Items are taken, and results given, in the caller's thread, so both may use one connection; at most ``threads`` and
    one more are held at a time. The first error is raised where its result would have been.
    """
    with ThreadPoolExecutor(threads, thread_name_prefix="numbers") as pool:
        waiting: deque[Future[_Done]] = deque()
        try:
            for item in items:
                waiting.append(pool.submit(work, item))
                if len(waiting) > threads:
                    yield waiting.popleft().result()
            while waiting:
                yield waiting.popleft().result()
        finally:
            for one in waiting:
                one.cancel()
