"""Deployments with their statuses, and releases, in REST's shape."""

from roosevelt_pipeline.sandbox.node_ids import global_id
from roosevelt_pipeline.sandbox.records import Doc, Query
from roosevelt_pipeline.sandbox.rest_api.accounts import user_by_id, user_or_ghost
from roosevelt_pipeline.sandbox.rest_api.exchange import Call, Reply, not_found
from roosevelt_pipeline.sandbox.rest_api.paging import numbered, sliced


def list_deployments(call: Call) -> Reply:
    where, params = ["repository_id = ?"], [call.repository["id"]]
    for name in ("sha", "ref", "task", "environment"):
        if call.query.get(name):
            where.append(f"json_extract(doc, '$.{name}') = ?")
            params.append(call.query[name])
    return numbered(call, Query("deployments", tuple(where), tuple(params), "id", descending=True), _deployment)


def get_deployment(call: Call) -> Reply:
    return Reply(_deployment(call, _found(call)))


def list_statuses(call: Call) -> Reply:
    """Newest first."""
    deployment = _found(call)
    return sliced(call, deployment["statuses"][::-1], lambda call, doc: _status(call, deployment, doc))


def _found(call: Call) -> Doc:
    where = "id = ? and repository_id = ?"
    doc = call.records.one("deployments", where, call.number("deployment_id"), call.repository["id"])
    if doc is None:
        raise not_found()
    return doc


def _deployment(call: Call, doc: Doc) -> Doc:
    url = f"{call.repository_url}/deployments/{doc['id']}"
    named = [status["environment"] for status in doc["statuses"] if status.get("environment")]
    return {
        "url": url,
        "id": doc["id"],
        "node_id": global_id("Deployment", doc["repository_id"], doc["id"]),
        "sha": doc["sha"],
        "ref": doc.get("ref") or doc["sha"],
        "task": doc["task"],
        "payload": {},
        "original_environment": doc["environment"],
        "environment": named[-1] if named else doc["environment"],
        "description": None,
        "creator": user_by_id(call, doc["creator_id"]),
        "created_at": doc["created_at"],
        "updated_at": doc["updated_at"],
        "statuses_url": f"{url}/statuses",
        "repository_url": call.repository_url,
        "transient_environment": False,
        "production_environment": False,
    }


def _status(call: Call, deployment: Doc, doc: Doc) -> Doc:
    url = f"{call.repository_url}/deployments/{deployment['id']}"
    return {
        "url": f"{url}/statuses/{doc['id']}",
        "id": doc["id"],
        "node_id": global_id("DeploymentStatus", deployment["repository_id"], doc["id"]),
        "state": doc["state"].lower(),
        "creator": user_by_id(call, doc.get("creator_id")),
        "description": "",
        "environment": doc.get("environment") or deployment["environment"],
        "target_url": doc.get("log_url") or "",
        "log_url": doc.get("log_url") or "",
        "environment_url": "",
        "created_at": doc["created_at"],
        "updated_at": doc["created_at"],
        "deployment_url": url,
        "repository_url": call.repository_url,
    }


def list_releases(call: Call) -> Reply:
    query = Query("releases", ("repository_id = ?",), (call.repository["id"],), "created_at", descending=True)
    return numbered(call, query, release)


def release(call: Call, doc: Doc) -> Doc:
    url, tag = f"{call.repository_url}/releases/{doc['id']}", doc["tag_name"]
    return {
        "url": url,
        "html_url": f"{call.web_url}/releases/tag/{tag}",
        "assets_url": f"{url}/assets",
        "upload_url": f"{url}/assets{{?name,label}}",
        "tarball_url": f"{call.repository_url}/tarball/{tag}",
        "zipball_url": f"{call.repository_url}/zipball/{tag}",
        "id": doc["id"],
        "node_id": global_id("Release", call.repository["id"], doc["id"]),
        "tag_name": tag,
        "target_commitish": call.repository["default_branch"],
        "name": doc["name"],
        "body": None,
        "draft": doc["is_draft"],
        "prerelease": doc["is_prerelease"],
        "created_at": doc["created_at"],
        "published_at": doc["published_at"],
        "updated_at": doc["updated_at"],
        "author": user_or_ghost(call, doc["author_id"]),
        "assets": [],
    }
