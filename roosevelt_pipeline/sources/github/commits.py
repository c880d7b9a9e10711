"""The history of the default branch, with parents: read from its head down to commits that are known.

Never by date: a later merge brings commits with old dates to the branch. A walk is done when
every parent of the commits that it met is known, so that the graph in raw has no holes; one
that was broken off goes on at the same head, where it stopped.

Where other branches or tags deploy, what leads from them to known commits is walked in the same way.
"""

import re
from dataclasses import replace
from functools import partial
from typing import Any

from roosevelt_pipeline.privacy.identities import Person
from roosevelt_pipeline.sources.github.answers import Answer
from roosevelt_pipeline.sources.github.derive import revert_of
from roosevelt_pipeline.sources.github.errors import NotFoundError, UnavailableError
from roosevelt_pipeline.sources.github.nodes import (
    Node,
    UnfitError,
    inner,
    instant,
    integer,
    items,
    optional_inner,
    optional_integer,
    optional_text,
    person,
    sort_out,
    text,
)
from roosevelt_pipeline.sources.github.paging import never_empty, page_of
from roosevelt_pipeline.sources.github.session import Session
from roosevelt_pipeline.warehouse.deploying import unknown_heads
from roosevelt_pipeline.warehouse.heads import known_keys
from roosevelt_pipeline.warehouse.landing import Cursor
from roosevelt_pipeline.warehouse.records import Record

PAGE = 100
_UNREADABLE = "unreadable"
_OID = re.compile("[0-9a-f]{40,64}")


class VanishedError(NotFoundError):
    """The commit at which a walk began is no longer there."""


def collect(session: Session) -> None:
    """All of the history the first time, then what each new head brings."""
    try:
        _collect(session, session.cursor("backfill"))
    except VanishedError:
        # The branch was rewritten in the middle of a walk: what it landed may have holes below it, so that
        # meeting it proves nothing. Saved first, since the walk that follows may be stopped in its turn.
        session.save(Cursor("incremental"), Cursor("backfill"))
        _collect(session, Cursor("backfill"))
    if _has_other_heads(session):
        _collect_heads(session)


def _collect(session: Session, backfill: Cursor) -> None:
    policy = session.policy()
    if backfill.position.get("policy") != policy:
        backfill = Cursor("backfill", {"policy": policy})
    if not backfill.complete:
        head = backfill.position.get("head") or _head(session)
        if head is None:
            return
        _walk(session, replace(backfill, position=backfill.position | {"head": head}), whole=True)
    unfinished = session.cursor("incremental")
    if "frontier" in unfinished.position:
        _walk(session, unfinished, whole=False)
    head = _head(session)
    if head is not None and head != session.cursor("incremental").position.get("head"):
        _walk(session, Cursor("incremental", {"head": head, "frontier": [head]}), whole=False)


def _collect_heads(session: Session) -> None:
    """Commits that only another branch or a tag leads to, newest first: one walk mostly meets the older heads too."""
    while (cursor := _next_head(session)) is not None:
        head, rest = cursor.position["head"], {key: cursor.position[key] for key in ("others", "passed")}
        left: list[str] = []
        try:
            _walk(session, cursor, whole=False, done=Cursor("refresh", rest, complete=True))
        except VanishedError:
            # Removed while it was walked: what its commits still miss is walked by itself, or is gone as well.
            reached = session.cursor("refresh").position
            left = [oid for oid in reached.get("frontier", []) if oid != head and reached.get("head") == head]
        if left or not known_keys(session.connection, session.stream, [f"{session.scope}:{head}"]):
            kept = {"others": [*left, *rest["others"]], "passed": [*rest["passed"], head]}
            session.save(Cursor("refresh", kept, complete=True))


def _next_head(session: Session) -> Cursor | None:
    """The walk that was broken off, or the next one; ``None`` if every head is known, gone or too old."""
    cursor = session.cursor("refresh")
    if "frontier" in cursor.position:
        return cursor
    passed, others = cursor.position.get("passed", []), cursor.position.get("others", [])
    known = known_keys(session.connection, session.stream, [f"{session.scope}:{oid}" for oid in others])
    others = [oid for oid in others if f"{session.scope}:{oid}" not in known and oid not in passed]
    heads = [*others, *(oid for oid in unknown_heads(session.connection, session.scope) if oid not in passed)]
    if not heads:
        return None
    position = {"head": heads[0], "frontier": [heads[0]], "others": others[1:], "passed": passed}
    return Cursor("refresh", position)


def _has_other_heads(session: Session) -> bool:
    assert session.repository is not None
    rule, default = session.settings.deployment_rule(session.repository.name), session.repository.default_branch
    return rule is not None and ("tag" in rule.sources or (default is not None and rule.reads_pushes(default)))


def read_commit(node: Node, *, repository_id: int) -> Record:
    """A commit as it lands."""
    oid = commit_id(node)
    title, _, body = (optional_text(node, "message") or "").partition("\n")
    revert = revert_of(title, body)
    return Record(
        f"{repository_id}:{oid}",
        {
            "repository_id": repository_id,
            "oid": oid,
            "authored_at": instant(node, "authoredDate"),
            "committed_at": instant(node, "committedDate"),
            "additions": integer(node, "additions"),
            "deletions": integer(node, "deletions"),
            "changed_files": optional_integer(node, "changedFilesIfAvailable"),
            "author_id": author(optional_inner(node, "author")),
            "parents": [commit_id(parent) for parent in items(node, "parents")],
            "reverts_oid": revert.oid,
            "is_revert": revert.is_revert,
        },
    )


