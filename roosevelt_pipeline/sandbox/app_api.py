"""What an App asks as itself, signed with its key: where it is installed, and for tokens."""

from collections.abc import Callable
from typing import Any

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from roosevelt_pipeline.sandbox.answers import json_response
from roosevelt_pipeline.sandbox.apps import App, Installation, SignatureError, granted, new_token, recognise
from roosevelt_pipeline.sandbox.rest_api.exchange import RestError, not_found
from roosevelt_pipeline.sandbox.state import SandboxState

Answer = Callable[[App, Request], tuple[int, Any]]


def app_routes(state: SandboxState, prefix: str) -> list[Route]:
    """The addresses of Apps below a prefix."""

    def installations(app: App, _request: Request) -> tuple[int, Any]:
        return 200, [_told(app, number, one) for number, one in app.installations.items()]

    def installation(app: App, request: Request) -> tuple[int, Any]:
        number = _number(app, request)
        return 200, _told(app, number, app.installations[number])

    def of_organization(app: App, request: Request) -> tuple[int, Any]:
        login = request.path_params["org"].lower()
        for number, one in app.installations.items():
            if one.organization.lower() == login:
                return 200, _told(app, number, one)
        raise not_found()

    def access_tokens(app: App, request: Request) -> tuple[int, Any]:
        number = _number(app, request)
        if app.installations[number].suspended:
            raise RestError(403, "This installation has been suspended")
        secret, token = new_token(app, number, state.present())
        state.tokens[secret] = token
        assert token.expires_at is not None
        return 201, {
            "token": secret,
            "expires_at": token.expires_at.strftime("%Y-%m-%dT%H:%M:%SZ"),
            "permissions": granted(token.permissions),
            "repository_selection": "all" if token.repositories is None else "selected",
        }

    return [
        _route(state, f"{prefix}/app/installations", installations),
        _route(state, f"{prefix}/app/installations/{{number:int}}", installation),
        _route(state, f"{prefix}/app/installations/{{number:int}}/access_tokens", access_tokens, "POST"),
        _route(state, f"{prefix}/orgs/{{org}}/installation", of_organization),
    ]


def _route(state: SandboxState, path: str, answer: Answer, method: str = "GET") -> Route:
    async def respond(request: Request) -> Response:
        try:
            app = recognise(state.apps, request.headers.get("authorization"), state.present())
            status, body = answer(app, request)
        except SignatureError as error:
            status, body = 401, RestError(401, str(error)).body
        except RestError as error:
            status, body = error.status, error.body
        return json_response(state, body, status)

    return Route(path, respond, methods=[method])


def _number(app: App, request: Request) -> int:
    number = int(request.path_params["number"])
    if number not in app.installations:
        raise not_found()
    return number


def _told(app: App, number: int, installation: Installation) -> dict[str, Any]:
    return {
        "id": number,
        "app_id": app.app_id,
        "account": {"login": installation.organization, "type": "Organization"},
        "target_type": "Organization",
        "permissions": granted(installation.permissions),
        "repository_selection": "all" if installation.repositories is None else "selected",
        "suspended_at": "2026-01-01T00:00:00Z" if installation.suspended else None,
    }
