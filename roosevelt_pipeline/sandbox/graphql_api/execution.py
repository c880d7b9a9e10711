"""Executing a query: parse and validate once, price, charge, execute, answer as GitHub does."""

from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from graphql import (
    DocumentNode,
    GraphQLError,
    GraphQLSyntaxError,
    OperationDefinitionNode,
    OperationType,
    execute_sync,
    parse,
    validate,
)
from graphql.execution.values import get_variable_values

from roosevelt_pipeline.sandbox.graphql_api.context import Context, GitHubError
from roosevelt_pipeline.sandbox.graphql_api.schema import github_schema
from roosevelt_pipeline.sandbox.limits import Limits
from roosevelt_pipeline.sandbox.pricing import Price, price

Answer = dict[str, Any]


class RefusedError(Exception):
    """A query that is answered with errors alone, before it is priced or executed."""

    def __init__(self, *errors: GraphQLError) -> None:
        super().__init__(errors[0].message)
        self.answer: Answer = {"errors": [formatted(error) for error in errors]}


@dataclass(frozen=True)
class Prepared:
    """A valid query with its variables and price."""

    document: DocumentNode
    operation: OperationDefinitionNode
    variables: dict[str, Any]
    price: Price

    @property
    def name(self) -> str:
        return self.operation.name.value if self.operation.name else "anonymous"


def prepare(body: dict[str, Any], limits: Limits) -> Prepared:
    """Check a request's query and price it.

    Raises:
        RefusedError: the query is missing, wrong, no query at all, or asks for too many nodes.
    """
    text, variables = body.get("query"), body.get("variables") or {}
    if not isinstance(text, str) or not text.strip():
        raise RefusedError(GraphQLError("A query attribute must be specified and must be a string."))
    document, errors = _validated(text)
    if errors or document is None:
        raise RefusedError(*errors)
    operation = _operation(document, body.get("operationName"))
    given = get_variable_values(github_schema(), operation.variable_definitions or (), variables)
    if isinstance(given, list):
        raise RefusedError(*given)
    cost = price(github_schema(), document, operation, given)
    if cost.nodes > limits.nodes_per_query:
        message = (
            f"This query requests up to {cost.nodes:,} possible nodes which exceeds the maximum limit of "
            f"{limits.nodes_per_query:,}."
        )
        raise RefusedError(GitHubError("MAX_NODE_LIMIT_EXCEEDED", message))
    return Prepared(document, operation, variables, cost)


def run(prepared: Prepared, context: Context) -> Answer:
    """Execute a prepared query."""
    result = execute_sync(
        github_schema(),
        prepared.document,
        context_value=context,
        variable_values=prepared.variables,
        operation_name=prepared.operation.name.value if prepared.operation.name else None,
    )
    answer: Answer = {"data": result.data}
    if result.errors:
        answer["errors"] = [formatted(error) for error in result.errors]
    return answer


def formatted(error: GraphQLError) -> Answer:
    """An error in GitHub's shape: its type stands beside the message."""
    cause = error.original_error or error
    shown: Answer = {"type": cause.kind} if isinstance(cause, GitHubError) else {}
    if error.path is not None:
        shown["path"] = error.path
    if error.locations:
        shown["locations"] = [{"line": place.line, "column": place.column} for place in error.locations]
    return {**shown, "message": error.message}


@lru_cache(maxsize=256)
def _validated(text: str) -> tuple[DocumentNode | None, tuple[GraphQLError, ...]]:
    try:
        document = parse(text)
    except GraphQLSyntaxError as error:
        return None, (error,)
    return document, tuple(validate(github_schema(), document))


def _operation(document: DocumentNode, name: str | None) -> OperationDefinitionNode:
    operations = [node for node in document.definitions if isinstance(node, OperationDefinitionNode)]
    chosen = [node for node in operations if name is None or (node.name and node.name.value == name)]
    if len(chosen) != 1:
        raise RefusedError(GraphQLError(f"No operation named {name!r}" if name else "An operation name is required"))
    if chosen[0].operation is not OperationType.QUERY:
        raise RefusedError(GitHubError("FORBIDDEN", "Resource not accessible by personal access token"))
    return chosen[0]
