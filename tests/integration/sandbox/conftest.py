"""A sandbox over real HTTP, and a client for it that adds nothing but the token."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest
import requests

from roosevelt_pipeline.sandbox.limits import UNLIMITED
from roosevelt_pipeline.sandbox.server import RunningSandbox, create_app, serve
from tests.integration.sandbox import handmade

Start = Callable[..., "Client"]


class Client(requests.Session):
    """A session with one sandbox."""

    def __init__(self, running: RunningSandbox, token: str = "sandbox-token") -> None:
        super().__init__()
        self.running, self.base = running, running.url
        self.headers["Authorization"] = f"Bearer {token}"

    def rest(self, path: str, **options: Any) -> requests.Response:
        return self.get(self.base + path, allow_redirects=False, timeout=10, **options)

    def graphql(self, query: str, **variables: Any) -> dict[str, Any]:
        """The whole answer: data and errors."""
        answer = self.post(f"{self.base}/graphql", json={"query": query, "variables": variables}, timeout=10)
        assert answer.status_code == 200, answer.text
        return answer.json()

    def data(self, query: str, **variables: Any) -> dict[str, Any]:
        answer = self.graphql(query, **variables)
        assert "errors" not in answer, answer["errors"]
        return answer["data"]


@pytest.fixture(scope="package")
def client() -> Iterator[Client]:
    """The hand-made company without limits, shared by tests that only read."""
    with serve(create_app(handmade.store(), limits=UNLIMITED)) as running:
        yield Client(running)


@pytest.fixture
def start() -> Iterator[Start]:
    """Starts sandboxes of a test's own."""
    started: list[RunningSandbox] = []

    def begin(token: str = "sandbox-token", **options: Any) -> Client:
        options.setdefault("store", handmade.store())
        started.append(serve(create_app(options.pop("store"), **options)))
        return Client(started[-1], token)

    yield begin
    for running in started:
        running.stop()
