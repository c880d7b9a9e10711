"""GitHub's published schema with the sandbox's resolvers bound to it."""

import gzip
from functools import cache
from pathlib import Path
from typing import Any

from graphql import GraphQLObjectType, GraphQLSchema, build_schema

from roosevelt_pipeline.sandbox.graphql_api import (
    commits,
    deployments,
    issues,
    labels,
    organizations,
    pull_requests,
    queries,
    repositories,
    timelines,
    workflows,
)
from roosevelt_pipeline.sandbox.graphql_api.connections import CONNECTION_FIELDS, EDGE_FIELDS, PAGE_INFO_FIELDS
from roosevelt_pipeline.sandbox.graphql_api.context import GitHubError
from roosevelt_pipeline.sandbox.graphql_api.fields import Fields, plain

PUBLISHED = Path(__file__).parents[1] / "github_schema" / "schema.graphql.gz"
_MODULES = (
    commits, deployments, issues, labels, organizations, pull_requests, queries, repositories, timelines, workflows,
)  # fmt: skip


def published_text() -> str:
    """The schema as GitHub publishes it."""
    return gzip.decompress(PUBLISHED.read_bytes()).decode()


@cache
def github_schema() -> GraphQLSchema:
    """The whole schema, executable. Takes about half a second, once per process.

    A field that the sandbox does not play answers with an error that says so, never with
    an invented value.
    """
    # The published file declares one field twice, which strict validation refuses.
    schema = build_schema(published_text(), assume_valid_sdl=True, assume_valid=True, no_location=True)
    fields: dict[str, Fields] = {}
    for module in _MODULES:
        for type_name, resolvers in module.FIELDS.items():
            fields[type_name] = {**fields.get(type_name, {}), **resolvers}
    for type_name, kind in schema.type_map.items():
        if isinstance(kind, GraphQLObjectType) and not type_name.startswith("__"):
            _bind(kind, fields.pop(type_name, {}))
    assert not fields, f"no such types: {sorted(fields)}"
    return schema


def _bind(kind: GraphQLObjectType, resolvers: Fields) -> None:
    general: dict[str, Any] = {}
    if kind.name.endswith("Connection"):
        general = CONNECTION_FIELDS
    elif kind.name.endswith("Edge"):
        general = EDGE_FIELDS
    elif kind.name == "PageInfo":
        general = PAGE_INFO_FIELDS
    resolvers = {**{name: plain(read) for name, read in general.items() if name in kind.fields}, **resolvers}
    unknown = resolvers.keys() - kind.fields.keys()
    assert not unknown, f"{kind.name} has no {sorted(unknown)}"
    for name, definition in kind.fields.items():
        definition.resolve = resolvers.get(name) or _not_simulated(kind.name, name)


def _not_simulated(type_name: str, field_name: str) -> Any:
    def resolve(_source: Any, _info: Any, **_arguments: Any) -> Any:
        raise GitHubError("NOT_SIMULATED", f"The sandbox does not play {type_name}.{field_name}.")

    return resolve
