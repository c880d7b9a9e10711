"""Artifacts of workflow runs, in REST's shape; where they lie, and the storage that holds them."""

import hashlib
from datetime import datetime
from urllib.parse import urlsplit

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from roosevelt_pipeline.sandbox.coverage import KEPT, CoverageTruth, archive, builds_of
from roosevelt_pipeline.sandbox.node_ids import global_id
from roosevelt_pipeline.sandbox.records import Doc
from roosevelt_pipeline.sandbox.rest_api.exchange import Call, Reply, RestError, not_found
from roosevelt_pipeline.sandbox.rest_api.paging import numbered_links
from roosevelt_pipeline.sandbox.state import SandboxState

STORAGE = "/_storage/artifacts"


def list_artifacts(call: Call) -> Reply:
    """Newest first."""
    builds = builds_of(call.records.store, call.repository)
    start = (call.page() - 1) * call.limit()
    shown = [_artifact(call, one) for one in builds[start : start + call.limit()]]
    return Reply({"total_count": len(builds), "artifacts": shown}, numbered_links(call, len(builds)))


def download(call: Call) -> Reply:
    """Elsewhere: 302 to an address that is good for a minute, and for whoever has it."""
    if _found(builds_of(call.records.store, call.repository), call.number("artifact_id")) is None:
        raise not_found()
    port = urlsplit(call.base_url).port
    place = f"{STORAGE}/{call.repository['id']}/{call.number('artifact_id')}"
    raise RestError(302, "Found", location=f"http://localhost:{port}{place}?sig={signature(place)}")


def signature(place: str) -> str:
    return hashlib.sha256(place.encode()).hexdigest()[:20]


def storage(state: SandboxState) -> Route:
    """What lies there. Like the real one, it refuses whoever shows a credential that is not its own."""

    async def answer(request: Request) -> Response:
        if "authorization" in request.headers:
            return Response("InvalidAuthenticationInfo", 400)
        if request.query_params.get("sig") != signature(request.url.path):
            return Response("AuthenticationFailed", 403)
        repository = state.records().repository(int(request.path_params["repository_id"]))
        builds = builds_of(state.store, repository) if repository else []
        build = _found(builds, int(request.path_params["artifact_id"]))
        return Response(archive(build), media_type="application/zip") if build else Response("BlobNotFound", 404)

    return Route(f"{STORAGE}/{{repository_id:int}}/{{artifact_id:int}}", answer, methods=["GET"])


def _found(builds: list[CoverageTruth], artifact_id: int) -> CoverageTruth | None:
    return next((one for one in builds if one.run_id * 10 + 1 == artifact_id), None)


def _artifact(call: Call, build: CoverageTruth) -> Doc:
    key = build.run_id * 10 + 1
    url = f"{call.repository_url}/actions/artifacts/{key}"
    measured = datetime.fromisoformat(build.measured_at)
    return {
        "id": key,
        "node_id": global_id("Artifact", call.repository["id"], key),
        "name": "coverage-report",
        "size_in_bytes": 4_000,
        "url": url,
        "archive_download_url": f"{url}/zip",
        "expired": False,
        "created_at": build.measured_at,
        "updated_at": build.measured_at,
        "expires_at": (measured + KEPT).strftime("%Y-%m-%dT%H:%M:%SZ"),
        "workflow_run": {
            "id": build.run_id,
            "repository_id": call.repository["id"],
            "head_repository_id": call.repository["id"],
            "head_branch": "main",
            "head_sha": build.sha,
        },
    }
