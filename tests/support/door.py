"""A receiver at a real address, before a real database."""

import contextlib
import json
import threading
import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import requests
import uvicorn
from pydantic import SecretStr

from roosevelt_pipeline.settings import Settings
from roosevelt_pipeline.sources.github.deliveries import sign
from roosevelt_pipeline.warehouse.connections import Warehouse
from roosevelt_pipeline.warehouse.inbox import Letterbox
from roosevelt_pipeline.web import server
from roosevelt_pipeline.web.app import create_app
from roosevelt_pipeline.web.webhooks import PATH, webhooks

SECRET = "correct horse battery staple"


@dataclass
class Door:
    """A receiver, as GitHub sees it and as the database does."""

    url: str
    warehouse: Warehouse

    @property
    def address(self) -> str:
        return self.url + PATH

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
        return requests.post(self.address, raw, headers={k: v for k, v in theirs.items() if v is not None}, timeout=20)

    def health(self) -> requests.Response:
        return requests.get(self.url + "/health", timeout=20)

    def rows(self, query: str = "select * from ingest.webhook_inbox") -> list[Any]:
        with self.warehouse.connect() as connection:
            return connection.execute(query).fetchall()


@contextlib.contextmanager
def open_door(warehouse: Warehouse, url: str | None = None, **secrets: str) -> Iterator[Door]:
    """A receiver before a warehouse, in a thread of this process; ``url`` is how it reaches the database."""
    given = {name: SecretStr(value) for name, value in ({"github_webhook_secret": SECRET} | secrets).items()}
    part = webhooks(Settings(**given), Letterbox(Warehouse(url or warehouse.url)))
    with server.listener("127.0.0.1", 0) as socket:
        serving = uvicorn.Server(server.configuration(create_app([part])))
        thread = threading.Thread(target=serving.run, kwargs={"sockets": [socket]}, daemon=True)
        thread.start()
        try:
            yield Door(f"http://127.0.0.1:{socket.getsockname()[1]}", warehouse)
        finally:
            serving.should_exit = True
            thread.join(10)
            part.close()
