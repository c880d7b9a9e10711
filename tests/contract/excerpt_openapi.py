"""Cut out of GitHub's published OpenAPI description what the sandbox's tests need.

usage: python tests/contract/excerpt_openapi.py api.github.com.json

The argument is ``generated/api.github.com.json`` of the npm package ``@octokit/openapi``. Kept
are the answers of the paths below and the schemas that they reach; prose, examples and the
headers are left out, nothing is changed.
"""

import json
import sys
from pathlib import Path
from typing import Any

EXCERPT = Path(__file__).with_name("api.github.com.excerpt.json")
IN_REPOSITORY = (
    "", "/actions/runs", "/actions/runs/{run_id}", "/actions/runs/{run_id}/attempts/{attempt_number}",
    "/actions/runs/{run_id}/jobs", "/actions/workflows", "/actions/workflows/{workflow_id}/runs", "/activity",
    "/commits", "/commits/{ref}", "/deployments", "/deployments/{deployment_id}",
    "/deployments/{deployment_id}/statuses", "/issues", "/issues/{issue_number}", "/pulls", "/pulls/comments",
    "/pulls/{pull_number}", "/pulls/{pull_number}/reviews", "/releases",
)  # fmt: skip
PATHS = (
    "/orgs/{org}", "/orgs/{org}/repos", "/rate_limit", "/user", "/users/{username}",
    *(f"/repos/{{owner}}/{{repo}}{path}" for path in IN_REPOSITORY),
)  # fmt: skip
DROPPED = ("description", "example", "examples", "externalDocs", "headers", "tags", "summary", "parameters")
REFERENCE = "#/components/"


def excerpt(published: dict[str, Any]) -> dict[str, Any]:
    """The part of the description that the paths need."""
    paths = {}
    for path in PATHS:
        answers = published["paths"][path]["get"]["responses"]
        paths[path] = {"get": {"responses": bare(answers)}}
    components: dict[str, dict[str, Any]] = {}
    waiting = sorted(references(paths))
    while waiting:
        kind, name = waiting.pop().removeprefix(REFERENCE).split("/")
        if name not in components.setdefault(kind, {}):
            components[kind][name] = bare(published["components"][kind][name])
            waiting += sorted(references(components[kind][name]))
    note = "Excerpt of @octokit/openapi, made by excerpt_openapi.py; MIT, see LICENSE.openapi."
    parts = {"openapi": published["openapi"], "info": {**published["info"], "x-excerpt": note}}
    return {**parts, "paths": paths, "components": components}


def bare(value: Any, *, names: bool = False) -> Any:
    """A copy without prose and examples. Keys of ``properties`` are names, never prose."""
    if isinstance(value, dict):
        kept = {k: v for k, v in value.items() if names or not (k in DROPPED or k.startswith("x-"))}
        return {k: bare(v, names=k == "properties" and not names) for k, v in kept.items()}
    return [bare(item) for item in value] if isinstance(value, list) else value


def references(value: Any) -> set[str]:
    if isinstance(value, dict):
        own = {value["$ref"]} if isinstance(value.get("$ref"), str) else set()
        return own.union(*map(references, value.values()))
    return set().union(*map(references, value)) if isinstance(value, list) else set()


if __name__ == "__main__":
    made = excerpt(json.loads(Path(sys.argv[1]).read_text(encoding="utf-8")))
    EXCERPT.write_text(json.dumps(made, indent=1, sort_keys=True, ensure_ascii=False) + "\n", encoding="utf-8")
