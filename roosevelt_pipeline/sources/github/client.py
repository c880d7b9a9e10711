"""GitHub's two interfaces: what is asked, counted and paged. How an answer is come by is `asking`'s business.

One client serves many threads at once; a governor decides when their requests leave.
"""

import logging
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any

from pydantic import SecretStr

from roosevelt_pipeline.governor import Governor
from roosevelt_pipeline.sources.github.answers import Answer, judge_graphql, judge_rest
from roosevelt_pipeline.sources.github.asking import Asker, Question
from roosevelt_pipeline.sources.github.clock import Clock
from roosevelt_pipeline.sources.github.errors import UnavailableError
from roosevelt_pipeline.sources.github.local_governor import LocalGovernor
from roosevelt_pipeline.sources.github.pages import PageSizes
from roosevelt_pipeline.sources.github.prices import priced
from roosevelt_pipeline.sources.github.tokens import Credentials, Member, TokenPool, split_tokens
from roosevelt_pipeline.sources.github.wire import MOVED, Wire

_log = logging.getLogger(__name__)


@dataclass
class Costs:
    """What reading has cost so far.

    Attributes:
        points: what GitHub says that its GraphQL answers cost; ``predicted_points`` is what we expected of the same.
    """

    requests: int = 0
    points: int = 0
    bytes: int = 0
    seconds_waited: float = 0.0
    predicted_points: int = 0


