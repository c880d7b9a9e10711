"""Workflows, their runs and attempts, and jobs, in REST's shape."""

from typing import Any

from roosevelt_pipeline.sandbox.instants import created_range
from roosevelt_pipeline.sandbox.jobs import jobs_of
from roosevelt_pipeline.sandbox.node_ids import global_id
from roosevelt_pipeline.sandbox.records import LIVE_RUNS, Doc, Query
from roosevelt_pipeline.sandbox.rest_api.accounts import user_by_id
from roosevelt_pipeline.sandbox.rest_api.exchange import Call, Reply, RestError, not_found
from roosevelt_pipeline.sandbox.rest_api.paging import numbered_links, refuse_beyond
from roosevelt_pipeline.sandbox.rest_api.repositories import minimal

_FIELDS = {"branch": "head_branch", "event": "event", "head_sha": "head_sha"}


def list_runs(call: Call) -> Reply:
    """Newest first, each as its newest attempt. A filter shows 1,000 at most; without one 40,000."""
    query, filtered = _chosen(call)
    total = call.records.count(query)
    most = call.limits.results_per_filter if filtered else call.limits.results_without_filter
    if not filtered:
        refuse_beyond(call, most)
    start = (call.page() - 1) * call.limit()
    size = max(0, min(call.limit(), most - start))
    docs = call.records.page(query, size, start) if size else []
    repository = minimal(call, call.repository)
    runs = [_run(call, doc, repository) for doc in docs]
    return Reply({"total_count": total, "workflow_runs": runs}, numbered_links(call, min(total, most)))


def _chosen(call: Call) -> tuple[Query, bool]:
    where, params = ["repository_id = ?", LIVE_RUNS], [call.repository["id"]]
    for name, column in _FIELDS.items():
        if call.query.get(name):
            where.append(f"json_extract(doc, '$.{column}') = ?")
            params.append(call.query[name])
    if status := call.query.get("status"):
        where.append("? in (json_extract(doc, '$.status'), json_extract(doc, '$.conclusion'))")
        params.append(status)
    if actor := call.query.get("actor"):
        account = call.records.account_by_login(actor)
        where.append("json_extract(doc, '$.actor_id') = ?")
        params.append(account["id"] if account else -1)
    for sign, instant in _created(call):
        where.append(f"created_at {sign} ?")
        params.append(instant)
    if "workflow_id" in call.parts:
        where.append("json_extract(doc, '$.workflow_id') = ?")
        params.append(call.number("workflow_id"))
    filtered = any(call.query.get(name) for name in (*_FIELDS, "status", "actor", "created"))
    return Query("workflow_runs", tuple(where), tuple(params), "created_at", descending=True), filtered


def _created(call: Call) -> list[tuple[str, str]]:
    try:
        return created_range(call.query["created"]) if call.query.get("created") else []
    except ValueError:
        raise RestError(422, "Invalid request. The `created` filter is not a date or range.") from None


def get_run(call: Call) -> Reply:
    return Reply(_run(call, _found(call), minimal(call, call.repository)))


def get_attempt(call: Call) -> Reply:
    return Reply(_run(call, _found(call, call.number("attempt")), minimal(call, call.repository)))


def list_jobs(call: Call) -> Reply:
    """Jobs of the newest attempt, or of each with ``filter=all``."""
    _found(call)
    where: tuple[str, ...] = ("id = ?",)
    params = (call.number("run_id"),)
    if call.query.get("filter", "latest") == "latest":
        where = (*where, LIVE_RUNS)
    runs = call.records.page(Query("workflow_runs", where, params, "run_attempt"), 100)
    jobs = [job for run in runs for job in jobs_of(run)]
    start = (call.page() - 1) * call.limit()
    shown = [_job(call, job) for job in jobs[start : start + call.limit()]]
    return Reply({"total_count": len(jobs), "jobs": shown}, numbered_links(call, len(jobs)))


def list_workflows(call: Call) -> Reply:
    query = Query("workflows", ("repository_id = ?",), (call.repository["id"],))
    docs = call.records.page(query, call.limit(), (call.page() - 1) * call.limit())
    total = call.records.count(query)
    return Reply(
        {"total_count": total, "workflows": [_workflow(call, doc) for doc in docs]}, numbered_links(call, total)
    )


