"""The sandbox's GitHub over HTTP: REST and GraphQL, at ``/`` and as GitHub Enterprise has it.

Requests are answered on the event loop itself: an answer takes milliseconds of the one
interpreter that there is, and one at a time is what keeps a client's view consistent.
"""

import asyncio
import json
import re
import threading
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Mount, Route
from starlette.types import Message, Receive, Scope, Send

from roosevelt_pipeline.sandbox.alert_receivers import Receivers
from roosevelt_pipeline.sandbox.alert_receivers import routes as receiver_routes
from roosevelt_pipeline.sandbox.answers import answer_graphql, answer_rest, json_response
from roosevelt_pipeline.sandbox.app_api import app_routes
from roosevelt_pipeline.sandbox.apps import App
from roosevelt_pipeline.sandbox.calendars.company import CompanyCalendars
from roosevelt_pipeline.sandbox.calendars.desk import Desk
from roosevelt_pipeline.sandbox.calendars.desk import routes as calendar_routes
from roosevelt_pipeline.sandbox.codecov import codecov_routes
from roosevelt_pipeline.sandbox.doors import doors
from roosevelt_pipeline.sandbox.faults import Asked
from roosevelt_pipeline.sandbox.faulty import Meeting
from roosevelt_pipeline.sandbox.graphql_api.schema import github_schema
from roosevelt_pipeline.sandbox.limits import Limits
from roosevelt_pipeline.sandbox.loopback import listen
from roosevelt_pipeline.sandbox.rest_api.artifacts import storage
from roosevelt_pipeline.sandbox.rest_api.exchange import not_found
from roosevelt_pipeline.sandbox.rest_api.routes import ENDPOINTS, Endpoint
from roosevelt_pipeline.sandbox.state import SandboxState
from roosevelt_pipeline.sandbox.store import Store
from roosevelt_pipeline.sandbox.tokens import Token

DEFAULT_TOKEN = "sandbox-token"  # noqa: S105  (opens a simulated company only)
_NUMBER = re.compile(r"/\d+")
GRAPHQL_PATHS = ("/graphql", "/api/graphql")


class SandboxApp(Starlette):
    """A Starlette application that knows its `SandboxState` and lets faults in ahead of everything else."""

    def __init__(self, sandbox: SandboxState, more: Sequence[BaseRoute] = ()) -> None:
        self.sandbox = sandbox
        super().__init__(routes=[*more, *_routes(sandbox)], exception_handlers={404: self._unknown, 405: self._unknown})

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or scope["path"].startswith("/_sandbox/"):
            await super().__call__(scope, receive, send)
            return
        text = await _whole(receive)
        scope["sandbox.body"] = text
        resource = "graphql" if scope["path"] in GRAPHQL_PATHS else "core"
        operation = _operation_name(text) if resource == "graphql" else None
        self.sandbox.journal.arrived(resource, operation or f"{scope['method']} {_NUMBER.sub('/{id}', scope['path'])}")
        if self.sandbox.latency_seconds:
            await asyncio.sleep(self.sandbox.latency_seconds)
        script = self.sandbox.faults
        script.before_answer(scope["path"], operation)
        fault = script.take(scope["path"], operation)
        before = script.asked_before(scope["path"], operation, Asked(scope["query_string"], text))
        noted = _noting(self.sandbox, resource, send)
        if fault is None:
            await super().__call__(scope, receive, noted)
        else:
            app = super().__call__
            await Meeting(fault, self.sandbox, resource, app, scope, receive, noted, send, before).take_place()

    async def _unknown(self, _request: Request, _error: Exception) -> Response:
        error = not_found()
        return json_response(self.sandbox, error.body, error.status)


