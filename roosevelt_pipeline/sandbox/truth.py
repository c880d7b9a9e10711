"""What really happened, as the simulator knows it: written while it plays, read by tests.

A fact is rewritten when more comes to light (an incident opens days after its deployment), so
the truth is always that of the company's present, never of its future.
"""

from dataclasses import dataclass
from typing import Any

from roosevelt_pipeline.sandbox.entities import Attempt, Change, Incident
from roosevelt_pipeline.sandbox.rhythm import iso
from roosevelt_pipeline.sandbox.store import Store


@dataclass(frozen=True)
class DeploymentTruth:
    """One attempt to deploy to production. Instants are ISO 8601 text in UTC."""

    repository: str
    service: str
    source: str
    source_id: int
    attempt: int
    environment: str
    sha: str
    started_at: str
    ended_at: str | None
    outcome: str
    is_deployment: bool
    is_first: bool
    is_rollback: bool
    failed: bool
    failure_method: str | None
    recovered_at: str | None
    is_unplanned: bool


@dataclass(frozen=True)
class ChangeTruth:
    """One unit of integration as one service sees it.

    ``first_commit_at`` is the earliest author date. ``lead_time_from`` is the same, once each commit
    more than 90 days older than the pull request counts from its opening.
    """

    repository: str
    service: str
    sha: str
    pull_request_number: int | None
    kind: str
    author_is_bot: bool
    merged_at: str
    first_commit_at: str
    lead_time_from: str
    deployed_by: int | None
    deployed_attempt: int | None
    deployed_at: str | None


@dataclass(frozen=True)
class IncidentTruth:
    """One issue labelled as an incident."""

    repository: str
    number: int
    service: str | None
    severity: str
    opened_at: str
    resolved_at: str | None
    excluded: bool
    external: bool
    deployment_source_id: int | None
    deployment_attempt: int | None
    link_method: str | None


@dataclass
class SurveyTruth:
    """One person who takes part and one quarter: asked, and what was answered last, if anything."""

    person_id: int
    team: str | None
    quarter: str
    links_survey: bool
    invited_at: str
    answered_at: str | None = None
    nps_score: int | None = None
    satisfaction_score: int | None = None
    feedback: str | None = None


@dataclass(frozen=True)
class Truth:
    deployments: list[DeploymentTruth]
    changes: list[ChangeTruth]
    incidents: list[IncidentTruth]
    surveys: list[SurveyTruth]


def truth(store: Store) -> Truth:
    """All that the simulator wrote down, ordered by key."""
    return Truth(
        [DeploymentTruth(**doc) for doc in store.each("truth_deployments", "repository, service, source_id, attempt")],
        [ChangeTruth(**doc) for doc in store.each("truth_changes", "repository, service, sha")],
        [IncidentTruth(**doc) for doc in store.each("truth_incidents", "repository, number")],
        [SurveyTruth(**doc) for doc in store.each("truth_surveys", "quarter, person_id")],
    )


def record_attempt(store: Store, attempt: Attempt) -> None:
    method = attempt.failure_method if attempt.is_deployment else None
    doc: dict[str, Any] = {
        "repository": attempt.repository, "service": attempt.service, "source": attempt.source,
        "source_id": attempt.source_id, "attempt": attempt.number, "environment": attempt.environment,
        "sha": attempt.sha, "started_at": iso(attempt.started_at), "ended_at": _iso(attempt.ended_at),
        "outcome": attempt.outcome, "is_deployment": attempt.is_deployment, "is_first": attempt.is_first,
        "is_rollback": attempt.is_rollback, "failed": method is not None, "failure_method": method,
        "recovered_at": _iso(attempt.recovered_at) if method else None, "is_unplanned": attempt.is_unplanned,
    }  # fmt: skip
    store.put("truth_deployments", doc)


def record_change(store: Store, change: Change) -> None:
    by = change.deployed
    doc: dict[str, Any] = {
        "repository": change.repository, "service": change.service, "sha": change.sha,
        "pull_request_number": change.number, "kind": change.kind, "author_is_bot": change.author_is_bot,
        "merged_at": iso(change.merged_at), "first_commit_at": iso(change.first_commit_at),
        "lead_time_from": iso(change.lead_time_from),
        "deployed_by": by.source_id if by else None, "deployed_attempt": by.number if by else None,
        "deployed_at": _iso(by.ended_at) if by else None,
    }  # fmt: skip
    store.put("truth_changes", doc)


def record_incident(store: Store, incident: Incident) -> None:
    suspect = None if incident.is_excluded else incident.suspect
    doc: dict[str, Any] = {
        "repository": incident.repository.name, "number": incident.number,
        "service": incident.service.name if incident.service else None, "severity": incident.severity,
        "opened_at": iso(incident.opened_at), "resolved_at": _iso(incident.resolved_at),
        "excluded": incident.is_excluded, "external": incident.is_external,
        "deployment_source_id": suspect.source_id if suspect else None,
        "deployment_attempt": suspect.number if suspect else None, "link_method": incident.link if suspect else None,
    }  # fmt: skip
    store.put("truth_incidents", doc)


def _iso(moment: int | None) -> str | None:
    return None if moment is None else iso(moment)
