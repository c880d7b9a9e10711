"""A clock that has moved on by at least what was slept, also where a test only pretends to sleep; it can be stopped."""

import threading
import time
from collections.abc import Callable

from roosevelt_pipeline.sources.github.errors import Halted


class Clock:
    """Monotonic seconds, and sleeping."""

    def __init__(self, sleep: Callable[[float], None] = time.sleep) -> None:
        self._halted = threading.Event()
        self._sleep: Callable[[float], object] = self._halted.wait if sleep is time.sleep else sleep
        self._lock = threading.Lock()
        self._skipped = 0.0

    def now(self) -> float:
        return time.monotonic() + self._skipped

    def halt(self) -> None:
        """Wake everybody who sleeps; nobody goes on."""
        self._halted.set()

    def check(self) -> None:
        """Raises `Halted` if nobody is to go on."""
        if self._halted.is_set():
            raise Halted

    def sleep(self, seconds: float) -> None:
        """Sleep; afterwards ``now`` is so much later.

        Raises:
            Halted: it was halted, before or meanwhile.
        """
        self.check()
        began = time.monotonic()
        self._sleep(seconds)
        self.check()
        with self._lock:
            self._skipped += max(0.0, seconds - (time.monotonic() - began))
