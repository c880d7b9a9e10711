"""Every query that the product sends is one that GitHub would accept, and the sandbox plays all of it."""

from pathlib import Path
from typing import Any

import pytest
from graphql import NonNullTypeNode, OperationDefinitionNode, VariableDefinitionNode, parse, print_ast

import roosevelt_pipeline
from roosevelt_pipeline.sandbox.node_ids import global_id
from roosevelt_pipeline.sandbox.records import ORGANIZATION_ID
from roosevelt_pipeline.sources.github.prices import priced
from tests.integration.sandbox.conftest import Client
from tests.integration.sandbox.handmade import API, oid

QUERIES = sorted(Path(roosevelt_pipeline.__file__).parent.glob("sources/github/queries/*.graphql"))
NODES = {
    "PullRequest": global_id("PullRequest", API, 20_007),
    "Issue": global_id("Issue", API, 30_001),
    "Deployment": global_id("Deployment", API, 40_001),
    "Team": global_id("Team", ORGANIZATION_ID, 301),
    "Repository": global_id("Repository", API),
    "Workflow": global_id("Workflow", API, 7001),
    "CheckSuite": global_id("CheckSuite", API, 9003),
}
BY_NAME = {"owner": "acme", "name": "api", "organization": "acme", "head": oid(250)}
BY_TYPE = {"Int!": 10, "Boolean!": True, "OrderDirection!": "ASC", "IssueOrderField!": "CREATED_AT"}


def variable(definition: VariableDefinitionNode, operation: str) -> Any:
    name, kind = definition.variable.name.value, print_ast(definition.type)
    if kind == "[ID!]!":
        return list(NODES.values())
    if kind == "ID!":
        return next(node_id for type_name, node_id in NODES.items() if operation.startswith(type_name))
    return BY_NAME[name] if name in BY_NAME else BY_TYPE[kind]


@pytest.mark.parametrize("path", QUERIES, ids=lambda path: path.stem)
def test_a_query_of_the_product_is_answered_without_an_error(client: Client, path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    operation = next(node for node in parse(text).definitions if isinstance(node, OperationDefinitionNode))
    assert operation.name is not None
    needed = [v for v in operation.variable_definitions if isinstance(v.type, NonNullTypeNode) and not v.default_value]
    data = client.data(text, **{v.variable.name.value: variable(v, operation.name.value) for v in needed})
    assert None not in data.values()


def test_there_are_queries_to_ask() -> None:
    assert QUERIES


@pytest.mark.parametrize("path", QUERIES, ids=lambda path: path.stem)
@pytest.mark.parametrize(("size", "flag"), [(1, True), (24, False), (24, True), (100, True), (100, False)])
def test_what_the_product_expects_a_query_to_cost_is_what_is_billed(
    client: Client, path: Path, size: int, flag: bool
) -> None:
    """The product prices by the text alone, the sandbox by GitHub's schema: two ways to one figure."""
    text = path.read_text(encoding="utf-8")
    operation = next(node for node in parse(text).definitions if isinstance(node, OperationDefinitionNode))
    assert operation.name is not None
    given: dict[str, Any] = {}
    for one in operation.variable_definitions:
        name, kind = one.variable.name.value, print_ast(one.type)
        if isinstance(one.type, NonNullTypeNode) and not one.default_value:
            value = variable(one, operation.name.value)
            given[name] = {"Int!": size, "Boolean!": flag, "[ID!]!": list(NODES.values()) * 15}.get(kind, value)
            given[name] = given[name][:size] if kind == "[ID!]!" else given[name]
    assert client.graphql(text, **given)["data"]["rateLimit"]["cost"] == priced(text).points(given)
