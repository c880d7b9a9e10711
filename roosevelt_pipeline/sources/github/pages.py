"""How large a page of each query may be, as experience shows."""

import threading

CLEAN_PAGES = 20  # until a page is made larger again
GROWTH = 4


class PageSizes:
    """Sizes that were learned, by query, so that one heavy repository teaches all pages that follow."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._largest: dict[str, int] = {}
        self._clean: dict[str, int] = {}

    def size(self, query: str, asked: int) -> int:
        """What to ask for where the caller would like ``asked``."""
        with self._lock:
            return min(asked, self._largest.get(query, asked))

    def too_heavy(self, query: str, size: int) -> bool:
        """Halve the page that was too heavy. ``False`` if it cannot become smaller."""
        with self._lock:
            self._clean[query] = 0
            self._largest[query] = max(1, min(self._largest.get(query, size), size // 2))
            return size > 1

    def answered(self, query: str, asked: int) -> None:
        """Count a page that was answered; after some of them pages grow again, to the caller's size at most."""
        with self._lock:
            if query not in self._largest:
                return
            self._clean[query] = self._clean.get(query, 0) + 1
            if self._clean[query] < CLEAN_PAGES:
                return
            self._clean[query] = 0
            self._largest[query] += GROWTH
            if self._largest[query] >= asked:
                del self._largest[query]
