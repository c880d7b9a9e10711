"""Coverage from artifacts of GitHub's workflow runs: the newest of each repository's default branch."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from roosevelt_pipeline.patterns import matches_any
from roosevelt_pipeline.settings import QualitySettings
from roosevelt_pipeline.sources.github.client import GitHubClient
from roosevelt_pipeline.sources.github.repositories import Repository
from roosevelt_pipeline.sources.quality.archives import read_archive
from roosevelt_pipeline.sources.quality.downloads import download
from roosevelt_pipeline.sources.quality.errors import QualityError
from roosevelt_pipeline.sources.quality.records import coverage_record
from roosevelt_pipeline.warehouse.records import Record, Reject

PAGES = 10  # of a hundred artifacts: what is older is found next time, or was missed for weeks


@dataclass(frozen=True)
class Artifact:
    """One that is a report by its name."""

    artifact_id: int
    name: str
    size: int
    created_at: str
    sha: str | None


def collect_artifacts(
    client: GitHubClient, repository: Repository, policy: QualitySettings, known: set[str], timeout: float
) -> Iterator[Record | Reject]:
    """Reports that are not known yet, newest first: at most ``policy.artifacts_per_run`` downloads.

    Raises:
        GitHubError: the list cannot be read.
    """
    budget = policy.artifacts_per_run
    for artifact in _artifacts(client, repository, policy):
        key = f"artifact|{repository.name}|{artifact.artifact_id}"
        if key in known:
            return  # older ones were read then
        if budget == 0:
            return
        budget -= 1
        subject = f"{repository.name_with_owner}: artifact {artifact.artifact_id}"
        try:
            path = f"/repos/{repository.name_with_owner}/actions/artifacts/{artifact.artifact_id}/zip"
            body = download(client.location(path, subject=subject), subject, timeout)
            coverage = read_archive(subject, body, policy.report_files)
        except QualityError as error:
            yield Reject(key, str(error), {"repository": repository.name, "artifact": artifact.artifact_id})
            continue
        if coverage is not None:
            yield coverage_record(
                key, repository.name, coverage, source="artifact", sha=artifact.sha, measured_at=artifact.created_at
            )


def _artifacts(client: GitHubClient, repository: Repository, policy: QualitySettings) -> Iterator[Artifact]:
    path = f"/repos/{repository.name_with_owner}/actions/artifacts"
    for number, answer in enumerate(
        client.rest_pages(path, {"per_page": 100}, subject=f"artifacts of {repository.name}")
    ):
        if number == PAGES:
            return
        for doc in _listed(answer.document):
            artifact = _artifact(doc, repository)
            if artifact and matches_any(artifact.name, policy.artifacts):
                yield artifact


def _artifact(doc: Any, repository: Repository) -> Artifact | None:
    """One of the default branch that still is there."""
    run = doc.get("workflow_run") or {}
    if doc.get("expired") or run.get("head_branch") != repository.default_branch:
        return None
    number, name, created = doc.get("id"), doc.get("name"), doc.get("created_at")
    if not isinstance(number, int) or not isinstance(name, str) or not isinstance(created, str):
        return None
    return Artifact(number, name, int(doc.get("size_in_bytes") or 0), created, run.get("head_sha"))


def _listed(document: Any) -> list[Any]:
    found = document.get("artifacts") if isinstance(document, dict) else None
    return found if isinstance(found, list) else []
