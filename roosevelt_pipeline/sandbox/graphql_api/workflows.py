"""Workflow, WorkflowRun and CheckSuite. GraphQL shows a run's newest attempt and does not say which it is."""

from typing import Any

from graphql import GraphQLResolveInfo

from roosevelt_pipeline.sandbox.graphql_api.commits import branch, commit_by_oid
from roosevelt_pipeline.sandbox.graphql_api.connections import Page, database_page, list_page
from roosevelt_pipeline.sandbox.graphql_api.context import repository_url, typed
from roosevelt_pipeline.sandbox.graphql_api.fields import Fields, always, key, node_id, plain
from roosevelt_pipeline.sandbox.jobs import jobs_of, latest
from roosevelt_pipeline.sandbox.records import LIVE_RUNS, Doc, Query


def _runs(workflow: Doc, info: GraphQLResolveInfo, **arguments: Any) -> Page:
    order = arguments.get("orderBy") or {"direction": "DESC"}
    where = ("repository_id = ?", "json_extract(doc, '$.workflow_id') = ?", LIVE_RUNS)
    params = (workflow["repository_id"], workflow["id"])
    query = Query("workflow_runs", where, params, "created_at", order["direction"] == "DESC")
    return database_page(info, arguments, query, lambda doc: typed("WorkflowRun", doc))


def _workflow(run: Doc, info: GraphQLResolveInfo) -> Doc | None:
    doc = info.context.records.one("workflows", "id = ?", run["workflow_id"])
    return doc and typed("Workflow", {**doc, "repository_id": run["repository_id"]})


def _branch(run: Doc, info: GraphQLResolveInfo) -> Doc | None:
    repository = info.context.records.repository(run["repository_id"])
    name = run["head_branch"]
    return branch(repository, name, repository["head_oid"]) if name == repository["default_branch"] else None


def _commit(run: Doc, info: GraphQLResolveInfo) -> Doc | None:
    known = {"committed_at": run["created_at"], "authored_at": run["created_at"]}
    return commit_by_oid(info.context, run["repository_id"], run["head_sha"], **known)


def _run_url(run: Doc, info: GraphQLResolveInfo) -> str:
    repository = info.context.records.repository(run["repository_id"])
    return f"{repository_url(repository)}/actions/runs/{run['id']}"


def _check_runs(suite: Doc, info: GraphQLResolveInfo, **arguments: Any) -> Page | None:
    """Jobs of every attempt, oldest first; of each name the newest alone unless all are asked for."""
    info.context.require("checks")
    chosen = arguments.get("filterBy") or {}
    runs = info.context.records.select(
        "select doc from workflow_runs where repository_id = ? and id = ? order by run_attempt",
        (suite["repository_id"], suite["id"]),
    )
    jobs = [job for run in runs for job in jobs_of(run)]
    if chosen.get("checkName") is not None:
        jobs = [job for job in jobs if job["name"] == chosen["checkName"]]
    if chosen.get("checkType", "LATEST") == "LATEST":
        jobs = latest(jobs)
    return list_page(info, arguments, [typed("CheckRun", job) for job in jobs])


def _deployment(job: Doc, info: GraphQLResolveInfo) -> Doc | None:
    if job["deployment_id"] is None:
        return None
    info.context.require("deployments")
    doc = info.context.records.one("deployments", "id = ?", job["deployment_id"])
    return doc and typed("Deployment", doc)


_RUN: Fields = {
    "databaseId": key("id"),
    "createdAt": key("created_at"),
    "updatedAt": key("updated_at"),
    "url": _run_url,
}

FIELDS: dict[str, Fields] = {
    "Workflow": {
        "id": node_id("Workflow", "repository_id", "id"),
        "databaseId": key("id"),
        "name": key("name"),
        "state": plain(lambda doc: (doc.get("state") or "active").upper()),
        "runs": _runs,
    },
    "WorkflowRun": {
        **_RUN,
        "id": node_id("WorkflowRun", "repository_id", "id"),
        "runNumber": key("run_number"),
        "event": key("event"),
        "workflow": _workflow,
        "checkSuite": plain(lambda doc: doc),
    },
    "CheckSuite": {
        **_RUN,
        "id": node_id("CheckSuite", "repository_id", "id"),
        "status": plain(lambda doc: doc["status"].upper()),
        "conclusion": plain(lambda doc: doc["conclusion"] and doc["conclusion"].upper()),
        "branch": _branch,
        "commit": _commit,
        "app": always({"id": 15_368, "slug": "github-actions", "name": "GitHub Actions"}),
        "workflowRun": plain(lambda doc: doc),
        "repository": lambda doc, info: info.context.repository(doc["repository_id"]),
        "checkRuns": _check_runs,
    },
    "CheckRun": {
        "id": node_id("CheckRun", "repository_id", "id"),
        "databaseId": key("id"),
        "name": key("name"),
        "status": plain(lambda job: job["status"].upper()),
        "conclusion": plain(lambda job: job["conclusion"] and job["conclusion"].upper()),
        "startedAt": key("started_at"),
        "completedAt": key("completed_at"),
        "deployment": _deployment,
    },
    "App": {"id": node_id("App", "id"), "databaseId": key("id"), "slug": key("slug"), "name": key("name")},
}
