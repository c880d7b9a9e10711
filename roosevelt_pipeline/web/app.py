"""What Roosevelt serves over HTTP, put together: one module for each thing, and one address that says how they are.

A further thing (a form, a page) is a module that makes a `Part` and a line in ``server.py``.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import BaseRoute, Route


@dataclass(frozen=True)
class Part:
    """One thing that is served.

    Attributes:
        health: whether it works now, and facts about it that name nobody; may take its time.
        close: gives up what it holds.
    """

    name: str
    routes: Sequence[BaseRoute]
    health: Callable[[], tuple[bool, dict[str, Any]]]
    close: Callable[[], None] = lambda: None


def create_app(parts: Sequence[Part]) -> Starlette:
    """All parts under one roof. ``GET /health`` answers 200 if every part works, else 503."""

    async def health(_: Request) -> JSONResponse:
        told = [(part.name, await run_in_threadpool(part.health)) for part in parts]
        well = all(works for _, (works, _) in told)
        body: dict[str, Any] = {"status": "ok" if well else "unavailable"}
        return JSONResponse(body | {name: facts for name, (_, facts) in told}, 200 if well else 503)

    return Starlette(routes=[Route("/health", health, methods=["GET"]), *(r for part in parts for r in part.routes)])
