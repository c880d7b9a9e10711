"""Issues, which in REST hold the pull requests too. Further pages are reached by cursor, not by number."""

from typing import Any
from zlib import crc32

from roosevelt_pipeline.sandbox.instants import stored_instant
from roosevelt_pipeline.sandbox.node_ids import cursor, global_id, parse_cursor
from roosevelt_pipeline.sandbox.records import Doc, has_label
from roosevelt_pipeline.sandbox.rest_api.accounts import user_by_id
from roosevelt_pipeline.sandbox.rest_api.exchange import Call, Reply, RestError, not_found
from roosevelt_pipeline.sandbox.rest_api.paging import refuse_beyond

_NO_PAGES = "Pagination with the page parameter is not supported for large datasets, please use cursor based pagination"


def list_issues(call: Call) -> Reply:
    """Issues and pull requests, newest first; open ones unless asked otherwise."""
    if not call.repository.get("has_issues", True):
        raise RestError(410, "Issues are disabled for this repo")
    _refuse_far_page(call)
    column = "updated_at" if call.query.get("sort") == "updated" else "created_at"
    descending = call.query.get("direction", "desc") != "asc"
    rows = _rows(call, column, descending)
    more, rows = len(rows) > call.limit(), rows[: call.limit()]
    links = {}
    if more:
        key = cursor(rows[-1][1][column], rows[-1][1]["number"])
        links["next"] = {**call.query, "after": key, "page": str(call.page() + 1)}
    return Reply([_issue(call, doc, is_pull=table == "pull_requests") for table, doc in rows], links)


def get_issue(call: Call) -> Reply:
    for table in ("issues", "pull_requests"):
        doc = call.records.one(table, "repository_id = ? and number = ?", call.repository["id"], call.number("number"))
        if doc:
            return Reply({**_issue(call, doc, is_pull=table == "pull_requests"), "closed_by": None})
    raise not_found()


def _refuse_far_page(call: Call) -> None:
    if "after" in call.query:
        return
    try:
        refuse_beyond(call, call.limits.results_by_page_number)
    except RestError:
        raise RestError(422, _NO_PAGES) from None


def _rows(call: Call, column: str, descending: bool) -> list[tuple[str, Doc]]:
    where, params = _conditions(call)
    after = parse_cursor(call.query["after"]) if call.query.get("after") else None
    if call.query.get("after") and (after is None or len(after) != 2):
        raise RestError(422, "The `after` cursor is not valid.")
    if after:
        where.append(f"({column}, number) {'<' if descending else '>'} (?, ?)")
        params += after
    skip = 0 if after else (call.page() - 1) * call.limit()
    direction = "desc" if descending else "asc"
    found: list[tuple[str, Doc]] = []
    for table in ("issues", "pull_requests"):
        sql = (
            f"select doc from {table} where {' and '.join(where)}"
            f" order by {column} {direction}, number {direction} limit ?"
        )
        found += [(table, doc) for doc in call.records.select(sql, (*params, skip + call.limit() + 1))]
    found.sort(key=lambda row: (row[1][column], row[1]["number"]), reverse=descending)
    return found[skip : skip + call.limit() + 1]


def _conditions(call: Call) -> tuple[list[str], list[Any]]:
    where, params = ["repository_id = ?"], [call.repository["id"]]
    state = call.query.get("state", "open")
    if state in ("open", "closed"):
        where.append(f"json_extract(doc, '$.state') {'=' if state == 'open' else '<>'} 'OPEN'")
    if call.query.get("since"):
        where.append("updated_at >= ?")
        params.append(stored_instant(call.query["since"]))
    # Labels are joined by "and" here, unlike in GraphQL.
    for name in filter(None, call.query.get("labels", "").split(",")):
        condition, names = has_label([name])
        where.append(condition)
        params += names
    return where, params


def label(call: Call, name: str) -> Doc:
    number = crc32(name.encode())
    return {
        "id": number,
        "node_id": global_id("Label", call.repository["id"], number),
        "url": f"{call.repository_url}/labels/{name}",
        "name": name,
        "description": "",
        "color": f"{number & 0xFFFFFF:06x}",
        "default": False,
    }


def _issue(call: Call, doc: Doc, *, is_pull: bool) -> Doc:
    number = doc["number"]
    url, kind = f"{call.repository_url}/issues/{number}", "PullRequest" if is_pull else "Issue"
    web = f"{call.web_url}/{'pull' if is_pull else 'issues'}/{number}"
    body = {
        "id": doc["id"],
        "node_id": global_id(kind, doc["repository_id"], doc["id"]),
        "url": url,
        "repository_url": call.repository_url,
        "labels_url": f"{url}/labels{{/name}}",
        "comments_url": f"{url}/comments",
        "events_url": f"{url}/events",
        "timeline_url": f"{url}/timeline",
        "html_url": web,
        "number": number,
        "title": doc["title"],
        "body": doc.get("body"),
        "user": user_by_id(call, doc["author_id"]),
        "labels": [label(call, name) for name in doc["labels"]],
        "state": "open" if doc["state"] == "OPEN" else "closed",
        "state_reason": (doc.get("state_reason") or "").lower() or None,
        "locked": False,
        "assignee": None,
        "assignees": [],
        "milestone": None,
        "comments": len(doc.get("comments", ())),
        "created_at": doc["created_at"],
        "updated_at": doc["updated_at"],
        "closed_at": doc["closed_at"],
        "author_association": "MEMBER",
        "type": None,
    }
    if is_pull:
        pull = f"{call.repository_url}/pulls/{number}"
        body["pull_request"] = {"url": pull, "html_url": web, "diff_url": f"{web}.diff", "patch_url": f"{web}.patch",
                                "merged_at": doc["merged_at"]}  # fmt: skip
    return body
