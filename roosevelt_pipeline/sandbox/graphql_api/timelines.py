"""Timeline events of issues and pull requests."""

from typing import Any

from graphql import GraphQLResolveInfo

from roosevelt_pipeline.sandbox.graphql_api.connections import Page, list_page
from roosevelt_pipeline.sandbox.graphql_api.context import typed
from roosevelt_pipeline.sandbox.graphql_api.fields import Fields, key, node_id
from roosevelt_pipeline.sandbox.graphql_api.labels import label
from roosevelt_pipeline.sandbox.instants import stored_instant
from roosevelt_pipeline.sandbox.records import Doc

PULL_REQUEST_EVENTS = ("ReadyForReviewEvent", "ConvertToDraftEvent", "ReviewRequestedEvent")
_TYPE_OF = {
    "READY_FOR_REVIEW_EVENT": "ReadyForReviewEvent",
    "CONVERT_TO_DRAFT_EVENT": "ConvertToDraftEvent",
    "REVIEW_REQUESTED_EVENT": "ReviewRequestedEvent",
    "REOPENED_EVENT": "ReopenedEvent",
    "LABELED_EVENT": "LabeledEvent",
    "UNLABELED_EVENT": "UnlabeledEvent",
    "CLOSED_EVENT": "ClosedEvent",
}


def timeline_page(subject: Doc, events: list[Doc], info: GraphQLResolveInfo, arguments: dict[str, Any]) -> Page:
    """Events of the wanted types, oldest first."""
    wanted, since = arguments.get("itemTypes"), arguments.get("since")
    if wanted is not None:
        events = [event for event in events if event["type"] in wanted]
    if since:
        first = stored_instant(since)
        events = [event for event in events if event["created_at"] >= first]
    page = list_page(info, arguments, events)
    page.updated_at = subject["updated_at"]
    for event in page.nodes:
        typed(_TYPE_OF[event["type"]], event)["subject"] = subject
        event["repository_id"] = subject["repository_id"]
    return page


def _event(name: str) -> Fields:
    return {
        "id": node_id(name, "repository_id", "id"),
        "createdAt": key("created_at"),
        "actor": lambda event, info: info.context.actor(event.get("actor_id")),
    }


def _labelled(name: str) -> Fields:
    def resolve_label(event: Doc, _info: GraphQLResolveInfo) -> Doc:
        return label(event["repository_id"], event["label"])

    return {**_event(name), "label": resolve_label, "labelable": key("subject")}


FIELDS: dict[str, Fields] = {
    **{name: _event(name) for name in PULL_REQUEST_EVENTS},
    "LabeledEvent": _labelled("LabeledEvent"),
    "UnlabeledEvent": _labelled("UnlabeledEvent"),
    "ClosedEvent": {**_event("ClosedEvent"), "closable": key("subject")},
    "ReopenedEvent": {**_event("ReopenedEvent"), "closable": key("subject")},
}
