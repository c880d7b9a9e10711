"""A tiny company written by hand: every number in the tests can be checked by eye here.

Two repositories of ``acme``: ``api`` has everything, ``web`` is empty. Pull request ``n`` of
``api`` (1 to ``PULL_REQUESTS``) was opened at minute ``n`` of 5 January 2026 and last touched
in the opposite order, so that the two orders differ.
"""

from typing import Any

from roosevelt_pipeline.sandbox.store import Store

API, WEB = 1001, 1002
ALICE, BOB, BOT = 501, 502, 503
GONE = 599
PULL_REQUESTS = 60
COMMITS = 250
RUNS = 130
DEPLOYMENTS = 45
ISSUES = 30
RELEASES = 12
PUSHES = 25


def oid(number: int) -> str:
    return f"{number:040x}"


def minute(number: int, day: int = 5) -> str:
    return f"2026-01-{day + number // 1440:02d}T{number // 60 % 24:02d}:{number % 60:02d}:00Z"


def store() -> Store:
    """The company in memory, committed and indexed."""
    made = Store.open()
    _people(made)
    for repository_id, name, head in ((API, "api", oid(COMMITS)), (WEB, "web", None)):
        made.put("repositories", repository(repository_id, name, head))
    for number in range(1, PULL_REQUESTS + 1):
        made.put("pull_requests", pull_request(number))
    for number in range(1, COMMITS + 1):
        doc = commit(number)
        made.put("commits", doc, repository_id=API, position=number)
    for number in range(1, DEPLOYMENTS + 1):
        made.put("deployments", deployment(number))
    made.put("workflows", {"id": 7001, "repository_id": API, "name": "Deploy", "path": ".github/workflows/deploy.yml",
                           "state": "active"}, repository_id=API)  # fmt: skip
    for number in range(1, RUNS + 1):
        made.put("workflow_runs", workflow_run(number))
    made.put("workflow_runs", workflow_run(3, attempt=2))
    for number in range(1, ISSUES + 1):
        made.put("issues", issue(number))
    for number in range(1, RELEASES + 1):
        made.put("releases", release(number), repository_id=API)
        made.put("tags", tag(number))
    for number in range(1, PUSHES + 1):
        made.put("activities", activity(number))
    made.put("truth_deployments", {"repository": "api", "service": "api", "source": "github_deployment",
                                   "source_id": 40_001, "attempt": 1, "failed": False})  # fmt: skip
    made.index()
    return made


def _people(made: Store) -> None:
    for number, login, kind in ((ALICE, "alice", "User"), (BOB, "bob-ünïcode", "User"), (BOT, "renovate[bot]", "Bot")):
        made.put("accounts", {"id": number, "login": login, "name": login.title(), "email": f"{login}@acme.test",
                              "kind": kind, "team": "payments"})  # fmt: skip
    made.put("teams", {"id": 301, "slug": "payments", "name": "Payments", "parent_slug": None,
                       "members": [{"account_id": ALICE, "role": "MAINTAINER"}, {"account_id": GONE, "role": "MEMBER"},
                                   {"account_id": BOB, "role": "MEMBER"}]})  # fmt: skip


def repository(number: int, name: str, head: str | None) -> dict[str, Any]:
    return {"id": number, "owner": "acme", "name": name, "created_at": "2025-06-01T00:00:00Z",
            "pushed_at": minute(COMMITS), "updated_at": minute(COMMITS), "default_branch": "main", "head_oid": head,
            "is_archived": False, "is_private": True, "language": "Python"}  # fmt: skip


def pull_request(number: int, **changes: Any) -> dict[str, Any]:
    merged = minute(number + 600)
    doc = {
        "id": 20_000 + number, "repository_id": API, "number": number, "title": f"Change {number}",
        "body": f"Body {number}",
        "state": "MERGED", "is_draft": False, "created_at": minute(number), "updated_at": minute(3000 - number),
        "closed_at": merged, "merged_at": merged, "merge_method": "squash", "additions": number, "deletions": 1,
        "changed_files": 1, "base_ref": "main", "head_ref": f"topic-{number}", "head_oid": oid(100_000 + number),
        "merge_commit_oid": oid(number), "author_id": (ALICE, BOB, BOT, GONE)[number % 4], "merged_by_id": BOB,
        "labels": ["hotfix", "size/s"] if number == 7 else [],
        "commits": [{"oid": oid(100_000 + number), "authored_at": minute(number - 1), "committed_at": minute(number),
                     "author_id": ALICE, "message": f"Do {number}\n\nWith reasons."}],
        "reviews": [{"id": 60_000 + number, "state": "APPROVED", "submitted_at": minute(number + 30), "author_id": BOB,
                     "comments_count": 2 if number == 7 else 0}],
        "comments": [{"id": 70_000 + number, "created_at": minute(number + 5), "author_id": ALICE}],
        "timeline": [{"id": 80_000 + number, "type": "READY_FOR_REVIEW_EVENT", "created_at": minute(number + 2)}],
        "review_requests": [BOB], "files": [f"src/{number}.py"],
    }  # fmt: skip
    return doc | changes


