"""An incident, as any system tells it, to a record: one per incident, as it stood when the file was written."""

import json
from collections.abc import Mapping

from roosevelt_pipeline.sources.imports.cells import Cells
from roosevelt_pipeline.sources.imports.errors import Unfit
from roosevelt_pipeline.warehouse.records import Record

REQUIRED = ("opened_at",)
STATUSES = {
    word: status
    for status, words in {
        "open": ("open", "opened", "reopened", "new", "triggered", "acknowledged", "investigating", "in_progress"),
        "resolved": ("resolved", "closed", "done", "completed", "fixed", "mitigated"),
        "duplicate": ("duplicate", "merged"),
        "not_planned": ("not_planned", "wont_fix", "won't_fix", "invalid", "false_alarm", "cancelled", "canceled"),
    }.items()
    for word in words
}
YES_OR_NO = {"true": "yes", "yes": "yes", "1": "yes", "false": "no", "no": "no", "0": "no"}
LONGEST_TITLE = 500


def read_incident(cells: Cells) -> Record:
    """A row as it lands: of texts its title alone.

    An incident that was closed before it was opened lands: judging it is the models' business, which list it.

    Raises:
        Unfit: the row cannot be kept.
    """
    service, repository = cells.text("service"), cells.text("repository")
    if service is None and repository is None:
        raise Unfit(None, "names neither a service nor a repository")
    opened_at = cells.instant("opened_at")
    if opened_at is None:
        raise cells.unfit("opened_at", "is empty")
    title = cells.text("title", longest=LONGEST_TITLE)
    status, resolved_at = _ending(cells)
    payload = {
        "incident_id": cells.text("id") or f"{(service or repository or '').lower()}@{opened_at}",
        "service": service,
        "repository": repository,
        "title": title,
        "severity": cells.choice("severity", cells.severities),
        "status": status,
        "opened_at": opened_at,
        "acknowledged_at": cells.instant("acknowledged_at"),
        "resolved_at": resolved_at,
        "reopened_count": cells.count("reopened_count") or 0,
        "is_external": cells.choice("external", YES_OR_NO) == "yes",
        "deployment_id": cells.text("deployment_id"),
        "sha": cells.sha("sha"),
        "pull_request": cells.count("pull_request", least=1),
        "url": cells.url("url"),
    }
    return Record(json.dumps([payload["incident_id"]], ensure_ascii=False), payload)


def severities(labels: Mapping[str, tuple[str, ...]]) -> dict[str, str]:
    """What words for a severity mean, from the policy's labels of each; its own name is one of them."""
    return {_plain(word): severity for severity, words in labels.items() for word in (severity, *words)}


def _plain(word: str) -> str:
    return word.lower().replace("-", "_").replace(" ", "_")


def _ending(cells: Cells) -> tuple[str, str | None]:
    resolved_at = cells.instant("resolved_at")
    status = cells.choice("status", STATUSES) or ("resolved" if resolved_at else "open")
    if status == "resolved" and resolved_at is None:
        raise cells.unfit("resolved_at", "is empty, and the incident is resolved")
    return status, resolved_at
