"""A server that answers as Codecov's API v2 does, of the same builds as their artifacts tell."""

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from roosevelt_pipeline.sandbox.coverage import builds_of
from roosevelt_pipeline.sandbox.state import SandboxState

TOKEN = "sandbox-codecov-token"  # noqa: S105 (it opens nothing but a simulation on this machine)


def codecov_routes(state: SandboxState) -> list[Route]:
    """How many repositories there are; commits of one, newest first."""

    async def repositories(request: Request) -> Response:
        if request.headers.get("authorization") != f"Bearer {TOKEN}":
            return JSONResponse({"detail": "Invalid token."}, 401)
        owner = request.path_params["owner"]
        names = [one["name"] for one in state.records().select("select doc from repositories") if one["owner"] == owner]
        return JSONResponse({"count": len(names), "next": None, "previous": None, "results": [{"name": names[0]}]})

    async def commits(request: Request) -> Response:
        if request.headers.get("authorization") != f"Bearer {TOKEN}":
            return JSONResponse({"detail": "Invalid token."}, 401)
        owner, name = request.path_params["owner"], request.path_params["repo"]
        repository = state.records().repository_by_name(owner, name)
        if repository is None:
            return JSONResponse({"detail": "Not found."}, 404)
        page, size = int(request.query_params.get("page", 1)), int(request.query_params.get("page_size", 10))
        builds = builds_of(state.store, repository)
        shown = builds[(page - 1) * size : page * size]
        more = page * size < len(builds)
        results = [
            {
                "commitid": one.sha,
                "message": None,
                "timestamp": one.measured_at,
                "ci_passed": True,
                "author": None,
                "branch": "main",
                "state": "complete",
                "totals": {
                    "files": 2,
                    "lines": one.lines_valid,
                    "hits": one.lines_covered,
                    "misses": one.lines_valid - one.lines_covered,
                    "partials": 0,
                    "coverage": round(100 * one.lines_covered / one.lines_valid, 2),
                },
            }
            for one in shown
        ]
        following = str(request.url.include_query_params(page=page + 1)) if more else None
        return JSONResponse(
            {"count": len(builds), "next": following, "previous": None, "results": results,
             "total_pages": -(-len(builds) // size)}
        )  # fmt: skip

    place = "/api/v2/github/{owner}/repos/"
    return [Route(place, repositories), Route(f"{place}{{repo}}/commits/", commits, methods=["GET"])]