def commit(number: int) -> dict[str, Any]:
    return {"oid": oid(number), "authored_at": minute(number), "committed_at": minute(number + 600),
            "message": f"Commit {number}", "additions": number, "deletions": 2, "changed_files": 1, "author_id": ALICE,
            "author_name": "Alice", "author_email": "alice@acme.test",
            "parents": [oid(number - 1)] if number > 1 else [], "files": [f"src/{number}.py"]}  # fmt: skip


def deployment(number: int) -> dict[str, Any]:
    newest = number == DEPLOYMENTS
    statuses = [("IN_PROGRESS", 1), ("SUCCESS", 3)] + ([] if newest else [("INACTIVE", 13)])
    return {"id": 40_000 + number, "repository_id": API, "created_at": minute(10 * number),
            "updated_at": minute(10 * number + statuses[-1][1]), "task": "deploy", "environment": "production",
            "sha": oid(number), "ref": "main", "creator_id": BOT, "state": statuses[-1][0],
            "statuses": [{"id": 41_000 + 10 * number + at, "state": state, "created_at": minute(10 * number + at),
                          "environment": "production", "creator_id": BOT,
                          "log_url": f"https://github.com/acme/api/actions/runs/{9000 + number}/job/1"}
                         for state, at in statuses]}  # fmt: skip


def workflow_run(number: int, attempt: int = 1) -> dict[str, Any]:
    again = 5000 if attempt > 1 else 0
    return {"id": 9000 + number, "run_attempt": attempt, "repository_id": API, "workflow_id": 7001, "name": "Deploy",
            "path": ".github/workflows/deploy.yml", "event": "push" if number % 2 else "schedule",
            "status": "completed",
            "conclusion": "failure" if number == 3 and attempt == 1 else "success", "head_sha": oid(number),
            "head_branch": "main", "created_at": minute(10 * number), "run_started_at": minute(10 * number + again),
            "updated_at": minute(10 * number + again + 4), "actor_id": GONE if number == 5 else ALICE,
            "run_number": number}  # fmt: skip


def issue(number: int) -> dict[str, Any]:
    closed = minute(number + 90) if number % 3 else None
    reason = None if closed is None else "DUPLICATE" if number == 10 else "COMPLETED"
    return {"id": 30_000 + number, "repository_id": API, "number": 1000 + number, "title": f"Störung {number}",
            "body": f"Deployment: {40_000 + number}", "state": "CLOSED" if closed else "OPEN", "state_reason": reason,
            "created_at": minute(number), "updated_at": closed or minute(number + 1), "closed_at": closed,
            "author_id": ALICE, "labels": ["incident", "sev2"] if number % 2 else ["question"],
            "events": [{"id": 31_000 + number, "type": "LABELED_EVENT", "created_at": minute(number + 1),
                        "label": "incident"}]
            + [{"id": 32_000 + number, "type": "CLOSED_EVENT", "created_at": closed, "label": None}] * bool(closed),
            }  # fmt: skip


def release(number: int) -> dict[str, Any]:
    return {"id": 50_000 + number, "tag_name": f"v1.{number}", "name": f"Release {number}", "is_draft": False,
            "is_prerelease": number == 2, "created_at": minute(100 * number), "published_at": minute(100 * number + 1),
            "updated_at": minute(100 * number + 1), "oid": oid(number), "author_id": BOT if number == 2 else ALICE,
            }  # fmt: skip


def tag(number: int, **changes: Any) -> dict[str, Any]:
    """The tag of a release: each third is annotated, ten minutes after its commit."""
    tagged = minute(number + 610) if number % 3 == 0 else None
    return {"repository_id": API, "name": f"v1.{number}", "oid": oid(number), "tagged_at": tagged} | changes


def activity(number: int, **changes: Any) -> dict[str, Any]:
    """The default branch moves by a pull request, or, each fifth time, by a push."""
    doc = {"id": 90_000 + number, "repository_id": API, "ref": "refs/heads/main", "before": oid(10 * number - 10),
           "after": oid(10 * number), "at": minute(10 * number + 600), "actor_id": GONE if number == 5 else BOB,
           "type": "pr_merge" if number % 5 else "push"}  # fmt: skip
    return doc | changes
