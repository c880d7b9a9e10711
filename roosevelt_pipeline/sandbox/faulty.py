"""How a fault on demand is met, down to the connection itself."""

import asyncio
import json
from typing import Any

from starlette.requests import Request
from starlette.responses import HTMLResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from roosevelt_pipeline.sandbox.answers import exceeded_response, json_response, secondary_response
from roosevelt_pipeline.sandbox.faults import Fault, FaultKind
from roosevelt_pipeline.sandbox.rest_api.exchange import RestError
from roosevelt_pipeline.sandbox.state import SandboxState
from roosevelt_pipeline.sandbox.tokens import Token, authenticate

_PAGE = "<html><head><title>Unicorn!</title></head><body>We had issues producing the response to your request.</body>"


async def meet(
    fault: Fault,
    state: SandboxState,
    resource: str,
    app: ASGIApp,
    scope: Scope,
    receive: Receive,
    send: Send,
    wire: Send,
) -> None:
    """Answer a request as its fault demands.

    Args:
        app: gives the true answer.
        send: takes the answer; ``wire`` is the server's own, whose connection can be cut.
    """
    if fault.kind is FaultKind.DISCONNECT:
        await _cut(wire)
    elif fault.kind is FaultKind.SLOW:
        await asyncio.sleep(fault.seconds)
        await app(scope, receive, send)
    elif fault.kind is FaultKind.TRUNCATE:
        start, body = await _true_answer(app, scope, receive)
        await send(start)
        await send({"type": "http.response.body", "body": body[: len(body) // 2], "more_body": True})
        await _cut(wire)
    elif fault.kind is FaultKind.PARTIAL:
        start, body = await _true_answer(app, scope, receive)
        await _partial(state, start, json.loads(body))(scope, receive, send)
    else:
        await _scripted(fault, state, resource, Request(scope))(scope, receive, send)


def _scripted(fault: Fault, state: SandboxState, resource: str, request: Request) -> Response:
    token = authenticate(state.tokens, request.headers.get("authorization")) or Token()
    if fault.kind is FaultKind.NOT_JSON:
        response: Response = HTMLResponse(_PAGE, headers=state.stamp())
    elif fault.kind is FaultKind.RATE_LIMIT:
        state.limiter.exhaust(token.login, resource, int(fault.seconds))
        response = exceeded_response(state, token, resource, fault.status or 403)
    elif fault.kind is FaultKind.SECONDARY:
        response = secondary_response(state, fault.status or 403, fault.retry_after)
    else:
        response = _status(fault, state)
    if fault.retry_after is not None:
        response.headers["retry-after"] = str(fault.retry_after)
    response.headers.update(fault.headers)
    return response


def _status(fault: Fault, state: SandboxState) -> Response:
    status = fault.status or 502
    if status >= 500 and fault.message is None:
        return HTMLResponse(_PAGE, status, headers=state.stamp())
    error = RestError(status, fault.message or {401: "Bad credentials", 404: "Not Found"}.get(status, "Sandbox fault"))
    return json_response(state, error.body, status)


def _partial(state: SandboxState, start: Message, answer: dict[str, Any]) -> Response:
    """Each connection keeps the first half of its nodes, as if execution had been stopped."""
    error = {"type": "RESOURCE_LIMITS_EXCEEDED", "message": "Resource limits for this query exceeded."}
    body = {"data": _halved(answer.get("data")), "errors": [*answer.get("errors", []), error]}
    kept = (b"content-length", b"content-type", b"date", b"server")
    headers = {name.decode(): value.decode() for name, value in start["headers"] if name not in kept}
    return json_response(state, body, headers=headers)


def _halved(value: Any) -> Any:
    if isinstance(value, dict):
        return {k: _halved(v[: len(v) // 2] if k == "nodes" and v else v) for k, v in value.items()}
    return [_halved(item) for item in value] if isinstance(value, list) else value


async def _true_answer(app: ASGIApp, scope: Scope, receive: Receive) -> tuple[Message, bytes]:
    messages: list[Message] = []

    async def keep(message: Message) -> None:
        messages.append(message)

    await app(scope, receive, keep)
    return messages[0], b"".join(message.get("body", b"") for message in messages[1:])


async def _cut(wire: Send) -> None:
    """Close the connection under the server, which has no word for that in its protocol."""
    cycle = getattr(wire, "__self__", None)
    transport = getattr(cycle, "transport", None)
    if transport is None:
        raise ConnectionAbortedError("a fault on demand")
    # What was sent leaves first; then the server must learn that the client is gone.
    transport.close()
    for _ in range(3):
        await asyncio.sleep(0)
