"""How a fault on demand is met, down to the connection itself."""

import asyncio
import json
import socket
import struct
from collections.abc import Iterable
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any

from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from roosevelt_pipeline.sandbox.answers import exceeded_response, json_response, secondary_response
from roosevelt_pipeline.sandbox.faults import Asked, Fault, FaultKind
from roosevelt_pipeline.sandbox.happenings import happen
from roosevelt_pipeline.sandbox.rest_api.exchange import RestError
from roosevelt_pipeline.sandbox.state import SandboxState
from roosevelt_pipeline.sandbox.tampering import retold, tampered
from roosevelt_pipeline.sandbox.tokens import Token, authenticate

_PAGE = "<html><head><title>Unicorn!</title></head><body>We had issues producing the response to your request.</body>"
_LINGER_NOT = struct.pack("ii", 1, 0)  # closing then sends a reset
_SPOILT_ON_THE_WAY = (FaultKind.TRUNCATE, FaultKind.RESET, FaultKind.LENGTH, FaultKind.DRIP)
_BEFORE_THE_ANSWER = (FaultKind.SLOW, FaultKind.CHANGE)
_TAMPERED_WITH = (
    *(FaultKind.EMPTY, FaultKind.REPEAT, FaultKind.DUPLICATE, FaultKind.SLIP, FaultKind.MUTATE),
    *(FaultKind.HEADERS, FaultKind.CLOCK, FaultKind.PARTIAL),
)


