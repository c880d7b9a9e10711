"""Which workflows there are, and whether something ran: one request for a hundred of them, whatever the repository."""

from collections.abc import Mapping

from roosevelt_pipeline.sources.github.client import GitHubClient
from roosevelt_pipeline.sources.github.paging import nodes_by_id
from roosevelt_pipeline.sources.github.repositories import Repository

IDS_PER_REQUEST = 100
PAGE = 100


def list_workflows(client: GitHubClient, repository: Repository) -> dict[str, list[str]]:
    """Node ids of the repository's workflows, under its scope."""
    path = f"/repos/{repository.name_with_owner}/actions/workflows"
    found = [
        workflow["node_id"]
        for answer in client.rest_pages(path, {"per_page": PAGE}, subject=repository.name_with_owner)
        for workflow in answer.document.get("workflows") or []
        if isinstance(workflow, dict) and isinstance(workflow.get("node_id"), str)
    ]
    return {repository.scope: sorted(found)}


def probe_workflows(client: GitHubClient, workflows: Mapping[str, list[str]]) -> dict[str, str]:
    """For each scope a text that changes when one of its workflows ran or its newest run moved."""
    ids = [node_id for ids in workflows.values() for node_id in ids]
    seen: dict[str, str] = {}
    for start in range(0, len(ids), IDS_PER_REQUEST):
        asked = {"ids": ids[start : start + IDS_PER_REQUEST]}
        answer = client.graphql("workflow_probe", asked, subject="workflows", tolerated=frozenset({"NOT_FOUND"}))
        for node in nodes_by_id(answer.data, asked["ids"], "workflows"):
            if isinstance(node.get("runs"), dict):
                newest = next(iter(node["runs"].get("nodes") or []), None) or {}
                seen[str(node.get("id"))] = "|".join(
                    str(part) for part in (node["runs"]["totalCount"], *newest.values())
                )
    return {scope: ";".join(seen.get(node_id, "gone") for node_id in ids) for scope, ids in workflows.items()}
