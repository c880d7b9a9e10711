"""roosevelt.toml as rows of raw, so that models read the policy that a run was made with."""

from collections.abc import Sequence
from datetime import date
from typing import Any
from uuid import UUID

import psycopg
from psycopg import sql

from roosevelt_pipeline.settings import Settings
from roosevelt_pipeline.warehouse.owners import record_owners

Connection = psycopg.Connection[Any]


def write_policy(connection: Connection, settings: Settings, as_of: date, run_id: UUID) -> None:
    """Replace the policy tables, and add to the history of owners, in one transaction.

    Args:
        connection: as ``roosevelt_ingest``.
        as_of: the last day that the run's numbers speak of.
    """
    with connection.transaction():
        _replace(connection, "policy_parameters", [_parameters(settings, as_of, run_id)])
        _replace(connection, "policy_services", _services(settings, as_of))
        _replace(connection, "policy_owners", _owners(settings))
        _replace(connection, "policy_teams", _teams(settings))
        _replace(connection, "policy_deployment_rules", _rules(settings))
        _replace(connection, "policy_severities", _severities(settings))
        _replace(connection, "policy_words", _words(settings))
        record_owners(connection, settings, as_of, run_id)


def _parameters(settings: Settings, as_of: date, run_id: UUID) -> dict[str, Any]:
    metrics = settings.metrics
    return {
        "as_of_date": as_of,
        "organization": settings.github.organization,
        "tier_edition": metrics.tier_edition,
        "space_edition": metrics.space_edition,
        "timezone": metrics.timezone,
        "minimum_deployments": metrics.minimum_deployments,
        "minimum_observed_days": metrics.minimum_observed_days,
        "failure_window_hours": metrics.failure_window_hours,
        "hotfix_window_hours": metrics.hotfix_window_hours,
        "lead_time_bound_days": metrics.lead_time_bound_days,
        "read_since": settings.github.read_since,
        "external_labels": list(metrics.external_labels),
        "incident_labels": list(settings.github.incident_labels),
        "bug_labels": list(settings.github.bug_labels),
        "personal_days": settings.privacy.keep_days,
        "run_id": run_id,
    }


def _services(settings: Settings, as_of: date) -> list[dict[str, Any]]:
    return [
        {
            "position": position,
            "service": service.name,
            "repository": service.repository,
            "team": service.team_on(as_of),
            "environments": list(service.environments),
            "workflows": list(service.workflows),
            "jobs": list(service.jobs),
            "tags": list(service.tags),
            "paths": list(service.paths),
        }
        for position, service in enumerate(settings.services)
    ]


def _owners(settings: Settings) -> list[dict[str, Any]]:
    owners = [(service.name, owner) for service in settings.services for owner in service.owners]
    return [
        {"position": position, "service": service, "team": owner.team, "since": owner.since}
        for position, (service, owner) in enumerate(owners)
    ]


def _teams(settings: Settings) -> list[dict[str, Any]]:
    return [
        {
            "team": team.name,
            "github_slug": team.github or team.name,
            "timezone": settings.zone_of(team.name),
        }
        for team in settings.teams
    ]


def _rules(settings: Settings) -> list[dict[str, Any]]:
    return [
        {
            "position": position,
            "repositories": list(rule.repositories),
            "sources": list(rule.sources),
            "environments": list(rule.environments),
            "workflows": list(rule.workflows),
            "jobs": list(rule.jobs),
            "tags": list(rule.tags),
            "branch": rule.branch,
        }
        for position, rule in enumerate(settings.deployments)
    ]


def _severities(settings: Settings) -> list[dict[str, Any]]:
    return [
        {"position": position, "severity": severity, "labels": list(labels)}
        for position, (severity, labels) in enumerate(settings.metrics.severity_labels.items())
    ]


def _words(settings: Settings) -> list[dict[str, Any]]:
    meanings = {"service": settings.pagerduty.services, "severity": settings.pagerduty.severities}
    return [
        {"system": "pagerduty", "kind": kind, "word": word, "meaning": meaning}
        for kind, words in meanings.items()
        for word, meaning in words.items()
    ]


def _replace(connection: Connection, table: str, rows: Sequence[dict[str, Any]]) -> None:
    name = sql.Identifier("raw", table)
    connection.execute(sql.SQL("delete from {}").format(name))
    if rows:
        columns = list(rows[0])
        statement = sql.SQL("insert into {} ({}) values ({})").format(
            name,
            sql.SQL(", ").join(map(sql.Identifier, columns)),
            sql.SQL(", ").join(map(sql.Placeholder, columns)),
        )
        with connection.cursor() as cursor:
            cursor.executemany(statement, rows)
