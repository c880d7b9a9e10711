"""Which path is answered by what, and the permission that it needs."""

from dataclasses import dataclass

from roosevelt_pipeline.sandbox.rest_api import (
    accounts,
    activities,
    artifacts,
    deployments,
    issues,
    pull_requests,
    repositories,
    workflow_runs,
)
from roosevelt_pipeline.sandbox.rest_api.exchange import Call, Handler, Reply


@dataclass(frozen=True)
class Endpoint:
    """A path in Starlette's syntax. Inside a repository it starts behind ``/repos/{owner}/{repo}``."""

    path: str
    handler: Handler
    permission: str = "metadata"
    in_repository: bool = True
    is_counted: bool = True


def rate_limit(call: Call) -> Reply:
    """Asking what is left costs nothing."""
    resources = {}
    for name in ("core", "graphql"):
        budget = call.limiter.budget(call.token.login, name)
        resources[name] = {
            "limit": budget.limit,
            "used": budget.used,
            "remaining": budget.remaining,
            "reset": call.limiter.shown_reset(budget),
        }
    # No search here, but the published shape demands it.
    resources["search"] = {"limit": 30, "used": 0, "remaining": 30, "reset": resources["core"]["reset"]}
    return Reply({"resources": resources, "rate": resources["core"]})


ENDPOINTS = (
    Endpoint("/user", accounts.get_viewer, in_repository=False),
    Endpoint("/users/{login}", accounts.get_user, in_repository=False),
    Endpoint("/rate_limit", rate_limit, in_repository=False, is_counted=False),
    Endpoint("/orgs/{org}", accounts.get_organization, in_repository=False),
    Endpoint("/orgs/{org}/repos", repositories.list_repositories, in_repository=False),
    Endpoint("", repositories.get_repository),
    Endpoint("/activity", activities.list_activities, "contents"),
    Endpoint("/commits", repositories.list_commits, "contents"),
    Endpoint("/commits/{ref}", repositories.get_commit, "contents"),
    Endpoint("/actions/runs", workflow_runs.list_runs, "actions"),
    Endpoint("/actions/runs/{run_id:int}", workflow_runs.get_run, "actions"),
    Endpoint("/actions/runs/{run_id:int}/attempts/{attempt:int}", workflow_runs.get_attempt, "actions"),
    Endpoint("/actions/runs/{run_id:int}/jobs", workflow_runs.list_jobs, "actions"),
    Endpoint("/actions/artifacts", artifacts.list_artifacts, "actions"),
    Endpoint("/actions/artifacts/{artifact_id:int}/zip", artifacts.download, "actions"),
    Endpoint("/actions/workflows", workflow_runs.list_workflows, "actions"),
    Endpoint("/actions/workflows/{workflow_id:int}/runs", workflow_runs.list_runs, "actions"),
    Endpoint("/pulls", pull_requests.list_pull_requests, "pull_requests"),
    Endpoint("/pulls/comments", pull_requests.list_review_comments, "pull_requests"),
    Endpoint("/pulls/{number:int}", pull_requests.get_pull_request, "pull_requests"),
    Endpoint("/pulls/{number:int}/reviews", pull_requests.list_reviews, "pull_requests"),
    Endpoint("/deployments", deployments.list_deployments, "deployments"),
    Endpoint("/deployments/{deployment_id:int}", deployments.get_deployment, "deployments"),
    Endpoint("/deployments/{deployment_id:int}/statuses", deployments.list_statuses, "deployments"),
    Endpoint("/releases", deployments.list_releases, "contents"),
    Endpoint("/issues", issues.list_issues, "issues"),
    Endpoint("/issues/{number:int}", issues.get_issue, "issues"),
)
