"""How modules say what answers a field: a plain reading of the source, or a resolver."""

from collections.abc import Callable
from operator import itemgetter
from typing import Any

from roosevelt_pipeline.sandbox.node_ids import Part, global_id
from roosevelt_pipeline.sandbox.records import Doc

Resolver = Callable[..., Any]
Fields = dict[str, Resolver]


def plain(read: Callable[[Any], Any]) -> Resolver:
    """A field that needs its source alone: neither arguments nor the request."""

    def resolve(source: Any, _info: Any, **_arguments: Any) -> Any:
        return read(source)

    return resolve


def key(name: str) -> Resolver:
    """The source's value of this name, which is always there."""
    return plain(itemgetter(name))


def optional(name: str, default: Any = None) -> Resolver:
    """The source's value of this name, or a default where it has none."""
    return plain(lambda doc: doc.get(name, default))


def always(value: Any) -> Resolver:
    """The same for every object of the sandbox."""
    return plain(lambda _doc: value)


def node_id(type_name: str, *path: str) -> Resolver:
    """The global id made of the source's values of these names."""

    def read(doc: Doc) -> str:
        parts: list[Part] = [doc[name] for name in path]
        return global_id(type_name, *parts)

    return plain(read)
