"""Pull requests, their reviews and review comments, in REST's shape."""

from roosevelt_pipeline.sandbox.instants import stored_instant
from roosevelt_pipeline.sandbox.node_ids import global_id
from roosevelt_pipeline.sandbox.records import Doc, Query
from roosevelt_pipeline.sandbox.rest_api.accounts import user_by_id, user_or_ghost
from roosevelt_pipeline.sandbox.rest_api.exchange import Call, Reply, not_found
from roosevelt_pipeline.sandbox.rest_api.issues import label
from roosevelt_pipeline.sandbox.rest_api.paging import numbered, sliced
from roosevelt_pipeline.sandbox.rest_api.repositories import listed
from roosevelt_pipeline.sandbox.review_comments import count_comments, review_comments


def list_pull_requests(call: Call) -> Reply:
    """Newest first; open ones unless asked otherwise."""
    where, params = ["repository_id = ?"], [call.repository["id"]]
    state = call.query.get("state", "open")
    if state in ("open", "closed"):
        where.append(f"json_extract(doc, '$.state') {'=' if state == 'open' else '<>'} 'OPEN'")
    if call.query.get("base"):
        where.append("json_extract(doc, '$.base_ref') = ?")
        params.append(call.query["base"])
    column = "updated_at" if call.query.get("sort") == "updated" else "created_at"
    descending = call.query.get("direction", "desc") != "asc"
    return numbered(call, Query("pull_requests", tuple(where), tuple(params), column, descending), _simple)


def get_pull_request(call: Call) -> Reply:
    doc = _found(call)
    full = {
        "merged": doc["merged_at"] is not None,
        "mergeable": None,
        "mergeable_state": "unknown",
        "merged_by": user_by_id(call, doc["merged_by_id"]),
        "user": user_or_ghost(call, doc["author_id"]),
        "comments": len(doc["comments"]),
        "review_comments": count_comments(doc),
        "maintainer_can_modify": False,
        "commits": len(doc["commits"]),
        "additions": doc["additions"],
        "deletions": doc["deletions"],
        "changed_files": doc["changed_files"],
    }
    return Reply(_simple(call, doc) | full)


def list_reviews(call: Call) -> Reply:
    doc = _found(call)
    return sliced(call, doc["reviews"], lambda call, review: _review(call, doc, review))


def list_review_comments(call: Call) -> Reply:
    """Comments inside reviews of all pull requests. ``since`` is about their own change, not the pull request's."""
    since = stored_instant(call.query["since"]) if call.query.get("since") else ""
    field = "updated_at" if call.query.get("sort") == "updated" else "created_at"
    found = [one for one in review_comments(call.records, call.repository["id"]) if one["updated_at"] >= since]
    descending = call.query.get("direction", "desc" if "sort" in call.query else "asc") == "desc"
    found.sort(key=lambda one: (one[field], one["id"]), reverse=descending)
    return sliced(call, found, _review_comment)


def _found(call: Call) -> Doc:
    where = "repository_id = ? and number = ?"
    doc = call.records.one("pull_requests", where, call.repository["id"], call.number("number"))
    if doc is None:
        raise not_found()
    return doc


def _links(url: str, web: str) -> dict[str, str]:
    return {
        "self": url,
        "html": web,
        "issue": url.replace("/pulls/", "/issues/"),
        "comments": url.replace("/pulls/", "/issues/") + "/comments",
        "review_comments": f"{url}/comments",
        "review_comment": f"{url.rpartition('/')[0]}/comments{{/number}}",
        "commits": f"{url}/commits",
    }


def _end(call: Call, ref: str, sha: str, repository: Doc) -> Doc:
    login = call.repository["owner"]
    return {"label": f"{login}:{ref}", "ref": ref, "sha": sha, "user": repository["owner"], "repo": repository}


def _simple(call: Call, doc: Doc) -> Doc:
    number, repository = doc["number"], listed(call, call.repository)
    url, web = f"{call.repository_url}/pulls/{number}", f"{call.web_url}/pull/{number}"
    links = {**_links(url, web), "statuses": f"{call.repository_url}/statuses/{doc['head_oid']}"}
    requested = [user_by_id(call, account) for account in doc["review_requests"]]
    return {
        "url": url,
        "id": doc["id"],
        "node_id": global_id("PullRequest", doc["repository_id"], doc["id"]),
        "html_url": web,
        "diff_url": f"{web}.diff",
        "patch_url": f"{web}.patch",
        **{f"{name}_url": link for name, link in links.items() if name not in ("self", "html")},
        "number": number,
        "state": "open" if doc["state"] == "OPEN" else "closed",
        "locked": False,
        "title": doc["title"],
        "user": user_by_id(call, doc["author_id"]),
        "body": doc.get("body"),
        "labels": [label(call, name) for name in doc["labels"]],
        "milestone": None,
        "created_at": doc["created_at"],
        "updated_at": doc["updated_at"],
        "closed_at": doc["closed_at"],
        "merged_at": doc["merged_at"],
        "merge_commit_sha": doc["merge_commit_oid"],
        "assignee": None,
        "assignees": [],
        "requested_reviewers": [person for person in requested if person],
        "requested_teams": [],
        "head": _end(call, doc["head_ref"], doc["head_oid"], repository),
        "base": _end(call, doc["base_ref"], doc.get("base_oid") or doc["head_oid"], repository),
        "_links": {name: {"href": link} for name, link in links.items()},
        "author_association": "MEMBER",
        "auto_merge": None,
        "draft": doc["is_draft"],
    }


def _review(call: Call, doc: Doc, review: Doc) -> Doc:
    url, web = f"{call.repository_url}/pulls/{doc['number']}", f"{call.web_url}/pull/{doc['number']}"
    html = f"{web}#pullrequestreview-{review['id']}"
    submitted = {"submitted_at": review["submitted_at"]} if review["submitted_at"] else {}
    return {
        "id": review["id"],
        "node_id": global_id("PullRequestReview", doc["repository_id"], review["id"]),
        "user": user_by_id(call, review["author_id"]),
        "body": "",
        "state": review["state"],
        "html_url": html,
        "pull_request_url": url,
        "_links": {"html": {"href": html}, "pull_request": {"href": url}},
        **submitted,
        "commit_id": doc["head_oid"],
        "author_association": "MEMBER",
    }


def _review_comment(call: Call, comment: Doc) -> Doc:
    pull, number = comment["pull"], comment["id"]
    pull_url, web = f"{call.repository_url}/pulls/{pull['number']}", f"{call.web_url}/pull/{pull['number']}"
    url, html = f"{call.repository_url}/pulls/comments/{number}", f"{web}#discussion_r{number}"
    reply = {"in_reply_to_id": comment["in_reply_to"]} if comment["in_reply_to"] else {}
    return {
        **reply,
        "url": url,
        "pull_request_review_id": comment["review_id"],
        "id": number,
        "node_id": global_id("PullRequestReviewComment", pull["repository_id"], number),
        "diff_hunk": "",
        "path": (pull["files"] or ["README.md"])[0],
        "commit_id": pull["head_oid"],
        "original_commit_id": pull["head_oid"],
        "user": user_or_ghost(call, comment["author_id"]),
        "body": "",
        "created_at": comment["created_at"],
        "updated_at": comment["updated_at"],
        "html_url": html,
        "pull_request_url": pull_url,
        "author_association": "MEMBER",
        "_links": {"self": {"href": url}, "html": {"href": html}, "pull_request": {"href": pull_url}},
    }