def _found(call: Call, attempt: int | None = None) -> Doc:
    params: list[Any] = [call.repository["id"], call.number("run_id")]
    condition = LIVE_RUNS
    if attempt is not None:
        condition = "run_attempt = ?"
        params.append(attempt)
    doc = call.records.one("workflow_runs", f"repository_id = ? and id = ? and {condition}", *params)
    if doc is None:
        raise not_found()
    return doc


def _run(call: Call, doc: Doc, repository: Doc) -> Doc:
    url, web = f"{call.repository_url}/actions/runs/{doc['id']}", f"{call.web_url}/actions/runs/{doc['id']}"
    attempt, actor = doc["run_attempt"], user_by_id(call, doc["actor_id"])
    message = f"Run {doc['run_number']}"
    # An actor is optional, never null: a person who left is left out.
    people = {"actor": actor, "triggering_actor": actor} if actor else {}
    return {
        "id": doc["id"],
        "name": doc["name"],
        "node_id": global_id("WorkflowRun", doc["repository_id"], doc["id"]),
        "head_branch": doc["head_branch"],
        "head_sha": doc["head_sha"],
        "path": doc["path"],
        "display_title": message,
        "run_number": doc["run_number"],
        "run_attempt": attempt,
        "event": doc["event"],
        "status": doc["status"],
        "conclusion": doc["conclusion"],
        "workflow_id": doc["workflow_id"],
        "check_suite_id": doc["id"],
        "check_suite_node_id": global_id("CheckSuite", doc["repository_id"], doc["id"]),
        "url": url,
        "html_url": web,
        "created_at": doc["created_at"],
        "run_started_at": doc["run_started_at"],
        "updated_at": doc["updated_at"],
        **people,
        **{f"{name}_url": f"{url}/{name}" for name in ("jobs", "logs", "artifacts", "cancel", "rerun")},
        "check_suite_url": f"{call.repository_url}/check-suites/{doc['id']}",
        "workflow_url": f"{call.repository_url}/actions/workflows/{doc['workflow_id']}",
        "previous_attempt_url": f"{url}/attempts/{attempt - 1}" if attempt > 1 else None,
        "pull_requests": [],
        "referenced_workflows": [],
        "head_commit": {
            "id": doc["head_sha"],
            "tree_id": doc["head_sha"],
            "message": message,
            "timestamp": doc["created_at"],
            "author": None,
            "committer": None,
        },
        "repository": repository,
        "head_repository": repository,
    }


def _job(call: Call, job: Doc) -> Doc:
    return {
        "id": job["id"],
        "run_id": job["run_id"],
        "run_url": f"{call.repository_url}/actions/runs/{job['run_id']}",
        "run_attempt": job["run_attempt"],
        "node_id": global_id("CheckRun", job["repository_id"], job["id"]),
        "head_sha": job["head_sha"],
        "head_branch": job["head_branch"],
        "url": f"{call.repository_url}/actions/jobs/{job['id']}",
        "html_url": f"{call.web_url}/actions/runs/{job['run_id']}/job/{job['id']}",
        "check_run_url": f"{call.repository_url}/check-runs/{job['id']}",
        "status": job["status"],
        "conclusion": job["conclusion"],
        "created_at": job["created_at"],
        "started_at": job["started_at"],
        "completed_at": job["completed_at"],
        "name": job["name"],
        "workflow_name": job["workflow_name"],
        "labels": ["ubuntu-latest"],
        "steps": [],
        **dict.fromkeys(("runner_id", "runner_name", "runner_group_id", "runner_group_name")),
    }


def _workflow(call: Call, doc: Doc) -> Doc:
    created = call.repository["created_at"]
    return {
        "id": doc["id"],
        "node_id": global_id("Workflow", call.repository["id"], doc["id"]),
        "name": doc["name"],
        "path": doc["path"],
        "state": doc.get("state") or "active",
        "created_at": created,
        "updated_at": created,
        "url": f"{call.repository_url}/actions/workflows/{doc['id']}",
        "html_url": f"{call.web_url}/blob/{call.repository['default_branch']}/{doc['path']}",
        "badge_url": f"{call.web_url}/workflows/{doc['id']}/badge.svg",
    }
