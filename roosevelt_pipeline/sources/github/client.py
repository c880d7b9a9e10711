"""GitHub over PyGithub's requester: it knows authentication and addresses, we decide about every answer.

One ``Github`` object per thread: its connection keeps state between request and answer.
"""

import math
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cache
from importlib.resources import files
from typing import Any
from urllib.parse import urlparse

import requests
from github import Auth, Github
from github.Requester import Requester
from pydantic import SecretStr

from roosevelt_pipeline.sources.github.answers import (
    SHORTEST_SECONDARY_WAIT_SECONDS,
    Answer,
    Trouble,
    judge_graphql,
    judge_rest,
    read_answer,
)
from roosevelt_pipeline.sources.github.errors import BudgetError, GitHubError, TokenError, UnavailableError

TRIES = 5
# GitHub has two formats of node ids; with this it always answers with the new one.
HEADERS = {"X-Github-Next-Global-ID": "1"}


@dataclass
class Costs:
    """What reading has cost so far. Points are what GitHub says that its GraphQL answers cost."""

    requests: int = 0
    points: int = 0
    bytes: int = 0
    seconds_waited: float = 0.0


class GitHubClient:
    """Asks GitHub, waits where waiting is right, and raises a clear error where it is not.

    Args:
        token: a personal access token.
        api_url: ``https://api.github.com``, ``https://<host>/api/v3`` or a server on this machine.
        timeout: seconds until an unanswered request counts as failed.
        longest_wait: seconds that one limit may be waited for.
        sleep: stands in for ``time.sleep`` in tests.

    Attributes:
        costs: totals over all threads.
        on_wait: told the reason and the seconds before each longer wait.
    """

    def __init__(
        self,
        token: SecretStr | str,
        api_url: str = "https://api.github.com",
        timeout: float = 30,
        longest_wait: float = 3900,
        *,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        self._token = _usable(token.get_secret_value() if isinstance(token, SecretStr) else token)
        self._api_url = _base(api_url)
        self.host = urlparse(self._api_url).netloc
        self._timeout = timeout
        self._longest_wait = longest_wait
        self._sleep = sleep
        self._local = threading.local()
        self._lock = threading.Lock()
        self._one_query = threading.Lock()
        self.costs = Costs()
        self.on_wait: Callable[[str, float], None] = lambda _reason, _seconds: None

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
        wanted = {key: value for key, value in variables.items() if value is not None}

        def ask() -> Answer:
            url = self._requester().graphql_url
            return self._send("POST", url, input={"query": query_text(name), "variables": wanted})

        def lighten() -> None:
            if wanted.get("page", 1) > 1:
                wanted["page"] = max(1, wanted["page"] // 2)

        with self._one_query:
            answer = self._until_answered(
                ask, lambda answer: judge_graphql(answer, tolerated), lighten, subject or f"the query {name}"
            )
        self._add(points=int((answer.data.get("rateLimit") or {}).get("cost") or 0))
        return answer

    def rest(self, path: str, parameters: Mapping[str, Any] | None = None, *, subject: str = "") -> Answer:
        """Get one address of the REST interface.

        Args:
            path: below the base address, or whole, as a ``Link`` header names it.

        Raises:
            GitHubError: see its subclasses.
        """

        def ask() -> Answer:
            return self._send("GET", path, parameters={k: v for k, v in (parameters or {}).items() if v is not None})

        return self._until_answered(ask, judge_rest, lambda: None, subject or path.partition("?")[0])

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

    @contextmanager
    def metered(self) -> Iterator[Costs]:
        """Costs of what this thread asks inside the block."""
        meters: list[Costs] = self._local.__dict__.setdefault("meters", [])
        meter = Costs()
        meters.append(meter)
        try:
            yield meter
        finally:
            meters.remove(meter)

    def _until_answered(
        self,
        ask: Callable[[], Answer],
        judge: Callable[[Answer], Trouble | None],
        lighten: Callable[[], None],
        about: str,
    ) -> Answer:
        tries = limits = 0
        while True:
            try:
                answer = ask()
                trouble = judge(answer)
            except requests.RequestException as error:
                # Its text may hold the address with its query, or a header: only its kind is told.
                trouble = Trouble("transient", f"no answer from {self.host} ({type(error).__name__})")
            if trouble is None:
                return answer
            if trouble.kind == "final":
                raise trouble.error(f"{about}: {trouble.message}")
            if trouble.kind == "limit":
                limits += 1
                self._wait_for_limit(trouble, limits, about)
                continue
            tries += 1
            if tries >= TRIES:
                raise UnavailableError(f"{about}: {trouble.message}, {tries} times in a row; try again later")
            if trouble.kind == "heavy":
                lighten()
            self._wait(trouble.message, 2.0 ** (tries - 1))

    def _wait_for_limit(self, trouble: Trouble, times: int, about: str) -> None:
        seconds = trouble.wait_seconds
        if seconds is None:
            seconds = SHORTEST_SECONDARY_WAIT_SECONDS * 2.0 ** (times - 1)
        if seconds > self._longest_wait or times > 10:
            raise BudgetError(
                f"{about}: {trouble.message}, and it would take {seconds / 60:.0f} min; run again then, "
                f"or raise github.longest_wait_minutes"
            )
        self._wait(trouble.message, seconds)

    def _wait(self, reason: str, seconds: float) -> None:
        self.on_wait(reason, seconds)
        self._sleep(seconds)
        self._add(seconds_waited=seconds)

    def _send(self, verb: str, url: str, **arguments: Any) -> Answer:
        try:
            status, headers, body = self._requester().requestJson(verb, url, headers=dict(HEADERS), **arguments)
        except (RuntimeError, AssertionError, ValueError) as error:
            if isinstance(error, requests.RequestException):
                raise
            raise GitHubError(
                f"{self.host} redirected to another server or answered what is not GitHub's; check github.api_url"
            ) from None
        self._add(requests=1, bytes=len(body))
        return read_answer(status, headers, body, datetime.now(UTC))

    def _add(self, **amounts: float) -> None:
        meters: list[Costs] = self._local.__dict__.get("meters", [])
        with self._lock:
            for costs in (self.costs, *meters):
                for name, amount in amounts.items():
                    setattr(costs, name, getattr(costs, name) + amount)

    def _requester(self) -> Requester:
        if not hasattr(self._local, "github"):
            self._local.github = Github(
                auth=Auth.Token(self._token), base_url=self._api_url, per_page=100, retry=None, pool_size=1,
                timeout=math.ceil(self._timeout), seconds_between_requests=None, seconds_between_writes=None,
            )  # fmt: skip
        requester: Requester = self._local.github.requester
        return requester


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


def _base(api_url: str) -> str:
    address = urlparse(api_url.strip())
    if address.scheme not in ("http", "https") or not address.hostname:
        raise GitHubError(
            f"github.api_url is {api_url!r}; it reads https://api.github.com, or https://<host>/api/v3 for Enterprise"
        )
    if address.hostname in ("github.com", "www.github.com"):
        return "https://api.github.com"
    return api_url.strip().rstrip("/")


def _usable(token: str) -> str:
    token = token.strip()
    if not token:
        raise TokenError("there is no token; set GITHUB_TOKEN in .env")
    if not token.isascii() or not token.isprintable() or " " in token:
        raise TokenError("GITHUB_TOKEN holds characters that no token has; copy it again")
    return token
