"""The root: viewer, rateLimit, repository, organization, node, nodes."""

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

from graphql import GraphQLResolveInfo

from roosevelt_pipeline.sandbox.graphql_api.context import Context, GitHubError, typed
from roosevelt_pipeline.sandbox.graphql_api.fields import Fields, key
from roosevelt_pipeline.sandbox.graphql_api.organizations import organization_by_login
from roosevelt_pipeline.sandbox.graphql_api.repositories import release_source
from roosevelt_pipeline.sandbox.node_ids import parse_global_id
from roosevelt_pipeline.sandbox.records import Doc
from roosevelt_pipeline.sandbox.review_comments import review_comments

_PERMISSION = {
    "PullRequest": ("pull_requests", "pull_requests"),
    "Issue": ("issues", "issues"),
    "Deployment": ("deployments", "deployments"),
    "Release": ("releases", "contents"),
    "Workflow": ("workflows", "actions"),
    "WorkflowRun": ("workflow_runs", "actions"),
    "CheckSuite": ("workflow_runs", "actions"),
}


def _repository(_root: Any, info: GraphQLResolveInfo, owner: str, name: str, followRenames: bool = True) -> Doc:  # noqa: N803
    context: Context = info.context
    current = context.renamed.get(name, name) if followRenames else name
    doc = context.records.repository_by_name(owner, current)
    found = doc and context.repository(doc["id"])
    if not found:
        raise GitHubError("NOT_FOUND", f"Could not resolve to a Repository with the name '{owner}/{name}'.")
    return found


def _by_id(context: Context, node_id: str) -> Doc:
    """The object of a node id.

    Raises:
        GitHubError: there is none, or the token may not see it; GitHub does not say which.
    """
    found = _lookup(context, node_id)
    if found is None:
        raise GitHubError("NOT_FOUND", f"Could not resolve to a node with the global id of '{node_id}'")
    return found


def _lookup(context: Context, node_id: str) -> Doc | None:
    type_name, path = parse_global_id(node_id) or ("", [0])
    if type_name == "Repository":
        return context.repository(int(path[-1]))
    if type_name == "Organization":
        return context.organization()
    if type_name in ("User", "Bot"):
        return context.actor(int(path[-1]))
    if type_name == "Team":
        doc = context.records.one("teams", "id = ?", path[-1])
        return typed("Team", doc) if doc and context.token.may_read("members") else None
    if type_name == "PullRequestReviewComment":
        return _review_comment(context, int(path[0]), int(path[-1]))
    if type_name in _PERMISSION and context.repository(int(path[0])):
        table, permission = _PERMISSION[type_name]
        if context.token.may_read(permission):
            if type_name == "Issue":
                return _issue(context, int(path[-1]))
            return _stored(context, type_name, table, int(path[0]), int(path[-1]))
    return None


def _review_comment(context: Context, repository_id: int, comment_id: int) -> Doc | None:
    if not (context.repository(repository_id) and context.token.may_read("pull_requests")):
        return None
    found = (one for one in review_comments(context.records, repository_id) if one["id"] == comment_id)
    return next((typed("PullRequestReviewComment", {**one}) for one in found), None)


def _issue(context: Context, object_id: int) -> Doc | None:
    """An issue keeps its id when it is transferred, and answers from where it is now."""
    doc = context.records.one("issues", "id = ?", object_id)
    return typed("Issue", doc) if doc and context.repository(doc["repository_id"]) else None


def _stored(context: Context, type_name: str, table: str, repository_id: int, object_id: int) -> Doc | None:
    latest = " order by run_attempt desc" if table == "workflow_runs" else ""
    doc = context.records.one(table, f"id = ? and repository_id = ?{latest}", object_id, repository_id)
    if doc is None or table != "releases":
        return doc and typed(type_name, {**doc, "repository_id": repository_id})
    return release_source(repository_id, doc)


def _node(_root: Any, info: GraphQLResolveInfo, id: str) -> Doc:
    return _by_id(info.context, id)


def _nodes(_root: Any, info: GraphQLResolveInfo, ids: list[str]) -> list[Doc | Exception]:
    """An unknown id is null in its place, with an error of its own."""
    most = info.context.limits.ids_per_query
    if len(ids) > most:
        message = f"You may not provide more than {most} node ids; you provided {len(ids)}."
        raise GitHubError("ARGUMENT_LIMIT", message)
    return [_or_error(_by_id, info.context, node_id) for node_id in ids]


def _or_error(find: Callable[[Context, str], Doc], context: Context, node_id: str) -> Doc | Exception:
    try:
        return find(context, node_id)
    except GitHubError as error:
        return error


def _rate_limit(_root: Any, info: GraphQLResolveInfo, **_arguments: Any) -> Doc:
    context: Context = info.context
    return {
        "cost": context.price.points,
        "nodeCount": context.price.nodes,
        "limit": context.budget.limit,
        "remaining": context.budget.remaining,
        "used": context.budget.used,
        "resetAt": datetime.fromtimestamp(context.reset, UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
    }


def _viewer(_root: Any, info: GraphQLResolveInfo) -> Doc:
    token = info.context.token
    return typed("User", {"id": token.user_id, "login": token.login, "name": token.login})


FIELDS: dict[str, Fields] = {
    "Query": {
        "viewer": _viewer,
        "rateLimit": _rate_limit,
        "repository": _repository,
        "organization": lambda _root, info, login: organization_by_login(info, login),
        "node": _node,
        "nodes": _nodes,
    },
    "RateLimit": {name: key(name) for name in ("cost", "nodeCount", "limit", "remaining", "used", "resetAt")},
}
