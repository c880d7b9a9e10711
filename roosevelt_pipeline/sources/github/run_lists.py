"""Whether REST's lists of workflow runs can be believed: they go by page number, and end silently at a thousand."""

from typing import Any
from urllib.parse import parse_qs, urlparse

from roosevelt_pipeline.sources.github.answers import Answer
from roosevelt_pipeline.sources.github.client import next_link
from roosevelt_pipeline.sources.github.errors import UnavailableError
from roosevelt_pipeline.sources.github.nodes import UnfitError, instant

CAP = 1_000
PAGE = 100


class RunList:
    """What one list of runs has shown so far, and whether it can be believed."""

    def __init__(self, subject: str) -> None:
        self._subject = subject
        self._first: int | None = None
        self._ids: set[Any] = set()
        self._page = 0
        self.total = 0
        self.has_shrunk = False

    def runs_of(self, answer: Answer) -> list[Any]:
        """The runs of a page. A run that was deleted moves one up to a page that was read: then the list has shrunk.

        Nothing of a page may land before it is known to be the one that was asked for: the place
        where reading goes on is saved with it, and what lies above that place is not met again.

        Raises:
            UnavailableError: the answer is no list of runs, another page, or ends the list too early.
        """
        document = answer.document if isinstance(answer.document, dict) else {}
        total, runs = document.get("total_count"), document.get("workflow_runs")
        if isinstance(total, bool) or not isinstance(total, int) or not isinstance(runs, list):
            raise UnavailableError(f"{self._subject}: the answer is no list of runs; run again")
        self._first = total if self._first is None else self._first
        self.has_shrunk, self.total = total < self.total, total
        self._ids |= {str(run.get("id")) if isinstance(run, dict) else id(run) for run in runs}
        self._page += 1
        if not self.has_shrunk:
            self._assert_in_order(next_link(answer))
        return runs

    def _assert_in_order(self, following: str | None) -> None:
        first, met = self._first or 0, len(self._ids)
        # Where the list ends by rule, runs that began meanwhile push others over its end.
        if following is None and met < (first if first < CAP else CAP - PAGE):
            raise UnavailableError(f"{self._subject}: a list ended after {met} of {first} runs; run again")
        number = parse_qs(urlparse(following or "").query).get("page")
        if number and number != [str(self._page + 1)]:
            raise UnavailableError(f"{self._subject}: paging does not advance; run again")


def created_of(runs: list[Any]) -> list[str]:
    """When the runs were created, where that can be read."""
    found = []
    for run in runs:
        try:
            found.append(instant(run, "created_at"))
        except (UnfitError, AttributeError):
            continue
    return found