@dataclass
class Meeting:
    """One request and the fault that it meets.

    Attributes:
        app: gives the true answer.
        send: takes the answer; ``wire`` is the server's own, whose connection can be cut.
        before: what was asked of the same address the last time.
    """

    fault: Fault
    state: SandboxState
    resource: str
    app: ASGIApp
    scope: Scope
    receive: Receive
    send: Send
    wire: Send
    before: Asked

    async def take_place(self) -> None:
        """Answer the request as its fault demands."""
        kind = self.fault.kind
        if kind is FaultKind.DISCONNECT:
            await self._close()
        elif kind is FaultKind.HANG:
            await self.receive()  # returns when the client is gone
        elif kind in _BEFORE_THE_ANSWER:
            await self._first()
            await self.app(self.scope, self.receive, self.send)
        elif kind in _SPOILT_ON_THE_WAY:
            await self._spoil()
        elif kind in _TAMPERED_WITH:
            response = await self._tamper()
            await response(self.scope, self.receive, self.send)
        else:
            response = _scripted(self.fault, self.state, self.resource, Request(self.scope))
            await response(self.scope, self.receive, self.send)

    async def _first(self) -> None:
        if self.fault.kind is FaultKind.SLOW:
            await asyncio.sleep(self.fault.seconds)
        for change in self.fault.happens:
            happen(self.state.store, change)

    async def _spoil(self) -> None:
        start, body = await self._true_answer()
        if self.fault.kind is FaultKind.LENGTH:
            await self._close(_on_the_wire(start, body, len(body) + self.fault.length_off))
            return
        await self.send(start)
        if self.fault.kind is FaultKind.DRIP:
            await self._drip(body)
            return
        await self.send({"type": "http.response.body", "body": body[: len(body) // 2], "more_body": True})
        await self._close(reset=self.fault.kind is FaultKind.RESET)

    async def _drip(self, body: bytes) -> None:
        gone = asyncio.ensure_future(self.receive())
        for place in range(len(body)):
            await self.send({"type": "http.response.body", "body": body[place : place + 1], "more_body": True})
            await asyncio.wait([gone], timeout=self.fault.seconds)
            if gone.done():
                return
        gone.cancel()
        await self.send({"type": "http.response.body", "body": b""})

    async def _tamper(self) -> Response:
        start, body = await self._true_answer()
        status, headers, document = start["status"], _plain(start["headers"]), json.loads(body or b"null")
        if self.fault.kind is FaultKind.PARTIAL:
            return _partial(self.state, document, headers)
        if self.fault.kind in (FaultKind.REPEAT, FaultKind.DUPLICATE):
            start, body = await self._true_answer(self.before)
            headers = _plain(start["headers"]) if self.fault.kind is FaultKind.REPEAT else headers
        # ASCII, because what is mutated may hold what UTF-8 cannot.
        body = json.dumps(tampered(self.fault, document, headers, json.loads(body or b"null"))).encode()
        response = json_response(self.state, body, status, headers)
        told = _plain(response.raw_headers)
        retold(self.fault, told)
        response.raw_headers = [(name.encode(), value.encode()) for name, value in told.items()]
        response.headers["content-length"] = str(len(body))
        return response

    async def _true_answer(self, asked: Asked | None = None) -> tuple[Message, bytes]:
        """The whole answer to the request, or to another of the same address."""
        messages: list[Message] = []

        async def keep(message: Message) -> None:
            messages.append(message)

        scope = self.scope
        if asked is not None:
            scope = {**scope, "query_string": asked.query, "sandbox.body": asked.body}
        await self.app(scope, self.receive, keep)
        return messages[0], b"".join(message.get("body", b"") for message in messages[1:])

    async def _close(self, last_words: bytes = b"", *, reset: bool = False) -> None:
        """Close the connection under the server, which has no word for that in its protocol."""
        transport = getattr(getattr(self.wire, "__self__", None), "transport", None)
        if transport is None:
            raise ConnectionAbortedError("a fault on demand")
        transport.write(last_words)
        if reset:
            transport.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _LINGER_NOT)
            transport.abort()
        # What was sent leaves first; then the server must learn that the client is gone.
        transport.close()
        for _ in range(3):
            await asyncio.sleep(0)


def _scripted(fault: Fault, state: SandboxState, resource: str, request: Request) -> Response:
    token = authenticate(state.tokens, request.headers.get("authorization"), state.present()) or Token()
    if fault.kind is FaultKind.NOT_JSON:
        response: Response = HTMLResponse(_PAGE, headers=state.stamp())
    elif fault.kind is FaultKind.RATE_LIMIT:
        state.limiter.exhaust(token.login, resource, int(fault.seconds))
        response = exceeded_response(state, token, resource, fault.status or 403)
    elif fault.kind is FaultKind.SECONDARY:
        response = secondary_response(state, fault.status or 403, fault.retry_after)
    elif fault.kind is FaultKind.REDIRECT:
        query = f"?{request.url.query}" if request.url.query else ""
        response = RedirectResponse(f"{fault.location}{request.url.path}{query}", fault.status or 301, state.stamp())
    else:
        response = _status(fault, state)
    if fault.retry_after is not None:
        response.headers["retry-after"] = str(fault.retry_after)
    for name, value in fault.headers.items():
        if value is not None:
            response.headers[name] = value
        elif name in response.headers:
            del response.headers[name]
    return response


def _status(fault: Fault, state: SandboxState) -> Response:
    status = fault.status or 502
    if status >= 500 and fault.message is None:
        return HTMLResponse(_PAGE, status, headers=state.stamp())
    error = RestError(status, fault.message or {401: "Bad credentials", 404: "Not Found"}.get(status, "Sandbox fault"))
    return json_response(state, error.body, status)


def _partial(state: SandboxState, answer: dict[str, Any], headers: dict[str, str]) -> Response:
    """Each connection keeps the first half of its nodes, as if execution had been stopped."""
    error = {"type": "RESOURCE_LIMITS_EXCEEDED", "message": "Resource limits for this query exceeded."}
    body = {"data": _halved(answer.get("data")), "errors": [*answer.get("errors", []), error]}
    return json_response(state, body, headers=headers)


def _halved(value: Any) -> Any:
    if isinstance(value, dict):
        return {k: _halved(v[: len(v) // 2] if k == "nodes" and v else v) for k, v in value.items()}
    return [_halved(item) for item in value] if isinstance(value, list) else value


def _plain(headers: Iterable[tuple[bytes, bytes]]) -> dict[str, str]:
    """Headers as text, without what each answer says of its own body."""
    own = (b"content-length", b"content-type")
    return {name.decode(): value.decode() for name, value in headers if name not in own}


def _on_the_wire(start: Message, body: bytes, length: int) -> bytes:
    """An answer as bytes, with a length that the server itself would refuse to send."""
    headers = _plain(start["headers"]) | {"content-type": "application/json", "content-length": str(length)}
    headers["connection"] = "close"
    lines = [f"HTTP/1.1 {start['status']} {HTTPStatus(start['status']).phrase}"]
    lines += [f"{name}: {value}" for name, value in headers.items()]
    return "\r\n".join([*lines, "", ""]).encode() + body
