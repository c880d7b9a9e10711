"""What a query will cost, by GitHub's published formula, from its text and variables alone.

A connection is one request for each object around it; requests are divided by 100 and
rounded to nearest, at least one point. Without GitHub's schema, a connection is told by its
``first`` or ``last``, which GitHub demands of each.
"""

import math
from collections.abc import Mapping
from functools import cache
from typing import Any

from graphql import (
    FieldNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    InlineFragmentNode,
    OperationDefinitionNode,
    SelectionNode,
    SelectionSetNode,
    parse,
    value_from_ast_untyped,
)


class PricedQuery:
    """One query, parsed once and priced for any variables."""

    def __init__(self, text: str) -> None:
        """Parse a document that holds one operation."""
        definitions = parse(text, no_location=True).definitions
        self._operation = next(node for node in definitions if isinstance(node, OperationDefinitionNode))
        self._fragments = {node.name.value: node for node in definitions if isinstance(node, FragmentDefinitionNode)}
        self._defaults = {
            one.variable.name.value: value_from_ast_untyped(one.default_value)
            for one in self._operation.variable_definitions or ()
            if one.default_value is not None
        }

    def points(self, variables: Mapping[str, Any]) -> int:
        """The price; variables that are not given have their defaults."""
        requests = self._requests(self._operation.selection_set, self._defaults | dict(variables), 1, at_root=True)
        return max(1, math.floor(requests / 100 + 0.5))

    def _requests(
        self, selections: SelectionSetNode | None, given: Mapping[str, Any], around: int, *, at_root: bool = False
    ) -> int:
        total = 0
        for node in selections.selections if selections else ():
            if not _is_included(node, given):
                continue
            if isinstance(node, FragmentSpreadNode):
                total += self._requests(self._fragments[node.name.value].selection_set, given, around, at_root=at_root)
            elif isinstance(node, InlineFragmentNode):
                total += self._requests(node.selection_set, given, around, at_root=at_root)
            elif isinstance(node, FieldNode):
                inside = around * _multiplier(node, given, at_root=at_root)
                total += around if _is_connection(node) else 0
                total += self._requests(node.selection_set, given, inside)
        return total


@cache
def priced(text: str) -> PricedQuery:
    """The query, parsed once for the life of the process."""
    return PricedQuery(text)


def _is_connection(node: FieldNode) -> bool:
    return any(argument.name.value in ("first", "last") for argument in node.arguments)


def _multiplier(node: FieldNode, given: Mapping[str, Any], *, at_root: bool) -> int:
    """How many objects stand in a field, at most."""
    values = {one.name.value: value_from_ast_untyped(one.value, dict(given)) for one in node.arguments}
    if _is_connection(node):
        return int(values.get("first") or values.get("last") or 0)
    return len(values.get("ids") or ()) if at_root and node.name.value == "nodes" else 1


def _is_included(node: SelectionNode, given: Mapping[str, Any]) -> bool:
    for directive in node.directives:
        wanted = {"include": True, "skip": False}.get(directive.name.value)
        if wanted is not None and bool(value_from_ast_untyped(directive.arguments[0].value, dict(given))) is not wanted:
            return False
    return True
