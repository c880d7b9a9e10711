"""Pages of lists by page number, and the Link header that names their neighbours."""

import math
from collections.abc import Callable, Mapping
from typing import Any
from urllib.parse import urlencode

from roosevelt_pipeline.sandbox.records import Doc, Query
from roosevelt_pipeline.sandbox.rest_api.exchange import Call, Reply, RestError

TOO_FAR = "In order to keep the API fast for everyone, pagination is limited for this resource."


def numbered_links(call: Call, total: int) -> dict[str, dict[str, str]]:
    """The query parameters of the first, previous, next and last page."""
    page, last = call.page(), max(1, math.ceil(total / call.limit()))
    links: dict[str, int] = {}
    if page > 1:
        links |= {"prev": min(page - 1, last), "first": 1}
    if page < last:
        links |= {"next": page + 1, "last": last}
    order = [name for name in ("prev", "next", "last", "first") if name in links]
    return {name: {**call.query, "page": str(links[name])} for name in order}


def link_header(base: str, path: str, links: Mapping[str, Mapping[str, str]]) -> str:
    """Addresses on the host that was asked, as clients insist on."""
    return ", ".join(f'<{base}{path}?{urlencode(query)}>; rel="{name}"' for name, query in links.items())


def numbered(call: Call, query: Query, shape: Callable[[Call, Doc], Any]) -> Reply:
    """A page of a stored collection as a plain list."""
    docs = call.records.page(query, call.limit(), (call.page() - 1) * call.limit())
    return Reply([shape(call, doc) for doc in docs], numbered_links(call, call.records.count(query)))


def sliced(call: Call, items: list[Doc], shape: Callable[[Call, Doc], Any]) -> Reply:
    """A page of a list that is at hand."""
    start = (call.page() - 1) * call.limit()
    return Reply([shape(call, doc) for doc in items[start : start + call.limit()]], numbered_links(call, len(items)))


def refuse_beyond(call: Call, most: int) -> None:
    """Refuse a page that reaches past so many objects."""
    if (call.page() - 1) * call.limit() >= most:
        raise RestError(422, TOO_FAR)
