"""Tags, where they deploy. Nothing tells when one moved or went away, so when something did all are read: they are few.

What is no longer there is deleted, once as many tags were met as GitHub counted all along: a list
that shifted while it was read proves nothing, and is read again the next time.
"""

from functools import partial
from typing import Any

from roosevelt_pipeline.settings import Settings
from roosevelt_pipeline.sources.github.nodes import (
    Node,
    inner,
    instant,
    optional_inner,
    optional_instant,
    sort_out,
    text,
)
from roosevelt_pipeline.sources.github.paging import page_of
from roosevelt_pipeline.sources.github.repositories import Repository
from roosevelt_pipeline.sources.github.scans import connection_of
from roosevelt_pipeline.sources.github.session import Session
from roosevelt_pipeline.warehouse.heads import living_keys
from roosevelt_pipeline.warehouse.landing import Cursor
from roosevelt_pipeline.warehouse.records import Record

PAGE = 100


def is_wanted(settings: Settings, repository: Repository) -> bool:
    """Whether the repository deploys by tags."""
    rule = settings.deployment_rule(repository.name)
    return rule is not None and "tag" in rule.sources


def collect(session: Session) -> None:
    """All tags, when the probe says that something was pushed or their number changed."""
    cursor = session.cursor("incremental")
    if session.mark is not None and cursor.complete and cursor.position.get("mark") == session.mark:
        return
    assert session.repository is not None
    read = partial(read_tag, repository_id=session.repository.repository_id)
    met: set[str] = set()
    totals: set[Any] = set()
    after, more = None, True
    while more:
        answer = session.client.graphql("tags", session.place | {"page": PAGE, "after": after}, subject=session.subject)
        refs = connection_of(answer, "refs", session.subject)
        page = page_of(refs, session.subject, after=after, seen=len(met))
        met |= {f"{session.scope}:{node.get('name')}" for node in page.rows if isinstance(node, dict)}
        records, rejects = sort_out(page.rows, read)
        more, after = page.more, page.end
        totals.add(refs.get("totalCount"))
        is_whole = not more and totals == {len(met)}
        gone = living_keys(session.connection, session.stream, session.scope) - met if is_whole else set()
        tombstones = [Record(key, None, deleted=True) for key in sorted(gone)]
        cursors = () if more else (Cursor("incremental", {"mark": session.mark}, complete=is_whole),)
        session.land([*records, *tombstones], rejects, answer.observed_at, *cursors, lane="incremental")


def read_tag(node: Node, *, repository_id: int) -> Record | None:
    """A tag as it lands; ``None`` for one of something else than a commit."""
    name, target = text(node, "name"), inner(node, "target")
    commit = _commit(target)
    if commit is None:
        return None
    tagged_at = optional_instant(optional_inner(target, "tagger"), "date")
    payload: dict[str, Any] = {
        "repository_id": repository_id,
        "name": name,
        "oid": text(commit, "oid"),
        "tagged_at": tagged_at,
        "committed_at": instant(commit, "committedDate"),
        # A lightweight tag does not say when it was made: its commit's time stands in, which is never later.
        "method": "tagger" if tagged_at else "commit",
    }
    return Record(f"{repository_id}:{name}", payload)


def _commit(target: Node) -> Node | None:
    """What a tag points to in the end."""
    while target.get("__typename") == "Tag" and isinstance(target.get("target"), dict):
        target = target["target"]
    return target if target.get("__typename") == "Commit" else None
