"""What a GraphQL query costs, by GitHub's published formula, before it is executed.

A connection is one request for each object around it that it is asked for; requests are
divided by 100 and rounded to nearest, at least one point. Each connection asks for as
many nodes as its ``first`` times those of the connections around it.
"""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from graphql import (
    DocumentNode,
    FieldNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    GraphQLIncludeDirective,
    GraphQLInterfaceType,
    GraphQLObjectType,
    GraphQLSchema,
    GraphQLSkipDirective,
    InlineFragmentNode,
    OperationDefinitionNode,
    SelectionSetNode,
    get_named_type,
    value_from_ast_untyped,
)
from graphql.execution.values import get_directive_values


@dataclass(frozen=True)
class Price:
    """What a query may ask for at most.

    Attributes:
        requests: connections, each counted once per object around it.
        nodes: objects in all connections together.
        points: what is taken from the hourly budget.
        widest: name of the connection that asks for most nodes, for messages.
    """

    requests: int
    nodes: int
    widest: str = ""

    @property
    def points(self) -> int:
        return max(1, math.floor(self.requests / 100 + 0.5))


def price(
    schema: GraphQLSchema, document: DocumentNode, operation: OperationDefinitionNode, variables: Mapping[str, Any]
) -> Price:
    """Price one operation of a validated document.

    Args:
        variables: coerced values, defaults filled in; fields that ``@include`` or ``@skip``
            leave out with them cost nothing.
    """
    return _Walk(schema, document, variables).total(operation)


class _Walk:
    def __init__(self, schema: GraphQLSchema, document: DocumentNode, variables: Mapping[str, Any]) -> None:
        self._schema = schema
        self._variables = dict(variables)
        self._fragments = {
            node.name.value: node for node in document.definitions if isinstance(node, FragmentDefinitionNode)
        }
        self._requests = 0
        self._nodes: dict[str, int] = {}

    def total(self, operation: OperationDefinitionNode) -> Price:
        assert self._schema.query_type is not None
        self._selections(operation.selection_set, self._schema.query_type, 1)
        widest = max(self._nodes, key=self._nodes.__getitem__, default="")
        return Price(self._requests, sum(self._nodes.values()), widest)

    def _selections(self, selections: SelectionSetNode | None, parent: Any, around: int) -> None:
        for node in selections.selections if selections else ():
            if not self._is_included(node):
                continue
            if isinstance(node, FieldNode):
                self._field(node, parent, around)
            elif isinstance(node, FragmentSpreadNode):
                fragment = self._fragments[node.name.value]
                self._selections(
                    fragment.selection_set, self._schema.type_map[fragment.type_condition.name.value], around
                )
            elif isinstance(node, InlineFragmentNode):
                condition = node.type_condition
                inside = self._schema.type_map[condition.name.value] if condition else parent
                self._selections(node.selection_set, inside, around)

    def _field(self, node: FieldNode, parent: GraphQLObjectType | GraphQLInterfaceType, around: int) -> None:
        if node.name.value.startswith("__"):
            return
        kind = get_named_type(parent.fields[node.name.value].type)
        inside = around
        if kind.name.endswith("Connection"):
            inside = around * self._size(node)
            self._requests += around
            self._nodes[node.name.value] = self._nodes.get(node.name.value, 0) + inside
        elif parent is self._schema.query_type and node.name.value == "nodes":
            inside = around * len(self._argument(node, "ids") or ())
        self._selections(node.selection_set, kind, inside)

    def _size(self, node: FieldNode) -> int:
        size = self._argument(node, "first") or self._argument(node, "last") or 0
        return max(0, size) if isinstance(size, int) else 0

    def _argument(self, node: FieldNode, name: str) -> Any:
        for argument in node.arguments:
            if argument.name.value == name:
                return value_from_ast_untyped(argument.value, self._variables)
        return None

    def _is_included(self, node: Any) -> bool:
        if not node.directives:
            return True
        skip = get_directive_values(GraphQLSkipDirective, node, self._variables)
        include = get_directive_values(GraphQLIncludeDirective, node, self._variables)
        return not (skip and skip["if"]) and not (include and not include["if"])
