"""Labels of issues and pull requests. The store knows their names; the rest follows from the name."""

from typing import Any
from zlib import crc32

from graphql import GraphQLResolveInfo

from roosevelt_pipeline.sandbox.graphql_api.connections import Page, list_page
from roosevelt_pipeline.sandbox.graphql_api.fields import Fields, always, key, node_id, plain
from roosevelt_pipeline.sandbox.records import Doc


def label(repository_id: int, name: str) -> Doc:
    return {"__typename": "Label", "repository_id": repository_id, "id": crc32(name.encode()), "name": name}


def label_page(doc: Doc, info: GraphQLResolveInfo, **arguments: Any) -> Page:
    page = list_page(info, arguments, doc["labels"])
    page.nodes = [label(doc["repository_id"], name) for name in page.nodes]
    return page


FIELDS: dict[str, Fields] = {
    "Label": {
        "id": node_id("Label", "repository_id", "id"),
        "name": key("name"),
        "color": plain(lambda doc: f"{doc['id'] & 0xFFFFFF:06x}"),
        "description": always(None),
        "isDefault": always(False),
        "repository": lambda doc, info: info.context.repository(doc["repository_id"]),
    },
}
