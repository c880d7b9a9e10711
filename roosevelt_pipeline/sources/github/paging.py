"""Whether a page of a GraphQL list can be believed: it advances, says if another follows, is not silently empty."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from roosevelt_pipeline.sources.github.errors import UnavailableError
from roosevelt_pipeline.sources.github.nodes import Node


@dataclass(frozen=True)
class ListPage:
    """One page of a connection.

    Attributes:
        rows: its nodes or edges, without those that the token may not see.
        end: where the next page begins.
        more: whether there is one.
        seen: how many rows this page and those before it had, in one go through the list.
        total: how many the list says that it has; ``None`` if it was not asked.
    """

    rows: list[Any]
    end: str | None
    more: bool
    seen: int
    total: int | None = None

    @property
    def is_short(self) -> bool:
        """Whether the list ends here before it has shown what it counts."""
        return not self.more and self.total is not None and self.seen < self.total


def page_of(connection: Any, subject: str, *, after: str | None = None, seen: int = 0, rows: str = "nodes") -> ListPage:
    """Read a connection of an answer.

    Args:
        after: the cursor that the page was asked for with.
        seen: how many rows the pages before it had.

    Raises:
        UnavailableError: it is no page, or does not advance.
    """
    info = connection.get("pageInfo") if isinstance(connection, dict) else None
    if not isinstance(info, dict) or not isinstance(info.get("hasNextPage"), bool):
        raise UnavailableError(f"{subject}: a page of a list does not say whether another follows; run again")
    found, total, end = connection.get(rows) or [], connection.get("totalCount"), info.get("endCursor")
    if not isinstance(found, list):
        raise UnavailableError(f"{subject}: a page of a list holds no list; run again")
    if info["hasNextPage"] and (not isinstance(end, str) or end == after):
        raise UnavailableError(f"{subject}: paging does not advance; run again")
    shown = [row for row in found if row is not None]
    return ListPage(shown, end, info["hasNextPage"], seen + len(found), total if isinstance(total, int) else None)


def counted(page: ListPage, subject: str) -> ListPage:
    """A page whose list, if it ends here, does not end with nothing though it counts more.

    Such a page was emptied on the way: believing it would lose the rest without a word.

    Raises:
        UnavailableError: it is empty and must not be.
    """
    if page.is_short and not page.rows:
        raise short(page, subject)
    return page


def short(page: ListPage, subject: str) -> UnavailableError:
    """What to say of a list that ended early."""
    return UnavailableError(f"{subject}: a list ended after {page.seen} of {page.total} objects; run again")


def never_empty(page: ListPage, subject: str) -> ListPage:
    """A page of a list that nobody shortens meanwhile: what the page before promised is there.

    Raises:
        UnavailableError: it is empty.
    """
    if not page.rows:
        raise UnavailableError(f"{subject}: a page that must hold something is empty; run again")
    return page


def nodes_by_id(data: Mapping[str, Any], ids: Sequence[str], subject: str) -> list[Node]:
    """What ``nodes(ids:)`` found, without what is gone.

    GitHub answers one entry for each id, null for one that is gone; fewer tell nothing of what is missing.

    Raises:
        UnavailableError: the entries are not those of the ids.
    """
    found = data.get("nodes")
    if not isinstance(found, list) or len(found) != len(ids):
        raise UnavailableError(f"{subject}: GitHub was asked for {len(ids)} objects and told of others; run again")
    return [node for node in found if isinstance(node, dict)]
