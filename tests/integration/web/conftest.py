"""A receiver at a real address, before a real database."""

import json
import threading
import uuid
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import requests
import uvicorn
from pydantic import SecretStr

from roosevelt_pipeline.settings import Settings
from roosevelt_pipeline.sources.github.deliveries import sign
from roosevelt_pipeline.warehouse.connections import Warehouse
from roosevelt_pipeline.warehouse.inbox import Letterbox
from roosevelt_pipeline.web import server
from roosevelt_pipeline.web.app import create_app
from roosevelt_pipeline.web.webhooks import webhooks

SECRET = "correct horse battery staple"
EXAMPLES = json.loads((Path(__file__).parents[2] / "contract" / "webhooks.excerpt.json").read_text("utf-8"))


def example(event: str) -> dict[str, Any]:
    """The first published example of an event."""
    return next(one["payload"] for one in EXAMPLES if one["event"] == event)


@dataclass
class Door:
    """A receiver, as GitHub sees it and as the database does."""

    url: str
    warehouse: Warehouse

    def post(
        self, body: bytes | dict[str, Any], event: str = "pull_request", secret: str = SECRET, **headers: str | None
    ) -> requests.Response:
        """Deliver as GitHub does; ``headers`` replace GitHub's, or leave one out with ``None``."""
        raw = body if isinstance(body, bytes) else json.dumps(body).encode()
        theirs: dict[str, str | None] = {
            "Content-Type": "application/json",
            "X-GitHub-Event": event,
            "X-GitHub-Delivery": str(uuid.uuid4()),
            "X-Hub-Signature-256": sign(raw, secret.encode()),
        }
        theirs |= {name.replace("_", "-"): value for name, value in headers.items()}
        return requests.post(
            self.url + "/webhooks/github", raw, headers={k: v for k, v in theirs.items() if v is not None}, timeout=20
        )

    def health(self) -> requests.Response:
        return requests.get(self.url + "/health", timeout=20)

    def rows(self, query: str = "select * from ingest.webhook_inbox") -> list[Any]:
        with self.warehouse.connect() as connection:
            return connection.execute(query).fetchall()


@pytest.fixture
def open_door() -> Iterator[Callable[..., Door]]:
    """Opens receivers before a warehouse, in a thread of this process."""
    running = []

    def make(warehouse: Warehouse, url: str | None = None, **secrets: str) -> Door:
        given = {name: SecretStr(value) for name, value in ({"github_webhook_secret": SECRET} | secrets).items()}
        part = webhooks(Settings(**given), Letterbox(Warehouse(url or warehouse.url)))
        socket = server.listener("127.0.0.1", 0)
        serving = uvicorn.Server(server.configuration(create_app([part])))
        thread = threading.Thread(target=serving.run, kwargs={"sockets": [socket]}, daemon=True)
        thread.start()
        running.append((serving, thread, part, socket))
        return Door(f"http://127.0.0.1:{socket.getsockname()[1]}", warehouse)

    yield make
    for serving, thread, part, socket in running:
        serving.should_exit = True
        thread.join(10)
        part.close()
        socket.close()


@pytest.fixture
def door(open_door: Callable[..., Door], fresh_warehouse: Warehouse) -> Door:
    return open_door(fresh_warehouse)
