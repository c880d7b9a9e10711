"""A clock that has moved on by at least what was slept, also where a test only pretends to sleep."""

import threading
import time
from collections.abc import Callable


class Clock:
    """Monotonic seconds, and sleeping."""

    def __init__(self, sleep: Callable[[float], None] = time.sleep) -> None:
        self._sleep = sleep
        self._lock = threading.Lock()
        self._skipped = 0.0

    def now(self) -> float:
        return time.monotonic() + self._skipped

    def sleep(self, seconds: float) -> None:
        """Sleep; afterwards ``now`` is so much later."""
        began = time.monotonic()
        self._sleep(seconds)
        with self._lock:
            self._skipped += max(0.0, seconds - (time.monotonic() - began))
