"""Commit, GitActor and Ref, and the history of a branch."""

import json
from typing import Any

from graphql import GraphQLResolveInfo

from roosevelt_pipeline.sandbox.graphql_api.connections import Page, database_page, invalid_cursor, list_page, window
from roosevelt_pipeline.sandbox.graphql_api.context import Context, repository_url, typed
from roosevelt_pipeline.sandbox.graphql_api.fields import Fields, Resolver, key, node_id, plain
from roosevelt_pipeline.sandbox.identifiers import oid as sha
from roosevelt_pipeline.sandbox.instants import stored_instant
from roosevelt_pipeline.sandbox.node_ids import global_id
from roosevelt_pipeline.sandbox.records import LIVE_RUNS, Doc, Query, Records

# What a pull request's own commit, or one off the default branch, does not say.
_UNKNOWN: Doc = {"additions": 0, "deletions": 0, "changed_files": 0, "parents": [], "message": ""}


def commit_source(repository_id: int, doc: Doc) -> Doc:
    """A commit as resolvers want it; what the document leaves out is looked up when asked for."""
    doc["repository_id"] = repository_id
    return typed("Commit", doc)


def commit_by_oid(context: Context, repository_id: int, oid: str | None, **known: Any) -> Doc | None:
    """A commit of the default branch, or what is known of one that is elsewhere."""
    if oid is None:
        return None
    doc = context.records.commit(repository_id, oid)
    if doc is None and not known:
        return None
    return commit_source(repository_id, doc or {"oid": oid, **known})


def tag(repository: Doc, doc: Doc) -> Doc:
    """A ref to a tag; ``tagged_at`` of the document makes it an annotated one."""
    return {**branch(repository, doc["name"], doc["oid"]), "tagged_at": doc.get("tagged_at"), "prefix": "refs/tags/"}


def branch(repository: Doc, name: str, oid: str | None) -> Doc:
    return {"__typename": "Ref", "repository_id": repository["id"], "name": name, "oid": oid}


def _looked_up(name: str) -> Resolver:
    def resolve(commit: Doc, info: GraphQLResolveInfo) -> Any:
        if name not in commit:
            stored = info.context.records.commit(commit["repository_id"], commit["oid"])
            commit.update({**_UNKNOWN, **(stored or {}), **commit})
        return commit[name]

    return resolve


def _author(commit: Doc, info: GraphQLResolveInfo) -> Doc:
    account = info.context.records.account(commit.get("author_id")) or {}
    return {
        "name": commit.get("author_name") or account.get("name") or account.get("login"),
        "email": commit.get("author_email") or account.get("email"),
        "date": commit["authored_at"],
        "account_id": commit.get("author_id"),
    }


def _parents(commit: Doc, info: GraphQLResolveInfo, **arguments: Any) -> Page:
    oids = _looked_up("parents")(commit, info)
    page = list_page(info, arguments, oids)
    repository_id = commit["repository_id"]
    page.nodes = [commit_source(repository_id, {"oid": oid}) for oid in page.nodes]
    return page


def _history(commit: Doc, info: GraphQLResolveInfo, **arguments: Any) -> Page:
    """Newest first. The cursor names the head that paging began at, so a push in between shifts nothing."""
    asked = window(info, arguments)
    head, skip = (commit["oid"], 0) if asked.after is None else _history_cursor(asked.after)
    records, repository_id = info.context.records, commit["repository_id"]
    sql = "select position from commits where repository_id = ? and oid = ?"
    position = records.scalar(sql, (repository_id, head))
    side, position = (
        _side_history(records, repository_id, head)
        if position is not None and position < 0
        else ([], 0 if position is None else position)
    )
    where, params = ["repository_id = ?", "position > 0", "position <= ?"], [repository_id, position]
    for name, sign in (("since", ">="), ("until", "<=")):
        if arguments.get(name):
            where.append(f"committed_at {sign} ?")
            params.append(stored_instant(arguments[name]))
    query = Query("commits", tuple(where), tuple(params))
    sql = f"select doc from commits where {query.condition} order by position desc limit ? offset ?"
    beside = side[skip : skip + asked.size + 1]
    rest = asked.size + 1 - len(beside)
    docs = beside + (records.select(sql, (*params, rest, max(0, skip - len(side)))) if rest else [])
    return Page(
        nodes=[commit_source(repository_id, doc) for doc in docs[: asked.size]],
        cursor_of=lambda at: f"{head} {skip + at}",
        has_next=len(docs) > asked.size,
        has_previous=skip > 0,
        total=lambda: records.count(query) + len(side),
    )


