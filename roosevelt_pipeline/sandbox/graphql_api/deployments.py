"""Deployment with its statuses, and Release."""

from typing import Any

from graphql import GraphQLResolveInfo

from roosevelt_pipeline.sandbox.graphql_api.commits import branch, commit_by_oid
from roosevelt_pipeline.sandbox.graphql_api.connections import Page, list_page
from roosevelt_pipeline.sandbox.graphql_api.context import repository_url, typed
from roosevelt_pipeline.sandbox.graphql_api.fields import Fields, always, key, node_id, optional, plain
from roosevelt_pipeline.sandbox.records import Doc


def _status(deployment: Doc, doc: Doc) -> Doc:
    typed("DeploymentStatus", doc)["deployment"] = deployment
    doc["repository_id"] = deployment["repository_id"]
    return doc


def _statuses(deployment: Doc, info: GraphQLResolveInfo, **arguments: Any) -> Page:
    """Newest first."""
    page = list_page(info, arguments, deployment["statuses"][::-1])
    page.nodes = [_status(deployment, doc) for doc in page.nodes]
    return page


def _latest_status(deployment: Doc, _info: GraphQLResolveInfo) -> Doc | None:
    statuses = deployment["statuses"]
    return _status(deployment, statuses[-1]) if statuses else None


def _latest_environment(deployment: Doc) -> str | None:
    named = [status["environment"] for status in deployment["statuses"] if status.get("environment")]
    return named[-1] if named else deployment["environment"]


def _state(deployment: Doc) -> str:
    """A deployment whose newest status is SUCCESS is itself called ACTIVE."""
    state = deployment["state"].upper()
    return "ACTIVE" if state == "SUCCESS" else state


def _ref(deployment: Doc, info: GraphQLResolveInfo) -> Doc | None:
    repository = info.context.records.repository(deployment["repository_id"])
    name = (deployment.get("ref") or "").removeprefix("refs/heads/")
    return branch(repository, name, deployment["sha"]) if name and name != deployment["sha"] else None


def _creator(doc: Doc, info: GraphQLResolveInfo) -> Doc:
    return info.context.actor_or_ghost(doc.get("creator_id"))


def _tag_commit(release: Doc, info: GraphQLResolveInfo) -> Doc | None:
    known = {"committed_at": release["created_at"], "authored_at": release["created_at"]}
    return commit_by_oid(info.context, release["repository_id"], release["oid"], **known)


def _release_url(release: Doc, info: GraphQLResolveInfo) -> str:
    repository = info.context.records.repository(release["repository_id"])
    return f"{repository_url(repository)}/releases/tag/{release['tag_name']}"


FIELDS: dict[str, Fields] = {
    "Deployment": {
        "id": node_id("Deployment", "repository_id", "id"),
        "databaseId": key("id"),
        "createdAt": key("created_at"),
        "updatedAt": key("updated_at"),
        "task": key("task"),
        "description": always(None),
        "payload": always(None),
        "state": plain(_state),
        "environment": key("environment"),
        "originalEnvironment": key("environment"),
        "latestEnvironment": plain(_latest_environment),
        "latestStatus": _latest_status,
        "commitOid": key("sha"),
        "commit": lambda doc, info: commit_by_oid(info.context, doc["repository_id"], doc["sha"]),
        "ref": _ref,
        "creator": _creator,
        "repository": lambda doc, info: info.context.repository(doc["repository_id"]),
        "statuses": _statuses,
    },
    "DeploymentStatus": {
        "id": node_id("DeploymentStatus", "repository_id", "id"),
        "state": plain(lambda doc: doc["state"].upper()),
        "createdAt": key("created_at"),
        "updatedAt": key("created_at"),
        "description": always(None),
        "environment": optional("environment"),
        "environmentUrl": always(None),
        "logUrl": optional("log_url"),
        "creator": _creator,
        "deployment": key("deployment"),
    },
    "Release": {
        "id": node_id("Release", "repository_id", "id"),
        "databaseId": key("id"),
        "tagName": key("tag_name"),
        "name": key("name"),
        "description": always(None),
        "isDraft": key("is_draft"),
        "isPrerelease": key("is_prerelease"),
        "createdAt": key("created_at"),
        "publishedAt": key("published_at"),
        "updatedAt": key("updated_at"),
        "url": _release_url,
        "author": lambda doc, info: info.context.user(doc["author_id"]),
        "tagCommit": _tag_commit,
        "repository": lambda doc, info: info.context.repository(doc["repository_id"]),
    },
}
