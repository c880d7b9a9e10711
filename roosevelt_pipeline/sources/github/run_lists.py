"""Whether REST's lists of workflow runs can be believed: they go by page number, and end silently at a thousand."""

from typing import Any

from roosevelt_pipeline.sources.github.answers import Answer
from roosevelt_pipeline.sources.github.errors import UnavailableError
from roosevelt_pipeline.sources.github.nodes import UnfitError, instant

CAP = 1_000


class RunList:
    """What one list of runs has shown so far, and whether it can be believed."""

    def __init__(self, subject: str) -> None:
        self._subject = subject
        self._first: int | None = None
        self._ids: set[Any] = set()
        self.total = 0
        self.has_shrunk = False

    def runs_of(self, answer: Answer) -> list[Any]:
        """The runs of a page. A run that was deleted moves one up to a page that was read: then the list has shrunk.

        Raises:
            UnavailableError: the answer is no list of runs.
        """
        document = answer.document if isinstance(answer.document, dict) else {}
        total, runs = document.get("total_count"), document.get("workflow_runs")
        if isinstance(total, bool) or not isinstance(total, int) or not isinstance(runs, list):
            raise UnavailableError(f"{self._subject}: the answer is no list of runs; run again")
        self._first = total if self._first is None else self._first
        self.has_shrunk, self.total = total < self.total, total
        self._ids |= {str(run.get("id")) if isinstance(run, dict) else id(run) for run in runs}
        return runs

    def assert_whole(self) -> None:
        """An empty page that must not be empty looks like the end of the list.

        Raises:
            UnavailableError: the list ended before it had shown what it said that it has.
        """
        if self.total < CAP and len(self._ids) < (self._first or 0):
            told = f"{len(self._ids)} of {self._first} runs"
            raise UnavailableError(f"{self._subject}: a list ended after {told}; run again")


def created_of(runs: list[Any]) -> list[str]:
    """When the runs were created, where that can be read."""
    found = []
    for run in runs:
        try:
            found.append(instant(run, "created_at"))
        except (UnfitError, AttributeError):
            continue
    return found
