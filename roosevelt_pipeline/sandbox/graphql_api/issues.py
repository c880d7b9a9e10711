"""Issue."""

from graphql import GraphQLResolveInfo

from roosevelt_pipeline.sandbox.graphql_api.context import repository_url
from roosevelt_pipeline.sandbox.graphql_api.fields import Fields, always, key, node_id, plain
from roosevelt_pipeline.sandbox.graphql_api.labels import label_page
from roosevelt_pipeline.sandbox.graphql_api.timelines import timeline_page
from roosevelt_pipeline.sandbox.records import Doc


def _url(issue: Doc, info: GraphQLResolveInfo) -> str:
    repository = info.context.records.repository(issue["repository_id"])
    return f"{repository_url(repository)}/issues/{issue['number']}"


def _state_reason(issue: Doc, _info: GraphQLResolveInfo, enableDuplicate: bool = False) -> str | None:  # noqa: N803
    """Clients that do not know DUPLICATE see NOT_PLANNED, as on GitHub."""
    reason: str | None = issue["state_reason"] and issue["state_reason"].upper()
    return "NOT_PLANNED" if reason == "DUPLICATE" and not enableDuplicate else reason


FIELDS: dict[str, Fields] = {
    "Issue": {
        "id": node_id("Issue", "repository_id", "id"),
        "fullDatabaseId": plain(lambda doc: str(doc["id"])),
        "databaseId": key("id"),
        "number": key("number"),
        "title": key("title"),
        "body": plain(lambda doc: doc.get("body") or ""),
        "bodyText": plain(lambda doc: doc.get("body") or ""),
        "url": _url,
        "state": key("state"),
        "stateReason": _state_reason,
        "closed": plain(lambda doc: doc["closed_at"] is not None),
        "locked": always(False),
        "createdAt": key("created_at"),
        "publishedAt": key("created_at"),
        "updatedAt": key("updated_at"),
        "closedAt": key("closed_at"),
        "author": lambda doc, info: info.context.actor(doc["author_id"]),
        "repository": lambda doc, info: info.context.repository(doc["repository_id"]),
        "labels": label_page,
        "timelineItems": lambda doc, info, **arguments: timeline_page(doc, doc["events"], info, arguments),
    },
}
