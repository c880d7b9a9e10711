"""Repositories and their default-branch commits, in REST's shape."""

from typing import Any

from roosevelt_pipeline.sandbox.node_ids import global_id
from roosevelt_pipeline.sandbox.records import Doc, Query
from roosevelt_pipeline.sandbox.rest_api.accounts import owner, user_by_id
from roosevelt_pipeline.sandbox.rest_api.exchange import Call, Reply, RestError, not_found
from roosevelt_pipeline.sandbox.rest_api.paging import numbered, sliced

_URLS = {
    "archive": "/{archive_format}{/ref}", "assignees": "/assignees{/user}", "blobs": "/git/blobs{/sha}",
    "branches": "/branches{/branch}", "collaborators": "/collaborators{/collaborator}",
    "comments": "/comments{/number}", "commits": "/commits{/sha}", "compare": "/compare/{base}...{head}",
    "contents": "/contents/{+path}", "contributors": "/contributors", "deployments": "/deployments",
    "downloads": "/downloads", "events": "/events", "forks": "/forks", "git_commits": "/git/commits{/sha}",
    "git_refs": "/git/refs{/sha}", "git_tags": "/git/tags{/sha}", "hooks": "/hooks",
    "issue_comment": "/issues/comments{/number}", "issue_events": "/issues/events{/number}",
    "issues": "/issues{/number}", "keys": "/keys{/key_id}", "labels": "/labels{/name}", "languages": "/languages",
    "merges": "/merges", "milestones": "/milestones{/number}", "notifications": "/notifications",
    "pulls": "/pulls{/number}", "releases": "/releases{/id}", "stargazers": "/stargazers",
    "statuses": "/statuses/{sha}", "subscribers": "/subscribers", "subscription": "/subscription", "tags": "/tags",
    "teams": "/teams", "trees": "/git/trees{/sha}",
}  # fmt: skip
_COUNTS = ("forks_count", "stargazers_count", "watchers_count", "forks", "watchers", "open_issues_count", "open_issues")


def minimal(call: Call, doc: Doc) -> Doc:
    full_name = f"{doc['owner']}/{doc['name']}"
    url, web = f"{call.base_url}/repos/{full_name}", f"https://github.com/{full_name}"
    return {
        "id": doc["id"],
        "node_id": global_id("Repository", doc["id"]),
        "name": doc["name"],
        "full_name": full_name,
        "private": doc["is_private"],
        "owner": owner(call),
        "html_url": web,
        "description": None,
        "fork": doc.get("is_fork", False),
        "url": url,
        **{f"{name}_url": url + suffix for name, suffix in _URLS.items()},
    }


def listed(call: Call, doc: Doc) -> Doc:
    """A repository in a list, or inside a pull request."""
    web = f"github.com/{doc['owner']}/{doc['name']}"
    return {
        **minimal(call, doc),
        "git_url": f"git://{web}.git",
        "ssh_url": f"git@{web.replace('/', ':', 1)}.git",
        "clone_url": f"https://{web}.git",
        "svn_url": f"https://{web}",
        "mirror_url": None,
        "homepage": None,
        "language": doc.get("language"),
        "license": None,
        "size": 0,
        "default_branch": doc["default_branch"],
        "has_issues": doc.get("has_issues", True),
        **dict.fromkeys(("has_projects", "has_wiki", "has_pages", "has_discussions"), False),
        "has_downloads": False,
        "archived": doc["is_archived"],
        "disabled": False,
        "visibility": "private" if doc["is_private"] else "public",
        "topics": [],
        "pushed_at": doc["pushed_at"],
        "created_at": doc["created_at"],
        "updated_at": doc["updated_at"],
        **dict.fromkeys(_COUNTS, 0),
    }


def get_repository(call: Call) -> Reply:
    return Reply({**listed(call, call.repository), "subscribers_count": 0, "network_count": 0})


def list_repositories(call: Call) -> Reply:
    """Those of the organisation that the token may see."""
    if not call.records.is_organization(call.parts["org"]):
        raise not_found()
    visible = [doc for doc in call.records.repositories() if call.token.may_see(doc["name"])]
    column = {"created": "created_at", "updated": "updated_at", "pushed": "pushed_at", "full_name": "name"}.get(
        call.query.get("sort", "created"), "created_at"
    )
    descending = call.query.get("direction", "asc" if column == "name" else "desc") == "desc"
    visible.sort(key=lambda doc: (doc[column] or "", doc["id"]), reverse=descending)
    return sliced(call, visible, listed)


def list_commits(call: Call) -> Reply:
    if not call.repository["head_oid"]:
        raise RestError(409, "Git Repository is empty.")
    where, params = ["repository_id = ?", "position > 0"], [call.repository["id"]]
    for name, sign in (("since", ">="), ("until", "<=")):
        if name in call.query:
            where.append(f"committed_at {sign} ?")
            params.append(call.query[name])
    query = Query("commits", tuple(where), tuple(params), "position", descending=True)
    return numbered(call, query, _commit)


def get_commit(call: Call) -> Reply:
    if not call.repository["head_oid"]:
        raise RestError(409, "Git Repository is empty.")
    sha = call.parts["ref"]
    if sha in ("HEAD", call.repository["default_branch"]):
        sha = call.repository["head_oid"]
    doc = call.records.commit(call.repository["id"], sha)
    if doc is None:
        raise RestError(422, f"No commit found for SHA: {sha}")
    stats = {"total": doc["additions"] + doc["deletions"], "additions": doc["additions"], "deletions": doc["deletions"]}
    return Reply({**_commit(call, doc), "stats": stats, "files": [_file(call, doc, path) for path in doc["files"]]})


def _commit(call: Call, doc: Doc) -> Doc:
    url, sha = f"{call.repository_url}/commits/{doc['oid']}", doc["oid"]
    person: Any = user_by_id(call, doc["author_id"])
    git = {"name": doc["author_name"], "email": doc["author_email"]}
    return {
        "sha": sha,
        "node_id": global_id("Commit", call.repository["id"], sha),
        "url": url,
        "html_url": f"{call.web_url}/commit/{sha}",
        "comments_url": f"{url}/comments",
        "commit": {
            "url": f"{call.repository_url}/git/commits/{sha}",
            "author": {**git, "date": doc["authored_at"]},
            "committer": {**git, "date": doc["committed_at"]},
            "message": doc["message"],
            "comment_count": 0,
            "tree": {"sha": sha, "url": f"{call.repository_url}/git/trees/{sha}"},
        },
        "author": person,
        "committer": person,
        "parents": [
            {"sha": oid, "url": f"{call.repository_url}/commits/{oid}", "html_url": f"{call.web_url}/commit/{oid}"}
            for oid in doc["parents"]
        ],
    }


def _file(call: Call, doc: Doc, path: str) -> Doc:
    """The store knows the paths, not how the changed lines fall on them: the first file has them all."""
    first = path == doc["files"][0]
    additions, deletions = (doc["additions"], doc["deletions"]) if first else (0, 0)
    return {
        "sha": doc["oid"],
        "filename": path,
        "status": "modified",
        "additions": additions,
        "deletions": deletions,
        "changes": additions + deletions,
        "blob_url": f"{call.web_url}/blob/{doc['oid']}/{path}",
        "raw_url": f"{call.web_url}/raw/{doc['oid']}/{path}",
        "contents_url": f"{call.repository_url}/contents/{path}?ref={doc['oid']}",
    }
