"""From an HTTP request to GitHub's answer: identity, limits, conditions, headers."""

import hashlib
import json
import time
from collections.abc import Mapping
from typing import Any

from starlette.requests import Request
from starlette.responses import Response

from roosevelt_pipeline.sandbox.graphql_api.context import Context
from roosevelt_pipeline.sandbox.graphql_api.execution import RefusedError, prepare, run
from roosevelt_pipeline.sandbox.rest_api.exchange import DOCUMENTATION, Call, Reply, RestError, not_found
from roosevelt_pipeline.sandbox.rest_api.paging import link_header
from roosevelt_pipeline.sandbox.rest_api.routes import Endpoint
from roosevelt_pipeline.sandbox.state import SandboxState
from roosevelt_pipeline.sandbox.tokens import Token, TokenKind, authenticate

SECONDARY_MESSAGE = "You have exceeded a secondary rate limit. Please wait a few minutes before you try again."
SECONDARY_URL = f"{DOCUMENTATION}/using-the-rest-api/rate-limits-for-the-rest-api#about-secondary-rate-limits"


def encoded(body: Any) -> bytes:
    return json.dumps(body, ensure_ascii=False, separators=(",", ":")).encode()


def json_response(
    state: SandboxState, body: Any, status: int = 200, headers: Mapping[str, str] | None = None
) -> Response:
    """An answer; ``body`` is data, or bytes that are encoded already."""
    content = body if isinstance(body, bytes) else encoded(body)
    media = "application/json; charset=utf-8"
    return Response(content, status, {**state.stamp(), **(headers or {})}, media_type=media)


def identified(state: SandboxState, request: Request) -> Token:
    """The request's sender.

    Raises:
        RestError: there is no token, or it is not (or no longer) valid.
    """
    header = request.headers.get("authorization")
    token = authenticate(state.tokens, header, state.present())
    if token is None:
        raise RestError(401, "Bad credentials" if header else "Requires authentication")
    return token


def budget_headers(state: SandboxState, token: Token, resource: str) -> dict[str, str]:
    budget = state.limiter.budget(token.login, resource)
    scopes = {"x-oauth-scopes": ", ".join(token.scopes), "x-accepted-oauth-scopes": "repo"}
    return {
        "x-ratelimit-limit": str(budget.limit),
        "x-ratelimit-remaining": str(budget.remaining),
        "x-ratelimit-used": str(budget.used),
        "x-ratelimit-reset": str(state.limiter.shown_reset(budget)),
        "x-ratelimit-resource": resource,
        **(scopes if token.kind is TokenKind.CLASSIC else {}),
    }


def secondary_response(state: SandboxState, status: int = 403, retry_after: int | None = None) -> Response:
    headers = {} if retry_after is None else {"retry-after": str(retry_after)}
    body: dict[str, Any] = {"documentation_url": SECONDARY_URL, "message": SECONDARY_MESSAGE}
    if status == 200:
        body["errors"] = [{"message": SECONDARY_MESSAGE}]
    return json_response(state, body, status, headers)


def exceeded_response(state: SandboxState, token: Token, resource: str, status: int = 403) -> Response:
    """The hour is used up: an error status in REST, 200 with an error in GraphQL."""
    message = f"API rate limit exceeded for user ID {token.user_id}."
    headers = budget_headers(state, token, resource)
    if resource == "graphql":
        return json_response(state, {"errors": [{"type": "RATE_LIMITED", "message": message}]}, 200, headers)
    body = {"message": message, "documentation_url": f"{DOCUMENTATION}/rate-limit", "status": str(status)}
    return json_response(state, body, status, headers)


def answer_rest(state: SandboxState, request: Request, endpoint: Endpoint) -> Response:
    """Answer one REST request."""
    try:
        token = identified(state, request)
    except RestError as error:
        return json_response(state, error.body, error.status)
    started = time.perf_counter()
    try:
        if not state.limiter.begin(token.login, "core"):
            return secondary_response(state, retry_after=60)
        if endpoint.is_counted and not state.limiter.budget(token.login, "core").remaining:
            return exceeded_response(state, token, "core")
        return _rest(state, request, endpoint, token)
    finally:
        state.limiter.end(token.login, "core", time.perf_counter() - started + state.latency_seconds)