class GitHubClient:
    """Asks GitHub, waits where waiting is right, and raises a clear error where it is not.

    Args:
        token: who asks: a personal access token, several with commas between, or `Credentials`.
        api_url: ``https://api.github.com``, ``https://<host>/api/v3`` or a server on this machine.
        timeout: seconds until a request that is not wholly answered counts as failed.
        longest_wait: seconds that limits may hold one request back.
        governor: decides when requests leave; one for this client alone if not given.
        sleep: stands in for ``time.sleep`` in tests.

    Attributes:
        costs: totals over all threads.
        on_wait: told the reason and the seconds before each longer wait.
    """

    def __init__(
        self,
        token: SecretStr | str | Credentials,
        api_url: str = "https://api.github.com",
        timeout: float = 30,
        longest_wait: float = 3900,
        *,
        governor: Governor | None = None,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        self._wire = Wire(api_url, timeout)
        self.host = self._wire.host
        self._local = threading.local()
        self._lock = threading.Lock()
        self._pages = PageSizes()
        self._pool = TokenPool(_credentials(token), self.host, self._send)
        self._clock = clock = Clock(sleep)
        self._asker = Asker(
            self._pool, governor or LocalGovernor(clock.now), clock, timeout, longest_wait,
            self._note_wait, self._note_price,
        )  # fmt: skip
        self.costs = Costs()
        self.on_wait: Callable[[str, float], None] = lambda _reason, _seconds: None

    @property
    def members(self) -> list[Member]:
        """The tokens and installations that this client asks with, best first."""
        return list(self._pool.members)

    def using(self, member: Member) -> AbstractContextManager[None]:
        """Ask with one of the members alone inside the block."""
        return self._pool.only(member)

    def halt(self) -> None:
        """Let every thread that asks or waits end with `Halted`: at once, or after the answer that it is getting."""
        self._clock.halt()

    def graphql(
        self, name: str, variables: Mapping[str, Any], *, subject: str = "", tolerated: frozenset[str] = frozenset()
    ) -> Answer:
        """Ask a query of ``queries/``. A variable ``page`` is made smaller when the page proves too heavy.

        Args:
            subject: what is asked about, for messages.
            tolerated: types of errors that the caller reads itself from ``Answer.errors``.

        Raises:
            GitHubError: see its subclasses.
        """
        text = query_text(name)
        wanted = {key: value for key, value in variables.items() if value is not None}
        asked = wanted.get("page")

        def prepare() -> tuple[int, Callable[[str], Answer]]:
            given = dict(wanted)
            if asked is not None:
                given["page"] = wanted["page"] = self._pages.size(name, asked)
            body = {"query": text, "variables": given}
            return priced(text).points(given), lambda who: self._send("POST", self._wire.graphql_url, who, None, body)

        def lighten() -> bool:
            return asked is not None and self._pages.too_heavy(name, wanted["page"])

        def judge(answer: Answer) -> Any:
            return judge_graphql(answer, tolerated)

        answer = self._asker.ask(Question("graphql", subject or f"the query {name}", prepare, judge, lighten))
        if asked is not None:
            self._pages.answered(name, asked)
        return answer

    def rest(self, path: str, parameters: Mapping[str, Any] | None = None, *, subject: str = "") -> Answer:
        """Get one address of the REST interface.

        Args:
            path: below the base address, or whole, as a ``Link`` header names it.

        Raises:
            GitHubError: see its subclasses.
        """

        def send(who: str) -> Answer:
            return self._send("GET", path, who, parameters)

        about = subject or path.partition("?")[0]
        return self._asker.ask(Question("core", about, lambda: (1, send), judge_rest, lambda: False))

    def rest_pages(
        self, path: str, parameters: Mapping[str, Any] | None = None, *, subject: str = ""
    ) -> Iterator[Answer]:
        """Get a list page by page, following the ``Link`` that each page gives to the next.

        Raises:
            GitHubError: see its subclasses; also when a page names itself as the next.
        """
        answer = self.rest(path, parameters, subject=subject)
        seen = set()
        while True:
            yield answer
            following = next_link(answer)
            if following is None:
                return
            if following in seen:
                raise UnavailableError(f"{subject or path}: paging does not advance")
            seen.add(following)
            answer = self.rest(following, subject=subject)

    def location(self, path: str, *, subject: str = "") -> str:
        """Where GitHub sends whoever asks for something that lies elsewhere. Nobody goes there with our token.

        Raises:
            GitHubError: see its subclasses.
        """

        def send(who: str) -> Answer:
            answer, size = self._wire.send("GET", path, who, follow=False)
            self._add(requests=1, bytes=size)
            return answer

        def judge(answer: Answer) -> Any:
            return None if answer.status in MOVED and answer.headers.get("location") else judge_rest(answer)

        answer = self._asker.ask(Question("core", subject or path, lambda: (1, send), judge, lambda: False))
        found = answer.headers.get("location")
        if not found:
            raise UnavailableError(f"{subject or path}: GitHub did not say where it lies")
        return found

    @contextmanager
    def metered(self) -> Iterator[Costs]:
        """Costs of what this thread asks inside the block."""
        meters: list[Costs] = self._local.__dict__.setdefault("meters", [])
        meter = Costs()
        meters.append(meter)
        try:
            yield meter
        finally:
            meters[:] = [one for one in meters if one is not meter]

    def _send(
        self, verb: str, address: str, authorization: str, parameters: Mapping[str, Any] | None = None, body: Any = None
    ) -> Answer:
        answer, size = self._wire.send(verb, address, authorization, parameters, body)
        self._add(requests=1, bytes=size)
        return answer

    def _note_wait(self, reason: str, seconds: float) -> None:
        self.on_wait(reason, seconds)
        self._add(seconds_waited=seconds)

    def _note_price(self, predicted: int, billed: int) -> None:
        if predicted != billed:
            _log.warning("GitHub billed %d points for a query that was expected to cost %d", billed, predicted)
        self._add(points=billed, predicted_points=predicted)

    def _add(self, **amounts: float) -> None:
        meters: list[Costs] = self._local.__dict__.get("meters", [])
        with self._lock:
            for costs in (self.costs, *meters):
                for name, amount in amounts.items():
                    setattr(costs, name, getattr(costs, name) + amount)


def next_link(answer: Answer) -> str | None:
    """The address of the page that follows, as the ``Link`` header names it."""
    for part in answer.headers.get("link", "").split(","):
        address, _, relation = part.partition(";")
        if 'rel="next"' in relation:
            return address.strip().strip("<>")
    return None


@cache
def query_text(name: str) -> str:
    """A query of ``queries/``, without comments, which would be sent each time."""
    text = (files("roosevelt_pipeline.sources.github") / "queries" / f"{name}.graphql").read_text(encoding="utf-8")
    return "\n".join(line for line in text.splitlines() if not line.lstrip().startswith("#"))


def _credentials(token: SecretStr | str | Credentials) -> Credentials:
    if isinstance(token, Credentials):
        return token
    return Credentials(split_tokens(token.get_secret_value() if isinstance(token, SecretStr) else token))