def commit_id(node: Node) -> str:
    """The hash that a commit is called by."""
    oid = text(node, "oid")
    if not _OID.fullmatch(oid):
        raise UnfitError("not_a_commit_id: oid")
    return oid


def author(actor: Node) -> Person | None:
    """Who wrote a commit: by account, else by address; the name only tells machines from people."""
    account, email = person(actor.get("user")), actor.get("email")
    names = (*(account.names if account else ()), *([actor["name"]] if isinstance(actor.get("name"), str) else []))
    if account is None and not email:
        return None
    return Person(account.account_id if account else None, "User", names, email if isinstance(email, str) else None)


def _walk(session: Session, cursor: Cursor, *, whole: bool, done: Cursor | None = None) -> None:
    """Follow the history of one head, page by page, until nothing unknown is left above it.

    Args:
        done: saved at the end; by default that the default branch was read up to this head.
    """
    done = done or Cursor("incremental", {"head": cursor.position["head"]}, complete=True)
    more = True
    while more:
        answer = _page(session, cursor.position["head"], cursor.position.get("after"))
        assert session.repository is not None
        # History from one commit never changes, so that no page of it can have been emptied since.
        page = page_of(_history(answer, session), session.subject, after=cursor.position.get("after"))
        nodes = never_empty(page, session.subject).rows
        records, rejects = sort_out(nodes, partial(read_commit, repository_id=session.repository.repository_id))
        since = session.read_since
        wanted = [record for record in records if _is_wanted(record, since)]
        fit = {(record.payload or {})["oid"] for record in records}
        unfit = [node for node in nodes if isinstance(node, dict) and node.get("oid") not in fit]
        begun = cursor.position.get("frontier", [cursor.position["head"]])
        frontier = _frontier(session, begun, nodes, wanted, unfit)
        more = page.more and bool((wanted or since is None) if whole else frontier)
        if not page.more and since is None:
            _assert_no_holes(session, cursor, frontier)
        position = cursor.position | {"after": page.end, "frontier": frontier}
        cursor = replace(cursor, position=position, complete=not more)
        cursors = (cursor,) if more else (cursor, done) if whole else (done,)
        session.land(wanted, rejects, answer.observed_at, *cursors, lane=cursor.lane)


def _frontier(
    session: Session, frontier: list[str], nodes: list[Node], wanted: list[Record], unfit: list[Node]
) -> list[str]:
    """Commits that must still be met: parents of the new ones that are neither known nor on this page.

    A commit that did not fit has parents all the same: what lies below it must not be lost with it.
    """
    prefix = f"{session.scope}:"
    parents = {record.natural_key: record.payload["parents"] for record in wanted if record.payload}
    parents |= {f"{prefix}{_UNREADABLE} {place}": _parents(node) for place, node in enumerate(unfit)}
    asked = {prefix + oid for oids in (frontier, *parents.values()) for oid in oids} | parents.keys()
    known = known_keys(session.connection, session.stream, asked)
    wished = set(frontier).union(*(oids for key, oids in parents.items() if key not in known))
    met = {node.get("oid") for node in nodes if isinstance(node, dict)}
    return sorted(oid for oid in wished if oid not in met and prefix + oid not in known)


def _assert_no_holes(session: Session, cursor: Cursor, frontier: list[str]) -> None:
    """At the end of history every parent has been met; if not, a page was another one than was asked for.

    Raises:
        UnavailableError: one has not; the walk begins again with the next sync.
    """
    if frontier and _UNREADABLE not in frontier:
        begun = {key: value for key, value in cursor.position.items() if key != "after"}
        session.save(replace(cursor, position=begun | {"frontier": [cursor.position["head"]]}))
        raise UnavailableError(f"{session.subject}: the history of the default branch has holes; run again")


def _parents(node: Node) -> list[str]:
    """The parents of a commit that does not fit.

    If they or its own id cannot be read, one is added that nobody will ever meet, so that the walk
    goes on, and what is missing at its end is no wonder.
    """
    try:
        commit_id(node)
        return [commit_id(parent) for parent in items(node, "parents")]
    except UnfitError:
        return [_UNREADABLE]


def _is_wanted(record: Record, since: str | None) -> bool:
    return since is None or (record.payload or {})["committed_at"] >= since


def _head(session: Session) -> str | None:
    """The newest commit of the default branch; asked for if the probe could not tell. ``None`` if there is none."""
    assert session.repository is not None
    if session.mark is not None:
        return session.repository.head_oid
    answer = session.client.graphql("repository_head", session.place, subject=session.subject)
    repository = answer.data.get("repository")
    if repository is None:
        raise NotFoundError(f"{session.subject}: not found, or the token may not see it")
    return ((repository.get("defaultBranchRef") or {}).get("target") or {}).get("oid")


def _page(session: Session, head: str, after: str | None) -> Answer:
    variables: dict[str, Any] = session.place | {"head": head, "page": PAGE, "after": after}
    return session.client.graphql("commits", variables, subject=session.subject)


def _history(answer: Answer, session: Session) -> Node:
    found = (answer.data.get("repository") or {}).get("object")
    if not isinstance(found, dict):
        raise VanishedError(f"{session.subject}: the head of the default branch has vanished; run again")
    return inner(found, "history")