def _side_history(records: Records, repository_id: int, head: str) -> tuple[list[Doc], int]:
    """Commits off the default branch that a head reaches, newest first, and where it reaches the default branch.

    Commits off the default branch have negative positions.
    """
    side: dict[str, Doc] = {}
    joins, waiting = 0, [head]
    while waiting:
        oid = waiting.pop()
        rows = records.store.rows(
            "select position, doc from commits where repository_id = ? and oid = ?", (repository_id, oid)
        )
        if not rows or oid in side:
            continue
        if rows[0][0] > 0:
            joins = max(joins, rows[0][0])
        else:
            side[oid] = json.loads(rows[0][1])
            waiting += side[oid]["parents"]
    return sorted(side.values(), key=lambda doc: (doc["committed_at"], doc["oid"]), reverse=True), joins


def _history_cursor(text: str) -> tuple[str, int]:
    head, _, offset = text.partition(" ")
    if not offset.isdigit():
        raise invalid_cursor(text)
    return head, int(offset) + 1


def _check_suites(commit: Doc, info: GraphQLResolveInfo, **arguments: Any) -> Page:
    info.context.require("actions")
    where = ("repository_id = ?", "json_extract(doc, '$.head_sha') = ?", LIVE_RUNS)
    query = Query("workflow_runs", where, (commit["repository_id"], commit["oid"]))
    return database_page(info, arguments, query, lambda doc: typed("CheckSuite", doc))


def _associated_pull_requests(commit: Doc, info: GraphQLResolveInfo, **arguments: Any) -> Page:
    info.context.require("pull_requests")
    where = ("repository_id = ?", "json_extract(doc, '$.merge_commit_oid') = ?")
    query = Query("pull_requests", where, (commit["repository_id"], commit["oid"]))
    return database_page(info, arguments, query, lambda doc: typed("PullRequest", doc))


def _url(commit: Doc, info: GraphQLResolveInfo) -> str:
    repository = info.context.records.repository(commit["repository_id"])
    return f"{repository_url(repository)}/commit/{commit['oid']}"


def _target(ref: Doc, info: GraphQLResolveInfo) -> Doc | None:
    info.context.require("contents")
    if ref.get("tagged_at"):
        return typed("Tag", {**ref, "commit": ref["oid"], "oid": sha(ref["repository_id"], ref["name"], ref["oid"])})
    return commit_by_oid(info.context, ref["repository_id"], ref["oid"])


def _prefix(ref: Doc) -> str:
    return str(ref.get("prefix", "refs/heads/"))


COMMIT: Fields = {
    "id": node_id("Commit", "repository_id", "oid"),
    "oid": key("oid"),
    "abbreviatedOid": plain(lambda doc: doc["oid"][:7]),
    "authoredDate": _looked_up("authored_at"),
    "committedDate": _looked_up("committed_at"),
    "message": _looked_up("message"),
    "messageHeadline": lambda doc, info: _looked_up("message")(doc, info).partition("\n")[0],
    "messageBody": lambda doc, info: _looked_up("message")(doc, info).partition("\n")[2].strip(),
    "additions": _looked_up("additions"),
    "deletions": _looked_up("deletions"),
    "changedFiles": _looked_up("changed_files"),
    "changedFilesIfAvailable": _looked_up("changed_files"),
    "author": _author,
    "committer": _author,
    "parents": _parents,
    "history": _history,
    "checkSuites": _check_suites,
    "associatedPullRequests": _associated_pull_requests,
    "repository": lambda doc, info: info.context.repository(doc["repository_id"]),
    "url": _url,
    "commitUrl": _url,
}

FIELDS: dict[str, Fields] = {
    "Commit": COMMIT,
    "GitActor": {
        "name": key("name"),
        "email": key("email"),
        "date": key("date"),
        "user": lambda doc, info: info.context.user(doc["account_id"]),
    },
    "Ref": {
        "id": plain(lambda ref: global_id("Ref", ref["repository_id"], f"{_prefix(ref)}{ref['name']}")),
        "name": key("name"),
        "prefix": plain(lambda ref: _prefix(ref)),
        "repository": lambda ref, info: info.context.repository(ref["repository_id"]),
        "target": _target,
    },
    "Tag": {
        "id": node_id("Tag", "repository_id", "oid"),
        "oid": key("oid"),
        "name": key("name"),
        "tagger": plain(lambda tag: {"name": None, "email": None, "date": tag["tagged_at"], "account_id": None}),
        "target": lambda tag, info: commit_by_oid(info.context, tag["repository_id"], tag["commit"]),
    },
}