def _rest(state: SandboxState, request: Request, endpoint: Endpoint, token: Token) -> Response:
    try:
        call, reply = _handled(state, request, endpoint, token)
        status, body = 200, encoded(reply.body)
        headers = _entity_headers(request, call, reply, body)
        if _matches(request, headers["etag"]):
            status, body = 304, b""
    except RestError as error:
        status, body, headers = error.status, encoded(error.body), error.headers
    if endpoint.is_counted and status != 304:
        state.limiter.charge(token.login, "core", 1)
        state.journal.charged("core", 1)
    headers |= budget_headers(state, token, "core")
    if token.kind is TokenKind.FINE_GRAINED:
        headers["x-accepted-github-permissions"] = f"{endpoint.permission}=read"
    if status == 304:
        return Response(status_code=304, headers={**state.stamp(), **headers})
    return json_response(state, body, status, headers)


def _entity_headers(request: Request, call: Call, reply: Reply, content: bytes) -> dict[str, str]:
    headers = {
        "etag": _etag(request, content),
        "cache-control": "private, max-age=60, s-maxage=60",
        "vary": "Accept, Authorization, Cookie, X-GitHub-OTP",
    }
    if reply.links:
        root = call.base_url.removesuffix(_prefix(call.path))
        headers["link"] = link_header(root, call.path, reply.links)
    return headers


def _handled(state: SandboxState, request: Request, endpoint: Endpoint, token: Token) -> tuple[Call, Reply]:
    path = request.url.path
    base = f"{request.url.scheme}://{request.url.netloc}{_prefix(path)}"
    parts = {name: str(value) for name, value in request.path_params.items()}
    call = Call(base, path, dict(request.query_params), parts, state.records(), token, state.limiter)
    if endpoint.in_repository:
        _find_repository(state, request, call)
        if not token.may_read(endpoint.permission):
            raise RestError(403, token.refusal)
    try:
        return call, endpoint.handler(call)
    except ValueError as error:
        raise RestError(422, f"Invalid request. {error}") from None


def _find_repository(state: SandboxState, request: Request, call: Call) -> None:
    if "repository_id" in call.parts:
        found = call.records.repository(call.number("repository_id"))
    else:
        owner, name = call.parts["owner"], call.parts["repo"]
        found = call.records.repository_by_name(owner, state.renamed.get(name, name))
        if found and call.token.may_see(found["name"]) and name in state.renamed:
            raise _moved(request, call, f"/repos/{owner}/{name}", found["id"])
    if found is None or not call.token.may_see(found["name"]):
        raise not_found()
    call.found = found


def _moved(request: Request, call: Call, old: str, repository_id: int) -> RestError:
    rest = call.path.removeprefix(_prefix(call.path)).removeprefix(old)
    query = f"?{request.url.query}" if request.url.query else ""
    url = f"{call.base_url}/repositories/{repository_id}{rest}{query}"
    return RestError(301, "Moved Permanently", location=url)


def _prefix(path: str) -> str:
    return "/api/v3" if path.startswith("/api/v3/") else ""


def _etag(request: Request, content: bytes) -> str:
    """An entity tag that holds for one token alone, as GitHub's do."""
    secret = (request.headers.get("authorization") or "").rpartition(" ")[2]
    return f'W/"{hashlib.sha256(secret.encode() + content).hexdigest()}"'


def _matches(request: Request, etag: str) -> bool:
    known = request.headers.get("if-none-match", "")
    return etag.removeprefix("W/") in [tag.strip().removeprefix("W/") for tag in known.split(",")]


def answer_graphql(state: SandboxState, request: Request, text: bytes) -> Response:
    """Answer one GraphQL request."""
    try:
        token = identified(state, request)
        body = _graphql_body(text)
    except RestError as error:
        return json_response(state, error.body, error.status)
    started = time.perf_counter()
    try:
        if not state.limiter.begin(token.login, "graphql"):
            return secondary_response(state, retry_after=60)
        return _graphql(state, token, body)
    finally:
        state.limiter.end(token.login, "graphql", time.perf_counter() - started + state.latency_seconds)


def _graphql(state: SandboxState, token: Token, body: dict[str, Any]) -> Response:
    budget = state.limiter.budget(token.login, "graphql")
    try:
        prepared = prepare(body, state.limits)
    except RefusedError as refused:
        return json_response(state, refused.answer, headers=budget_headers(state, token, "graphql"))
    if not state.limiter.charge(token.login, "graphql", prepared.price.points):
        return exceeded_response(state, token, "graphql")
    state.journal.charged("graphql", prepared.price.points)
    reset = state.limiter.shown_reset(budget)
    context = Context(state.records(), token, state.limits, budget, reset, prepared.price, state.renamed)
    return json_response(state, run(prepared, context), headers=budget_headers(state, token, "graphql"))


def _graphql_body(text: bytes) -> dict[str, Any]:
    try:
        body = json.loads(text)
    except ValueError:
        raise RestError(400, "Problems parsing JSON") from None
    if not isinstance(body, dict):
        raise RestError(400, "Problems parsing JSON")
    return body
