"""The streams that land in raw: one table of one shape for each, made from ``ddl/stream.sql.template``.

``STREAMS`` are GitHub's; ``IMPORTED`` come from files and from what other systems post.
"""

STREAMS = (
    "github_repositories",
    "github_teams",
    "github_team_members",
    "github_pull_requests",
    "github_review_comments",
    "github_commits",
    "github_deployments",
    "github_workflow_runs",
    "github_workflow_jobs",
    "github_issues",
    "github_releases",
    "github_tags",
    "github_pushes",
)

IMPORTED = ("deployment_events", "imported_incidents", "pagerduty_incidents", "coverage_reports", "repository_lines")