def create_app(
    store: Store,
    *,
    token: str = DEFAULT_TOKEN,
    tokens: Mapping[str, Token] | None = None,
    latency_seconds: float = 0,
    limits: Limits | None = None,
    now: datetime | None = None,
    renamed: Mapping[str, str] | None = None,
    apps: Sequence[App] = (),
    receivers: Receivers | None = None,
) -> SandboxApp:
    """A GitHub that answers from a store.

    Args:
        token: the one token, with every right; ignored where ``tokens`` names others.
        tokens: secrets and what each may do.
        latency_seconds: delay of every answer, not of others meanwhile.
        limits: GitHub's own unless given.
        now: the company's present, told by the Date header; the clock's unless given.
        renamed: old repository names to present ones; REST redirects, GraphQL follows.
        apps: GitHub Apps that may ask for tokens.
        receivers: where alerts arrive, below ``/_sandbox/alerts``.
    """
    known = dict(tokens) if tokens is not None else {token: Token()}
    state = SandboxState(store, known, limits or Limits(), latency_seconds, now, renamed or {})
    state.apps |= {app.app_id: app for app in apps}
    return SandboxApp(state, [Mount("/_sandbox/alerts", routes=receiver_routes(receivers))] if receivers else [])


@dataclass
class RunningSandbox:
    """A sandbox that is being served by a thread of this process."""

    url: str
    state: SandboxState
    _server: uvicorn.Server
    _thread: threading.Thread

    def stop(self) -> None:
        """Stop serving; connections that are open end within a second."""
        self._server.should_exit = True
        self._thread.join(timeout=10)

    def __enter__(self) -> "RunningSandbox":
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()


def serve(app: SandboxApp, host: str = "127.0.0.1", port: int = 0) -> RunningSandbox:
    """Serve from a thread; returns once connections are accepted.

    Raises:
        OSError: the port is taken.
    """
    listener = listen(host, port)
    server = uvicorn.Server(configuration(app))
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]}, name="sandbox", daemon=True)
    thread.start()
    while not server.started:
        if not thread.is_alive():
            raise RuntimeError("the sandbox ended while it started")
        thread.join(0.005)
    return RunningSandbox(f"http://{host}:{listener.getsockname()[1]}", app.sandbox, server, thread)


def configuration(app: SandboxApp) -> uvicorn.Config:
    """How uvicorn serves: the schema built beforehand, no headers of its own, quiet about faults on demand."""
    github_schema()
    return uvicorn.Config(
        app, log_level="critical", access_log=False, lifespan="off", server_header=False, date_header=False,
        proxy_headers=False, timeout_keep_alive=75, timeout_graceful_shutdown=1,
    )  # fmt: skip


def _routes(state: SandboxState) -> list[BaseRoute]:
    async def graphql(request: Request) -> Response:
        return answer_graphql(state, request, request.scope["sandbox.body"])

    calendars = calendar_routes(Desk(CompanyCalendars(state)))
    routes: list[BaseRoute] = [*doors(state), storage(state), *codecov_routes(state), *calendars]
    routes += [Route(path, graphql, methods=["POST"]) for path in GRAPHQL_PATHS]
    for prefix in ("", "/api/v3"):
        routes += app_routes(state, prefix)
        for endpoint in ENDPOINTS:
            inside = ("/repos/{owner}/{repo}", "/repositories/{repository_id:int}") if endpoint.in_repository else ("",)
            routes += [_route(state, prefix + place + endpoint.path, endpoint) for place in inside]
    return routes


def _route(state: SandboxState, path: str, endpoint: Endpoint) -> Route:
    async def answer(request: Request) -> Response:
        return answer_rest(state, request, endpoint)

    return Route(path, answer, methods=["GET"])


async def _whole(receive: Receive) -> bytes:
    text = b""
    while True:
        message = await receive()
        text += message.get("body", b"")
        if not message.get("more_body"):
            return text


def _operation_name(text: bytes) -> str:
    """The operation's name, from its field or from the query's first line."""
    try:
        body: Any = json.loads(text)
        name = body.get("operationName") or body["query"].split("query", 1)[1].split("(")[0].split("{")[0].strip()
    except (ValueError, KeyError, IndexError, AttributeError, TypeError):
        return "unreadable"
    return str(name) or "anonymous"


def _noting(state: SandboxState, resource: str, send: Send) -> Send:
    async def noted(message: Message) -> None:
        if message["type"] == "http.response.start":
            size = dict(message["headers"]).get(b"content-length", b"0")
            state.journal.answered(resource, message["status"], int(size))
        await send(message)

    return noted
